package desk

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"skranke"
	"skranke/store"
)

// User returns the named fields of a user, in whatever state he is. Names nobody
// knows are left out. It returns CodeUnknownUserID if there is no such user.
//
// Spec: admin/getUser, admin/getUserById
func (d *Desk) User(ctx context.Context, id skranke.UserID, names []string) ([]FieldValue, error) {
	var user *skranke.User
	err := d.db.Read(ctx, func(tx *store.ReadTx) (err error) {
		user, err = tx.User(ctx, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	values := make([]FieldValue, 0, len(names))
	for _, name := range names {
		name = strings.TrimSpace(name)
		if field, ok := skranke.UserFields.Lookup(name, skranke.AgentGet); ok {
			values = append(values, FieldValue{Name: name, Type: field.Type, Value: field.Of(user)})
		}
	}
	return values, nil
}

// Users lists the users one may log in as by user name; those of status normal
// alone if available is set.
//
// Spec: admin/getUsers
func (d *Desk) Users(ctx context.Context, available bool) ([]skranke.UserID, error) {
	var all []skranke.User
	err := d.db.Read(ctx, func(tx *store.ReadTx) (err error) {
		all, err = tx.Users(ctx)
		return err
	})
	slices.SortFunc(all, func(a, b skranke.User) int {
		return cmp.Or(cmp.Compare(skranke.Fold(a.UserName), skranke.Fold(b.UserName)), cmp.Compare(a.ID, b.ID))
	})
	var ids []skranke.UserID
	for _, u := range all {
		if u.Status == skranke.UserNormal || !available && u.Status.MayLogIn() {
			ids = append(ids, u.ID)
		}
	}
	return ids, err
}

// ChangeUser changes values of the acting user, all of them or none; pairs apply
// in order. For the first that does not fit it returns CodeInvalidField,
// CodeUserNameExists, CodeEmptyPassword, or CodeCustomError for a weak password.
//
// Spec: admin/setUser
func (d *Desk) ChangeUser(ctx context.Context, a Actor, pairs []Pair) error {
	hash, err := d.hashUserPassword(ctx, pairs)
	if err != nil {
		return err
	}
	return d.db.Write(ctx, func(tx *store.WriteTx) error {
		user, err := tx.User(ctx, a.User)
		if err != nil || len(pairs) == 0 {
			return err
		}
		before := *user
		for _, pair := range pairs {
			if err := d.applyToUser(ctx, tx, user, settableUserName(pair.Field), pair.Value, hash); err != nil {
				return err
			}
		}
		err = tx.UpdateUser(ctx, user)
		if errors.Is(err, store.ErrExists) {
			return skranke.Err(skranke.CodeUserNameExists, "another user is called so")
		}
		if err != nil {
			return err
		}
		return d.record(ctx, tx, a, logSetUser, rowUser, int64(user.ID), changesOf(userLog, &before, user))
	})
}

// hashUserPassword hashes the password the pairs end up with, before a
// transaction is begun: it takes long. "" if they name none, or a refused one,
// which applyToUser then meets in its turn.
func (d *Desk) hashUserPassword(ctx context.Context, pairs []Pair) (string, error) {
	for _, pair := range slices.Backward(pairs) {
		if settableUserName(pair.Field) != "password" {
			continue
		}
		if d.opts.Password.check(pair.Value) != nil {
			return "", nil
		}
		return d.hashPassword(ctx, pair.Value)
	}
	return "", nil
}

// settableUserName is a field of a user as ChangeUser knows it.
func settableUserName(field string) string {
	return strings.TrimPrefix(skranke.Fold(strings.TrimSpace(field)), "user.")
}

// applyToUser makes one pair count.
//
// Spec: admin/setUser.2, admin/setUser.4, admin/setUser.5
func (d *Desk) applyToUser(ctx context.Context, tx *store.WriteTx, u *skranke.User, name, value, hash string) error {
	unfit := skranke.Err(skranke.CodeInvalidField, "value does not fit user.%s", name)
	trimmed := strings.TrimSpace(value)
	switch name {
	case "password":
		u.PasswordHash = hash
		return d.opts.Password.check(value)
	case "firstname":
		u.FirstName = value
		return checkLength(Pair{name, value}, maxUserNamePart)
	case "middlename":
		u.MiddleName = value
		return checkLength(Pair{name, value}, maxUserNamePart)
	case "lastname":
		u.LastName = value
		return checkLength(Pair{name, value}, maxUserNamePart)
	case "email":
		if u.Email = trimmed; checkEmail(trimmed) != nil {
			return unfit
		}
	case "loginname", "username":
		if trimmed == "" || skranke.Longer(trimmed, skranke.MaxLoginName) {
			return unfit
		}
		if name == "loginname" {
			u.LoginName = trimmed
		} else {
			u.UserName = trimmed
		}
		return userNameFree(ctx, tx, u)
	case "language":
		switch trimmed {
		case "0":
			u.Language = skranke.UserLanguages[0]
		case "1":
			u.Language = skranke.UserLanguages[1]
		default:
			return unfit
		}
	case "status":
		switch trimmed {
		case "1":
			u.Status = skranke.UserNormal
		case "2":
			u.Status = skranke.UserNotAvailable
		default:
			return unfit
		}
	default:
		return skranke.Err(skranke.CodeInvalidField, "no field %q of a user", skranke.Cut(name, maxLogged))
	}
	return nil
}

// userNameFree returns CodeUserNameExists if another user has u's login or user
// name.
func userNameFree(ctx context.Context, tx *store.WriteTx, u *skranke.User) error {
	return tx.EachUser(ctx, func(other *skranke.User) error {
		if other.ID == u.ID || other.Status == skranke.UserDeleted {
			return nil
		}
		if sameName(other.LoginName, u.LoginName) || sameName(other.UserName, u.UserName) {
			return skranke.Err(skranke.CodeUserNameExists, "user %d is called so", other.ID)
		}
		return nil
	})
}

func sameName(a, b string) bool { return a != "" && skranke.Fold(a) == skranke.Fold(b) }

// MailTag marks the number of a ticket in the subjects of mails.
//
// Spec: admin/getTag
func (d *Desk) MailTag() string { return d.opts.MailTag }

// Module is a part of the installation people or programs call at an address.
type Module struct{ Name, URL string }

// Modules lists what is served, and where, by name: of the modules of the
// original that is the one of the ports. Nothing is listed as long as nobody has
// said where the installation is, neither in its settings nor in the program's.
//
// Spec: admin/getModulePaths
func (d *Desk) Modules(ctx context.Context) ([]Module, error) {
	c, err := d.currentCatalog(ctx)
	if err != nil {
		return nil, err
	}
	base := strings.TrimSuffix(cmp.Or(c.settings["config.cgiUrl"], d.opts.BaseURL), "/")
	if base == "" {
		return nil, nil
	}
	folder, ok := c.settings["config.cgiBin"]
	if !ok {
		folder = "/scripts"
	}
	return []Module{{Name: "soap", URL: base + folder + "/SOAP"}}, nil
}
