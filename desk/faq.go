package desk

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"skranke"
	"skranke/store"
)

// Places in the FAQ that have no id of their own.
//
// Spec: types/minus_one
const (
	FaqTop          skranke.FaqFolderID = -1 // the top node: the whole tree
	FaqLanguageRoot skranke.FaqFolderID = -2 // where the FAQ of the caller's language begins
)

// settingFaqModule switches the FAQ off when it is "off".
const settingFaqModule = "faq_module"

// faqTree is the folders of the FAQ. It is never changed.
type faqTree struct {
	folders map[skranke.FaqFolderID]*faqNode
	top     []*faqNode
}

// faqNode is a folder with its place in the tree.
type faqNode struct {
	*skranke.FaqFolder
	parent   *faqNode
	children []*faqNode

	// access is the lowest level of the folder and all above it; 0 lets nobody in.
	access skranke.FaqAccess

	// first and last number the folder and the last one below it, depth first.
	first, last int
}

// newFaqTree puts the folders in order. One whose parents are missing or form a
// circle hangs nowhere, so nobody is let in. Nor is anybody where a script
// decides, here or above: there is nothing that could run it.
//
// Spec: types/faq.2, types/faq.3, types/faq.4
func newFaqTree(rows []skranke.FaqFolder) *faqTree {
	t := &faqTree{folders: make(map[skranke.FaqFolderID]*faqNode, len(rows))}
	for i := range rows {
		t.folders[rows[i].ID] = &faqNode{FaqFolder: &rows[i]}
	}
	for _, n := range t.folders {
		if n.Parent == 0 {
			t.top = append(t.top, n)
		} else if n.parent = t.folders[n.Parent]; n.parent != nil {
			n.parent.children = append(n.parent.children, n)
		}
	}
	count := 0
	var place func(siblings []*faqNode, above skranke.FaqAccess)
	place = func(siblings []*faqNode, above skranke.FaqAccess) {
		slices.SortFunc(siblings, func(a, b *faqNode) int {
			return cmp.Or(cmp.Compare(a.SortOrder, b.SortOrder), cmp.Compare(a.ID, b.ID))
		})
		for _, n := range siblings {
			if n.access = min(above, known(n.Access)); strings.TrimSpace(n.AccessCheck) != "" {
				n.access = 0
			}
			count++
			n.first = count
			place(n.children, n.access)
			n.last = count
		}
	}
	place(t.top, skranke.FaqEveryone)
	return t
}

// known is the level itself, 0 for a number that is none: it lets nobody in.
func known(a skranke.FaqAccess) skranke.FaqAccess {
	if a.String() == "" {
		return 0
	}
	return a
}

// below says whether n is root or lies below it; nil is the top node.
func (n *faqNode) below(root *faqNode) bool {
	if root == nil {
		return true
	}
	return n != nil && root.first > 0 && root.first <= n.first && n.first <= root.last
}

// path is the folders above n and n itself, topmost first.
func (n *faqNode) path() []FaqParent {
	var path []FaqParent
	for ; n != nil; n = n.parent {
		path = append(path, FaqParent{n.ID, n.Name})
	}
	slices.Reverse(path)
	return path
}

// id is the id of the folder, 0 for the top node.
func (n *faqNode) id() skranke.FaqFolderID {
	if n == nil {
		return 0
	}
	return n.ID
}

// FaqParent is a folder on the way down to another or to an entry.
type FaqParent struct {
	ID   skranke.FaqFolderID
	Name string
}

// FaqSubfolder is a folder as the list of its parent shows it.
type FaqSubfolder struct {
	ID          skranke.FaqFolderID
	Name        string
	Description string
}

// FaqListed is an entry as lists show it.
type FaqListed struct {
	ID       skranke.FaqEntryID
	Folder   skranke.FaqFolderID // 0 in the top node
	Title    string
	FullName string // names of all folders above, topmost first, and the title, joined by "/"
	Question string
	HTML     bool
	Score    int
}

// FaqListedGroup is a group with those of its entries that the caller sees.
type FaqListedGroup struct {
	ID          skranke.FaqGroupID
	Description string
	Entries     []FaqListed
}

