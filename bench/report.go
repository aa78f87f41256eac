package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"
	"time"
)

// place is where a slot belongs.
type place struct {
	server      int // in report.servers; 0 is the floor
	connections int
}

// report is what a run found out.
type report struct {
	options *options
	answer  int // bytes of the floor's answer
	servers []*contestant
	slots   map[place][]slot
	trials  []*trial
}

// row is one server with one number of connections, in medians.
type row struct {
	Server      string   `json:"server"`
	Tickets     int      `json:"tickets"` // 0 for the floor
	Connections int      `json:"connections"`
	Rounds      int      `json:"rounds"`
	PerSecond   spread   `json:"callsPerSecond"`
	Ratio       *spread  `json:"ratio,omitempty"` // of calls per second, to the floor
	P50         float64  `json:"p50ms"`
	P99         float64  `json:"p99ms"`
	CPU         spread   `json:"cpuMsPerCall"`
	Allocs      float64  `json:"allocsPerCall"`
	Bytes       float64  `json:"bytesPerCall"`
	IdleRSS     int64    `json:"idleRSS"`
	RSS         int64    `json:"rss"`              // after the last round
	Growth      *float64 `json:"growth,omitempty"` // of the calls per second against the smallest size: 0.1 is a tenth fewer
	CPUGrowth   *float64 `json:"cpuGrowth,omitempty"`
	FirstCPU    float64  `json:"firstCPUmsPerCall,omitempty"` // of every ticket's first reading
	FirstRate   float64  `json:"firstCallsPerSecond,omitempty"`
}

// spread is a median and what it lies between.
type spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// rows sums the slots up, the floor before the others for each number of connections.
func (r *report) rows() []row {
	var all []row
	if len(r.slots) == 0 {
		return nil
	}
	for _, connections := range r.options.connections {
		var smallest row
		floor := r.slots[place{0, connections}]
		for n, c := range r.servers {
			slots := r.slots[place{n, connections}]
			one := row{
				Server: c.name, Tickets: c.tickets, Connections: connections, Rounds: len(slots), IdleRSS: c.idle.RSS,
				PerSecond: spreadOf(slots, func(s slot) float64 { return s.perSecond }),
				P50:       spreadOf(slots, func(s slot) float64 { return milliseconds(s.p50) }).Median,
				P99:       spreadOf(slots, func(s slot) float64 { return milliseconds(s.p99) }).Median,
				CPU:       spreadOf(slots, func(s slot) float64 { return milliseconds(s.cpu) }),
				Allocs:    spreadOf(slots, func(s slot) float64 { return s.allocs }).Median,
				Bytes:     spreadOf(slots, func(s slot) float64 { return s.bytes }).Median,
				RSS:       slots[len(slots)-1].rss,
			}
			if n > 0 {
				one.FirstCPU, one.FirstRate = milliseconds(c.first.cpu), c.first.perSecond
				ratios := make([]slot, len(slots))
				for i := range slots {
					ratios[i].perSecond = slots[i].perSecond / floor[i].perSecond
				}
				s := spreadOf(ratios, func(s slot) float64 { return s.perSecond })
				s.Median = one.PerSecond.Median / spreadOf(floor, func(s slot) float64 { return s.perSecond }).Median
				one.Ratio = &s
			}
			if n == 1 {
				smallest = one
			}
			if n > 1 {
				growth, cpu := 1-one.PerSecond.Median/smallest.PerSecond.Median, one.CPU.Median/smallest.CPU.Median-1
				one.Growth, one.CPUGrowth = &growth, &cpu
			}
			all = append(all, one)
		}
	}
	return all
}

func spreadOf(slots []slot, of func(slot) float64) spread {
	middle, least, most := median(slots, of)
	return spread{middle, least, most}
}

func (r *report) writeJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		Go          string  `json:"go"`
		Processors  int     `json:"processors"`
		SlotSeconds float64 `json:"slotSeconds"`
		OwnPercent  int     `json:"ownPercent"`
		AnswerBytes int     `json:"answerBytes"`
		Rows        []row   `json:"rows"`
		Trials      []trow  `json:"trials"`
	}{runtime.Version(), runtime.NumCPU(), r.options.slot.Seconds(), r.options.own, r.answer, r.rows(), r.trialRows()})
}

func (r *report) writeTable(w io.Writer) error {
	if len(r.slots) > 0 {
		if err := r.writeGetTicket(w); err != nil {
			return err
		}
	}
	if len(r.trials) == 0 {
		return nil
	}
	fmt.Fprintln(w)
	return r.writeTrials(w)
}

func (r *report) writeGetTicket(w io.Writer) error {
	o := r.options
	fmt.Fprintf(w, `getTicket: 3 fields, 5 messages, RPC/encoded, keep-alive HTTP/1.1 on loopback. %s, %d processors.
%d%% of the calls by the ticket's own customer, the others by a colleague with company access; tickets at random
over the whole help desk. The floor answers %d constant bytes. %d rounds of %v in turn: medians [min..max].
The ratio is that of the medians [least..greatest of a round]; CPU is the server's alone, what it writes later included.
Growth is how many fewer calls/s, and how much more CPU a call, than the smallest help desk.

`, runtime.Version(), runtime.NumCPU(), o.own, r.answer, o.rounds, o.slot.Round(time.Millisecond))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "tickets\tconns\tcalls/s\t\tof the floor\t\tp50 ms\tp99 ms\tCPU ms/call\t\tallocs\tbytes\tidle MB\tafter MB\tgrowth\tCPU growth\t")
	for _, one := range r.rows() {
		size := "floor"
		if one.Tickets > 0 {
			size = grouped(one.Tickets)
		}
		ratio, ratios := "", ""
		if one.Ratio != nil {
			ratio, ratios = fmt.Sprintf("%.2f", one.Ratio.Median), fmt.Sprintf("[%.2f..%.2f]", one.Ratio.Min, one.Ratio.Max)
		}
		fmt.Fprintf(t, "%s\t%d\t%.0f\t[%.0f..%.0f]\t%s\t%s\t%.3f\t%.3f\t%.4f\t[%.4f..%.4f]\t%.0f\t%.0f\t%.1f\t%.1f\t%s\t%s\t\n",
			size, one.Connections, one.PerSecond.Median, one.PerSecond.Min, one.PerSecond.Max, ratio, ratios, one.P50, one.P99,
			one.CPU.Median, one.CPU.Min, one.CPU.Max, one.Allocs, one.Bytes, megabytes(one.IdleRSS), megabytes(one.RSS),
			percent(one.Growth), percent(one.CPUGrowth))
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("writing the table: %w", err)
	}
	fmt.Fprintln(w, "\nBefore that every ticket was read by its customer and then by a colleague, through 8 connections, the first time from the database:")
	for _, c := range r.servers[1:] {
		fmt.Fprintf(w, "  %s tickets: %.0f calls/s, p50 %.3f ms, p99 %.3f ms, %.4f ms CPU a call, %.0f MB afterwards\n", grouped(c.tickets),
			c.first.perSecond, milliseconds(c.first.p50), milliseconds(c.first.p99), milliseconds(c.first.cpu), megabytes(c.first.rss))
	}
	return nil
}

func megabytes(n int64) float64 { return float64(n) / (1 << 20) }

func percent(share *float64) string {
	if share == nil {
		return ""
	}
	return fmt.Sprintf("%+.1f %%", 100**share)
}

// grouped writes n with commas between the thousands.
func grouped(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}
