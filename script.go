package skranke

// ScriptID is the id of a script.
type ScriptID int64

// MaxIncludeID is how many characters the name of a script has at most.
const MaxIncludeID = 255

// Script is a program an operator stored for callers to run by its name.
type Script struct {
	ID          ScriptID
	IncludeID   string // its name, unique whatever the case
	Description string
	Source      string
}
