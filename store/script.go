package store

import (
	"context"
	"fmt"

	"skranke"
)

var scripts = newTable("script", skranke.CodeCustomError, `include_id, description, source`, `include_fold`)

func scanScript(r *rows, s *skranke.Script) {
	s.ID = id[skranke.ScriptID](r)
	s.IncludeID = r.text()
	s.Description = r.text()
	s.Source = r.text()
}

func scriptArgs(s *skranke.Script) []arg {
	return []arg{text(s.IncludeID), text(s.Description), text(s.Source), folded(s.IncludeID)}
}

// EachScript hands fn every script by ascending id.
func (tx *ReadTx) EachScript(ctx context.Context, fn func(*skranke.Script) error) error {
	return eachRow(ctx, tx, scripts, scanScript, nil, fn)
}

// Script returns one script, or CodeCustomError.
func (tx *ReadTx) Script(ctx context.Context, id skranke.ScriptID) (*skranke.Script, error) {
	s := new(skranke.Script)
	return s, scripts.row(ctx, tx, int64(id), func(r *rows) { scanScript(r, s) })
}

// ScriptCalled returns the script of that include id, whatever its case, or
// CodeCustomError.
func (tx *ReadTx) ScriptCalled(ctx context.Context, includeID string) (*skranke.Script, error) {
	s := new(skranke.Script)
	found, err := tx.one(ctx, "SELECT "+scripts.columns+" FROM script s WHERE s.include_fold = $1", func(r *rows) { scanScript(r, s) }, folded(includeID))
	if err != nil {
		return nil, fmt.Errorf("reading script %q: %w", includeID, err)
	}
	if !found {
		return nil, skranke.Err(skranke.CodeCustomError, "there is no script %q", includeID)
	}
	return s, nil
}

// InsertScript stores a new script. An ID of 0 is replaced by a new one. It
// returns ErrExists if the id or the include id is in use.
func (tx *WriteTx) InsertScript(ctx context.Context, s *skranke.Script) error {
	id, err := scripts.add(ctx, tx, int64(s.ID), scriptArgs(s))
	if err != nil {
		return err
	}
	s.ID = skranke.ScriptID(id)
	return nil
}

// UpdateScript writes the whole script anew. It returns CodeCustomError if
// there is none, ErrExists if another has its include id.
func (tx *WriteTx) UpdateScript(ctx context.Context, s *skranke.Script) error {
	return scripts.change(ctx, tx, int64(s.ID), scriptArgs(s))
}

// DeleteScript deletes a script, and the runs of it that tickets are owed. It
// returns CodeCustomError if there is none.
func (tx *WriteTx) DeleteScript(ctx context.Context, id skranke.ScriptID) error {
	if _, err := tx.exec(ctx, `DELETE FROM script_run WHERE script_id = $1`, num(id)); err != nil {
		return fmt.Errorf("deleting the runs of script %d: %w", id, err)
	}
	return scripts.drop(ctx, tx, int64(id))
}
