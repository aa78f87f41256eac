package desk

import (
	"testing"
	"time"

	"skranke"
)

// weekdays are open from eight to four.
func weekdays(more ...skranke.OfficeHours) []skranke.OfficeHours {
	var hours []skranke.OfficeHours
	for day := 1; day <= 5; day++ {
		hours = append(hours, skranke.OfficeHours{Weekday: day, From: 8 * 60, To: 16 * 60})
	}
	return append(hours, more...)
}

func TestOfficeHours(t *testing.T) {
	oslo, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	always := []skranke.OfficeHours{{Weekday: 7, To: skranke.EndOfDay}}
	at := func(text string) time.Time {
		moment, err := time.ParseInLocation("2006-01-02 15:04", text, oslo)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	for _, c := range []struct {
		name  string
		hours []skranke.OfficeHours
		from  string
		span  time.Duration
		want  string
		all   bool // Schedule is not set
	}{
		// ticket.escalate.3
		{"no flag", weekdays(), "2026-03-06 15:30", time.Hour, "2026-03-06 16:30", true},
		{"no hours", nil, "2026-03-06 15:30", time.Hour, "2026-03-06 16:30", false},
		{"within a day", weekdays(), "2026-03-06 09:00", time.Hour, "2026-03-06 10:00", false},
		{"until it closes", weekdays(), "2026-03-06 15:30", 30 * time.Minute, "2026-03-06 16:00", false},
		{"over the night", weekdays(), "2026-03-05 15:30", time.Hour, "2026-03-06 08:30", false},
		{"over a week-end", weekdays(), "2026-03-06 15:30", time.Hour, "2026-03-09 08:30", false},
		{"from within a week-end", weekdays(), "2026-03-08 03:00", time.Hour, "2026-03-09 09:00", false},
		{"two weeks", weekdays(), "2026-03-06 12:00", 80 * time.Hour, "2026-03-20 12:00", false},
		{"a closed day", weekdays(skranke.OfficeHours{Date: "2026-03-09"}), "2026-03-06 15:30", time.Hour, "2026-03-10 08:30", false},
		{"a short day", weekdays(skranke.OfficeHours{Date: "2026-12-24", From: 8 * 60, To: 12 * 60}), "2026-12-24 11:30", time.Hour, "2026-12-25 08:30", false},
		{"open on a Saturday", weekdays(skranke.OfficeHours{Date: "2026-03-07", From: 600, To: 620}), "2026-03-06 15:30", time.Hour, "2026-03-09 08:10", false},
		{"a lunch break, written last first", []skranke.OfficeHours{{Weekday: 5, From: 13 * 60, To: 16 * 60}, {Weekday: 5, From: 8 * 60, To: 12 * 60}}, "2026-03-06 11:30", time.Hour, "2026-03-06 13:30", false},
		{"hours that overlap count once", []skranke.OfficeHours{{Weekday: 5, From: 8 * 60, To: 12 * 60}, {Weekday: 5, From: 9 * 60, To: 13 * 60}}, "2026-03-06 08:00", 5 * time.Hour, "2026-03-06 13:00", false},
		// Clocks go forward on 29 March, back on 25 October, both Sundays.
		{"over the change to summer time", weekdays(), "2026-03-27 15:30", time.Hour, "2026-03-30 08:30", false},
		{"over the change to winter time", weekdays(), "2026-10-23 15:30", time.Hour, "2026-10-26 08:30", false},
		{"a Sunday of 23 hours", always, "2026-03-29 00:00", 23*time.Hour + 30*time.Minute, "2026-04-05 00:30", false},
		{"a Sunday of 25 hours", always, "2026-10-25 00:00", 24*time.Hour + 30*time.Minute, "2026-10-25 23:30", false},
	} {
		d := &Desk{opts: Options{Zone: oslo}}
		h := d.hoursOf(&skranke.Priority{Schedule: !c.all, Hours: c.hours})
		from, want := at(c.from), at(c.want)
		if got := h.after(from, c.span); !got.Equal(want) {
			t.Errorf("%s: got %v, want %v", c.name, got.In(oslo), want)
		}
		if got := h.between(from, want); got != c.span {
			t.Errorf("%s: got %v between %v and %v, want %v", c.name, got, from, want, c.span)
		}
	}
}

func TestOfficeThatNeverOpens(t *testing.T) {
	d := &Desk{opts: Options{Zone: time.UTC}}
	h := d.hoursOf(&skranke.Priority{Schedule: true, Hours: []skranke.OfficeHours{{Weekday: 1}, {Date: "2020-01-01", To: 60}}})
	if got := h.after(noon, time.Minute); got.Year() < noon.Year()+99 || got.Year() > noon.Year()+101 {
		t.Errorf("got %v, want a century later", got)
	}
	if got := h.between(noon, noon.AddDate(5000, 0, 0)); got != 0 {
		t.Errorf("got %v of open time, want none", got)
	}
}

func TestOfficeHoursOfRows(t *testing.T) {
	for _, c := range []struct {
		hours skranke.OfficeHours
		ok    bool
	}{
		{skranke.OfficeHours{Weekday: 1, From: 60, To: 61}, true},
		{skranke.OfficeHours{Weekday: 7, To: skranke.EndOfDay}, true},
		{skranke.OfficeHours{Date: "2026-12-24"}, true},
		{skranke.OfficeHours{}, false},
		{skranke.OfficeHours{Weekday: 8}, false},
		{skranke.OfficeHours{Weekday: -1}, false},
		{skranke.OfficeHours{Weekday: 1, Date: "2026-12-24"}, false},
		{skranke.OfficeHours{Date: "24.12.2026"}, false},
		{skranke.OfficeHours{Weekday: 1, From: 61, To: 60}, false},
		{skranke.OfficeHours{Weekday: 1, To: skranke.EndOfDay + 1}, false},
		{skranke.OfficeHours{Weekday: 1, From: -1}, false},
	} {
		err := checkPriorityRow(&skranke.Priority{Hours: []skranke.OfficeHours{c.hours}})
		if (err == nil) != c.ok {
			t.Errorf("%+v: got %v", c.hours, err)
		}
	}
}
