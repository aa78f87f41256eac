package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"skranke"
)

// Fault is something that is not as it must be.
type Fault struct {
	Table string
	ID    string // "" if it concerns the table as a whole
	Text  string
}

func (f Fault) String() string {
	if f.ID == "" {
		return f.Table + ": " + f.Text
	}
	return f.Table + " " + f.ID + ": " + f.Text
}

// VerifyOptions say what Verify looks at.
type VerifyOptions struct {
	// FaqWords is what an entry is to be found by. Without it the index of the
	// FAQ is not looked at.
	FaqWords func(*skranke.FaqEntry) FaqWords

	// Report gets every fault.
	Report func(Fault)

	// Progress is told what is looked at; may be nil.
	Progress func(what string)

	// Files is told how many bytes of files of how many were looked at, the latter
	// 0 if it is not known; may be nil.
	Files func(done, total int64)
}

// Verified is what was looked at.
type Verified struct {
	Schema   int64 // the version as it was found
	Rows     int64
	Contents Contents
	Faults   int

	// Manifest is that of a backup, nil for an installation.
	Manifest *Manifest
}

// Verify looks at every row and at the contents of every attachment of the
// installation in o.Dir, which may be in use, and changes nothing; on a server it
// makes temporary tables, and takes that back. Data with an
// older schema are brought up to date in a copy, as a rehearsal of the upgrade.
// Faults are reported; an error means that it could not look.
func Verify(ctx context.Context, o Options, v VerifyOptions) (*Verified, error) {
	db, err := Inspect(ctx, o)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return db.verify(ctx, v, func(sha string) (int64, error) { return db.blobs.check(ctx, sha) })
}

