package skranke

import (
	"fmt"
	"strconv"
)

// EscalateEvent is something that happens to a ticket and may start, stop or
// restart its escalation.
type EscalateEvent int

// The events, by their documented numbers.
//
// Spec: types/enums
const (
	EscalateRead EscalateEvent = iota
	EscalateOwner
	EscalateNewInfo
	EscalateClosed
	EscalatePriority
	EscalateNew
	EscalateEvents // how many there are
)

// EscalateAction is what a priority does about an event.
type EscalateAction int

// The actions, by their documented numbers.
const (
	EscalateNothing  EscalateAction = -1
	EscalateStop     EscalateAction = 0 // the time left is kept
	EscalateContinue EscalateAction = 1 // at the same level
	EscalateRestart  EscalateAction = 2 // at the first level
)

// AlertLevel is one step of the escalation of a priority: when it comes, and
// what is done then beside telling the owner.
type AlertLevel struct {
	Level      int        // 1 and up; tickets stand at 0 until the first level is reached
	Timeout    int        // minutes after the level before
	Reassign   UserID     // who gets the ticket, 0 to leave it
	ToCustomer TemplateID // what is mailed to the primary customer, 0 for nothing
	ToOwner    TemplateID // to the owner
	ToMaster   TemplateID // to the master of the category
	ToOthers   TemplateID // to each address of Others
	Others     string     // several addresses are separated by commas
	Script     ScriptID   // what is run then, 0 for nothing
}

// Clock is a time of day in minutes since midnight; 1440 is the end of the day.
type Clock int

// String is the clock as people write it, 08:30.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// ParseClock reads what String prints, from 00:00 to 24:00.
func ParseClock(text string) (Clock, bool) {
	if len(text) != len("08:30") || text[2] != ':' {
		return 0, false
	}
	hours, err := strconv.ParseUint(text[:2], 10, 8)
	minutes, err2 := strconv.ParseUint(text[3:], 10, 8)
	c := Clock(hours*60 + minutes)
	return c, err == nil && err2 == nil && minutes < 60 && c <= EndOfDay
}

// EndOfDay is midnight as the end of a day, 24:00.
const EndOfDay Clock = 24 * 60

// OfficeHours are open hours of each such weekday, or of one date. What is said
// of a date replaces what is said of its weekday.
type OfficeHours struct {
	Weekday  int    // 1 is Monday, 7 Sunday; 0 for a date
	Date     string // as 2026-12-24, "" for a weekday
	From, To Clock  // the same for both: closed
}

// LevelAfter is the lowest level above the given one; ok is false if there is none.
func (p *Priority) LevelAfter(level int) (next AlertLevel, ok bool) {
	for _, l := range p.Levels {
		if l.Level > level && (!ok || l.Level < next.Level) {
			next, ok = l, true
		}
	}
	return next, ok
}
