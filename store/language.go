package store

import (
	"context"

	"skranke"
)

var languages = newTable("language", skranke.CodeUnknownLanguage, `
	name, code, virtual_domain, is_default, faq_root_id`, "")

func scanLanguage(r *rows, l *skranke.Language) {
	l.ID = id[skranke.LanguageID](r)
	l.Name = r.text()
	l.Code = r.text()
	l.VirtualDomain = r.text()
	l.Default = r.bool()
	l.FaqRoot = id[skranke.FaqFolderID](r)
}

func languageArgs(l *skranke.Language) []arg {
	return []arg{text(l.Name), text(l.Code), text(l.VirtualDomain), flag(l.Default), num(l.FaqRoot)}
}

// EachLanguage hands fn every language by ascending id.
func (tx *ReadTx) EachLanguage(ctx context.Context, fn func(*skranke.Language) error) error {
	return eachRow(ctx, tx, languages, scanLanguage, nil, fn)
}

// InsertLanguage stores a new language. An ID of 0 is replaced by a new one.
// It returns ErrExists if the id is in use.
func (tx *WriteTx) InsertLanguage(ctx context.Context, l *skranke.Language) error {
	id, err := languages.add(ctx, tx, int64(l.ID), languageArgs(l))
	if err != nil {
		return err
	}
	l.ID = skranke.LanguageID(id)
	return tx.changed(ctx, nil)
}

// UpdateLanguage writes the whole language anew. It returns
// CodeUnknownLanguage if there is none.
func (tx *WriteTx) UpdateLanguage(ctx context.Context, l *skranke.Language) error {
	return tx.changed(ctx, languages.change(ctx, tx, int64(l.ID), languageArgs(l)))
}
