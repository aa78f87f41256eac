package skranke

import (
	"strings"
	"time"
)

// Ids of rows. They are positive; 0 means none.
type (
	TicketID     int64
	MessageID    int64
	CustomerID   int64
	CompanyID    int64
	UserID       int64
	CategoryID   int64
	PriorityID   int64
	ExtraFieldID int64
	AttachmentID int64
	LanguageID   int64
	RangeID      int64
)

// SystemUser stands for "from outside" as creator of a ticket or message and
// for "unassigned" as owner of a ticket.
const SystemUser UserID = 1

// SLevel is the security level of a ticket or message.
type SLevel int

// The security levels. A level of 0 is treated as internal.
const (
	Internal SLevel = 1
	External SLevel = 2
)

// Status is the base status of a ticket.
type Status int

// The base statuses.
const (
	Active    Status = 1
	Closed    Status = 2
	Postponed Status = 3
	Deleted   Status = 4
	Merged    Status = 5
)

// ReadStatus says what the owner of a ticket has seen.
type ReadStatus int

// The read statuses.
const (
	Green  ReadStatus = 1 // read by the owner
	Yellow ReadStatus = 2 // new information
	Red    ReadStatus = 3 // unread
)

// Origin says where a ticket came from.
type Origin int

// The origins skranke itself sets.
const (
	OriginUnknown        Origin = 0
	OriginEmail          Origin = 1
	OriginInternal       Origin = 7
	OriginCustomerCentre Origin = 8
)

// Ticket is a request of a customer. Times are zero, ids 0, when not set.
type Ticket struct {
	ID             TicketID
	Title          string
	CreatedAt      time.Time
	LastChanged    time.Time
	RepliedAt      time.Time // first answer to the customer
	ClosedAt       time.Time
	Activate       time.Time // when a postponed ticket wakes up
	ReadByCustomer time.Time
	ReadByOwner    time.Time
	Category       CategoryID
	Priority       PriorityID
	OrigCategory   CategoryID
	OrigPriority   PriorityID
	Status         Status
	TicketStatus   int64 // user-defined status, 0 for the default of the base status
	SLevel         SLevel
	ReadStatus     ReadStatus
	Origin         Origin
	HasAttachment  bool
	NumMessages    int
	NumReplies     int
	TimeToClose    time.Duration // from creation to closing, while closed
	Customers      []CustomerID  // the first is the primary one
	Company        CompanyID     // company of the primary customer when the ticket was made
	Owner          UserID
	CreatedBy      UserID
	Author         string
	MergedInto     TicketID
	FilterAddress  string
	ExtTable       int64         // the foreign system it is kept in step with, 0 for none
	ExtKey         string        // its key there
	SyncedAt       time.Time     // when it was last compared with it
	AlertLevel     int           // the escalation level reached last, 0 for none
	AlertTimeout   time.Time     // when the next level is reached, zero while nothing is counted
	AlertStop      time.Duration // what was left until then when the counting stopped, in whole seconds
	Deadline       time.Time
	Extra          []ExtraValue
}

// CustomerName is the name of a ticket's primary customer, as searches find it
// beside the ticket.
type CustomerName struct{ First, Last string }

// FoundTicket is a ticket in the result of a search. Beside its own extra values
// stand those of its primary customer and his company if the search names some.
type FoundTicket struct {
	Ticket
	Name CustomerName // of the primary customer
}

// Customer returns the primary customer, 0 if there is none.
func (t *Ticket) Customer() CustomerID {
	if len(t.Customers) == 0 {
		return 0
	}
	return t.Customers[0]
}

// MessageKind says whether a message has an HTML part.
type MessageKind int

// The kinds of message.
const (
	Plain MessageKind = 1
	HTML  MessageKind = 2
)

// Message is one entry of a ticket.
type Message struct {
	ID          MessageID
	Ticket      TicketID
	SLevel      SLevel
	Kind        MessageKind
	Body        string
	HTMLBody    string
	Header      string // raw e-mail header, "" unless it came by mail
	CreatedAt   time.Time
	CreatedBy   UserID
	Customer    CustomerID // the customer who wrote it, 0 for a user
	Author      string
	To, Cc, Bcc []string
	MessageID   string // Message-Id of the mail, if any
	Attachments []AttachmentID

	TimeSpent    int // minutes of work
	TimeCharge   int // minutes to be paid for
	Important    bool
	InlineImages bool   // the HTML holds the addresses of its images already
	MailSorter   string // the rule that sorted the mail in, if any
	DebugInfo    string
	ChangedAt    time.Time // when somebody last edited it, zero if nobody did
	ChangedBy    UserID    // who did
}

