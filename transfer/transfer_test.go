package transfer

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"skranke"
	"skranke/desk"
	"skranke/store"
	"skranke/store/storetest"
)

var update = flag.Bool("update", false, "rewrite the tables in docs/import-format.md")

// open opens an empty installation without seed.
func open(t *testing.T) *desk.Desk {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Database: storetest.Database(t)})
	if err != nil {
		t.Fatal(err)
	}
	d, err := desk.New(t.Context(), db, desk.Options{PasswordCost: desk.PasswordCost{MemoryKiB: 8, Passes: 1}, Zone: time.UTC, MaxAttachment: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func load(t *testing.T, d *desk.Desk, text string, o ImportOptions) (Summary, error) {
	t.Helper()
	return Import(t.Context(), d, strings.NewReader(text), int64(len(text)), o)
}

func mustLoad(t *testing.T, d *desk.Desk, text string) Summary {
	t.Helper()
	sum, err := load(t, d, text, ImportOptions{Name: "file"})
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func export(t *testing.T, d *desk.Desk) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := Export(t.Context(), d, &b, ExportOptions{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Whatever an installation holds, an export of it makes another one that
// exports the same bytes; the order of the lines does not matter, and importing
// twice is the same as once.
func TestRoundTrip(t *testing.T) {
	for seed := uint64(1); seed <= 6; seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			made := randomWorld(seed, 8)
			first := open(t)
			mustLoad(t, first, made)
			want := export(t, first)
			for _, k := range Kinds() {
				if !strings.Contains(want, `{"kind":"`+k+`"`) {
					t.Errorf("no %s in the export", k)
				}
			}

			second := open(t)
			mustLoad(t, second, want)
			same(t, "export of an import", export(t, second), want)

			mustLoad(t, second, want)
			same(t, "export of the same import again", export(t, second), want)

			shuffled := strings.SplitAfter(strings.TrimSuffix(want, "\n"), "\n")
			shuffled[len(shuffled)-1] += "\n"
			rand.New(rand.NewPCG(seed, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			third := open(t)
			mustLoad(t, third, strings.Join(shuffled, ""))
			same(t, "export of a shuffled import", export(t, third), want)
		})
	}
}

func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("%s: line %d\n got %s\nwant %s", what, i+1, g[i], w[i])
		}
	}
	t.Fatalf("%s: got %d lines, want %d", what, len(g), len(w))
}

// Every member of every kind of row has a field, so nothing can be lost.
func TestEveryMemberHasAField(t *testing.T) {
	check(t, SettingTable)
	check(t, RangeTable)
	check(t, LanguageTable)
	check(t, PriorityTable)
	check(t, TicketStatusTable)
	check(t, ExtraTableTable)
	check(t, ExtraFieldTable)
	check(t, ExtraRowTable)
	check(t, UserTable)
	check(t, CategoryTable)
	check(t, LanguageCategoryTable)
	check(t, CountryTable)
	check(t, BusinessTable)
	check(t, ContactCategoryTable)
	check(t, SyncAgentTable)
	check(t, CompanyTable)
	check(t, CustomerTable)
	check(t, AttachmentTable)
	check(t, TemplateFolderTable)
	check(t, ReplyTemplateTable)
	check(t, ScriptTable)
	check(t, FaqFolderTable)
	check(t, FaqEntryTable)
	check(t, FaqVoteTable)
	check(t, FaqGroupTable)
	check(t, TicketTable)
	check(t, MessageTable)
	check(t, FavouriteTable)
	check(t, memberTable)
	check(t, levelTable)
	check(t, hoursTable)
	check(t, bodyTable)
	check(t, linkTable)
	check(t, groupEntryTable)
}

func check[T any](t *testing.T, table *Table[T]) {
	t.Helper()
	row := new(T)
	var has []uintptr
	for _, c := range table.columns {
		has = append(has, reflect.ValueOf(c.at(row)).Pointer())
		if c.doc == "" {
			t.Errorf("%s: %s is not explained", table.word(), c.name)
		}
	}
	var walk func(v reflect.Value, path string)
	walk = func(v reflect.Value, path string) {
		for i := range v.NumField() {
			f, name := v.Field(i), path+v.Type().Field(i).Name
			if f.Kind() == reflect.Struct && f.Type() != reflect.TypeFor[time.Time]() {
				walk(f, name+".")
				continue
			}
			if !slices.Contains(has, f.Addr().Pointer()) {
				t.Errorf("%s: the member %s has no field", table.word(), name)
			}
		}
	}
	walk(reflect.ValueOf(row).Elem(), "")
}

const base = `{"kind":"priority","id":1,"name":"Normal","default":true}
{"kind":"category","id":1,"name":"Support","method":4}
{"kind":"customer","id":1,"user_name":"kari","emails":["kari@example.com"]}
`

func TestProblemsSayWhereAndWhat(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{`{"kind":"customr","id":5}`, `file:4: unknown kind "customr": want one of setting, range, language`},
		{`{"id":5}`, `file:4: unknown kind ""`},
		{`{"kind":"customer","id":5,"fist_name":"Ola"}`, `file:4: customer 5: unknown field "fist_name": a customer has id, first_name`},
		{`{"kind":"customer","id":5,"first_name":7}`, `file:4: customer 5: first_name: want a text in quotes, got 7`},
		{`{"kind":"customer","id":"5"}`, `file:4: customer: id: want a whole number, got "5"`},
		{`{"kind":"customer","id":5,"id":6}`, `file:4: field "id" stands twice`},
		{`{"kind":"customer","id":1}`, `file:4: customer 1: this id stands further up as well`},
		{`{"kind":"customer","id":5,"user_name":"KARI"}`, `file:4: customer 5: user name already taken: customer 1 is called "kari"`},
		{`{"kind":"customer","id":5,"company":77}`, `file:4: there is no company 77, neither in the database nor in what is being imported`},
		{`{"kind":"customer","id":5,"emails":["kari"]}`, `file:4: customer 5: "kari" is no e-mail address`},
		{`{"kind":"customer","id":5,"first_name":"` + strings.Repeat("x", 100) + `"}`, `file:4: customer 5: first name has more than 99 characters`},
		{`{"kind":"customer","id":2147483648}`, `file:4: customer 2147483648: 2147483648 is no id`},
		{`{"kind":"customer","id":5,"password":"x","password_hash":"y"}`, `password and password_hash exclude each other`},
		{`{"kind":"customer","id":5,"password_hash":"$2y$10$abc"}`, `file:4: customer 5: the password hash is not of the form $argon2id$`},
		{`{"kind":"customer","id":5,"password_hash":"$argon2id$v=19$m=99999999,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`, `asks for m=99999999 KiB`},
		{`{"kind":"customer","id":5,"password":""}`, `file:4: customer 5: password: it is empty`},
		{`{"kind":"ticket","id":5,"customers":[9]}`, `file:4: ticket 5: there is no customer 9`},
		{`{"kind":"ticket","id":5,"customers":[1,1]}`, `file:4: ticket 5: customer not found: customer 1 stands twice`},
		{`{"kind":"ticket","id":5,"created_at":"2021-01-25 12:05"}`, `file:4: ticket 5: created_at: want a moment with its zone, such as 2021-01-25T12:05:09Z`},
		{`{"kind":"ticket","id":5,"extra":{"x_1":"a"}}`, `file:4: ticket 5: there is no extra_field 1`},
		{`{"kind":"ticket","id":5,"extra":{"y":"a"}}`, `file:4: ticket 5: extra: "y" names no extra field`},
		{`{"kind":"ticket","id":5,"status":9}`, `file:4: ticket 5: status 9 is none of 0 to 5`},
		{`{"kind":"ticket","id":5,"merged_into":6}`, `file:4: there is no ticket 6`},
		{`{"kind":"message","id":5,"ticket":12}`, `file:4: message 5: there is no ticket 12`},
		{`{"kind":"message","id":5}`, `a message needs a ticket`},
		{`{"kind":"attachment","id":5,"data":"AAA="}{`, `file:4: not JSON: `},
		{`{"kind":"attachment","id":5,"data":"A*A="}`, `file:4: attachment 5: data: not base64`},
		{`{"kind":"attachment","id":5,"data":"AAA=","size":7}`, `the contents have 2 bytes, not 7`},
		{`{"kind":"attachment","id":5,"data":"AAA=","file":"x"}`, `data and file exclude each other`},
		{`{"kind":"attachment","id":5,"file":"gone"}`, `file:4: attachment 5: file: open gone: file does not exist`},
		{`{"kind":"attachment","id":5,"file":"../secret"}`, `file: open ../secret`},
		{`{"kind":"attachment","id":5,"file":"folder"}`, `file: "folder" is no file`},
		{`{"kind":"attachment","id":5,"file":"folder/pipe"}`, `file: "folder/pipe" is no file`},
		{`{"kind":"attachment","id":5,"data":"` + strings.Repeat("A", 1<<21) + `"}`, `file:4: attachment 5: an attachment may have 1048576 bytes`},
		{`{"kind":"range","id":5,"port":"ftp","from":"10.0.0.1"}`, `file:4: range 5: port "ftp" is none of`},
		{`{"kind":"range","id":5,"port":"ticket","from":"10.0.0.9","to":"10.0.0.1"}`, `is no range`},
		{`{"kind":"extra_field","id":5,"domain":"user"}`, `unknown word "user": want ticket, customer, company or table`},
		{`{"kind":"extra_field","id":5,"domain":"ticket","type":"texts"}`, `unknown word "texts": want one of integer, long-text`},
		{`{"kind":"category","id":5,"members":[{"usr":1}]}`, `file:4: category 5: members: unknown field "usr": a CategoryMember has user, weight`},
		{`{"kind":"user","id":1,"status":1}`, `stands for nobody in particular`},
		{"\"caf\xe9\"", `file:4: not UTF-8: convert the file first`},
		{`[1]`, `file:4: want an object in {}, got [1]`},
		{`{"kind":"ticket","id":5,"customers":"1"}`, `customers: want a list in [], got "1"`},
		{`{"kind":"ticket","id":5,"has_attachment":1}`, `has_attachment: want true or false, got 1`},
		{`{"kind":"faq_vote","entry":4,"customer":1,"vote":5}`, `there is no faq_entry 4`},
		{`{"kind":"favourite","user":2,"ticket":4711}`, `there is no ticket 4711`},
		{`{"kind":"favourite","ticket":1}`, `a favourite needs a user`},
	} {
		d := open(t)
		before := export(t, d)
		_, err := load(t, d, base+tt.line+"\n", ImportOptions{Name: "file", Files: fstest.MapFS{"folder/pipe": {Mode: fs.ModeNamedPipe}}})
		var problems *Problems
		if !errors.As(err, &problems) || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "nothing was imported") {
			t.Errorf("%.90s:\n got %v\nwant %s", tt.line, err, tt.want)
			continue
		}
		for _, p := range problems.List {
			if p.Line != 4 {
				t.Errorf("%.90s: got line %d, want 4", tt.line, p.Line)
			}
		}
		if after := export(t, d); after != before {
			t.Errorf("%.90s: a refused file left\n%s", tt.line, after)
		}
	}
}

