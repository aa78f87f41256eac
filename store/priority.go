package store

import (
	"context"

	"skranke"
)

var priorities = newTable("priority", skranke.CodeInvalidPriority, `
	name, sort_order, external, is_default, deleted`, "")

func scanPriority(r *rows, p *skranke.Priority) {
	p.ID = id[skranke.PriorityID](r)
	p.Name = r.text()
	p.SortOrder = r.int()
	p.External = r.bool()
	p.Default = r.bool()
	p.Deleted = r.bool()
}

func priorityArgs(p *skranke.Priority) []arg {
	return []arg{text(p.Name), num(p.SortOrder), flag(p.External), flag(p.Default), flag(p.Deleted)}
}

// EachPriority hands fn every priority by ascending id.
func (tx *ReadTx) EachPriority(ctx context.Context, fn func(*skranke.Priority) error) error {
	return eachRow(ctx, tx, priorities, scanPriority, nil, fn)
}

// InsertPriority stores a new priority. An ID of 0 is replaced by a new one.
// It returns ErrExists if the id is in use.
func (tx *WriteTx) InsertPriority(ctx context.Context, p *skranke.Priority) error {
	id, err := priorities.add(ctx, tx, int64(p.ID), priorityArgs(p))
	if err != nil {
		return err
	}
	p.ID = skranke.PriorityID(id)
	return tx.changed(ctx, nil)
}

// UpdatePriority writes the whole priority anew. It returns
// CodeInvalidPriority if there is none.
func (tx *WriteTx) UpdatePriority(ctx context.Context, p *skranke.Priority) error {
	return tx.changed(ctx, priorities.change(ctx, tx, int64(p.ID), priorityArgs(p)))
}
