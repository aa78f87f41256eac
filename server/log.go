package server

import (
	"context"
	"log/slog"
	"net/netip"
	"regexp"
	"sync"
	"time"

	"skranke/soap"
)

// callLog is a slog.Handler that says in every line of a call which call it is,
// and lets no mail address through: what mail servers answer often holds one.
type callLog struct{ slog.Handler }

// Handle implements slog.Handler.
func (l callLog) Handle(ctx context.Context, record slog.Record) error {
	caller := soap.CallerFrom(ctx)
	clean, named := slog.NewRecord(record.Time, record.Level, record.Message, record.PC), false
	record.Attrs(func(a slog.Attr) bool {
		named = named || a.Key == "request"
		clean.AddAttrs(withoutAddresses(a))
		return true
	})
	if caller.RequestID != "" && !named {
		clean.AddAttrs(slog.String("request", caller.RequestID))
	}
	if caller.Trace != "" {
		clean.AddAttrs(slog.String("trace", caller.Trace))
	}
	return l.Handler.Handle(ctx, clean)
}

// WithAttrs implements slog.Handler.
func (l callLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = withoutAddresses(a)
	}
	return callLog{l.Handler.WithAttrs(clean)}
}

// WithGroup implements slog.Handler.
func (l callLog) WithGroup(name string) slog.Handler { return callLog{l.Handler.WithGroup(name)} }

var mailAddress = regexp.MustCompile(`[^\s<>()",;:\[\]]+@[^\s<>()",;:\[\]]+`)

func withoutAddresses(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	text := ""
	switch v.Kind() {
	case slog.KindString:
		text = v.String()
	case slog.KindAny:
		err, ok := v.Any().(error)
		if !ok {
			return a
		}
		text = err.Error()
	default:
		return a
	}
	return slog.String(a.Key, mailAddress.ReplaceAllString(text, "(address)"))
}

// observe is told of each call.
func (s *Server) observe(o soap.Observation) {
	s.meter.Observe(o)
	if s.spans != nil {
		s.spans.Call(o)
	}
	if s.told != nil {
		s.told(o)
	}
	if o.Stranger.IsValid() {
		s.tellStranger(o)
	}
	level, text := slog.LevelDebug, "call"
	if s.conf.SlowCall > 0 && o.Duration-o.Waited >= s.conf.SlowCall {
		level, text = slog.LevelWarn, "slow call"
	} else if !s.verbose {
		return
	}
	attrs := []slog.Attr{
		slog.String("port", o.Port), slog.String("method", o.Op), slog.String("code", o.Code), slog.Bool("fault", o.Fault),
		slog.Duration("took", o.Duration), slog.Duration("waited", o.Waited),
		slog.Int64("in", o.BytesIn), slog.Int64("out", o.BytesOut), slog.String("request", o.RequestID),
	}
	if o.Refused != "" {
		attrs = append(attrs, slog.String("refused", o.Refused))
	}
	if o.Trace != "" {
		attrs = append(attrs, slog.String("trace", o.Trace))
	}
	s.log.LogAttrs(context.Background(), level, text, attrs...)
}

// Of a stranger the log tells once in strangerFor, of maxStrangers at most.
const (
	strangerFor  = time.Hour
	maxStrangers = 100
)

// strangers are the addresses the log has told of lately as not permitted.
type strangers struct {
	mu    sync.Mutex
	since time.Time
	told  map[netip.Addr]bool
}

// first says whether the log has yet to tell of an address.
func (s *strangers) first(addr netip.Addr, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.told == nil || now.Sub(s.since) >= strangerFor {
		s.since, s.told = now, map[netip.Addr]bool{}
	}
	if s.told[addr] || len(s.told) >= maxStrangers {
		return false
	}
	s.told[addr] = true
	return true
}

// tellStranger lets operators know whom a port does not answer, for only they can
// tell a new portal from somebody who tries.
func (s *Server) tellStranger(o soap.Observation) {
	if !s.strangers.first(o.Stranger, o.Start) {
		return
	}
	s.log.Warn("address not permitted; see skranke range list, and trusted_proxies if this is a proxy",
		"port", o.Port, "address", o.Stranger.String(), "request", o.RequestID)
}