func TestAFileIsReadOnAfterAProblem(t *testing.T) {
	_, err := load(t, open(t), strings.Repeat("{}\n", 3)+base+"x\n", ImportOptions{Name: "file"})
	var problems *Problems
	if !errors.As(err, &problems) || len(problems.List) != 4 || problems.More {
		t.Errorf("got %v, want 4 problems", err)
	}
	_, err = load(t, open(t), strings.Repeat("{}\n", 100), ImportOptions{Name: "file"})
	if !errors.As(err, &problems) || len(problems.List) != maxProblems || !problems.More {
		t.Errorf("got %v, want %d problems and more", err, maxProblems)
	}
}

// Lines that are bad, and those that need them, are left out; all others are kept.
func TestPartial(t *testing.T) {
	d := open(t)
	sum, err := load(t, d, base+`
{"kind":"ticket","id":10,"title":"good","category":1,"customers":[1]}
{"kind":"customer","id":2,"user_name":"kari"}
{"kind":"ticket","id":11,"title":"of nobody","customers":[2]}
{"kind":"message","id":1,"ticket":11,"body":"of nothing"}
{"kind":"ticket","id":12,"title":"of no category","category":9}
{"kind":"ticket","id":13,"title":"of no category either","category":9}
{"kind":"ticket","id":14,"title":"merged into a bad one","merged_into":12}
{"kind":"customer","id":3,"user_name":"ola","password":"pw"}
not JSON
`, ImportOptions{Name: "file", Partial: true})
	if err != nil {
		t.Fatal(err)
	}
	var lines []int
	for _, p := range sum.Problems {
		lines = append(lines, p.Line)
	}
	if want := []int{6, 7, 8, 9, 10, 11, 13}; !slices.Equal(lines, want) {
		t.Errorf("got bad lines %v, want %v: %v", lines, want, sum.Problems)
	}
	if sum.Rows["ticket"] != 1 || sum.Rows["customer"] != 2 || sum.Plain != 1 || sum.Lines != 13 {
		t.Errorf("got %+v", sum)
	}
	kept := export(t, d)
	for _, want := range []string{`"title":"good"`, `"user_name":"ola"`, `"user_name":"kari"`} {
		if !strings.Contains(kept, want) {
			t.Errorf("no %s in\n%s", want, kept)
		}
	}
	if _, err := d.LogInCustomer(t.Context(), desk.Credentials{Name: "ola", Password: "pw"}); err != nil {
		t.Errorf("log-in with an imported password: %v", err)
	}
}

