package desk

import (
	"cmp"
	"slices"
	"time"

	"skranke"
)

// officeHours are the hours a priority counts in, nil if it counts always.
type officeHours struct {
	zone  *time.Location
	week  [8][]skranke.OfficeHours // by weekday, 1 is Monday
	dates map[string][]skranke.OfficeHours
}

// hoursOf returns the hours the priority counts in: without the flag, and
// without any hours, every minute counts.
//
// Spec: ticket/escalate.3
func (d *Desk) hoursOf(p *skranke.Priority) *officeHours {
	if !p.Schedule || len(p.Hours) == 0 {
		return nil
	}
	h := &officeHours{zone: d.opts.Zone, dates: map[string][]skranke.OfficeHours{}}
	for _, open := range p.Hours {
		switch {
		case open.Date != "":
			h.dates[open.Date] = append(h.dates[open.Date], open)
		case open.Weekday >= 1 && open.Weekday <= 7:
			h.week[open.Weekday] = append(h.week[open.Weekday], open)
		}
	}
	byOpening := func(a, b skranke.OfficeHours) int { return cmp.Compare(a.From, b.From) }
	for _, day := range h.week {
		slices.SortFunc(day, byOpening)
	}
	for _, day := range h.dates {
		slices.SortFunc(day, byOpening)
	}
	return h
}

// maxOfficeDays is how many days are looked at: who is closed for longer never
// opens again.
const maxOfficeDays = aCentury / (24 * 60)

// after is the moment when so much open time has passed since from. If that
// never happens it is a century away.
func (h *officeHours) after(from time.Time, span time.Duration) time.Time {
	if h == nil || span <= 0 {
		return from.Add(span)
	}
	for opens, closes := range h.since(from) {
		if open := closes.Sub(opens); open < span {
			span -= open
			continue
		}
		return opens.Add(span).UTC()
	}
	return from.Add(aCentury * time.Minute)
}

// between is the open time from one moment to another, 0 if that is none.
func (h *officeHours) between(from, to time.Time) time.Duration {
	if h == nil {
		return to.Sub(from)
	}
	var sum time.Duration
	for opens, closes := range h.since(from) {
		if !opens.Before(to) {
			break
		}
		if closes.After(to) {
			closes = to
		}
		sum += closes.Sub(opens)
	}
	return sum
}

// since yields the stretches of open time from that moment on. Where clocks are
// put forward or back, what really passes between opening and closing counts.
func (h *officeHours) since(from time.Time) func(yield func(opens, closes time.Time) bool) {
	return func(yield func(opens, closes time.Time) bool) {
		year, month, first := from.In(h.zone).Date()
		for day := range maxOfficeDays {
			date := time.Date(year, month, first+day, 0, 0, 0, 0, time.UTC)
			at := func(c skranke.Clock) time.Time { return time.Date(year, month, first+day, 0, int(c), 0, 0, h.zone) }
			for _, open := range h.on(date) {
				opens, closes := at(open.From), at(open.To)
				if opens.Before(from) {
					opens = from
				}
				if !closes.After(opens) {
					continue
				}
				if !yield(opens, closes) {
					return
				}
				from = closes // hours that overlap count once
			}
		}
	}
}

// on is when that day is open.
func (h *officeHours) on(date time.Time) []skranke.OfficeHours {
	if len(h.dates) > 0 {
		if exception, ok := h.dates[date.Format(time.DateOnly)]; ok {
			return exception
		}
	}
	if weekday := int(date.Weekday()); weekday != 0 {
		return h.week[weekday]
	}
	return h.week[7]
}
