package store

import (
	"context"

	"skranke"
)

var extraFields = newTable("extra_field", skranke.CodeInvalidExtraField, `
	domain, table_id, field_name, label, kind, target_id, flags, default_to, order_pos`, "")

func scanExtraField(r *rows, f *skranke.ExtraField) {
	f.ID = id[skranke.ExtraFieldID](r)
	f.Domain = id[skranke.Domain](r)
	f.Table = id[skranke.ExtraTableID](r)
	f.FieldName = r.text()
	f.Label = r.text()
	f.Kind = id[skranke.ExtraKind](r)
	f.Target = id[skranke.ExtraTableID](r)
	f.Flags = id[skranke.ExtraFlags](r)
	f.Default = r.text()
	f.OrderPos = r.int()
}

func extraFieldArgs(f *skranke.ExtraField) []arg {
	return []arg{
		num(f.Domain), num(f.Table), text(f.FieldName), text(f.Label), num(f.Kind), num(f.Target), num(f.Flags),
		text(f.Default), num(f.OrderPos),
	}
}

// EachExtraField hands fn every extra field by ascending id.
func (tx *ReadTx) EachExtraField(ctx context.Context, fn func(*skranke.ExtraField) error) error {
	return eachRow(ctx, tx, extraFields, scanExtraField, nil, fn)
}

// InsertExtraField stores a new extra field. An ID of 0 is replaced by a new
// one. It returns ErrExists if the id is in use.
func (tx *WriteTx) InsertExtraField(ctx context.Context, f *skranke.ExtraField) error {
	id, err := extraFields.add(ctx, tx, int64(f.ID), extraFieldArgs(f))
	if err != nil {
		return err
	}
	f.ID = skranke.ExtraFieldID(id)
	return tx.changed(ctx, nil)
}

// UpdateExtraField writes the whole extra field anew. It returns
// CodeInvalidExtraField if there is none.
func (tx *WriteTx) UpdateExtraField(ctx context.Context, f *skranke.ExtraField) error {
	return tx.changed(ctx, extraFields.change(ctx, tx, int64(f.ID), extraFieldArgs(f)))
}
