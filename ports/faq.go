package ports

import (
	"context"
	"strconv"
	"strings"

	"skranke"
	"skranke/desk"
	"skranke/soap"
)

// faqOps are the methods of the FAQ. Page titles of the manual leave out the
// underscore, and two names are misspelt in places.
//
// Spec: customer/common.5
func (p *Ports) faqOps() []soap.Op {
	return []soap.Op{
		asAnyone(p, "faq_findEntries", "Finds the best FAQ entries for a list of words below a category.", p.faqFindEntries).
			Alias("faqFindEntries"),
		asAnyone(p, "faq_findEntries2", "Finds the best FAQ entries for a list of words below several categories.", p.faqFindEntries2).
			Alias("faqFindEntries2"),
		asAnyone(p, "faq_getCategory", "Lists what lies in a FAQ category: subcategories, entries, path and groups.", p.faqGetCategory).
			Alias("faqGetCategory"),
		asAnyone(p, "faq_getEntry", "Returns a FAQ entry in full.", p.faqGetEntry).
			Alias("faqGetEntry"),
		asAnyone(p, "faq_getGroupEntries", "Lists the entries of a FAQ group.", p.faqGetGroupEntries).
			Alias("faqGetGroupEntries", "faq_getGroupEnties", "faqGetGroupEnties"),
		asAnyone(p, "faq_getMostPopularEntries", "Lists the entries of a FAQ category with the best scores first.", p.faqGetMostPopularEntries).
			Alias("faqGetMostPopularEntries"),
		asAnyone(p, "faq_getMostReadEntries", "Lists the entries of a FAQ category with those read most first.", p.faqGetMostReadEntries).
			Alias("faqGetMostReadEntries", "faq_getMostReadEntires", "faqGetMostReadEntires"),
		asAnyone(p, "faq_scoreEntry", "Votes for a FAQ entry.", p.faqScoreEntry).
			Alias("faqScoreEntry"),
	}
}

// FaqEntryStruct is an entry as lists show it.
type FaqEntryStruct struct {
	ID       string `soap:"id"`
	Question string `soap:"question"`
	Title    string `soap:"title"`
	HasHTML  string `soap:"hasHtml"`
	Score    string `soap:"score"`
	FullName string `soap:"fullName"`
	ParentID string `soap:"parentId"`
}

// FaqCategoryStruct is a category as the list of its parent shows it.
type FaqCategoryStruct struct {
	ID          string `soap:"id"`
	Name        string `soap:"name"`
	Description string `soap:"description"`
}

// FaqParentStruct is a category on the way down to another or to an entry.
type FaqParentStruct struct {
	ID   string `soap:"id"`
	Name string `soap:"name"`
}

// FaqGroupStruct is a group with its entries.
type FaqGroupStruct struct {
	Description string           `soap:"description"`
	ID          string           `soap:"id"`
	Entries     []FaqEntryStruct `soap:"entries"`
}

// FaqLinkStruct leads from an entry to somewhere else.
type FaqLinkStruct struct {
	Name string `soap:"name"`
	URL  string `soap:"url"`
}

func faqEntries(list []desk.FaqListed) []FaqEntryStruct {
	out := make([]FaqEntryStruct, len(list))
	for i, e := range list {
		html := "0" // Spec: types/struct.2
		if e.HTML {
			html = "1"
		}
		out[i] = FaqEntryStruct{number(e.ID), e.Question, e.Title, html, strconv.Itoa(e.Score), e.FullName, number(e.Folder)}
	}
	return out
}

func faqParents(path []desk.FaqParent) []FaqParentStruct {
	out := make([]FaqParentStruct, len(path))
	for i, f := range path {
		out[i] = FaqParentStruct{number(f.ID), f.Name}
	}
	return out
}

