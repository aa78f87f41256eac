package desk

import (
	"context"
	"errors"
	"fmt"
	"path"
	"reflect"
	"time"

	"skranke"
	"skranke/store"
)

// AddFaqFolder stores a new folder of the FAQ and sets its id.
func (d *Desk) AddFaqFolder(ctx context.Context, f *skranke.FaqFolder) error {
	return add(ctx, d, f, func(f *skranke.FaqFolder) { f.ID = 0 },
		func(in *Intake, f *skranke.FaqFolder) error { return in.PutFaqFolder(ctx, f) })
}

// SetFaqFolder changes what edit changes of a folder. It returns
// CodeInvalidFaqCategory if there is none.
func (d *Desk) SetFaqFolder(ctx context.Context, id skranke.FaqFolderID, edit func(*skranke.FaqFolder) error) error {
	return set(ctx, d, func(tx *store.WriteTx) (*skranke.FaqFolder, error) { return tx.FaqFolder(ctx, id) }, edit,
		func(f, old *skranke.FaqFolder) { f.ID = old.ID },
		func(in *Intake, f *skranke.FaqFolder) error { return in.PutFaqFolder(ctx, f) })
}

// AddFaqEntry stores a new entry and sets its id.
func (d *Desk) AddFaqEntry(ctx context.Context, e *skranke.FaqEntry) error {
	return add(ctx, d, e, func(e *skranke.FaqEntry) {
		e.ID = 0
		e.CreatedAt, e.ChangedAt = d.now(), d.now()
	}, func(in *Intake, e *skranke.FaqEntry) error { return in.PutFaqEntry(ctx, e) })
}

// SetFaqEntry changes what edit changes of an entry. It returns
// CodeInvalidFaqEntry if there is none.
func (d *Desk) SetFaqEntry(ctx context.Context, id skranke.FaqEntryID, edit func(*skranke.FaqEntry) error) error {
	return set(ctx, d, func(tx *store.WriteTx) (*skranke.FaqEntry, error) { return tx.FaqEntry(ctx, id) }, edit,
		func(e, old *skranke.FaqEntry) { e.ID, e.ChangedAt = old.ID, d.now() },
		func(in *Intake, e *skranke.FaqEntry) error { return in.PutFaqEntry(ctx, e) })
}

// AddFaqGroup stores a new group and sets its id.
func (d *Desk) AddFaqGroup(ctx context.Context, g *skranke.FaqGroup) error {
	return add(ctx, d, g, func(g *skranke.FaqGroup) { g.ID = 0 },
		func(in *Intake, g *skranke.FaqGroup) error { return in.PutFaqGroup(ctx, g) })
}

// SetFaqGroup changes what edit changes of a group. It returns
// CodeInvalidFaqGroup if there is none.
func (d *Desk) SetFaqGroup(ctx context.Context, id skranke.FaqGroupID, edit func(*skranke.FaqGroup) error) error {
	return set(ctx, d, func(tx *store.WriteTx) (*skranke.FaqGroup, error) { return tx.FaqGroup(ctx, id) }, edit,
		func(g, old *skranke.FaqGroup) { g.ID = old.ID },
		func(in *Intake, g *skranke.FaqGroup) error { return in.PutFaqGroup(ctx, g) })
}

// DeleteFaqFolder deletes an empty folder. It returns CodeInvalidFaqCategory if
// there is none, CodeCustomError if anything lies in it.
func (d *Desk) DeleteFaqFolder(ctx context.Context, id skranke.FaqFolderID) error {
	err := d.db.Write(ctx, func(tx *store.WriteTx) error { return tx.DeleteFaqFolder(ctx, id) })
	if errors.Is(err, store.ErrReference) {
		return skranke.Err(skranke.CodeCustomError, "FAQ folder %d is not empty", id)
	}
	return err
}

// DeleteFaqEntry deletes an entry and takes it out of all groups. It returns
// CodeInvalidFaqEntry if there is none.
func (d *Desk) DeleteFaqEntry(ctx context.Context, id skranke.FaqEntryID) error {
	return d.db.Write(ctx, func(tx *store.WriteTx) error { return tx.DeleteFaqEntry(ctx, id) })
}

// DeleteFaqGroup deletes a group; its entries stay. It returns
// CodeInvalidFaqGroup if there is none.
func (d *Desk) DeleteFaqGroup(ctx context.Context, id skranke.FaqGroupID) error {
	return d.db.Write(ctx, func(tx *store.WriteTx) error { return tx.DeleteFaqGroup(ctx, id) })
}

// FaqPages is a tree of articles kept elsewhere, such as files in folders.
type FaqPages struct {
	Source  string              // names the tree; with a path it names a folder or entry for good
	Folder  skranke.FaqFolderID // where the tree hangs, 0 for the top node
	Access  skranke.FaqAccess   // of what is new and does not say
	State   skranke.FaqState    // of what is new and does not say
	Folders []FaqPage           // parents before children
	Pages   []FaqPage
}

