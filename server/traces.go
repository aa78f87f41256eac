package server

import (
	"context"
	"log/slog"
	"sync"

	"skranke/config"
	"skranke/mailbox"
	"skranke/watch"
)

// Traces is the way to the collector of traces that the settings name, nil if
// they name none.
func Traces(c config.Config, version string, log *slog.Logger) *watch.Spans {
	url := c.TracesURL()
	if url == "" {
		return nil
	}
	resource := c.TracesResource()
	for key, value := range map[string]string{
		"service.version": version, "telemetry.sdk.name": "skranke", "telemetry.sdk.language": "go", "telemetry.sdk.version": version,
	} {
		if _, given := resource[key]; !given && value != "" {
			resource[key] = value
		}
	}
	return watch.NewSpans(watch.SpanOptions{
		URL: url, Header: c.TracesHeader(), Resource: resource, Version: version, Ratio: c.OTLPRatio, Log: log,
	})
}

func mailObserver(spans *watch.Spans) func(mailbox.Delivery) {
	return func(d mailbox.Delivery) {
		failure := ""
		if d.Outcome != mailbox.Sent {
			failure = string(d.Outcome)
		}
		spans.Mail(watch.Mail{ID: d.Mail, Start: d.Start, Duration: d.Duration, Failure: failure})
	}
}

// runTraces sends traces, if they are to be sent, until stop is called. Stop
// sends what is left.
func (s *Server) runTraces(ctx context.Context) (stop func()) {
	if s.spans == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { s.spans.Run(ctx) })
	return func() {
		cancel()
		running.Wait()
	}
}
