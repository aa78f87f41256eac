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
	"unicode/utf8"

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
// installation in o.Dir, which may be in use, and changes nothing. Data with an
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
	v.tell("the files of the backup")
	copied := newFolder(scratch)
	got, err := b.read(ctx, func(name string, size int64, from io.Reader) error {
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

// verify looks at the database, in a copy that is up to date if it is not, and
// at the contents, whose sizes size knows.
func (db *DB) verify(ctx context.Context, o VerifyOptions, size func(sha string) (int64, error)) (*Verified, error) {
	schema, err := db.Schema(ctx)
	if err != nil {
		return nil, err
	}
	looked := db
	if schema < NewestSchema() {
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
	v := &verifier{VerifyOptions: o, size: size, found: Verified{Schema: schema}}
	err = looked.readLong(ctx, func(tx *ReadTx) error { return v.run(ctx, tx) })
	return &v.found, err
}

// verifier looks at a database, in one transaction.
type verifier struct {
	VerifyOptions
	tx    *ReadTx
	size  func(sha string) (int64, error)
	found Verified
}

func (v *verifier) fault(table, id, format string, args ...any) {
	v.found.Faults++
	v.Report(Fault{table, id, fmt.Sprintf(format, args...)})
}

// run takes one step after the other. A step that cannot be taken because the
// database is damaged is a fault; what can still be read is looked at.
func (v *verifier) run(ctx context.Context, tx *ReadTx) error {
	v.tx = tx
	for _, step := range [...]struct {
		what string
		look func(context.Context) error
	}{
		{"the structure of the database", v.structure},
		{"the schema", v.schema},
		{"values", v.values},
		{"folded texts", v.folds},
		{"references", v.references},
		{"enumerations", v.enumerations},
		{"what follows from other values", v.derived},
		{"the outbox", v.outbox},
		{"the index of the FAQ", v.faq},
		{"the index of titles", v.titles},
		{"attachments", v.attachments},
	} {
		v.tell(step.what)
		err := tx.apart(func() error { return step.look(ctx) })
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			v.fault("database", "", "looking at %s: %v", step.what, err)
		}
	}
	return nil
}

// each runs a query; an error is a fault of the table.
func (v *verifier) each(ctx context.Context, table, sql string, read func(*rows), args ...arg) {
	if err := v.tx.each(ctx, sql, read, args...); err != nil && ctx.Err() == nil {
		v.fault(table, "", "cannot be read: %v", err)
	}
}

// local says whether the database is a file of ours, which nobody else guards.
func (v *verifier) local() bool {
	_, ok := v.tx.conn.(snapshotter)
	return ok
}

// structure has the database look through its own pages and declared references.
func (v *verifier) structure(ctx context.Context) error {
	if v.tx.dialect.check != "" {
		v.each(ctx, "database", v.tx.dialect.check, func(r *rows) {
			if fault := r.text(); fault != "ok" {
				v.fault("database", "", "%s", fault)
			}
		})
	}
	if !v.local() {
		return nil
	}
	v.each(ctx, "database", `SELECT c."table", COALESCE(c."rowid", 0), c.parent FROM pragma_foreign_key_check() c`, func(r *rows) {
		table, row, parent := r.text(), r.int64(), r.text()
		id := ""
		if row != 0 {
			id = fmt.Sprint(row)
		}
		v.fault(table, id, "names a row of %s that is not there", parent)
	})
	return nil
}

// schema compares the tables and indexes with those of a new database, and the
// list of migrations with the one this program has.
func (v *verifier) schema(ctx context.Context) error {
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
	if !v.local() {
		return nil
	}
	have, err := v.tx.definitions(ctx)
	if err != nil {
		return err
	}
	want, err := freshDefinitions(ctx)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		switch sql, ok := have[name]; {
		case !ok:
			v.fault(name, "", "there is no such table or index")
		case sql != want[name]:
			v.fault(name, "", "is defined otherwise than this program defines it: %s", sql)
		}
	}
	v.each(ctx, "extra_table", `SELECT id FROM extra_table ORDER BY id`, func(r *rows) {
		table := id[skranke.ExtraTableID](r)
		if _, ok := have[rowsName(table)]; !ok {
			v.fault("extra_table", fmt.Sprint(table), "has no table for its rows")
		}
	})
	return nil
}

// definitions are the statements that made tables and indexes, by their names.
func (tx *ReadTx) definitions(ctx context.Context) (map[string]string, error) {
	all := map[string]string{}
	err := tx.each(ctx, `SELECT name, COALESCE(sql, '') FROM sqlite_schema`, func(r *rows) {
		name := r.text()
		all[name] = strings.Join(strings.Fields(r.text()), " ")
	})
	return all, err
}

// freshDefinitions are those of a new database.
func freshDefinitions(ctx context.Context) (all map[string]string, err error) {
	dir, err := os.MkdirTemp("", "skranke-verify-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	db, err := Open(ctx, Options{Dir: dir})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	err = db.Read(ctx, func(tx *ReadTx) error {
		all, err = tx.definitions(ctx)
		return err
	})
	return all, err
}

// column is a column as the database describes it.
type column struct {
	name, kind string
	key        int64 // its place in the primary key, 0 if it is not in it
}