// FaqCategoryView is what lies in a folder.
type FaqCategoryView struct {
	Folders []FaqSubfolder
	Entries []FaqListed
	Parents []FaqParent // down to the folder itself
	Groups  []FaqListedGroup
}

// FaqEntryView is an entry in full.
type FaqEntryView struct {
	Title       string
	Question    string
	Answer      string
	HTML        bool
	Score       int
	Links       []skranke.FaqLink
	Attachments []skranke.Attachment
	Parents     []FaqParent // down to the folder the entry lies in
}

// faqView is the FAQ as one caller sees it in one snapshot.
type faqView struct {
	tx    *store.ReadTx
	c     *catalog
	a     Actor
	level skranke.FaqAccess // what a folder or entry must at least have
	now   time.Time
}

// viewFaq runs fn on the FAQ as a sees it. It returns CodeNoLicense if the FAQ
// is switched off.
//
// Spec: customer/common.4, types/module.2
func (d *Desk) viewFaq(ctx context.Context, a Actor, fn func(*faqView) error) error {
	return d.db.Read(ctx, func(tx *store.ReadTx) error {
		v, err := d.faqView(ctx, tx, a)
		if err != nil {
			return err
		}
		return fn(v)
	})
}

func (d *Desk) faqView(ctx context.Context, tx *store.ReadTx, a Actor) (*faqView, error) {
	c, err := d.catalogOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	if off(c.settings, settingFaqModule) {
		return nil, skranke.Err(skranke.CodeNoLicense, "the FAQ is switched off")
	}
	v := &faqView{tx: tx, c: c, a: a, level: skranke.FaqEveryone, now: d.now()}
	switch {
	case a.IsCustomer():
		v.level = skranke.FaqRegistered
	case a.User != 0:
		v.level = skranke.FaqInternal
	}
	return v, nil
}

// sees is the rule of who sees an entry: it is published, its time has come and
// has not passed, and its own level and that of its folder suffice.
//
// Spec: types/faq.1, types/faq.2
func (v *faqView) sees(e *skranke.FaqEntry) bool {
	if e.State != skranke.FaqPublished || known(e.Access) < v.level || !v.reaches(e.Folder) {
		return false
	}
	return !v.now.Before(e.PublishAt) && (e.ExpireAt.IsZero() || !v.now.After(e.ExpireAt))
}

// reaches says whether the caller may look into the folder; 0 is the top node.
func (v *faqView) reaches(id skranke.FaqFolderID) bool {
	if id == 0 {
		return true
	}
	n, ok := v.c.faq.folders[id]
	return ok && n.access >= v.level
}

// folder finds the folder a caller names, nil for the top node. It returns
// CodeInvalidFaqCategory if he may not look into it.
//
// Spec: types/minus_one, types/faq.7
func (v *faqView) folder(ctx context.Context, id skranke.FaqFolderID) (*faqNode, error) {
	if id == FaqTop {
		return nil, nil
	}
	if id == FaqLanguageRoot {
		root, err := v.languageRoot(ctx)
		if root == 0 || err != nil {
			return nil, err
		}
		id = root
	}
	n, ok := v.c.faq.folders[id]
	if !ok || n.access < v.level {
		return nil, skranke.Err(skranke.CodeInvalidFaqCategory, "no FAQ folder %d here", id)
	}
	return n, nil
}

// languageRoot is where the FAQ of the caller's language begins, 0 for the top.
func (v *faqView) languageRoot(ctx context.Context) (skranke.FaqFolderID, error) {
	id, err := v.c.languageOf(ctx, v.tx, v.a)
	if err != nil {
		return 0, err
	}
	language, ok := v.c.languages[id]
	if !ok || v.c.faq.folders[language.FaqRoot] == nil {
		return 0, nil
	}
	return language.FaqRoot, nil
}

