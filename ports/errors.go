package ports

import (
	"context"
	"errors"
	"fmt"

	"skranke"
	"skranke/desk"
	"skranke/soap"
)

// code turns what a method returned into its errorCode. It is the only place
// of this door that maps errors. What is no refusal of the desk is told to the
// log, with the call's request id, and to the caller as code 7.
//
// Spec: types/transport.7, types/error.1
func (p *Ports) code(ctx context.Context, op string, err error) (string, *soap.Fault) {
	if err == nil {
		return skranke.CodeOK.String(), nil
	}
	var fault *soap.Fault
	if errors.As(err, &fault) {
		return "", fault
	}
	if errors.Is(err, desk.ErrCrowded) {
		soap.AnswerLate(ctx)
	}
	var refusal *skranke.Error
	// Who hung up broke his call off himself, as often as he likes.
	if !errors.As(err, &refusal) && !desk.IsTold(err) && !(errors.Is(err, context.Canceled) && ctx.Err() != nil) {
		caller := soap.CallerFrom(ctx)
		p.log.ErrorContext(ctx, "call failed", "port", caller.Port, "method", op,
			"request", caller.RequestID, "error", fmt.Sprint(err))
	}
	return skranke.CodeOf(err).String(), nil
}