// FaqPage is an article, or a folder of them. What it does not say stays as it is.
type FaqPage struct {
	Path        string // from the top of the tree, with slashes
	Title       string // of a folder its name
	Question    string
	Answer      string // HTML
	Description *string
	Keywords    *string
	Access      *skranke.FaqAccess
	State       *skranke.FaqState
	SortOrder   *int
}

// FaqChange is what an import did to a page, or would do.
type FaqChange struct {
	Path string
	Kind FaqChangeKind
	ID   int64 // 0 for what a trial would add
}

// FaqChangeKind is a kind of change.
type FaqChangeKind string

// The kinds of change.
const (
	FaqAdded   FaqChangeKind = "added"
	FaqChanged FaqChangeKind = "changed"
	FaqSame    FaqChangeKind = "unchanged"
)

// errTrial undoes what a trial did.
var errTrial = errors.New("only trying")

// ImportFaq makes the folders and entries of the tree, and brings those it made
// before up to date: a path keeps its id, its votes and its reads. It takes in
// all or, if one of them is refused, nothing; a trial changes nothing and tells
// what would be. Pages that are gone from the tree stay in the FAQ.
func (d *Desk) ImportFaq(ctx context.Context, tree *FaqPages, trial bool) ([]FaqChange, error) {
	var changes []FaqChange
	err := d.change(ctx, func(in *Intake) error {
		changes = changes[:0]
		if tree.Folder != 0 {
			if _, err := in.tx.FaqFolder(ctx, tree.Folder); err != nil {
				return err
			}
		}
		folders := map[string]skranke.FaqFolderID{".": tree.Folder}
		for i := range tree.Folders {
			page := &tree.Folders[i]
			change, id, err := in.faqFolder(ctx, tree, page, folders[path.Dir(page.Path)])
			if err != nil {
				return err
			}
			folders[page.Path] = id
			changes = append(changes, change)
		}
		for i := range tree.Pages {
			page := &tree.Pages[i]
			change, err := in.faqPage(ctx, tree, page, folders[path.Dir(page.Path)])
			if err != nil {
				return err
			}
			changes = append(changes, change)
		}
		if trial {
			return errTrial
		}
		return nil
	})
	if trial && errors.Is(err, errTrial) {
		for i := range changes {
			if changes[i].Kind == FaqAdded {
				changes[i].ID = 0
			}
		}
		return changes, nil
	}
	return changes, err
}

func (in *Intake) faqFolder(ctx context.Context, tree *FaqPages, page *FaqPage, parent skranke.FaqFolderID) (FaqChange, skranke.FaqFolderID, error) {
	source := path.Join(tree.Source, page.Path)
	f := &skranke.FaqFolder{Access: tree.Access, Source: source}
	id, err := in.tx.FaqFolderBySource(ctx, source)
	if err == nil && id != 0 {
		f, err = in.tx.FaqFolder(ctx, id)
	}
	if err != nil {
		return FaqChange{}, 0, err
	}
	before := *f
	f.Parent, f.Name = parent, page.Title
	say(&f.Description, page.Description)
	say(&f.Access, page.Access)
	say(&f.SortOrder, page.SortOrder)
	kind := kindOfChange(id != 0, before == *f)
	if kind != FaqSame {
		err = in.PutFaqFolder(ctx, f)
	}
	return FaqChange{page.Path + "/", kind, int64(f.ID)}, f.ID, inPage(page.Path, err)
}

func (in *Intake) faqPage(ctx context.Context, tree *FaqPages, page *FaqPage, folder skranke.FaqFolderID) (FaqChange, error) {
	source := path.Join(tree.Source, page.Path)
	now := in.desk.now()
	e := &skranke.FaqEntry{Access: tree.Access, State: tree.State, Source: source, CreatedAt: now, CreatedBy: skranke.SystemUser}
	id, err := in.tx.FaqEntryBySource(ctx, source)
	if err == nil && id != 0 {
		e, err = in.tx.FaqEntry(ctx, id)
	}
	if err != nil {
		return FaqChange{}, err
	}
	before := *e
	e.Folder, e.Title, e.Question, e.Answer, e.HTML = folder, page.Title, page.Question, page.Answer, true
	say(&e.Keywords, page.Keywords)
	say(&e.Access, page.Access)
	say(&e.State, page.State)
	say(&e.SortOrder, page.SortOrder)
	kind := kindOfChange(id != 0, reflect.DeepEqual(before, *e))
	if kind != FaqSame {
		e.ChangedAt = now.Truncate(time.Millisecond)
		err = in.PutFaqEntry(ctx, e)
	}
	return FaqChange{page.Path, kind, int64(e.ID)}, inPage(page.Path, err)
}

// say sets a field to what a page says of it, if it says anything.
func say[T any](field *T, said *T) {
	if said != nil {
		*field = *said
	}
}

func kindOfChange(known, same bool) FaqChangeKind {
	switch {
	case !known:
		return FaqAdded
	case same:
		return FaqSame
	}
	return FaqChanged
}

// inPage says which page err is about.
func inPage(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", path, err)
}