func TestNewIDsStartAboveTheHighest(t *testing.T) {
	d := open(t)
	mustLoad(t, d, base+`{"kind":"ticket","id":5000,"customers":[1]}`+"\n"+`{"kind":"ticket","title":"new"}`+"\n"+`{"kind":"user","login_name":"x","status":1}`)
	all := export(t, d)
	if !strings.Contains(all, `{"kind":"ticket","id":5001,"title":"new"`) {
		t.Errorf("no ticket 5001 in\n%s", all)
	}
	if !strings.Contains(all, `{"kind":"user","id":2,"login_name":"x"`) {
		t.Errorf("the first id of users is the system's:\n%s", all)
	}
}

// A person who is imported without a password keeps the one he has.
func TestPasswordsSurvive(t *testing.T) {
	d := open(t)
	in := func() error {
		_, err := d.LogInCustomer(t.Context(), desk.Credentials{Name: "kari", Password: "hemmelig"})
		return err
	}
	mustLoad(t, d, `{"kind":"customer","id":1,"user_name":"kari","password":"hemmelig"}`)
	mustLoad(t, d, base)
	if err := in(); err != nil {
		t.Errorf("after an import without a password: %v", err)
	}
	key, err := d.LogInCustomer(t.Context(), desk.Credentials{Name: "kari", Password: "hemmelig"})
	if err != nil {
		t.Fatal(err)
	}
	mustLoad(t, d, `{"kind":"customer","id":1,"user_name":"kari","password_hash":""}`)
	if err := in(); skranke.CodeOf(err) != skranke.CodeIncorrectLoginCustomer {
		t.Errorf("after the password was taken away: got %v", err)
	}
	if _, err := d.Resume(t.Context(), key, desk.ForCustomer); skranke.CodeOf(err) != skranke.CodeInvalidSessionKey {
		t.Errorf("the session outlived the password: %v", err)
	}
	all := export(t, d)
	if strings.Contains(all, "hemmelig") {
		t.Errorf("a password stands in the export")
	}
}

