package watch

import (
	"context"
	"log/slog"
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"skranke/desk"
	"skranke/store"
)

// Figures is how an installation stands besides its calls.
type Figures struct {
	Desk            *desk.Figures // nil if they could not be read
	Attachments     int64
	AttachmentBytes int64
	Database        store.Work
	DatabaseBytes   int64 // on disk
	Spans           SpanFigures
	Connections     int // that are open
	Stopping        bool
}

// Source reads the figures. It is asked at each scrape.
type Source func(context.Context) (Figures, error)

// scrapeTime is how long reading the figures may take.
const scrapeTime = 8 * time.Second

// Metrics answers Prometheus with what m has counted, the figures of source and
// those of the process.
func Metrics(m *Meter, source Source, version string, log *slog.Logger) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		&calls{m},
		&state{source, log, version},
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true, MaxRequestsInFlight: 2, Timeout: 2 * scrapeTime})
}

func newDesc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("skranke_"+name, help, labels, nil)
}

// The metrics of calls.
var (
	descCalls   = newDesc("calls_total", "Calls by port, method and errorCode; fault for SOAP faults, method unknown for calls of none.", "port", "method", "code")
	descTook    = newDesc("call_duration_seconds", "How long calls took, from the first byte of the request to the last of the answer.", "port", "method")
	descRefused = newDesc("refused_total", "Calls that a limit kept from their method: address, size, time or busy.", "limit")
	descClosed  = newDesc("connections_closed_total", "Connections that a limit closed because there was one more: all or address.", "limit")
)

// calls gives the counts of a Meter to Prometheus.
type calls struct{ meter *Meter }

// Describe implements prometheus.Collector.
func (c *calls) Describe(out chan<- *prometheus.Desc) {
	out <- descCalls
	out <- descTook
	out <- descRefused
	out <- descClosed
}

// Collect implements prometheus.Collector.
func (c *calls) Collect(out chan<- prometheus.Metric) {
	for _, p := range append([]*portMeter{c.meter.unknown}, c.meter.ports...) {
		for _, method := range p.all {
			method.collect(p.name, out)
		}
	}
	for i, name := range limits {
		out <- prometheus.MustNewConstMetric(descRefused, prometheus.CounterValue, float64(c.meter.refused[i].Load()), name)
	}
	for i, name := range closers {
		out <- prometheus.MustNewConstMetric(descClosed, prometheus.CounterValue, float64(c.meter.closed[i].Load()), name)
	}
}

// collect gives out a method that was called.
func (m *methodMeter) collect(port string, out chan<- prometheus.Metric) {
	buckets, total := make(map[float64]uint64, len(bounds)), uint64(0)
	for i := range m.classes {
		total += m.classes[i].Load()
		if i < len(bounds) {
			buckets[bounds[i].Seconds()] = total
		}
	}
	if total == 0 {
		return
	}
	for i := range m.codes {
		if n := m.codes[i].Load(); n > 0 {
			out <- prometheus.MustNewConstMetric(descCalls, prometheus.CounterValue, float64(n), port, m.name, codeLabel(i))
		}
	}
	took := prometheus.MustNewConstHistogram(descTook, total, time.Duration(m.nanos.Load()).Seconds(), buckets, port, m.name)
	if t := m.traced.Load(); t != nil {
		with, err := prometheus.NewMetricWithExemplars(took, prometheus.Exemplar{
			Value: t.took.Seconds(), Labels: prometheus.Labels{"trace_id": t.id}, Timestamp: t.at,
		})
		if err == nil { // a trace id always fits
			took = with
		}
	}
	out <- took
}

func codeLabel(place int) string {
	switch place {
	case fault:
		return "fault"
	case otherCode:
		return "other"
	}
	return strconv.Itoa(place)
}

// figure is a metric made from Figures.
type figure struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(*Figures) float64
}

const (
	counter = prometheus.CounterValue
	gauge   = prometheus.GaugeValue
)

