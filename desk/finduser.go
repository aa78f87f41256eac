package desk

import (
	"context"
	"strings"

	"skranke"
	"skranke/store"
)

// FindUser returns the id of the user who has the value in the field: username,
// loginname or email. Without a value, a field that is none of these is itself
// looked for as login name, user name and address. It returns CodeInvalidField,
// or CodeUserNotFound for nobody, nothing to look for, deleted users and the
// system user.
//
// Spec: ticket/findUser
func (d *Desk) FindUser(ctx context.Context, field, value string) (skranke.UserID, error) {
	field, value = strings.TrimSpace(field), strings.TrimSpace(value)
	name := strings.TrimPrefix(skranke.Fold(field), "user.")
	column, known := userNames[name]
	columns := []store.UserName{column}
	switch {
	case known:
	case value == "":
		columns, value = []store.UserName{store.ByLoginName, store.ByUserName, store.ByEmail}, field
	default:
		return 0, skranke.Err(skranke.CodeInvalidField, "users have no %q to look for", field)
	}
	var found skranke.UserID
	err := d.db.Read(ctx, func(tx *store.ReadTx) (err error) {
		for _, column := range columns {
			if found, err = tx.UserNamed(ctx, column, value); err != nil || found != 0 {
				return err
			}
		}
		return skranke.Err(skranke.CodeUserNotFound, "no user %q", value)
	})
	return found, err
}

var userNames = map[string]store.UserName{
	"loginname": store.ByLoginName,
	"username":  store.ByUserName,
	"email":     store.ByEmail,
}

// UserNameByEmail returns the user name, which may be empty, of the customer who
// has the address, of several the one of the lowest id. The credentials are an
// administrator's, see LogInUser for their refusals; no session is made. It
// returns CodeUnknownCustomerID if nobody has the address.
//
// Spec: ticket/findCustomerFromEmail
func (d *Desk) UserNameByEmail(ctx context.Context, c Credentials, email string) (string, error) {
	if _, err := d.proveAdministrator(ctx, c); err != nil {
		return "", err
	}
	name := ""
	err := d.db.Read(ctx, func(tx *store.ReadTx) error {
		email = strings.TrimSpace(email)
		found, err := tx.CustomersByEmail(ctx, email)
		if err != nil {
			return err
		}
		if email == "" || len(found) == 0 {
			return skranke.Err(skranke.CodeUnknownCustomerID, "nobody has the address %q", email)
		}
		name = found[0].UserName
		return nil
	})
	return name, err
}
