package skranke

import "time"

// Ids of the parts of the FAQ.
type (
	FaqFolderID int64
	FaqEntryID  int64
	FaqGroupID  int64
)

// FaqAccess says who may see a folder or entry of the FAQ. A higher level lets
// more people see it.
type FaqAccess int

// The access levels.
//
// Spec: types/enums
const (
	FaqPrivate    FaqAccess = 1 // who made it
	FaqInternal   FaqAccess = 2 // users
	FaqRegistered FaqAccess = 3 // customers who are logged in, too
	FaqEveryone   FaqAccess = 4
)

var faqAccessNames = [...]string{FaqPrivate: "private", FaqInternal: "internal", FaqRegistered: "registered", FaqEveryone: "everyone"}

// String is the level's word on the command line and in files.
func (a FaqAccess) String() string {
	if a < FaqPrivate || a > FaqEveryone {
		return ""
	}
	return faqAccessNames[a]
}

// ParseFaqAccess reads a level's word, ignoring case.
func ParseFaqAccess(word string) (FaqAccess, bool) {
	word = Fold(word)
	for a := FaqPrivate; a <= FaqEveryone; a++ {
		if faqAccessNames[a] == word {
			return a, true
		}
	}
	return 0, false
}

// FaqState is how far an entry of the FAQ has come. Only published ones show;
// stages of a workflow count as unpublished.
type FaqState int

// The states.
//
// Spec: types/enums
const (
	FaqUnpublished FaqState = 1
	FaqPublished   FaqState = 2
	FaqExpired     FaqState = 3
)

var faqStateNames = [...]string{FaqUnpublished: "unpublished", FaqPublished: "published", FaqExpired: "expired"}

// String is the state's word on the command line and in files.
func (s FaqState) String() string {
	if s < FaqUnpublished || s > FaqExpired {
		return ""
	}
	return faqStateNames[s]
}

// ParseFaqState reads a state's word, ignoring case.
func ParseFaqState(word string) (FaqState, bool) {
	word = Fold(word)
	for s := FaqUnpublished; s <= FaqExpired; s++ {
		if faqStateNames[s] == word {
			return s, true
		}
	}
	return 0, false
}

// FaqFolder is a folder of the FAQ, which callers know as a category; folders
// form a tree.
type FaqFolder struct {
	ID          FaqFolderID
	Parent      FaqFolderID // 0 at the top
	Name        string
	Description string
	Access      FaqAccess
	AccessCheck string // a script that decides who sees the folder; "" for none
	SortOrder   int
	Source      string // the path it was imported from, "" for none
}

// FaqEntry is a question and its answer.
type FaqEntry struct {
	ID          FaqEntryID
	Folder      FaqFolderID // 0 in the top node
	Title       string
	Question    string
	Answer      string
	HTML        bool   // the answer is HTML, else plain text
	Keywords    string // found by a search, never shown
	Access      FaqAccess
	State       FaqState
	PublishAt   time.Time // not shown before; zero for at once
	ExpireAt    time.Time // not shown after; zero for never
	CreatedAt   time.Time
	ChangedAt   time.Time
	CreatedBy   UserID
	SortOrder   int
	Source      string // the path it was imported from, "" for none
	ReadCount   int64
	Votes       int64 // how many there are
	VoteSum     int64 // of them all, each taken ten times: 0 to 100
	Links       []FaqLink
	Attachments []AttachmentID // in order
}

// MaxFaqVote is the best vote for an entry; the worst is 0.
const MaxFaqVote = 10

// FaqPoints is what a vote adds to the sum that the score is the mean of.
func FaqPoints(vote int) int64 { return int64(vote) * 100 / MaxFaqVote }

// Score is the mean of all votes scaled to 0..100, halves rounded up; 0 without
// votes.
//
// Spec: types/faq.6, customer/faq_scoreEntry.3
func (e *FaqEntry) Score() int {
	if e.Votes <= 0 {
		return 0
	}
	return int((2*e.VoteSum + e.Votes) / (2 * e.Votes))
}

// MaxLink is how long the name and the address of a link may be.
//
// Spec: types/limits
const MaxLink = 255

// FaqLink leads from an entry to somewhere else.
type FaqLink struct {
	Name string
	URL  string
}

// FaqVote is what one customer thinks of an entry.
type FaqVote struct {
	Customer CustomerID
	Vote     int // 0 to MaxFaqVote
	At       time.Time
}

// FaqGroup is a list of entries from anywhere, shown together in a folder.
type FaqGroup struct {
	ID          FaqGroupID
	Folder      FaqFolderID // 0 in the top node
	Description string
	Entries     []FaqGroupEntry // by position, then id
}

// FaqGroupEntry is the place of an entry in a group.
type FaqGroupEntry struct {
	Entry   FaqEntryID
	SortPos int
}