// faqFolder reads the id of a category, -1 for the top node or 0 for the root
// of the caller's language.
//
// Spec: types/minus_one
func faqFolder(s string) skranke.FaqFolderID {
	s = text(s)
	switch {
	case s == "-1":
		return desk.FaqTop
	case s != "" && strings.Trim(s, "0") == "":
		return desk.FaqLanguageRoot
	}
	return id[skranke.FaqFolderID](s)
}

// faqCount reads how many entries are wanted: nothing, 0 and negative numbers
// mean all.
//
// Spec: customer/faq_getMostReadEntries.4
func faqCount(s string) desk.FaqCount {
	s = text(s)
	digits := strings.TrimPrefix(s, "-")
	if s == "" || !isDigits(digits) {
		return desk.FaqCount{Bad: s != ""}
	}
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil { // more than there can be
		return desk.FaqCount{}
	}
	return desk.FaqCount{Max: int(n)}
}

// faqVote reads a vote; what is none becomes -1.
//
// Spec: customer/faq_scoreEntry.1
func faqVote(s string) int {
	s = text(s)
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || !isDigits(s) {
		return -1
	}
	return int(n)
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

type faqFindEntriesIn struct {
	Session
	SearchWords string `soap:"searchWords"`
	CategoryID  string `soap:"categoryId"`
}

type faqEntriesOut struct {
	FaqEntries []FaqEntryStruct `soap:"faqEntries"`
}

// Spec: customer/faq_findEntries
func (p *Ports) faqFindEntries(ctx context.Context, a desk.Actor, in *faqFindEntriesIn) (faqEntriesOut, error) {
	list, err := p.desk.FindFaqEntries(ctx, a, in.SearchWords, []skranke.FaqFolderID{faqFolder(in.CategoryID)})
	return faqEntriesOut{faqEntries(list)}, err
}

type faqFindEntries2In struct {
	Session
	SearchWords string   `soap:"searchWords"`
	CategoryIDs []string `soap:"categoryIds"`
}

// Spec: customer/faq_findEntries2
func (p *Ports) faqFindEntries2(ctx context.Context, a desk.Actor, in *faqFindEntries2In) (faqEntriesOut, error) {
	var folders []skranke.FaqFolderID
	for _, s := range in.CategoryIDs {
		if text(s) != "" { // Spec: types/input.4
			folders = append(folders, faqFolder(s))
		}
	}
	list, err := p.desk.FindFaqEntries(ctx, a, in.SearchWords, folders)
	return faqEntriesOut{faqEntries(list)}, err
}

type faqGetCategoryIn struct {
	Session
	CategoryID string `soap:"categoryId"`
}

type faqGetCategoryOut struct {
	FaqSubCategories []FaqCategoryStruct `soap:"faqSubCategories"`
	FaqEntries       []FaqEntryStruct    `soap:"faqEntries"`
	FaqParents       []FaqParentStruct   `soap:"faqParents"`
	FaqGroups        []FaqGroupStruct    `soap:"faqGroups"`
}

// Spec: customer/faq_getCategory
func (p *Ports) faqGetCategory(ctx context.Context, a desk.Actor, in *faqGetCategoryIn) (faqGetCategoryOut, error) {
	view, err := p.desk.FaqCategory(ctx, a, faqFolder(in.CategoryID))
	if err != nil {
		return faqGetCategoryOut{}, err
	}
	out := faqGetCategoryOut{
		FaqSubCategories: make([]FaqCategoryStruct, len(view.Folders)),
		FaqEntries:       faqEntries(view.Entries),
		FaqParents:       faqParents(view.Parents),
		FaqGroups:        make([]FaqGroupStruct, len(view.Groups)),
	}
	for i, f := range view.Folders {
		out.FaqSubCategories[i] = FaqCategoryStruct{number(f.ID), f.Name, f.Description}
	}
	for i, g := range view.Groups {
		out.FaqGroups[i] = FaqGroupStruct{g.Description, number(g.ID), faqEntries(g.Entries)}
	}
	return out, nil
}

type faqGetEntryIn struct {
	Session
	EntryID string `soap:"entryId"`
}

type faqGetEntryOut struct {
	Title          string                 `soap:"title"`
	Question       string                 `soap:"question"`
	Answer         string                 `soap:"answer"`
	Links          []FaqLinkStruct        `soap:"links"`
	AttachmentInfo []AttachmentInfoStruct `soap:"attachmentInfo"`
	AttachmentIDs  []string               `soap:"attachmentIds,hidden"` // as the documented example has it
	HasHTML        bool                   `soap:"hasHtml"`
	Score          string                 `soap:"score"`
	FaqParents     []FaqParentStruct      `soap:"faqParents"`
}

// Spec: customer/faq_getEntry
func (p *Ports) faqGetEntry(ctx context.Context, a desk.Actor, in *faqGetEntryIn) (faqGetEntryOut, error) {
	e, err := p.desk.FaqEntry(ctx, a, id[skranke.FaqEntryID](in.EntryID))
	if err != nil {
		return faqGetEntryOut{}, err
	}
	out := faqGetEntryOut{
		Title:          e.Title,
		Question:       e.Question,
		Answer:         e.Answer,
		Links:          make([]FaqLinkStruct, len(e.Links)),
		AttachmentInfo: make([]AttachmentInfoStruct, len(e.Attachments)),
		AttachmentIDs:  make([]string, len(e.Attachments)),
		HasHTML:        e.HTML,
		Score:          strconv.Itoa(e.Score),
		FaqParents:     faqParents(e.Parents),
	}
	for i, l := range e.Links {
		out.Links[i] = FaqLinkStruct{l.Name, l.URL}
	}
	for i, f := range e.Attachments {
		out.AttachmentInfo[i] = AttachmentInfoStruct{number(f.ID), f.Name, f.ContentType}
		out.AttachmentIDs[i] = number(f.ID)
	}
	return out, nil
}

type faqGetGroupEntriesIn struct {
	Session
	GroupID string `soap:"groupId"`
}

type faqGetGroupEntriesOut struct {
	Entries []FaqEntryStruct `soap:"entries"`
}

// Spec: customer/faq_getGroupEntries
func (p *Ports) faqGetGroupEntries(ctx context.Context, a desk.Actor, in *faqGetGroupEntriesIn) (faqGetGroupEntriesOut, error) {
	list, err := p.desk.FaqGroup(ctx, a, id[skranke.FaqGroupID](in.GroupID))
	return faqGetGroupEntriesOut{faqEntries(list)}, err
}

type faqRankedIn struct {
	Session
	CategoryID string `soap:"categoryId"`
	MaxEntries string `soap:"maxEntries"`
}

// Spec: customer/faq_getMostPopularEntries
func (p *Ports) faqGetMostPopularEntries(ctx context.Context, a desk.Actor, in *faqRankedIn) (faqEntriesOut, error) {
	list, err := p.desk.FaqMostPopular(ctx, a, faqFolder(in.CategoryID), faqCount(in.MaxEntries))
	return faqEntriesOut{faqEntries(list)}, err
}

// Spec: customer/faq_getMostReadEntries
func (p *Ports) faqGetMostReadEntries(ctx context.Context, a desk.Actor, in *faqRankedIn) (faqEntriesOut, error) {
	list, err := p.desk.FaqMostRead(ctx, a, faqFolder(in.CategoryID), faqCount(in.MaxEntries))
	return faqEntriesOut{faqEntries(list)}, err
}

type faqScoreEntryIn struct {
	Session
	EntryID string `soap:"entryId"`
	Score   string `soap:"score"`
}

// Spec: customer/faq_scoreEntry
func (p *Ports) faqScoreEntry(ctx context.Context, a desk.Actor, in *faqScoreEntryIn) (struct{}, error) {
	return struct{}{}, p.desk.ScoreFaqEntry(ctx, a, id[skranke.FaqEntryID](in.EntryID), faqVote(in.Score))
}
