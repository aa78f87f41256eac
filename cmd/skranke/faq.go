package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"skranke"
	"skranke/desk"
	"skranke/transfer"
)

// faq are the commands of the FAQ.
func faq() []command {
	all := faqEntries().commands()
	all = append(all,
		faqDelete("faq", "FAQ entry", "It also goes from all groups. Its attachments stay.",
			func(ctx context.Context, d *desk.Desk, id int64) error {
				return d.DeleteFaqEntry(ctx, skranke.FaqEntryID(id))
			}),
		faqImport())
	all = append(all, faqFolders().commands()...)
	all = append(all, faqDelete("faq-folder", "FAQ folder", "It must be empty.",
		func(ctx context.Context, d *desk.Desk, id int64) error {
			return d.DeleteFaqFolder(ctx, skranke.FaqFolderID(id))
		}))
	all = append(all, faqGroups().commands()...)
	return append(all, faqDelete("faq-group", "FAQ group", "Its entries stay.",
		func(ctx context.Context, d *desk.Desk, id int64) error {
			return d.DeleteFaqGroup(ctx, skranke.FaqGroupID(id))
		}))
}

func faqEntries() *noun[skranke.FaqEntry] {
	return &noun[skranke.FaqEntry]{
		word: "faq", single: "FAQ entry", plural: "FAQ entries", table: transfer.FaqEntryTable,
		columns: []string{"id", "folder", "access", "state", "read_count", "title"},
		id:      func(e *skranke.FaqEntry) int64 { return int64(e.ID) },
		each:    (*desk.Outgo).FaqEntries,
		fresh: func(e *skranke.FaqEntry) {
			e.Access, e.State, e.CreatedBy = skranke.FaqEveryone, skranke.FaqPublished, skranke.SystemUser
		},
		add: func(ctx context.Context, d *desk.Desk, e *skranke.FaqEntry, _ *newRow) error {
			return d.AddFaqEntry(ctx, e)
		},
		set: func(ctx context.Context, d *desk.Desk, id int64, edit func(*skranke.FaqEntry) error) error {
			return d.SetFaqEntry(ctx, skranke.FaqEntryID(id), edit)
		},
		fixed:   []string{"created_at", "changed_at", "read_count", "votes", "vote_sum", "source"},
		example: `-folder 1 -title "Opening hours" -question "When are you open?" -answer "From 8 to 16."`,
		change:  `-state unpublished`,
		about:   "A new entry is published and for everyone, as far as its folder is, unless a flag\nsays otherwise. Searches find it at once.",
	}
}

func faqFolders() *noun[skranke.FaqFolder] {
	return &noun[skranke.FaqFolder]{
		word: "faq-folder", single: "FAQ folder", plural: "FAQ folders", table: transfer.FaqFolderTable,
		columns: []string{"id", "parent", "access", "sort_order", "name", "description"},
		id:      func(f *skranke.FaqFolder) int64 { return int64(f.ID) },
		each:    (*desk.Outgo).FaqFolders,
		fresh:   func(f *skranke.FaqFolder) { f.Access = skranke.FaqEveryone },
		add: func(ctx context.Context, d *desk.Desk, f *skranke.FaqFolder, _ *newRow) error {
			return d.AddFaqFolder(ctx, f)
		},
		set: func(ctx context.Context, d *desk.Desk, id int64, edit func(*skranke.FaqFolder) error) error {
			return d.SetFaqFolder(ctx, skranke.FaqFolderID(id), edit)
		},
		fixed:   []string{"source"},
		example: `-name "Orders" -description "About orders" -access registered`,
		change:  `-access everyone`,
		about:   "A folder shows to whom it and all folders above it are open; a new one is for\neveryone unless a flag says otherwise. One with -access-check shows to nobody,\nbecause skranke runs no scripts.",
	}
}

func faqGroups() *noun[skranke.FaqGroup] {
	return &noun[skranke.FaqGroup]{
		word: "faq-group", single: "FAQ group", plural: "FAQ groups", table: transfer.FaqGroupTable,
		columns: []string{"id", "folder", "description"},
		id:      func(g *skranke.FaqGroup) int64 { return int64(g.ID) },
		each:    (*desk.Outgo).FaqGroups,
		add: func(ctx context.Context, d *desk.Desk, g *skranke.FaqGroup, _ *newRow) error {
			return d.AddFaqGroup(ctx, g)
		},
		set: func(ctx context.Context, d *desk.Desk, id int64, edit func(*skranke.FaqGroup) error) error {
			return d.SetFaqGroup(ctx, skranke.FaqGroupID(id), edit)
		},
		example: `-folder 1 -description "Asked most"`,
		change:  `-description "Asked most this month"`,
		about:   `The entries of a group are JSON: -entries '[{"entry": 1, "position": 1}]'.`,
	}
}