// Verify is Verify for a backup, which must in addition be what its manifest says.
func (b *Backup) Verify(ctx context.Context, v VerifyOptions) (*Verified, error) {
	scratch, err := os.MkdirTemp("", "skranke-verify-*")
	if err != nil {
		return nil, fmt.Errorf("verifying: %w", err)
	}
	defer os.RemoveAll(scratch)
	copied := newFolder(scratch)
	got, err := b.read(ctx, v.files, func(name string, size int64, from io.Reader) error {
		if name == databaseFile {
			return copied.put(name, size, from)
		}
		_, err := io.Copy(io.Discard, from)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("verifying: %w", err)
	}
	if err := got.manifest.newer(); err != nil {
		return nil, fmt.Errorf("verifying: %w", err)
	}
	faults := got.faults()
	for _, f := range faults {
		v.Report(f)
	}
	done := &Verified{Schema: got.manifest.Schema}
	if got.database.Name != "" {
		db, err := inspect(ctx, Options{Dir: scratch}, "immutable=1")
		if err != nil {
			v.Report(Fault{Table: "database", Text: err.Error()})
			faults = append(faults, Fault{})
		} else {
			defer db.Close()
			if done, err = db.verify(ctx, v, got.content); err != nil {
				return nil, err
			}
			for _, f := range got.manifest.compare(ctx, db, done.Schema) {
				v.Report(f)
				faults = append(faults, f)
			}
		}
	}
	done.Faults += len(faults)
	done.Manifest = got.manifest
	return done, nil
}

// content is the size of contents that came out of the backup.
func (r *received) content(sha string) (int64, error) {
	size, ok := r.sizes[sha]
	switch {
	case !ok:
		return 0, errMissing
	case slices.Contains(r.damaged, sha):
		return size, errDamaged
	}
	return size, nil
}

var (
	errMissing = errors.New("the file with its contents is missing")
	errDamaged = errors.New("the file with its contents is damaged")
)

// check reads contents and returns their size.
func (b *Blobs) check(ctx context.Context, sha string) (int64, error) {
	f, _, err := b.Open(ctx, sha)
	if skranke.CodeOf(err) == skranke.CodeFileNotFound {
		return 0, errMissing
	}
	if errors.Is(err, errDamaged) {
		return 0, errDamaged
	}
	if err != nil {
		return 0, err
	}
	defer f.Close()
	hash := sha256.New()
	size, err := io.Copy(hash, contextReader{ctx, f})
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	if err != nil || hex.EncodeToString(hash.Sum(nil)) != sha {
		return size, errDamaged
	}
	return size, nil
}

func (v *VerifyOptions) tell(what string) {
	if v.Progress != nil {
		v.Progress(what)
	}
}

func (v *VerifyOptions) files(done, total int64) {
	if v.Files != nil {
		v.Files(done, total)
	}
}

// verify looks at the database, in a copy that is up to date if it is not, and
// at the contents, whose sizes size knows.
func (db *DB) verify(ctx context.Context, o VerifyOptions, size func(sha string) (int64, error)) (*Verified, error) {
	schema, err := db.Schema(ctx)
	if err != nil {
		return nil, err
	}
	v := &verifier{VerifyOptions: o, size: size, found: Verified{Schema: schema}}
	looked := db
	if schema < NewestSchema() {
		if db.dialect.apart != nil { // the copy is another kind of database
			if err := v.look(ctx, db, schema, v.ownSteps()); err != nil {
				return nil, err
			}
		}
		o.tell("the upgrade")
		scratch, err := os.MkdirTemp("", "skranke-verify-*")
		if err != nil {
			return nil, fmt.Errorf("verifying: %w", err)
		}
		defer os.RemoveAll(scratch)
		err = db.readLong(ctx, func(tx *ReadTx) error {
			_, err := db.writeTo(ctx, tx, filepath.Join(scratch, databaseFile), o.FaqWords, func(int64) {})
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("copying the data to try the upgrade: %w", err)
		}
		if looked, err = Open(ctx, Options{Dir: scratch, Log: db.log, Now: db.now}); err != nil {
			return nil, fmt.Errorf("trying the upgrade: %w", err)
		}
		defer looked.Close()
	}
	err = v.look(ctx, looked, NewestSchema(), append(v.ownSteps(), v.steps()...))
	return &v.found, err
}

// verifier looks at a database, in one transaction.
type verifier struct {
	VerifyOptions
	size  func(sha string) (int64, error)
	found Verified

	db     *DB
	schema int64
	tx     *ReadTx
	fresh  *fresh              // what a new database is like
	stored map[string][]column // the tables, by their names
}

// verifyStep is a part of what is looked at.
type verifyStep struct {
	what string
	look func(context.Context) error
}

// ownSteps look at what a database does not hand on to its copies.
func (v *verifier) ownSteps() []verifyStep {
	return []verifyStep{
		{"the structure of the database", v.structure},
		{"the list of tables", func(ctx context.Context) (err error) { v.stored, err = v.tables(ctx); return err }},
		{"tables and indexes", v.defined},
	}
}

func (v *verifier) steps() []verifyStep {
	return []verifyStep{
		{"the history of the schema", v.history},
		{"extra tables", v.extraTables},
		{"values", v.values},
		{"the ids that were given", v.sequences},
		{"folded texts", v.folds},
		{"references", v.references},
		{"enumerations", v.enumerations},
		{"what follows from other values", v.derived},
		{"the outbox", v.outbox},
		{"the index of the FAQ", v.faq},
		{"the index of titles", v.titles},
		{"attachments", v.attachments},
	}
}

// look takes steps on a database of that schema, one after the other. A step
// that cannot be taken because the database is damaged is a fault; what can
// still be read is looked at.
func (v *verifier) look(ctx context.Context, db *DB, schema int64, steps []verifyStep) (err error) {
	v.db, v.schema = db, schema
	if v.fresh, err = newFresh(ctx, schema, db); err != nil {
		return fmt.Errorf("finding out what a new database is like: %w", err)
	}
	return db.readLong(ctx, func(tx *ReadTx) error {
		v.tx = tx
		for _, step := range steps {
			v.tell(step.what)
			err := tx.apart(func() error { return step.look(ctx) })
			if over(ctx, err) {
				return cmp.Or(ctx.Err(), err)
			}
			if err != nil {
				v.fault("database", "", "looking at %s: %v", step.what, plainly(err))
			}
		}
		return nil
	})
}

// over says that nothing more can be looked at.
func over(ctx context.Context, err error) bool { return ctx.Err() != nil || errors.Is(err, errLost) }

// plainly is what a server says itself, without the statement it says it of.
func plainly(err error) error {
	var said *pgconn.PgError
	if errors.As(err, &said) {
		return said
	}
	return err
}

func (v *verifier) fault(table, id, format string, args ...any) {
	v.found.Faults++
	v.Report(Fault{table, id, fmt.Sprintf(format, args...)})
}

// each runs a query, apart from others that may fail; an error is a fault of the
// table. read may not call each.
func (v *verifier) each(ctx context.Context, table, sql string, read func(*rows), args ...arg) {
	err := v.tx.apart(func() error { return v.tx.each(ctx, sql, read, args...) })
	if err != nil && !over(ctx, err) {
		v.fault(table, "", "cannot be read: %v", plainly(err))
	}
}

// structure has the database look through its own pages.
func (v *verifier) structure(ctx context.Context) error {
	if v.tx.dialect.check == "" {
		return nil
	}
	v.each(ctx, "database", v.tx.dialect.check, func(r *rows) {
		if fault := r.text(); fault != "ok" {
			v.fault("database", "", "%s", fault)
		}
	})
	return nil
}

// defined compares tables, indexes and all else a database is told to look after
// with those of a new one.
func (v *verifier) defined(ctx context.Context) error {
	have, err := v.tx.definitions(ctx)
	if err != nil {
		return err
	}
	want := v.fresh.definitions
	if v.tx.dialect.apart != nil {
		want, err = v.db.definedAnew(ctx, v.schema)
		if over(ctx, err) {
			return err
		}
		if err != nil {
			v.fault("database", "", "tables and indexes cannot be compared with new ones, which are made as temporary tables: %v", plainly(err))
			return nil
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		w := want[name]
		_, table := have[w.of]
		switch h, ok := have[name]; {
		case !ok && (table || w.of == name):
			v.fault(name, "", "there is no such %s", w.kind)
		case ok && h.text != w.text:
			v.fault(name, "", "is defined otherwise than this program defines it: %s", h.text)
		}
	}
	return nil
}

// history compares the list of migrations with the one this program has.
func (v *verifier) history(ctx context.Context) error {
	list, err := migrations(migrationFiles)
	if err != nil {
		return err
	}
	next := int64(1)
	v.each(ctx, "migration", `SELECT version, name FROM migration ORDER BY version`, func(r *rows) {
		version, name := r.int64(), r.text()
		if version != next {
			v.fault("migration", fmt.Sprint(next), "is not recorded")
		}
		if version >= 1 && version <= int64(len(list)) && list[version-1].name != name {
			v.fault("migration", fmt.Sprint(version), "is %q, this program has %q", name, list[version-1].name)
		}
		next = version + 1
	})
	lists := map[int64]bool{}
	v.each(ctx, "catalog", `SELECT id FROM catalog`, func(r *rows) { lists[r.int64()] = true })
	for id := int64(1); id <= 2; id++ {
		if !lists[id] {
			v.fault("catalog", fmt.Sprint(id), "is missing")
		}
	}
	return nil
}

// extraTables looks for the tables of extra tables, and the columns and indexes
// of their fields.
func (v *verifier) extraTables(ctx context.Context) error {
	have, err := v.tx.definitions(ctx)
	if err != nil {
		return err
	}
	v.each(ctx, "extra_table", `SELECT id FROM extra_table ORDER BY id`, func(r *rows) {
		table := id[skranke.ExtraTableID](r)
		if v.stored[rowsName(table)] == nil {
			v.fault("extra_table", fmt.Sprint(table), "has no table for its rows")
		}
	})
	return v.tx.EachExtraField(ctx, func(f *skranke.ExtraField) error {
		columns := v.stored[rowsName(f.Table)]
		if f.Domain != skranke.DomainTable || columns == nil {
			return nil
		}
		for _, name := range []string{columnName(f.ID), searchColumn(f)} {
			if !slices.ContainsFunc(columns, func(c column) bool { return c.name == name }) {
				v.fault("extra_field", fmt.Sprint(f.ID), "has no column %s in %s", name, rowsName(f.Table))
				return nil
			}
		}
		if index := extraIndex(f); index != "" && have[index].kind != "index" {
			v.fault("extra_field", fmt.Sprint(f.ID), "has no index %s", index)
		}
		return nil
	})
}

// folds compares every folded text with the text it was made from.
func (v *verifier) folds(ctx context.Context) error {
	for _, f := range foldedTexts {
		v.each(ctx, f.table, "SELECT "+f.key+", "+f.text+", "+f.fold+" FROM "+f.table, func(r *rows) {
			key, text, fold := r.text(), r.text(), r.text()
			if skranke.Fold(text) != fold {
				v.fault(f.table, key, "%s is not what follows from %s", f.fold, f.text)
			}
		})
	}
	v.each(ctx, "customer", `SELECT id, full_name, first_name, last_name, name_fold FROM customer`, func(r *rows) {
		key := r.text()
		c := skranke.Customer{FullName: r.text(), FirstName: r.text(), LastName: r.text()}
		if skranke.Fold(c.Name()) != r.text() {
			v.fault("customer", key, "name_fold is not what follows from the names")
		}
	})
	return nil
}

// references looks at all columns that name rows, whether they are declared to or
// not: a database that was told to look after them may have been told not to.
func (v *verifier) references(ctx context.Context) error {
	for _, ref := range v.fresh.declared {
		ref.key, ref.where = v.keyOf(v.stored[ref.table], "t."), "t."+ref.column+" IS NOT NULL"
		v.refer(ctx, ref)
	}
	for _, ref := range references {
		ref.key, ref.where = qualified(ref.key), "t."+ref.column+" <> 0"+ref.where
		if ref.to == "agent" { // whom nobody in particular stands for may have no row
			ref.where += fmt.Sprintf(" AND t.%s <> %d", ref.column, skranke.SystemUser)
		}
		v.refer(ctx, ref)
	}
	return nil
}

// refer looks for rows that name rows which are not there.
func (v *verifier) refer(ctx context.Context, ref reference) {
	if v.stored[ref.table] == nil || v.stored[ref.to] == nil { // either is told of, or no table of this kind of database
		return
	}
	v.tell("references in " + ref.table + "." + ref.column)
	v.each(ctx, ref.table, fmt.Sprintf(`SELECT %s, t.%s FROM %s t WHERE %s AND NOT EXISTS (SELECT 1 FROM %s x WHERE x.id = t.%[2]s)`,
		ref.key, ref.column, ref.table, ref.where, ref.to), func(r *rows) {
		v.fault(ref.table, r.text(), "%s names %s %d, which is not there", ref.column, ref.to, r.int64())
	})
}

// qualified is a list of key columns as one text.
func qualified(keys string) string {
	parts := split(keys)
	for i := range parts {
		parts[i] = "CAST(t." + parts[i] + " AS TEXT)"
	}
	return strings.Join(parts, ` || ',' || `)
}

// enumerations looks for numbers that stand for nothing.
func (v *verifier) enumerations(ctx context.Context) error {
	for _, e := range enumerated {
		v.each(ctx, e.table, fmt.Sprintf(`SELECT %s, t.%s FROM %s t WHERE NOT (t.%[2]s BETWEEN %[4]d AND %[5]d%[6]s)`,
			qualified(e.key), e.column, e.table, e.from, e.to, e.or), func(r *rows) {
			v.fault(e.table, r.text(), "%s is %d, which stands for nothing", e.column, r.int64())
		})
	}
	for kind := range v.kinds(ctx) {
		v.fault("extra_field", kind, "kind stands for no type")
	}
	return nil
}

// kinds gives the extra fields of unknown types.
func (v *verifier) kinds(ctx context.Context) map[string]bool {
	unknown := map[string]bool{}
	v.each(ctx, "extra_field", `SELECT CAST(id AS TEXT), kind FROM extra_field`, func(r *rows) {
		key := r.text()
		if id[skranke.ExtraKind](r).Type() == 0 {
			unknown[key] = true
		}
	})
	return unknown
}

// derived looks at values that follow from others.
func (v *verifier) derived(ctx context.Context) error {
	v.each(ctx, "ticket", `SELECT t.id, t.customer_id FROM ticket t WHERE t.customer_id <> COALESCE((SELECT c.customer_id FROM ticket_customer c
		WHERE c.ticket_id = t.id ORDER BY c.rank LIMIT 1), 0)`, func(r *rows) {
		v.fault("ticket", r.text(), "customer_id is %d, which is not the first of its customers", r.int64())
	})
	v.each(ctx, "faq_entry", `SELECT id, votes, vote_sum, score FROM faq_entry`, func(r *rows) {
		key := r.text()
		e := skranke.FaqEntry{Votes: r.int64(), VoteSum: r.int64()}
		if score := r.int(); e.Score() != score {
			v.fault("faq_entry", key, "score is %d, the votes give %d", score, e.Score())
		}
	})
	return nil
}

// outbox looks whether mails that wait can be read.
func (v *verifier) outbox(ctx context.Context) error {
	v.each(ctx, "outbox", `SELECT id, payload FROM outbox ORDER BY id`, func(r *rows) {
		key := r.text()
		if !json.Valid([]byte(r.text())) {
			v.fault("outbox", key, "payload is damaged")
		}
	})
	v.each(ctx, "message", `SELECT id, to_list, cc_list, bcc_list FROM message WHERE to_list <> '' OR cc_list <> '' OR bcc_list <> ''`, func(r *rows) {
		key := r.text()
		for _, column := range [...]string{"to_list", "cc_list", "bcc_list"} {
			var list []string
			if text := r.text(); text != "" && json.Unmarshal([]byte(text), &list) != nil {
				v.fault("message", key, "%s is no list of addresses", column)
			}
		}
	})
	return nil
}

// faqLooked is about how many entries are looked for by all their words.
const faqLooked = 300

// faq looks whether every entry is in the index, and some are found by each of
// their words.
func (v *verifier) faq(ctx context.Context) error {
	key := "i." + v.tx.dialect.faq.key
	v.each(ctx, "faq_index", `SELECT `+key+` FROM faq_index i WHERE NOT EXISTS (SELECT 1 FROM faq_entry e WHERE e.id = `+key+`)`,
		func(r *rows) { v.fault("faq_index", r.text(), "there is no such entry") })
	v.each(ctx, "faq_index", `SELECT e.id FROM faq_entry e WHERE NOT EXISTS (SELECT 1 FROM faq_index i WHERE `+key+` = e.id)`,
		func(r *rows) { v.fault("faq_entry", r.text(), "is not in the index of the FAQ") })
	if v.FaqWords == nil {
		return nil
	}
	n, err := v.tx.number(ctx, `SELECT COUNT(*) FROM faq_entry`)
	if err != nil {
		return err
	}
	heads, words := map[string][]skranke.FaqEntryID{}, map[string][]skranke.FaqEntryID{} // the entries that have a word
	err = v.tx.EachFaqEntry(ctx, func(e *skranke.FaqEntry) error {
		if int64(e.ID)%(n/faqLooked+1) != 0 {
			return nil
		}
		has := v.FaqWords(e)
		for _, word := range strings.Fields(has.Head) {
			heads[word] = append(heads[word], e.ID)
		}
		for _, word := range strings.Fields(has.Body) {
			words[word] = append(words[word], e.ID)
		}
		return nil
	})
	if err != nil {
		return err
	}
	lost := map[skranke.FaqEntryID]bool{}
	if err := v.search(ctx, heads, true, lost); err != nil {
		return err
	}
	if err := v.search(ctx, words, false, lost); err != nil {
		return err
	}
	for _, entry := range slices.Sorted(maps.Keys(lost)) {
		v.fault("faq_entry", fmt.Sprint(entry), "is not found by all its words")
	}
	return nil
}

// search looks for each word once, and notes the entries it does not find.
func (v *verifier) search(ctx context.Context, words map[string][]skranke.FaqEntryID, head bool, lost map[skranke.FaqEntryID]bool) error {
	for word, entries := range words {
		// The last part of a term may begin a longer word; the first may not.
		term := text(v.tx.dialect.faq.term(FaqTerm{{word}, {word}}, head))
		found := map[skranke.FaqEntryID]bool{}
		err := v.tx.each(ctx, v.tx.dialect.faq.match, func(r *rows) { found[id[skranke.FaqEntryID](r)] = true }, term)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			if !found[entry] {
				lost[entry] = true
			}
		}
	}
	return nil
}

// titlesLooked is about how many tickets are looked for by their titles: what
// goes wrong with the index goes wrong with many.
const titlesLooked = 20_000

// titles looks whether tickets are found by their titles. Each piece of a title
// is looked for once, whatever the number of tickets that have it.
func (v *verifier) titles(ctx context.Context) error {
	index := &v.tx.dialect.titles
	if index.query == nil {
		return nil
	}
	n, err := v.tx.number(ctx, `SELECT COUNT(*) FROM ticket`)
	if err != nil {
		return err
	}
	var looked []int64           // tickets, by ascending id
	having := map[string][]int{} // their places among these, by the pieces of their titles
	v.each(ctx, "ticket", `SELECT id, title_fold FROM ticket WHERE id % $1 = 0 ORDER BY id`, func(r *rows) {
		place := len(looked)
		looked = append(looked, r.int64())
		for _, piece := range pieces(r.text()) {
			having[piece] = append(having[piece], place)
		}
	}, num(n/titlesLooked+1))
	candidates := strings.ReplaceAll(`SELECT c.rowid FROM (`+index.candidates+`) c`, "$@", "$1")
	lost := make([]bool, len(looked))
	found := make([]string, len(looked)) // the piece each was found by last
	for piece, places := range having {
		err := v.tx.each(ctx, candidates, func(r *rows) {
			if place, ok := slices.BinarySearch(looked, r.int64()); ok {
				found[place] = piece
			}
		}, text(index.query([]string{piece})))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			v.fault("ticket_title", "", "cannot be searched: %v", err)
			return nil
		}
		for _, place := range places {
			lost[place] = lost[place] || found[place] != piece
		}
	}
	for place, ticket := range looked {
		if lost[place] {
			v.fault("ticket", fmt.Sprint(ticket), "is not found by its title")
		}
	}
	return nil
}

// attachments looks at the contents of all attachments.
func (v *verifier) attachments(ctx context.Context) error {
	var sha string
	var size int64
	var wrong error
	v.each(ctx, "attachment", `SELECT id, sha256, size FROM attachment WHERE sha256 <> '' ORDER BY sha256, id`, func(r *rows) {
		key, want, claimed := r.text(), r.text(), r.int64()
		if ctx.Err() != nil {
			return
		}
		if want != sha {
			sha = want
			size, wrong = v.size(sha)
			if wrong == nil {
				v.found.Contents.Files++
				v.found.Contents.Bytes += size
				v.files(v.found.Contents.Bytes, 0)
			}
		}
		switch {
		case wrong != nil:
			v.fault("attachment", key, "%v (%.16s...)", wrong, sha)
		case size != claimed:
			v.fault("attachment", key, "size is %d, its contents have %d bytes", claimed, size)
		}
	})
	return nil
}