func TestContentsFromFiles(t *testing.T) {
	files := fstest.MapFS{"contents/a.txt": {Data: []byte("hei")}}
	d := open(t)
	_, err := load(t, d, `{"kind":"attachment","id":1,"name":"a.txt","key":"k","file":"contents/a.txt"}`, ImportOptions{Files: files})
	if err != nil {
		t.Fatal(err)
	}
	if got := export(t, d); !strings.Contains(got, `"size":3,`) || !strings.Contains(got, `"data":"aGVp"`) {
		t.Errorf("got %s", got)
	}
	// The same again changes nothing; other contents do not take its place.
	if _, err := load(t, d, `{"kind":"attachment","id":1,"name":"a.txt","file":"contents/a.txt"}`, ImportOptions{Files: files}); err != nil {
		t.Error(err)
	}
	mustLoad(t, d, base+`{"kind":"ticket","id":1,"customers":[1]}`+"\n"+`{"kind":"message","id":1,"ticket":1,"attachments":[1]}`)
	if _, err := load(t, d, `{"kind":"attachment","id":1,"name":"a.txt","data":"AAAA"}`, ImportOptions{}); err == nil {
		t.Error("an attachment in use got other contents")
	}
}

func TestLostContentsAreTold(t *testing.T) {
	d := open(t)
	sum := mustLoad(t, d, `{"kind":"attachment","id":1,"name":"a.txt","size":9,"sha256":"`+strings.Repeat("ab", 32)+`"}`)
	if sum.Lost != 1 {
		t.Errorf("import: got %d lost contents, want 1", sum.Lost)
	}
	var b bytes.Buffer
	out, err := Export(t.Context(), d, &b, ExportOptions{})
	if err != nil || out.Lost != 1 || !strings.Contains(b.String(), `"size":9`) {
		t.Errorf("export: got %+v, %v, %s", out, err, b.String())
	}
}

