package desk

import (
	"context"
	"fmt"

	"skranke"
	"skranke/store"
)

// WeakPasswords returns the administrators whose password is their own name or
// one that everybody tries first, at most as many as were looked at: limit, for
// each try takes as long as a log-in.
func (d *Desk) WeakPasswords(ctx context.Context, limit int) ([]skranke.UserID, error) {
	var admins []skranke.User
	err := d.db.Read(ctx, func(tx *store.ReadTx) error {
		admins = nil
		return tx.EachUser(ctx, func(u *skranke.User) error {
			if u.Status.MayLogIn() && u.Access&skranke.AccessAdministration != 0 && u.PasswordHash != "" && len(admins) < limit {
				admins = append(admins, *u)
			}
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("looking for weak passwords: %w", err)
	}
	var weak []skranke.UserID
	for i := range admins {
		u := &admins[i]
		for _, guess := range []string{u.LoginName, "admin", "password", "passord", "pw", "skranke", "123456"} {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			fits, err := d.passwordFits(u.PasswordHash, guess)
			if err != nil {
				return nil, err
			}
			if fits {
				weak = append(weak, u.ID)
				break
			}
		}
	}
	return weak, nil
}