// Attachment describes a stored file.
type Attachment struct {
	ID          AttachmentID
	Name        string
	ContentType string
	Size        int64
	SHA256      string // of the contents, lower-case hex; names the file
	Key         string // what the ticket port demands to hand it out
	CreatedAt   time.Time
	Uploader    Uploader
}

// Uploader is who stored an attachment: a customer, a user, or, with both 0, somebody anonymous.
type Uploader struct {
	Customer CustomerID
	User     UserID
}

// Customer is a contact person who may log in to the portal.
type Customer struct {
	ID            CustomerID
	FirstName     string
	LastName      string
	FullName      string // stored full name, "" to join first and last name
	UserName      string
	PasswordHash  string
	Phone         string
	CellPhone     string
	Note          string
	Company       CompanyID
	CompanyAccess bool // may see the tickets of colleagues
	Language      LanguageID
	Priority      PriorityID
	OurContact    UserID // the user who looks after him
	ExtTable      int64
	ExtKey        string
	Retired       bool
	Deleted       bool
	Emails        []string
	PersonCard
	Extra []ExtraValue
}

// Name is the customer's full name.
func (c *Customer) Name() string {
	if c.FullName != "" {
		return c.FullName
	}
	return strings.TrimSpace(c.FirstName + " " + c.LastName)
}

// AuthorName is how the customer signs tickets and messages: his name, else
// his first address, else his user name.
//
// Spec: customer/addMessage
func (c *Customer) AuthorName() string {
	switch {
	case c.Name() != "":
		return c.Name()
	case len(c.Emails) > 0:
		return c.Emails[0]
	}
	return c.UserName
}

// Company is an organisation customers belong to.
type Company struct {
	ID          CompanyID
	Name        string
	Department  string
	Address     string
	Phone       string
	Fax         string
	Note        string
	PrimContact CustomerID
	OurContact  UserID
	OurSales    UserID
	Priority    PriorityID
	Language    LanguageID
	Domains     []string
	ExtTable    int64
	ExtKey      string
	Deleted     bool
	CompanyCard
	Extra []ExtraValue
}

// UserStatus is the state of an agent's account.
type UserStatus int

// The user statuses.
const (
	UserNormal       UserStatus = 1
	UserNotAvailable UserStatus = 2
	UserDeleted      UserStatus = 3
	UserReadOnly     UserStatus = 4
	UserSystem       UserStatus = 127
)

// MayLogIn says whether users of the status may open sessions.
func (s UserStatus) MayLogIn() bool { return s == UserNormal || s == UserNotAvailable }

// Access is a user's set of functional rights, a bit each.
type Access uint32

// AccessAdministration is the right the ticket and admin ports demand.
const AccessAdministration Access = 1 << 6

// User is an agent.
type User struct {
	ID           UserID
	LoginName    string
	UserName     string
	PasswordHash string
	FirstName    string
	MiddleName   string
	LastName     string
	Email        string
	Language     string
	Status       UserStatus
	Access       Access
	NotifyMask   NotifyMask // what he wants to pop up
	EmailMask    NotifyMask // what he wants by mail
	SMSMask      NotifyMask // what he wants as a text message
}

// Name is the user's full name, his user name if he has none.
//
// Spec: admin/getUser
func (u *User) Name() string {
	name := ""
	for _, part := range [...]string{u.FirstName, u.MiddleName, u.LastName} {
		if part != "" && name != "" {
			name += " "
		}
		name += part
	}
	if name == "" {
		return u.UserName
	}
	return name
}

// CategoryFlags steer a category.
type CategoryFlags uint32

// The category flags skranke reads.
const (
	CategoryInternal          CategoryFlags = 1
	CategoryOnlyLoggedInUsers CategoryFlags = 2
	CategoryDefaultToMaster   CategoryFlags = 4
	CategoryToOurContact      CategoryFlags = 32
	CategoryNotifyMembers     CategoryFlags = 256
)

// DelegateMethod is how a category picks an owner.
type DelegateMethod int

// The delegation methods.
const (
	DelegateEven     DelegateMethod = 1
	DelegateWeighted DelegateMethod = 2
	DelegateFewest   DelegateMethod = 3
	DelegateNone     DelegateMethod = 4
)

