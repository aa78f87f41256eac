package skranke

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

// AlertLevel is one step of the escalation of a priority.
type AlertLevel struct {
	Level   int // 1 and up; tickets stand at 0 until the first level is reached
	Timeout int // minutes after the level before
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