// faqDelete deletes a row of the FAQ by its id.
func faqDelete(word, single, about string, remove func(context.Context, *desk.Desk, int64) error) command {
	return command{
		name:     word + " delete",
		group:    groupFill,
		summary:  "Delete a " + single,
		usage:    "ID",
		about:    about,
		examples: []string{"skranke " + word + " delete 1"},
		start: func(*flag.FlagSet) action {
			return func(ctx context.Context, c *call) error {
				id, err := c.idArg(word)
				if err != nil {
					return err
				}
				return c.withDesk(ctx, func(d *desk.Desk) error { return remove(ctx, d, id) })
			}
		},
	}
}

func faqImport() command {
	var trial bool
	var folder int64
	var source, access, state string
	return command{
		name:    "faq import",
		group:   groupFill,
		summary: "Make FAQ entries of a folder of Markdown files",
		usage:   "[flags] DIR",
		about: `Every file in DIR that ends in .md or .markdown becomes an entry, every
sub-folder a FAQ folder. A file may begin with lines "name: value" between two
lines "---": title, question, keywords, access, state, order. Without a title the
first heading is the title. The rest is the answer; it becomes HTML, without
scripts and what else could harm a reader. A file index.md says title,
description, access and order of the folder it lies in.

Importing again brings the same entries up to date: they are known by the name of
DIR, or -source, and their path in it, and keep id, votes and reads. What the
files do not say stays as it is. Either all is taken in or, if anything is bad,
nothing. Entries whose file is gone stay. -dry-run only tells what would change.`,
		examples: []string{"skranke faq import -dry-run articles", "skranke faq import -folder 3 -access registered articles"},
		start: func(fs *flag.FlagSet) action {
			trial, folder = false, 0
			fs.BoolVar(&trial, "dry-run", false, "change nothing, only tell what would change")
			fs.Int64Var(&folder, "folder", 0, "the `ID` of the FAQ folder to put them in; without it the top")
			fs.StringVar(&source, "source", "", "the `NAME` that tells these files from others; without it that of DIR")
			fs.StringVar(&access, "access", skranke.FaqEveryone.String(), "who sees new entries and folders that do not say: `WORD` private, internal, registered or everyone")
			fs.StringVar(&state, "state", skranke.FaqPublished.String(), "the state of new entries that do not say: `WORD` unpublished, published or expired")
			return func(ctx context.Context, c *call) error {
				if len(c.args) != 1 {
					return c.usagef("faq import takes one argument, a folder of Markdown files")
				}
				level, ok := skranke.ParseFaqAccess(access)
				if !ok {
					return c.usagef("-access %q: want private, internal, registered or everyone", access)
				}
				stage, ok := skranke.ParseFaqState(state)
				if !ok {
					return c.usagef("-state %q: want unpublished, published or expired", state)
				}
				tree, err := readFaqDir(ctx, c.args[0])
				if err != nil {
					return err
				}
				tree.Folder, tree.Access, tree.State = skranke.FaqFolderID(folder), level, stage
				if source != "" {
					tree.Source = source
				}
				return c.withDesk(ctx, func(d *desk.Desk) error { return c.importFaq(ctx, d, tree, trial) })
			}
		},
	}
}

// readFaqDir reads the folder, and nothing outside of it that a link in it
// points to.
func readFaqDir(ctx context.Context, dir string) (*desk.FaqPages, error) {
	full, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(full)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	tree, err := transfer.ReadFaqDir(ctx, root.FS())
	if err != nil {
		return nil, err
	}
	tree.Source = filepath.Base(full)
	return tree, nil
}

func (c *call) importFaq(ctx context.Context, d *desk.Desk, tree *desk.FaqPages, trial bool) error {
	changes, err := d.ImportFaq(ctx, tree, trial)
	if err != nil {
		return err
	}
	counts := map[desk.FaqChangeKind]int{}
	for _, change := range changes {
		counts[change.Kind]++
		if change.Kind == desk.FaqSame {
			continue
		}
		if err := c.print(fmt.Sprintf("%-9s %s\n", change.Kind, change.Path)); err != nil {
			return err
		}
	}
	would := ""
	if trial {
		would = "nothing was changed; it would be: "
	}
	return c.print(fmt.Sprintf("%s%d added, %d changed, %d unchanged\n", would, counts[desk.FaqAdded], counts[desk.FaqChanged], counts[desk.FaqSame]))
}
