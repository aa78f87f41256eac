package server

import (
	"context"

	"skranke/desk"
	"skranke/script"
)

// scripts hands the desk's scripts to the engine.
type scripts struct{ engine *script.Engine }

// RunScript runs a script for the desk.
func (s scripts) RunScript(ctx context.Context, run desk.ScriptRun) (string, error) {
	return s.engine.Run(ctx, script.Run{Source: run.Source, Variables: run.Variables, User: run.User, Host: run.Host, Log: run.Log})
}
