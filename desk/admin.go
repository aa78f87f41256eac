package desk

import (
	"context"

	"skranke"
	"skranke/store"
)

// seededSetting remembers that an installation was made ready once, so that an
// operator may take away what it was given.
const seededSetting = "seeded"

// Seed makes a new installation ready: the system user is there, and this
// machine, nobody else, may call every port. On any other it does nothing.
//
// Spec: types/portaccess.4
func (d *Desk) Seed(ctx context.Context) error {
	seeded := false
	err := d.db.Read(ctx, func(tx *store.ReadTx) error {
		settings, err := tx.Settings(ctx)
		_, seeded = settings[seededSetting]
		return err
	})
	if err != nil || seeded {
		return err
	}
	return d.db.Write(ctx, func(tx *store.WriteTx) error {
		if err := ensureSystemUser(ctx, tx); err != nil {
			return err
		}
		ranges := 0
		err := tx.EachRange(ctx, func(*skranke.Range) error {
			ranges++
			return nil
		})
		if err != nil {
			return err
		}
		for _, port := range skranke.Ports() {
			for _, addr := range [...]string{"127.0.0.1", "::1"} {
				if ranges > 0 {
					continue
				}
				if err := tx.InsertRange(ctx, &skranke.Range{Port: port, From: addr}); err != nil {
					return err
				}
			}
		}
		return tx.SetSetting(ctx, seededSetting, "1")
	})
}

// ensureSystemUser makes the system user, should there be none.
func ensureSystemUser(ctx context.Context, tx *store.WriteTx) error {
	_, err := tx.User(ctx, skranke.SystemUser)
	if !isRefusal(err, skranke.CodeUnknownUserID) {
		return err
	}
	return tx.InsertUser(ctx, &skranke.User{ID: skranke.SystemUser, UserName: "system", Status: skranke.UserSystem})
}

// HasAdministrator says whether anybody may call the ticket and admin ports.
func (d *Desk) HasAdministrator(ctx context.Context) (bool, error) {
	found := false
	err := d.db.Read(ctx, func(tx *store.ReadTx) error {
		return tx.EachUser(ctx, func(u *skranke.User) error {
			found = found || u.Status.MayLogIn() && u.Access&skranke.AccessAdministration != 0 && u.PasswordHash != ""
			return nil
		})
	})
	return found, err
}
