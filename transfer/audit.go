package transfer

import "skranke/desk"

// AuditTable is how entries of the log of what was done look in a file.
var AuditTable = table("audit", []column[desk.AuditEntry]{
	{"id", idDoc, func(e *desk.AuditEntry) any { return &e.ID }},
	{"at", "When it was done.", func(e *desk.AuditEntry) any { return &e.At }},
	{"action", "What was done: a name from docs/audit.md, or a number that has none.", func(e *desk.AuditEntry) any { return &e.Action }},
	{"row_kind", "The kind of the row it was done to.", func(e *desk.AuditEntry) any { return &e.Kind }},
	{"row", "Its id. It may be gone.", func(e *desk.AuditEntry) any { return &e.Row }},
	{"detail", "What else there is to know of it, such as the extra table of a row.", func(e *desk.AuditEntry) any { return &e.Detail }},
	{"ticket", "The ticket it was about.", func(e *desk.AuditEntry) any { return &e.Ticket }},
	{"message", "The message it was about.", func(e *desk.AuditEntry) any { return &e.Message }},
	{"user", "The user who did it; 1 is the system.", func(e *desk.AuditEntry) any { return &e.User }},
	{"customer", "The customer who did it.", func(e *desk.AuditEntry) any { return &e.Customer }},
	{"logged_in", "The user who had logged in, if it was not the one who did it.", func(e *desk.AuditEntry) any { return &e.LoggedIn }},
	{"address", "Where he called from.", func(e *desk.AuditEntry) any { return &e.Addr }},
	{"method", "The port and method he called, or what did it by itself.", func(e *desk.AuditEntry) any { return &e.Via }},
	{"changes", "What was changed: objects with name, number (the documented one, if there is one), before and after; a secret has neither.", func(e *desk.AuditEntry) any { return &e.Changes }},
})

var auditChangeTable = table("", []column[desk.AuditChange]{
	{"name", "The name of the value.", func(c *desk.AuditChange) any { return &c.Name }},
	{"number", "Its documented number.", func(c *desk.AuditChange) any { return &c.Number }},
	{"before", "What it was.", func(c *desk.AuditChange) any { return &c.Before }},
	{"after", "What it became.", func(c *desk.AuditChange) any { return &c.After }},
})
