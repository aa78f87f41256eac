package ports

import (
	"context"

	"skranke/desk"
	"skranke/soap"
)

// scriptOps are the methods of the ticket port about scripts.
func (p *Ports) scriptOps() []soap.Op {
	return []soap.Op{asUser(p, "executeScript", "Runs a stored script and returns what it prints.", p.executeScript)}
}

type executeScriptIn struct {
	Session
	IncludeID  string            `soap:"includeId"`
	Parameters []ValuePairStruct `soap:"parameters,alias=values"`
}

type executeScriptOut struct {
	ScriptResult string `soap:"scriptResult"`
}

// Spec: ticket/executeScript
func (p *Ports) executeScript(ctx context.Context, a desk.Actor, in *executeScriptIn) (executeScriptOut, error) {
	printed, err := p.desk.RunScript(ctx, a, in.IncludeID, pairs(in.Parameters))
	return executeScriptOut{printed}, err
}
