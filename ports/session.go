package ports

import (
	"context"

	"skranke"
	"skranke/desk"
	"skranke/soap"
)

// Session is the first parameter of every method that needs to know its caller.
type Session struct {
	SessionKey string `soap:"sessionKey"`
}

func (s *Session) key() string { return s.SessionKey }

// keyed is a request that embeds Session.
type keyed[I any] interface {
	*I
	key() string
}

// asCustomer declares a method that needs a customer's session.
//
// Spec: types/session.5, types/session.7
func asCustomer[I, O any, K keyed[I]](p *Ports, name, doc string, fn func(context.Context, desk.Actor, *I) (O, error)) soap.Op {
	return withSession[I, O, K](p, desk.ForCustomer, name, doc, fn)
}

// asUser declares a method that needs an administrator's session.
//
// Spec: ticket/common.9, ticket/common.10
func asUser[I, O any, K keyed[I]](p *Ports, name, doc string, fn func(context.Context, desk.Actor, *I) (O, error)) soap.Op {
	return withSession[I, O, K](p, desk.ForUser, name, doc, fn)
}

// asAnyone declares a method of the customer port that also serves callers
// without a key.
func asAnyone[I, O any, K keyed[I]](p *Ports, name, doc string, fn func(context.Context, desk.Actor, *I) (O, error)) soap.Op {
	return withOptionalSession[I, O, K](p, desk.ForCustomer, name, doc, fn)
}

// withOptionalSession declares a method that also serves callers without a key:
// they are the zero Actor. A key that is not live is refused, never taken for
// none.
//
// Spec: types/session.6
func withOptionalSession[I, O any, K keyed[I]](p *Ports, kind desk.Kind, name, doc string, fn func(context.Context, desk.Actor, *I) (O, error)) soap.Op {
	return soap.Method(name, doc, func(ctx context.Context, in *I) (O, error) {
		if text(K(in).key()) == "" {
			return fn(ctx, callerOf(ctx), in)
		}
		return resumed[I, O, K](ctx, p, kind, in, fn)
	})
}

func withSession[I, O any, K keyed[I]](p *Ports, kind desk.Kind, name, doc string, fn func(context.Context, desk.Actor, *I) (O, error)) soap.Op {
	return soap.Method(name, doc, func(ctx context.Context, in *I) (O, error) {
		return resumed[I, O, K](ctx, p, kind, in, fn)
	})
}

// resumed makes the call as the person the key belongs to, and remembers how it
// ended.
func resumed[I, O any, K keyed[I]](ctx context.Context, p *Ports, kind desk.Kind, in *I, fn func(context.Context, desk.Actor, *I) (O, error)) (out O, err error) {
	actor, err := p.desk.Resume(ctx, K(in).key(), kind)
	if err == nil {
		caller := callerOf(ctx)
		actor.Addr, actor.Via = caller.Addr, caller.Via
		out, err = fn(ctx, actor, in)
	}
	p.desk.Settle(actor, err)
	return out, err
}

// callerOf is the caller of this call as long as nobody knows who it is.
func callerOf(ctx context.Context) desk.Actor {
	c := soap.CallerFrom(ctx)
	return desk.Actor{Addr: c.Addr, Via: c.Port + "." + c.Op}
}

// credentials are a name and password of this call.
func credentials(ctx context.Context, name, password string) desk.Credentials {
	caller := callerOf(ctx)
	return desk.Credentials{Name: name, Password: password, From: caller.Addr, Via: caller.Via}
}

// loginOut is the answer of the methods that open a session.
type loginOut struct {
	SessionKey string `soap:"sessionKey"`
}

// errorMessageOut is the answer of getErrorMessage: the text alone.
type errorMessageOut struct {
	ErrorMessage string `soap:"errorMessage"`
}

// lastError answers getErrorMessage for sessions of the kind.
//
// Spec: customer/getErrorMessage
func (p *Ports) lastError(kind desk.Kind) func(context.Context, *Session) (errorMessageOut, error) {
	return func(ctx context.Context, in *Session) (errorMessageOut, error) {
		code, err := p.desk.LastError(ctx, in.SessionKey, kind)
		if err != nil {
			return errorMessageOut{skranke.CodeCustomError.Text()}, err
		}
		return errorMessageOut{code.Text()}, nil
	}
}

// logOut answers logout for sessions of the kind.
func (p *Ports) logOut(kind desk.Kind) func(context.Context, *Session) (struct{}, error) {
	return func(ctx context.Context, in *Session) (struct{}, error) {
		return struct{}{}, p.desk.LogOut(ctx, callerOf(ctx), in.SessionKey, kind)
	}
}