// listed is the entry as lists show it.
//
// Spec: types/faq.5
func (v *faqView) listed(e *skranke.FaqEntry) FaqListed {
	var full strings.Builder
	for _, parent := range v.c.faq.folders[e.Folder].path() {
		full.WriteString(parent.Name + "/")
	}
	full.WriteString(e.Title)
	return FaqListed{
		ID: e.ID, Folder: e.Folder, Title: e.Title, FullName: full.String(),
		Question: e.Question, HTML: e.HTML, Score: e.Score(),
	}
}

// group is the group with the entries the caller sees.
//
// Spec: customer/faq_getCategory.6, customer/faq_getGroupEntries.2
func (v *faqView) group(ctx context.Context, g *skranke.FaqGroup) (FaqListedGroup, error) {
	listed := FaqListedGroup{ID: g.ID, Description: g.Description}
	for _, place := range g.Entries {
		e, err := v.tx.ListedFaqEntry(ctx, place.Entry)
		if err != nil {
			return listed, err
		}
		if v.sees(e) {
			listed.Entries = append(listed.Entries, v.listed(e))
		}
	}
	return listed, nil
}

// FaqCategory lists what lies in a folder, or in one of the places without an
// id. It returns CodeInvalidFaqCategory if a does not see the folder.
//
// Spec: customer/faq_getCategory
func (d *Desk) FaqCategory(ctx context.Context, a Actor, id skranke.FaqFolderID) (*FaqCategoryView, error) {
	view := new(FaqCategoryView)
	err := d.viewFaq(ctx, a, func(v *faqView) error {
		folder, err := v.folder(ctx, id)
		if err != nil {
			return err
		}
		view.Parents = folder.path()
		children := v.c.faq.top
		if folder != nil {
			children = folder.children
		}
		for _, n := range children {
			if n.access >= v.level {
				view.Folders = append(view.Folders, FaqSubfolder{n.ID, n.Name, n.Description})
			}
		}
		entries, err := v.tx.FaqEntriesIn(ctx, folder.id())
		if err != nil {
			return err
		}
		for i := range entries {
			if v.sees(&entries[i]) {
				view.Entries = append(view.Entries, v.listed(&entries[i]))
			}
		}
		groups, err := v.tx.FaqGroupsIn(ctx, folder.id())
		if err != nil {
			return err
		}
		for i := range groups {
			g, err := v.group(ctx, &groups[i])
			if err != nil {
				return err
			}
			view.Groups = append(view.Groups, g)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return view, nil
}

// FaqEntry returns an entry in full and counts that it was read. It returns
// CodeInvalidFaqEntry if a does not see the entry.
//
// Spec: customer/faq_getEntry
func (d *Desk) FaqEntry(ctx context.Context, a Actor, id skranke.FaqEntryID) (*FaqEntryView, error) {
	var view *FaqEntryView
	err := d.viewFaq(ctx, a, func(v *faqView) error {
		e, err := v.tx.FaqEntry(ctx, id)
		if err != nil {
			return err
		}
		if !v.sees(e) {
			return skranke.Err(skranke.CodeInvalidFaqEntry, "FAQ entry %d is not shown to him", id)
		}
		view = &FaqEntryView{
			Title: e.Title, Question: e.Question, Answer: e.Answer, HTML: e.HTML, Score: e.Score(),
			Links: e.Links, Parents: v.c.faq.folders[e.Folder].path(),
		}
		for _, id := range e.Attachments {
			file, err := v.tx.Attachment(ctx, id)
			if err != nil {
				return err
			}
			view.Attachments = append(view.Attachments, *file)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	d.faqReads.add(id)
	return view, nil
}

// FaqGroup lists the entries of a group. It returns CodeInvalidFaqGroup if a
// does not see the folder the group lies in.
//
// Spec: customer/faq_getGroupEntries
func (d *Desk) FaqGroup(ctx context.Context, a Actor, id skranke.FaqGroupID) (list []FaqListed, err error) {
	err = d.viewFaq(ctx, a, func(v *faqView) error {
		g, err := v.tx.FaqGroup(ctx, id)
		if err != nil {
			return err
		}
		if !v.reaches(g.Folder) {
			return skranke.Err(skranke.CodeInvalidFaqGroup, "FAQ group %d is not shown to him", id)
		}
		listed, err := v.group(ctx, g)
		list = listed.Entries
		return err
	})
	return list, err
}

// FaqCount is how many entries a caller wants.
type FaqCount struct {
	Max int  // 0 and below for all
	Bad bool // he named no number
}

// FaqMostRead lists the entries in and below a folder, those read most first.
// It returns CodeInvalidFaqCategory if a does not see the folder,
// CodeCustomError for a bad count.
//
// Spec: customer/faq_getMostReadEntries
func (d *Desk) FaqMostRead(ctx context.Context, a Actor, id skranke.FaqFolderID, count FaqCount) ([]FaqListed, error) {
	return d.faqRanked(ctx, a, id, count, store.FaqByReads)
}

// FaqMostPopular is FaqMostRead with the best scores first.
//
// Spec: customer/faq_getMostPopularEntries
func (d *Desk) FaqMostPopular(ctx context.Context, a Actor, id skranke.FaqFolderID, count FaqCount) ([]FaqListed, error) {
	return d.faqRanked(ctx, a, id, count, store.FaqByPopularity)
}

// faqRanked goes through all entries in the order until it has enough that the
// caller sees. What was read a moment ago counts, so it is written before.
func (d *Desk) faqRanked(ctx context.Context, a Actor, id skranke.FaqFolderID, count FaqCount, order store.FaqOrder) (list []FaqListed, err error) {
	if !d.faqReads.empty() {
		if err := d.Flush(ctx); err != nil {
			return nil, err
		}
	}
	err = d.viewFaq(ctx, a, func(v *faqView) error {
		root, err := v.folder(ctx, id)
		if err != nil {
			return err
		}
		if count.Bad {
			return skranke.Err(skranke.CodeCustomError, "the number of entries wanted is no number")
		}
		return v.tx.WalkFaqEntries(ctx, order, func(e *skranke.FaqEntry) bool {
			if v.c.faq.folders[e.Folder].below(root) && v.sees(e) {
				list = append(list, v.listed(e))
			}
			return count.Max <= 0 || len(list) < count.Max
		})
	})
	return list, err
}

// ScoreFaqEntry votes for an entry. A customer has one vote for each entry, and
// a later one replaces it; an anonymous vote always counts, but an address has
// only so many at a time, see Brake. It returns CodeInvalidFaqEntry if a does
// not see the entry, CodeFaqScoreOutOfRange if vote is not 0 to 10, and
// CodeCustomError if the brake holds.
//
// Spec: customer/faq_scoreEntry
func (d *Desk) ScoreFaqEntry(ctx context.Context, a Actor, id skranke.FaqEntryID, vote int) error {
	return d.db.Write(ctx, func(tx *store.WriteTx) error {
		v, err := d.faqView(ctx, &tx.ReadTx, a)
		if err != nil {
			return err
		}
		e, err := tx.ListedFaqEntry(ctx, id)
		if err != nil {
			return err
		}
		switch {
		case !v.sees(e):
			return skranke.Err(skranke.CodeInvalidFaqEntry, "FAQ entry %d is not shown to him", id)
		case vote < 0 || vote > skranke.MaxFaqVote:
			return skranke.Err(skranke.CodeFaqScoreOutOfRange, "a vote of %d", vote)
		}
		old, voted := 0, false
		if a.IsCustomer() {
			old, voted, err = tx.SwapFaqVote(ctx, id, skranke.FaqVote{Customer: a.Customer, Vote: vote, At: d.now()})
		} else {
			err = d.takeShare(ctx, tx, a.Addr, d.opts.Brake.votes())
		}
		if err != nil {
			return err
		}
		if voted {
			e.VoteSum -= skranke.FaqPoints(old)
		} else {
			e.Votes++
		}
		e.VoteSum += skranke.FaqPoints(vote)
		if err := tx.SetFaqScore(ctx, e); err != nil {
			return err
		}
		was, is := "", strconv.Itoa(vote)
		if voted {
			was = strconv.Itoa(old)
		}
		return d.record(ctx, tx, a, logScoreFaqEntry, rowFaqEntry, int64(id), oneChange("vote", was, is))
	})
}