// figures are the metrics that are there even if the database is not.
var figures = []figure{
	{newDesc("stopping", "1 while the server is being stopped."), gauge, func(f *Figures) float64 { return truth(f.Stopping) }},
	{newDesc("connections", "Connections that are open."), gauge, func(f *Figures) float64 { return float64(f.Connections) }},
	{newDesc("database_bytes", "Size of the database on disk, its journal included."), gauge, func(f *Figures) float64 { return float64(f.DatabaseBytes) }},
	{newDesc("database_commits_total", "Commits that went well."), counter, func(f *Figures) float64 { return float64(f.Database.Commits) }},
	{newDesc("database_commits_failed_total", "Commits that did not."), counter, func(f *Figures) float64 { return float64(f.Database.Failed) }},
	{newDesc("database_commit_seconds_total", "Time spent in commits; by the rate of commits it is how long one takes."), counter, func(f *Figures) float64 { return f.Database.CommitTime.Seconds() }},
	{newDesc("database_writes_total", "Writes that shared those commits; by the rate of commits it is the size of a group."), counter, func(f *Figures) float64 { return float64(f.Database.Writes) }},
	{newDesc("database_writes_waiting", "Writes that wait for their turn."), gauge, func(f *Figures) float64 { return float64(f.Database.Waiting) }},
	{newDesc("database_reads", "Reads in progress."), gauge, func(f *Figures) float64 { return float64(f.Database.Reading) }},
	{newDesc("spans_sent_total", "Spans that the collector of traces took."), counter, func(f *Figures) float64 { return float64(f.Spans.Sent) }},
	{newDesc("spans_dropped_total", "Spans that it did not get, or did not take."), counter, func(f *Figures) float64 { return float64(f.Spans.Dropped) }},
	{newDesc("spans_waiting", "Spans that wait to be sent to it."), gauge, func(f *Figures) float64 { return float64(f.Spans.Waiting) }},
	{newDesc("database_reads_max", "Reads that may be in progress at once; more wait."), gauge, func(f *Figures) float64 { return float64(f.Database.Readers) }},
}

// deskFigures are the metrics that have to be read from the database.
var deskFigures = []figure{
	{newDesc("sessions", "Sessions that are open."), gauge, func(f *Figures) float64 { return float64(f.Desk.Sessions) }},
	{newDesc("mail_waiting", "Mails that have not left and were not given up."), gauge, func(f *Figures) float64 { return float64(f.Desk.MailWaiting) }},
	{newDesc("mail_oldest_seconds", "How long the oldest of them has waited."), gauge, func(f *Figures) float64 { return f.Desk.MailOldest.Seconds() }},
	{newDesc("mail_parked", "Mails that were given up and wait for a person."), gauge, func(f *Figures) float64 { return float64(f.Desk.MailParked) }},
	{newDesc("schedule_looks_total", "Looks at what the clock is to do."), counter, func(f *Figures) float64 { return float64(f.Desk.Looks) }},
	{newDesc("schedule_looks_failed_total", "Looks that failed."), counter, func(f *Figures) float64 { return float64(f.Desk.LooksFailed) }},
	{newDesc("schedule_tickets_total", "Tickets that were woken or alerted."), counter, func(f *Figures) float64 { return float64(f.Desk.Due) }},
	{newDesc("schedule_lag_seconds", "How long the ticket that is most overdue has waited."), gauge, func(f *Figures) float64 { return f.Desk.Late.Seconds() }},
	{newDesc("braked_names", "Names nobody can log in with for now, after too many failures."), gauge, func(f *Figures) float64 { return float64(f.Desk.NamesBraked) }},
	{newDesc("braked_addresses", "Addresses nobody can log in from for now."), gauge, func(f *Figures) float64 { return float64(f.Desk.AddressesBraked) }},
	{newDesc("attachments", "Attachments. Counted every few minutes."), gauge, func(f *Figures) float64 { return float64(f.Attachments) }},
	{newDesc("attachments_bytes", "Their bytes. Equal contents, which are kept once, count each time."), gauge, func(f *Figures) float64 { return float64(f.AttachmentBytes) }},
}

var (
	descUp    = newDesc("database_up", "1 if the database answered this scrape in time.")
	descBuild = newDesc("build_info", "Always 1.", "version", "go")
)

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// state gives Figures to Prometheus.
type state struct {
	source  Source
	log     *slog.Logger
	version string
}

// Describe implements prometheus.Collector.
func (s *state) Describe(out chan<- *prometheus.Desc) {
	for _, f := range append(figures[:len(figures):len(figures)], deskFigures...) {
		out <- f.desc
	}
	out <- descUp
	out <- descBuild
}

// Collect implements prometheus.Collector.
func (s *state) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	f, err := s.source(ctx)
	if err != nil {
		s.log.WarnContext(ctx, "figures could not be read", "error", err)
	}
	list := figures
	if f.Desk != nil {
		list = append(list[:len(list):len(list)], deskFigures...)
	}
	for _, m := range list {
		out <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value(&f))
	}
	out <- prometheus.MustNewConstMetric(descUp, gauge, truth(err == nil))
	out <- prometheus.MustNewConstMetric(descBuild, gauge, 1, s.version, runtime.Version())
}
