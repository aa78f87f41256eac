package main

import (
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"
	"time"
)

// trow is one server in one trial, in medians.
type trow struct {
	Name      string  `json:"name"`
	Tickets   int     `json:"tickets"`
	Callers   int     `json:"callers"`
	Rounds    int     `json:"rounds"`
	PerSecond spread  `json:"perSecond"` // what is measured, a call or several that belong together
	Commits   *spread `json:"commitsPerSecond,omitempty"`
	Megabytes *spread `json:"megabytesPerSecond,omitempty"`
	Yardstick string  `json:"yardstick"`
	Against   spread  `json:"against"` // what the yardstick did a second
	Ratio     spread  `json:"ratio"`   // to it
	P50       float64 `json:"p50ms"`
	P99       float64 `json:"p99ms"`
	CPU       spread  `json:"cpuMs"`
	Allocs    float64 `json:"allocs"`
	Bytes     float64 `json:"bytes"`
	Memory    *spread `json:"memory,omitempty"` // most that was taken of it, in bytes
	Answer    int     `json:"answerBytes,omitempty"`
}

func (r *report) trialRows() []trow {
	var all []trow
	for _, t := range r.trials {
		for _, e := range t.entrants {
			all = append(all, t.row(e))
		}
	}
	return all
}

func (t *trial) row(e *entrant) trow {
	rate := spreadOf(e.slots, t.rate)
	one := trow{
		Name: t.name, Tickets: e.contestant.tickets, Callers: t.callers, Rounds: len(e.slots), Yardstick: t.yard, Answer: t.answer,
		PerSecond: spreadOf(e.slots, func(s slot) float64 { return s.perSecond }),
		Against:   spreadOfFloats(t.against),
		P50:       spreadOf(e.slots, func(s slot) float64 { return milliseconds(s.p50) }).Median,
		P99:       spreadOf(e.slots, func(s slot) float64 { return milliseconds(s.p99) }).Median,
		CPU:       spreadOf(e.slots, func(s slot) float64 { return milliseconds(s.cpu) }),
		Allocs:    spreadOf(e.slots, func(s slot) float64 { return s.allocs }).Median,
		Bytes:     spreadOf(e.slots, func(s slot) float64 { return s.bytes }).Median,
	}
	ratios := make([]float64, len(e.slots))
	for i, s := range e.slots {
		ratios[i] = t.rate(s) / t.against[i]
	}
	one.Ratio = spreadOfFloats(ratios)
	one.Ratio.Median = rate.Median / one.Against.Median
	switch {
	case t.bytes > 0:
		memory := spreadOf(e.slots, func(s slot) float64 { return float64(s.peak) })
		one.Megabytes, one.Memory = &rate, &memory
	case t.commits > 0:
		one.Commits = &rate
	}
	return one
}

func spreadOfFloats(list []float64) spread {
	slots := make([]slot, len(list))
	for i, f := range list {
		slots[i].perSecond = f
	}
	return spreadOf(slots, func(s slot) float64 { return s.perSecond })
}

func (r *report) writeTrials(w io.Writer) error {
	o := r.options
	fmt.Fprintf(w, `The other methods, on the same wire. %s, %d processors; %d rounds of %v in turn: medians [min..max].
findTickets asks for 5 fields of the tickets of a customer who has 50, or of a company of 50 customers; an agent's, for
5 fields of 50 of all tickets, and the word he looks for stands in the last ones alone; the FAQ has %s
entries, of which an eighth or fewer have a word that is looked for. They are measured against the floor, which
answers as many bytes. Writes are on disk before they are
answered and are measured against 4 KiB appended and synced by one caller, over and over, on the same disk.
Attachments of %.1f MiB are measured against base64 of the coreutils, to /dev/null; MB is a million bytes of content,
memory is what the server took more of while they went through.

`, runtime.Version(), runtime.NumCPU(), o.rounds, o.brief.Round(time.Millisecond), grouped(o.entries), float64(o.file)/1024)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "what\ttickets\tcallers\t/s\t\tcommits/s\tMB/s\tyardstick\t/s\tof it\t\tp50 ms\tp99 ms\tCPU ms\t\tallocs\tkB\tmemory MB\t\t")
	for _, one := range r.trialRows() {
		commits, megabytes, memory, memories := "", "", "", ""
		if one.Commits != nil {
			commits = fmt.Sprintf("%.0f", one.Commits.Median)
		}
		if one.Megabytes != nil {
			megabytes = fmt.Sprintf("%.0f", one.Megabytes.Median)
			memory, memories = fmt.Sprintf("%.1f", one.Memory.Median/1e6), fmt.Sprintf("[%.1f..%.1f]", one.Memory.Min/1e6, one.Memory.Max/1e6)
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%.1f\t[%.1f..%.1f]\t%s\t%s\t%s\t%.0f\t%.3f\t[%.3f..%.3f]\t%.3f\t%.3f\t%.3f\t[%.3f..%.3f]\t%.0f\t%.1f\t%s\t%s\t\n",
			one.Name, grouped(one.Tickets), one.Callers, one.PerSecond.Median, one.PerSecond.Min, one.PerSecond.Max, commits, megabytes,
			one.Yardstick, one.Against.Median, one.Ratio.Median, one.Ratio.Min, one.Ratio.Max, one.P50, one.P99,
			one.CPU.Median, one.CPU.Min, one.CPU.Max, one.Allocs, one.Bytes/1e3, memory, memories)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("writing the table: %w", err)
	}
	return nil
}
