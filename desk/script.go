package desk

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"skranke"
	"skranke/store"
)

// ScriptEngine runs scripts. It returns what a script printed; its errors say
// why a script did not come to its end, for the log.
type ScriptEngine interface {
	RunScript(ctx context.Context, run ScriptRun) (string, error)
}

// ScriptRun is a script that is run for somebody.
type ScriptRun struct {
	Source    string
	Variables map[string]string
	User      any // what getActiveUser returns
	Host      func(ctx context.Context, name string, argument []byte) (any, error)
	Log       func(text string)
}

// RunScript runs the script of that include id as a and returns what it
// printed. It returns CodeOperationIllegal where no scripts are run,
// CodeCustomError for a script there is not, and another error if it fails;
// what it has stored by then stays.
//
// Spec: ticket/executeScript
func (d *Desk) RunScript(ctx context.Context, a Actor, includeID string, parameters []Pair) (string, error) {
	if d.opts.Scripts == nil {
		return "", skranke.Err(skranke.CodeOperationIllegal, "no scripts are run here")
	}
	var found *skranke.Script
	var user *skranke.User
	err := d.db.Read(ctx, func(tx *store.ReadTx) (err error) {
		if found, err = tx.ScriptCalled(ctx, strings.TrimSpace(includeID)); err != nil {
			return err
		}
		user, err = tx.User(ctx, a.User)
		return err
	})
	if err != nil {
		return "", err
	}
	variables := make(map[string]string, len(parameters))
	for _, p := range parameters {
		variables[p.Field] = p.Value
	}
	return d.runScript(ctx, a, found, user, variables)
}

// runScript runs a script as a, who acts as user, and returns what it printed.
func (d *Desk) runScript(ctx context.Context, a Actor, s *skranke.Script, user *skranke.User, variables map[string]string) (string, error) {
	host := scriptHost{d, a}
	printed, err := d.opts.Scripts.RunScript(ctx, ScriptRun{
		Source:    s.Source,
		Variables: variables,
		User: map[string]any{
			"id": int64(user.ID), "loginName": user.LoginName, "userName": user.UserName, "name": user.Name(), "email": user.Email, "language": user.Language,
		},
		Host: host.answer,
		Log: func(text string) {
			d.log.InfoContext(ctx, "script says", "script", s.IncludeID, "user", a.User, "text", text)
		},
	})
	if err != nil {
		return "", fmt.Errorf("script %q: %w", s.IncludeID, err)
	}
	return printed, nil
}

// scriptHost answers what a script asks for, under the rights of its caller.
type scriptHost struct {
	desk  *Desk
	actor Actor
}

// answer answers one question. What is no refusal of the desk is for the log:
// the script learns as little as callers do.
func (h scriptHost) answer(ctx context.Context, name string, argument []byte) (any, error) {
	result, err := h.ask(ctx, name, argument)
	var refusal *skranke.Error
	if err == nil || errors.As(err, &refusal) {
		return result, err
	}
	h.desk.log.ErrorContext(ctx, "a call of a script failed", "call", name, "error", err)
	return nil, errors.New(skranke.CodeCustomError.Text())
}

// checkScript checks a script's texts. Its name is trimmed.
func checkScript(s *skranke.Script) error {
	if s.IncludeID = strings.TrimSpace(s.IncludeID); s.IncludeID == "" {
		return skranke.Err(skranke.CodeCustomError, "a script needs an include id")
	}
	return checkLengths(length{"include id", s.IncludeID, skranke.MaxIncludeID}, length{"description", s.Description, maxNote})
}

// PutScript stores a script.
func (in *Intake) PutScript(ctx context.Context, s *skranke.Script) error {
	if err := checkScript(s); err != nil {
		return err
	}
	return in.put(rowScript, func() int64 { return int64(s.ID) }, skranke.CodeCustomError,
		func() error { return in.tx.UpdateScript(ctx, s) }, func() error { return in.tx.InsertScript(ctx, s) })
}

// SetScript stores a script under its include id, instead of the one there is,
// and sets its id. A description of "" leaves the one there is.
func (d *Desk) SetScript(ctx context.Context, s *skranke.Script) error {
	if err := checkScript(s); err != nil {
		return err
	}
	return d.change(ctx, func(in *Intake) error {
		stored := *s
		stored.ID = 0
		old, err := in.tx.ScriptCalled(ctx, s.IncludeID)
		if err != nil && !isRefusal(err, skranke.CodeCustomError) {
			return err
		}
		if err == nil {
			if stored.ID = old.ID; stored.Description == "" {
				stored.Description = old.Description
			}
		}
		err = in.PutScript(ctx, &stored)
		s.ID = stored.ID
		return err
	})
}

// Script returns the script of that include id, or CodeCustomError.
func (o *Outgo) Script(ctx context.Context, includeID string) (*skranke.Script, error) {
	return o.tx.ScriptCalled(ctx, strings.TrimSpace(includeID))
}

// DeleteScript deletes the script of that include id. It returns
// CodeCustomError if there is none, or if an escalation level runs it.
func (d *Desk) DeleteScript(ctx context.Context, includeID string) error {
	return d.db.Write(ctx, func(tx *store.WriteTx) error {
		s, err := tx.ScriptCalled(ctx, strings.TrimSpace(includeID))
		if err != nil {
			return err
		}
		err = tx.EachPriority(ctx, func(p *skranke.Priority) error {
			for _, l := range p.Levels {
				if l.Script == s.ID {
					return skranke.Err(skranke.CodeCustomError, "level %d of priority %d runs script %q", l.Level, p.ID, s.IncludeID)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		return tx.DeleteScript(ctx, s.ID)
	})
}