func TestLinesAsPeopleWriteThem(t *testing.T) {
	d := open(t)
	sum := mustLoad(t, d, "\xef\xbb\xbf \r\n\n { \"id\" : 7 , \"name\":\"H\\u00f8y\", \"kind\" : \"priority\",\"external\":null } \r\n"+
		`{"kind":"ticket","id":1,"created_at":"2021-01-25T13:05:09.12+01:00","time_to_close":1.5}`)
	if sum.Lines != 4 || sum.Rows["priority"] != 1 || sum.Rows["ticket"] != 1 {
		t.Errorf("got %+v", sum)
	}
	all := export(t, d)
	for _, want := range []string{`{"kind":"priority","id":7,"name":"Høy"}`, `"created_at":"2021-01-25T12:05:09.120Z"`, `"time_to_close":1.5}`} {
		if !strings.Contains(all, want) {
			t.Errorf("no %s in\n%s", want, all)
		}
	}
}

// rows is a file that is made while it is read.
type rows struct {
	line func(i int64) string // all of one length
	size int64
}

func (r rows) ReadAt(p []byte, off int64) (int, error) {
	length := int64(len(r.line(0)))
	n := 0
	for n < len(p) && off < r.size {
		c := copy(p[n:], r.line(off / length)[off%length:])
		n += c
		off += int64(c)
	}
	if n < len(p) {
		return n, errors.New("end")
	}
	return n, nil
}

// A large file takes no more memory than a small one.
func TestImportTakesLittleMemory(t *testing.T) {
	const n = 20_000
	d := open(t)
	mustLoad(t, d, base)
	line := func(i int64) string {
		return fmt.Sprintf(`{"kind":"ticket","id":%9d,"title":"%s","category":1,"priority":1,"customers":[1],"owner":1}`+"\n", i+1, strings.Repeat("x", 1000))
	}
	src := rows{line, n * int64(len(line(0)))}
	var most uint64
	var m runtime.MemStats
	count := 0
	sum, err := Import(t.Context(), d, src, src.size, ImportOptions{Progress: func(int, int64) {
		if count++; count%2000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
	}})
	if err != nil || sum.Rows["ticket"] != n {
		t.Fatalf("got %+v, %v", sum, err)
	}
	t.Logf("%d MiB of lines, at most %d MiB of live heap", src.size>>20, most>>20)
	if most > uint64(src.size) {
		t.Errorf("got %d MiB of live heap for a file of %d MiB", most>>20, src.size>>20)
	}
}

func TestLongLines(t *testing.T) {
	long := rows{func(i int64) string {
		if i == 0 {
			return `{"kind":"setting","name":"` + strings.Repeat("a", 4096-26)
		}
		return strings.Repeat("a", 4096)
	}, MaxLine + 8192}
	_, err := Import(t.Context(), open(t), long, long.size, ImportOptions{Name: "file"})
	if err == nil || !strings.Contains(err.Error(), "file:1: the line is longer than 128 MiB") {
		t.Errorf("got %.200v", err)
	}
}

// The tables of the documentation are those the program reads by.
func TestDocumentation(t *testing.T) {
	const file = "../docs/import-format.md"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- tables: begin -->\n", "<!-- tables: end -->"
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the tables", file)
	}
	var b strings.Builder
	for _, k := range kinds() {
		fmt.Fprintf(&b, "\n### %s\n\n| field | type | |\n| --- | --- | --- |\n", k.word)
		for _, f := range k.fields() {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Name, f.Type, strings.ReplaceAll(f.Doc, "|", `\|`))
		}
	}
	want := before + begin + b.String() + "\n" + end + after
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(text) != want {
		t.Errorf("%s is not what the program does: run go test ./transfer -update", file)
	}
	for _, word := range extraKindWords() {
		if !strings.Contains(string(text), "`"+word+"`") {
			t.Errorf("%s does not name the type %s", file, word)
		}
	}
}
