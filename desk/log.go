package desk

// Actions of the change log, by their documented numbers.
//
// Spec: types/enums
const (
	logActivated   = 8
	logEscalated   = 9
	logSetTicket   = 15
	logAddMessage  = 16
	logNewTicket   = 17
	logCloseTicket = 39
	logReadTicket  = 40

	logMessageAdded  = 10011
	logMessageEdited = 10024

	// No number is documented for what was done to people: these are our own.
	logSetUser = 20001
)
