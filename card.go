package skranke

import "time"

// Ids of the lists that cards of people and companies choose from.
type (
	CountryID         int64
	BusinessID        int64
	ContactCategoryID int64
)

// Country is where people and companies are.
type Country struct {
	ID          CountryID
	Name        string
	EnglishName string
}

// Business is a line of business.
type Business struct {
	ID   BusinessID
	Name string
}

// ContactCategory is what people and companies are to the installation, such as
// customers or suppliers. It has nothing to do with the categories of tickets.
type ContactCategory struct {
	ID   ContactCategoryID
	Name string
}

// SyncAgent is a foreign system that people and companies come from.
type SyncAgent struct {
	ID       int64
	Name     string
	IDString string // what the system calls itself
}

// Card is what is noted of a person or a company besides what serving them
// needs. Searches find them by it.
type Card struct {
	Country      CountryID
	Business     BusinessID
	Category     ContactCategoryID
	NoMailing    bool // wants no bulk mail
	Source       int
	Registered   time.Time
	Updated      time.Time
	SyncedAt     time.Time // when it was last compared with the foreign system
	SyncModified time.Time // when it was last changed there
}

// PersonCard is what is noted of a person.
type PersonCard struct {
	Card
	MiddleName string
	MrMrs      string
	Title      string
	Salutation string
	Department string
	Initials   string
	Number     string
	Gender     int
	BirthYear  int
	BirthMonth int
	BirthDay   int
	Rank       int // among the people of his company
	SentInfo   int // whether he was told how to log in
}

// CompanyCard is what is noted of a company.
type CompanyCard struct {
	Card
	Number1   string
	Number2   string
	OrgNumber string
	Stopped   bool // nothing is to be delivered to it
}
