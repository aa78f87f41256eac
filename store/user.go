package store

import (
	"context"
	"fmt"

	"skranke"
)

var users = newTable("agent", skranke.CodeUnknownUserID, `
	login_name, user_name, password_hash, first_name, middle_name, last_name, email, language, status, access,
	notify_mask, email_mask, sms_mask`,
	`login_fold, user_name_fold, email_fold`)

func scanUser(r *rows, u *skranke.User) {
	u.ID = id[skranke.UserID](r)
	u.LoginName = r.text()
	u.UserName = r.text()
	u.PasswordHash = r.text()
	u.FirstName = r.text()
	u.MiddleName = r.text()
	u.LastName = r.text()
	u.Email = r.text()
	u.Language = r.text()
	u.Status = id[skranke.UserStatus](r)
	u.Access = id[skranke.Access](r)
	u.NotifyMask = id[skranke.NotifyMask](r)
	u.EmailMask = id[skranke.NotifyMask](r)
	u.SMSMask = id[skranke.NotifyMask](r)
}

func userArgs(u *skranke.User) []arg {
	return []arg{
		text(u.LoginName), text(u.UserName), text(u.PasswordHash), text(u.FirstName), text(u.MiddleName),
		text(u.LastName), text(u.Email), text(u.Language), num(u.Status), num(u.Access),
		num(u.NotifyMask), num(u.EmailMask), num(u.SMSMask),
		folded(u.LoginName), folded(u.UserName), folded(u.Email),
	}
}

// User returns the user, also a deleted one. It returns CodeUnknownUserID if
// there is none.
func (tx *ReadTx) User(ctx context.Context, id skranke.UserID) (*skranke.User, error) {
	u := new(skranke.User)
	if err := users.row(ctx, tx, int64(id), func(r *rows) { scanUser(r, u) }); err != nil {
		return nil, err
	}
	return u, nil
}

// UserByLogin finds the user whose login name, or else whose user name, is
// name, ignoring case. It returns CodeUserNotFound if there is none or if he
// is deleted.
func (tx *ReadTx) UserByLogin(ctx context.Context, name string) (*skranke.User, error) {
	for _, column := range [...]string{"login_fold", "user_name_fold"} {
		u := new(skranke.User)
		found, err := tx.one(ctx, `SELECT `+users.columns+` FROM agent a
			WHERE a.`+column+` = $1 AND a.`+column+` <> '' AND a.status <> 3`,
			func(r *rows) { scanUser(r, u) }, folded(name))
		if err != nil {
			return nil, fmt.Errorf("reading user by name: %w", err)
		}
		if found {
			return u, nil
		}
	}
	return nil, skranke.Err(skranke.CodeUserNotFound, "no user %q", name)
}

// UserName is a name users are found by.
type UserName string

// The names users are found by.
const (
	ByLoginName UserName = "login_fold"
	ByUserName  UserName = "user_name_fold"
	ByEmail     UserName = "email_fold"
)

// UserNamed finds the user who has that name, ignoring case, of several the one
// of the lowest id; 0 if there is none. Deleted users and those who stand for
// nobody are not found.
func (tx *ReadTx) UserNamed(ctx context.Context, by UserName, name string) (skranke.UserID, error) {
	n, err := tx.number(ctx, `SELECT COALESCE(MIN(a.id), 0) FROM agent a
		WHERE a.`+string(by)+` = $1 AND a.`+string(by)+` <> '' AND a.status NOT IN ($2, $3) AND a.id <> $4`,
		folded(name), num(skranke.UserDeleted), num(skranke.UserSystem), num(skranke.SystemUser))
	if err != nil {
		return 0, fmt.Errorf("finding user by name: %w", err)
	}
	return skranke.UserID(n), nil
}

// Users returns all users, also deleted ones, by ascending id.
func (tx *ReadTx) Users(ctx context.Context) ([]skranke.User, error) {
	var all []skranke.User
	err := tx.EachUser(ctx, func(u *skranke.User) error {
		all = append(all, *u)
		return nil
	})
	return all, err
}

// EachUser hands fn every user by ascending id.
func (tx *ReadTx) EachUser(ctx context.Context, fn func(*skranke.User) error) error {
	return eachRow(ctx, tx, users, scanUser, nil, fn)
}

// InsertUser stores a new user. An ID of 0 is replaced by a new one. It returns
// ErrExists if the id is in use, or the login or user name by a user who is
// not deleted.
func (tx *WriteTx) InsertUser(ctx context.Context, u *skranke.User) error {
	id, err := users.add(ctx, tx, int64(u.ID), userArgs(u))
	if err != nil {
		return err
	}
	u.ID = skranke.UserID(id)
	return nil
}

// UpdateUser writes the whole user anew. It returns CodeUnknownUserID if there
// is none and ErrExists as InsertUser does.
func (tx *WriteTx) UpdateUser(ctx context.Context, u *skranke.User) error {
	return tx.changedPeople(ctx, users.change(ctx, tx, int64(u.ID), userArgs(u)))
}
