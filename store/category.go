package store

import (
	"context"
	"fmt"
	"slices"

	"skranke"
)

// The counter of a category stands apart: it changes with every delegation.
var categories = newTable("category", skranke.CodeInvalidCategory, `
	parent_id, name, external_name, flags, method, master_id, lag, counter, notification_email`, "")

func scanCategory(r *rows, c *skranke.Category) {
	c.ID = id[skranke.CategoryID](r)
	c.Parent = id[skranke.CategoryID](r)
	c.Name = r.text()
	c.ExternalName = r.text()
	c.Flags = id[skranke.CategoryFlags](r)
	c.Method = id[skranke.DelegateMethod](r)
	c.Master = id[skranke.UserID](r)
	c.Lag = r.span()
	c.Counter = r.int64()
	c.NotificationEmail = r.text()
}

func categoryArgs(c *skranke.Category) []arg {
	return []arg{
		num(c.Parent), text(c.Name), text(c.ExternalName), num(c.Flags), num(c.Method), num(c.Master),
		span(c.Lag), num(c.Counter), text(c.NotificationEmail),
	}
}

// EachCategory hands fn every category by ascending id.
func (tx *ReadTx) EachCategory(ctx context.Context, fn func(*skranke.Category) error) error {
	fill := func(c *skranke.Category) error {
		var err error
		c.Members, err = tx.members(ctx, c.ID)
		return err
	}
	return eachRow(ctx, tx, categories, scanCategory, fill, fn)
}

func (tx *ReadTx) members(ctx context.Context, category skranke.CategoryID) ([]skranke.CategoryMember, error) {
	var members []skranke.CategoryMember
	err := tx.each(ctx, `SELECT user_id, weight FROM category_member WHERE category_id = $1 ORDER BY rank`,
		func(r *rows) {
			members = append(members, skranke.CategoryMember{User: id[skranke.UserID](r), Weight: r.int()})
		}, num(category))
	if err != nil {
		return nil, fmt.Errorf("reading members of category %d: %w", category, err)
	}
	return members, nil
}

// InsertCategory stores a new category with its members. An ID of 0 is
// replaced by a new one. It returns ErrExists if the id is in use.
func (tx *WriteTx) InsertCategory(ctx context.Context, c *skranke.Category) error {
	id, err := categories.add(ctx, tx, int64(c.ID), categoryArgs(c))
	if err != nil {
		return err
	}
	c.ID = skranke.CategoryID(id)
	return tx.changed(ctx, tx.addMembers(ctx, c))
}

// UpdateCategory writes the whole category with its members anew, counter
// included. It returns CodeInvalidCategory if there is none.
func (tx *WriteTx) UpdateCategory(ctx context.Context, c *skranke.Category) error {
	if err := categories.change(ctx, tx, int64(c.ID), categoryArgs(c)); err != nil {
		return err
	}
	before, err := tx.members(ctx, c.ID)
	if err != nil {
		return err
	}
	if slices.Equal(before, c.Members) {
		return tx.changed(ctx, nil)
	}
	if _, err := tx.exec(ctx, `DELETE FROM category_member WHERE category_id = $1`, num(c.ID)); err != nil {
		return fmt.Errorf("clearing members of category %d: %w", c.ID, err)
	}
	return tx.changed(ctx, tx.addMembers(ctx, c))
}

func (tx *WriteTx) addMembers(ctx context.Context, c *skranke.Category) error {
	for rank, m := range c.Members {
		_, err := tx.exec(ctx, `INSERT INTO category_member (category_id, rank, user_id, weight) VALUES ($1, $2, $3, $4)`,
			num(c.ID), num(rank), num(m.User), num(m.Weight))
		if err != nil {
			return fmt.Errorf("writing members of category %d: %w", c.ID, err)
		}
	}
	return nil
}

// NextDelegation counts one more automatic assignment in the category and
// returns how many there were before. It returns CodeInvalidCategory if there
// is no such category. The catalog's version does not change.
func (tx *WriteTx) NextDelegation(ctx context.Context, category skranke.CategoryID) (int64, error) {
	r := tx.query(ctx, `UPDATE category SET counter = counter + 1 WHERE id = $1 RETURNING counter - 1`, num(category))
	defer r.close()
	counter, found := int64(0), false
	for r.next() {
		counter, found = r.int64(), true
	}
	if r.err != nil {
		return 0, fmt.Errorf("counting delegations of category %d: %w", category, r.err)
	}
	if !found {
		return 0, categories.unknown(int64(category))
	}
	return counter, nil
}