// tables lists the tables and their columns, but not those an index keeps.
func (v *verifier) tables(ctx context.Context) (map[string][]column, error) {
	all := map[string][]column{}
	err := v.tx.each(ctx, `SELECT t.name, c.name, c.type, c.pk FROM pragma_table_list() t, pragma_table_info(t.name) c
		WHERE t.type = 'table' AND t.schema = 'main' AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY t.name, c.cid`, func(r *rows) {
		table := r.text()
		all[table] = append(all[table], column{r.text(), r.text(), r.int64()})
	})
	return all, err
}

// keyOf is what tells a row of the table from others.
func keyOf(columns []column) string {
	var keys []column
	for _, c := range columns {
		if c.key > 0 {
			keys = append(keys, c)
		}
	}
	if len(keys) == 0 {
		return "rowid"
	}
	slices.SortFunc(keys, func(a, b column) int { return cmp.Compare(a.key, b.key) })
	parts := make([]string, len(keys))
	for i, c := range keys {
		parts[i] = c.name
		if c.kind == "BLOB" {
			parts[i] = "lower(hex(" + c.name + "))"
		}
	}
	return strings.Join(parts, ` || ',' || `)
}

// values looks at every value of every row: whether it is of the type of its
// column, and texts whether they are such as could be stored. Other databases
// than SQLite do that themselves.
func (v *verifier) values(ctx context.Context) error {
	if !v.local() {
		if err := v.countRows(ctx); err != nil {
			return err
		}
		return v.sequences(ctx, "sequence")
	}
	tables, err := v.tables(ctx)
	if err != nil {
		return err
	}
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		columns := tables[table]
		list := make([]string, len(columns))
		for i, c := range columns {
			list[i] = fmt.Sprintf("typeof(%s), %s", c.name, c.name)
		}
		v.each(ctx, table, "SELECT "+keyOf(columns)+", "+strings.Join(list, ", ")+" FROM "+table, func(r *rows) {
			v.found.Rows++
			key := r.text()
			for _, c := range columns {
				if complaint := check(r, c); complaint != "" {
					v.fault(table, key, "%s: %s", c.name, complaint)
				}
			}
		})
	}
	return v.sequences(ctx, "sqlite_sequence")
}

// sequences looks whether ids that were given will come again.
func (v *verifier) sequences(ctx context.Context, kept string) error {
	tables, err := v.tx.tableNames(ctx)
	if err != nil {
		return err
	}
	v.each(ctx, kept, v.tx.dialect.sequences, func(r *rows) {
		name, last := r.text(), r.int64()
		if !slices.Contains(tables, name) {
			if v.local() { // elsewhere it may be somebody else's
				v.fault(kept, name, "there is no such table")
			}
			return
		}
		newest, err := v.tx.number(ctx, "SELECT COALESCE(MAX(id), 0) FROM "+name)
		if err == nil && newest > last {
			v.fault(kept, name, "the last id given is said to be %d, but there is %d", last, newest)
		}
	})
	return nil
}

// check reads a value and its type and returns what is wrong with it.
func check(r *rows, c column) string {
	typ := r.text()
	col := r.take()
	want := ""
	switch c.kind {
	case "INTEGER", "BIGINT", "BOOLEAN":
		want = "integer"
	case "TEXT":
		want = "text"
	case "BLOB":
		want = "blob"
	case "DOUBLE PRECISION":
		want = "real"
	}
	switch {
	case typ == "null", want == "": // whether it may be null, integrity_check knows
		return ""
	case typ != want && !(want == "real" && typ == "integer"):
		return fmt.Sprintf("is %s, not %s", typ, want)
	case c.kind == "BOOLEAN" && r.cur.int64(col)&^1 != 0:
		return fmt.Sprintf("is %d, neither true nor false", r.cur.int64(col))
	case want == "text":
		if s := r.cur.text(col); !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
			return "is a text with bytes that cannot have been stored: it is damaged"
		}
	}
	return ""
}

// countRows counts the rows of the kinds that are counted.
func (v *verifier) countRows(ctx context.Context) error {
	counts, err := v.tx.Counts(ctx)
	for _, n := range counts {
		v.found.Rows += n
	}
	return err
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

// references looks for rows that name rows which are not there.
func (v *verifier) references(ctx context.Context) error {
	for _, ref := range references {
		where := ref.where
		if ref.to == "agent" { // whom nobody in particular stands for may have no row
			where += fmt.Sprintf(" AND t.%s <> %d", ref.column, skranke.SystemUser)
		}
		v.each(ctx, ref.table, fmt.Sprintf(`SELECT %s, t.%s FROM %s t WHERE t.%[2]s <> 0%[4]s
			AND NOT EXISTS (SELECT 1 FROM %[5]s x WHERE x.id = t.%[2]s)`, qualified(ref.key), ref.column, ref.table, where, ref.to), func(r *rows) {
			v.fault(ref.table, r.text(), "%s names %s %d, which is not there", ref.column, ref.to, r.int64())
		})
	}
	return nil
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
	if v.local() {
		v.each(ctx, "faq_index", `SELECT i.rowid FROM faq_index i WHERE NOT EXISTS (SELECT 1 FROM faq_entry e WHERE e.id = i.rowid)`,
			func(r *rows) { v.fault("faq_index", r.text(), "there is no such entry") })
		v.each(ctx, "faq_index", `SELECT e.id FROM faq_entry e WHERE NOT EXISTS (SELECT 1 FROM faq_index i WHERE i.rowid = e.id)`,
			func(r *rows) { v.fault("faq_entry", r.text(), "is not in the index of the FAQ") })
	}
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