// Category is a kind of ticket; categories form a tree.
type Category struct {
	ID                CategoryID
	Parent            CategoryID
	Name              string
	ExternalName      string
	Flags             CategoryFlags
	Method            DelegateMethod
	Master            UserID
	Counter           int64         // automatic assignments so far
	Lag               time.Duration // a customer's next ticket within it goes to the same owner
	NotificationEmail string        // is told of unassigned new tickets; several addresses are separated by commas
	Members           []CategoryMember
}

// External says whether customers may see and use the category.
func (c *Category) External() bool { return c.Flags&CategoryInternal == 0 }

// OutwardName is the external name, the internal one if there is none.
func (c *Category) OutwardName() string {
	if c.ExternalName != "" {
		return c.ExternalName
	}
	return c.Name
}

// CategoryMember is a user tickets of a category may be delegated to.
type CategoryMember struct {
	User   UserID
	Weight int
}

// Priority of a ticket; a higher sort order is more important.
type Priority struct {
	ID        PriorityID
	Name      string
	SortOrder int
	External  bool
	Default   bool
	Deleted   bool
	Deadline  int                            // minutes a ticket may take, 0 for any time
	Actions   [EscalateEvents]EscalateAction // what each event does to the escalation
	Levels    []AlertLevel
	Schedule  bool          // deadlines and alert times count inside the office hours only
	Hours     []OfficeHours // none: always open
}

// Domain is what an extra field extends.
type Domain int

// The domains.
const (
	DomainTicket Domain = iota + 1
	DomainCustomer
	DomainCompany
	DomainTable // a column of an extra table
)

var domainNames = [...]string{DomainTicket: "ticket", DomainCustomer: "customer", DomainCompany: "company", DomainTable: "table"}

func (d Domain) String() string { return domainNames[d] }

// ParseDomain reads the name of a domain callers may name, ignoring case:
// columns of extra tables are no such domain.
func ParseDomain(name string) (Domain, bool) {
	name = Fold(name)
	for d := DomainTicket; d <= DomainCompany; d++ {
		if domainNames[d] == name {
			return d, true
		}
	}
	return 0, false
}

// ExtraFlags steer an extra field.
type ExtraFlags uint32

// The extra field flags skranke reads.
const (
	ExtraPublic       ExtraFlags = 1 << 1
	ExtraCannotChange ExtraFlags = 1 << 4
	ExtraDeleted      ExtraFlags = 1 << 8
	ExtraReadOnly     ExtraFlags = 1 << 11
	ExtraUseDefault   ExtraFlags = 1 << 12
	ExtraNotEmpty     ExtraFlags = 1 << 17
	ExtraHidden       ExtraFlags = 1 << 18
)

// ExtraKind is the stored type number of an extra field.
type ExtraKind int

// ExtraField is a field an administrator added to tickets, customers, companies
// or an extra table.
type ExtraField struct {
	ID        ExtraFieldID
	Domain    Domain
	Table     ExtraTableID // whose column it is, for DomainTable
	FieldName string       // database name, x_...
	Label     string       // outward name
	Kind      ExtraKind
	Target    ExtraTableID // the table whose rows it points to, for ExtraTableRow
	Flags     ExtraFlags
	Default   string // text form of the default value
	OrderPos  int
}

// ExtraValue is the value of one extra field of one row.
type ExtraValue struct {
	Field ExtraFieldID
	Value Value
}

// Language is a language of customers.
type Language struct {
	ID            LanguageID
	Name          string
	Code          string
	VirtualDomain string
	Default       bool
	FaqRoot       FaqFolderID // where its customers' FAQ begins, 0 for the top
}

// Port names one of the three SOAP ports.
type Port string

// The ports.
const (
	PortCustomer Port = "customer"
	PortTicket   Port = "ticket"
	PortAdmin    Port = "admin"
)

// Ports lists the three ports.
func Ports() []Port { return []Port{PortCustomer, PortTicket, PortAdmin} }

// Range is a range of addresses that may call a port. Both ends are inclusive;
// an empty To means From alone.
type Range struct {
	ID       RangeID
	Port     Port
	From, To string
}

// LanguageCategory is a category as one language of customers knows it. While a
// language has any, its customers see these instead of the category tree.
type LanguageCategory struct {
	ID       int64
	Language LanguageID
	Category CategoryID // the real category it stands for
	Parent   int64      // LanguageCategory above it, 0 at the top
	Name     string
}
