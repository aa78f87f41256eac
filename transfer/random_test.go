package transfer

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"time"

	"skranke"
	"skranke/desk"
)

// world makes random rows of every kind that fit together. Every field of every
// row has a value, unless the rules forbid it.
type world struct {
	r    *rand.Rand
	rows int // of each kind
	b    strings.Builder
	defs map[skranke.ExtraFieldID]*skranke.ExtraField
}

var alphabet = []rune("abcxyzABCÆØÅæøå 0189-_<>&\"'\\/\t\r\n\u0001\u001b\u007f\u00a0\u2028\ufeff€漢🫐]")

// text is at most n characters of all sorts, never empty.
func (w *world) text(n int) string {
	var b strings.Builder
	for range 1 + w.r.IntN(min(n, 30)) {
		b.WriteRune(alphabet[w.r.IntN(len(alphabet))])
	}
	return b.String()
}

// word is letters only.
func (w *world) word() string {
	var b strings.Builder
	for range 3 + w.r.IntN(8) {
		b.WriteRune(rune('a' + w.r.IntN(26)))
	}
	return b.String()
}

func (w *world) id() int64 { return 1 + w.r.Int64N(int64(w.rows)) }

func (w *world) moment() time.Time {
	return time.UnixMilli(w.r.Int64N(4e12) - 1e12).UTC()
}

// fill gives every member of row that it knows the type of a random value.
func (w *world) fill(row any) {
	v := reflect.ValueOf(row).Elem()
	for i := range v.NumField() {
		f := v.Field(i)
		if !f.CanSet() {
			continue
		}
		w.set(f)
	}
}

func (w *world) set(f reflect.Value) {
	switch p := f.Addr().Interface().(type) {
	case *time.Time:
		*p = w.moment()
		return
	case *time.Duration:
		*p = time.Duration(1+w.r.Int64N(1e9)) * time.Millisecond
		return
	}
	switch f.Kind() {
	case reflect.String:
		f.SetString(w.text(40))
	case reflect.Bool:
		f.SetBool(w.r.IntN(4) > 0)
	case reflect.Int, reflect.Int64:
		f.SetInt(w.id())
	case reflect.Uint32:
		f.SetUint(uint64(1 + w.r.Uint32N(1<<20)))
	case reflect.Struct:
		w.fill(f.Addr().Interface())
	}
}

// put writes a row as a line.
func put[T any](w *world, t *Table[T], row *T, aside string) {
	b, err := t.appendOpen(nil, row, func(id skranke.ExtraFieldID) (*skranke.ExtraField, error) { return w.defs[id], nil })
	if err != nil {
		panic(err)
	}
	w.b.Write(b)
	w.b.WriteString(aside + "}\n")
}

// extra makes values for all fields of a domain.
func (w *world) extra(d skranke.Domain) []skranke.ExtraValue {
	var values []skranke.ExtraValue
	for id := skranke.ExtraFieldID(1); int(id) <= len(w.defs); id++ {
		f := w.defs[id]
		if f.Domain != d || w.r.IntN(5) == 0 {
			continue
		}
		v := skranke.Value{Set: true}
		switch t := f.Type(); {
		case t.IsText():
			v.Text = w.text(100)
		case t.IsID():
			v.Int = w.id()
		case t == skranke.TypeBool:
			v.Int = w.r.Int64N(2)
		case t == skranke.TypeFloat:
			v.Float = w.r.NormFloat64() * 1e6
		case t == skranke.TypeDate:
			v.Int = (w.r.Int64N(40000) - 10000) * 86400000
		case t == skranke.TypeTime:
			v.Int = w.r.Int64N(86400000)
		case t == skranke.TypeDateTime:
			v.Int = w.moment().UnixMilli()
		default:
			v.Int = w.r.Int64N(2000) - 1000
		}
		values = append(values, skranke.ExtraValue{Field: id, Value: v})
	}
	return values
}

const hash = "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// randomWorld is a file with rows of every kind, every one with all fields.
func randomWorld(seed uint64, rows int) string {
	w := &world{r: rand.New(rand.NewPCG(seed, 1)), rows: rows, defs: map[skranke.ExtraFieldID]*skranke.ExtraField{}}
	for id := skranke.ExtraTableID(1); id <= 2; id++ {
		put(w, ExtraTableTable, &skranke.ExtraTable{ID: id, TableName: fmt.Sprint("y_", w.word(), id), Label: w.text(40), Flags: 1, Display: 1, Order: 2}, "")
	}
	for i, domain := range []skranke.Domain{skranke.DomainTicket, skranke.DomainCustomer, skranke.DomainCompany, skranke.DomainTable, skranke.DomainTable} {
		for _, word := range extraKindWords() {
			kind, _ := skranke.ParseExtraKind(word)
			f := &skranke.ExtraField{}
			w.fill(f)
			f.ID, f.Domain, f.Kind, f.FieldName, f.Default = skranke.ExtraFieldID(len(w.defs)+1), domain, kind, fmt.Sprint("x_", w.word(), len(w.defs)), "1"
			if f.Table = 0; domain == skranke.DomainTable {
				f.Table = skranke.ExtraTableID(i - 2)
			}
			if f.Target = 0; kind == skranke.ExtraTableRow {
				f.Target = 1
			}
			if t := f.Type(); t == skranke.TypeDate || t == skranke.TypeDateTime || t == skranke.TypeTime {
				f.Default = ""
			}
			w.defs[f.ID] = f
			put(w, ExtraFieldTable, f, "")
		}
	}
	for i := int64(1); i <= int64(rows); i++ {
		w.lists(i)
		w.people(i)
		w.faq(i)
		w.work(i)
		w.done(i)
	}
	return w.b.String()
}

func (w *world) lists(i int64) {
	put(w, SettingTable, &Setting{fmt.Sprint(w.word(), i), w.text(40)}, "")
	put(w, RangeTable, &skranke.Range{ID: skranke.RangeID(i), Port: skranke.Ports()[w.r.IntN(3)], From: "10.0.0.1", To: fmt.Sprintf("10.0.%d.9", i%250)}, "")
	l := &skranke.Language{}
	w.fill(l)
	l.ID, l.Code = skranke.LanguageID(i), w.word()[:2]
	put(w, LanguageTable, l, "")
	p := &skranke.Priority{}
	w.fill(p)
	p.ID = skranke.PriorityID(i)
	p.Actions = [skranke.EscalateEvents]skranke.EscalateAction{-1, 0, 1, 2, -1, 1}
	letter := func() skranke.TemplateID { return skranke.TemplateID(w.id()) }
	p.Levels = []skranke.AlertLevel{{Level: 1, Timeout: 5}, {Level: 3, Timeout: 60, Reassign: skranke.UserID(w.id()),
		ToCustomer: letter(), ToOwner: letter(), ToMaster: letter(), ToOthers: letter(), Others: w.text(40), Script: skranke.ScriptID(w.id())}}
	p.Hours = []skranke.OfficeHours{{Weekday: 1, From: 8*60 + 5, To: skranke.EndOfDay}, {Weekday: 1, To: 60}, {Date: "2026-12-24"}}
	put(w, PriorityTable, p, "")
	s := &skranke.TicketStatus{}
	w.fill(s)
	s.ID, s.Base = i, skranke.Status(1+w.r.IntN(5))
	put(w, TicketStatusTable, s, "")
	country := &skranke.Country{}
	w.fill(country)
	country.ID = skranke.CountryID(i)
	put(w, CountryTable, country, "")
	put(w, BusinessTable, &skranke.Business{ID: skranke.BusinessID(i), Name: w.text(40)}, "")
	put(w, ContactCategoryTable, &skranke.ContactCategory{ID: skranke.ContactCategoryID(i), Name: w.text(40)}, "")
	put(w, SyncAgentTable, &skranke.SyncAgent{ID: i, Name: w.text(40), IDString: w.text(40)}, "")
	c := &skranke.Category{}
	w.fill(c)
	c.ID, c.Parent, c.Method = skranke.CategoryID(i), skranke.CategoryID(i-1), skranke.DelegateMethod(1+w.r.IntN(4))
	c.Members = []skranke.CategoryMember{{User: skranke.UserID(w.id()), Weight: 2}, {User: skranke.UserID(w.id()), Weight: 0}}
	put(w, CategoryTable, c, "")
	lc := &skranke.LanguageCategory{}
	w.fill(lc)
	lc.ID, lc.Parent = i, i-1
	put(w, LanguageCategoryTable, lc, "")
	f := &skranke.TemplateFolder{}
	w.fill(f)
	f.ID, f.Parent = skranke.TemplateFolderID(i), skranke.TemplateFolderID(i-1)
	put(w, TemplateFolderTable, f, "")
	t := &skranke.ReplyTemplate{}
	w.fill(t)
	t.ID = skranke.TemplateID(i)
	for j := range int64(2) {
		b := skranke.TemplateBody{}
		w.fill(&b)
		b.ID = skranke.TemplateBodyID(2*i + j)
		t.Bodies = append(t.Bodies, b)
	}
	t.Attachments = []skranke.AttachmentID{skranke.AttachmentID(w.id())}
	put(w, ReplyTemplateTable, t, "")
	put(w, ScriptTable, &skranke.Script{ID: skranke.ScriptID(i), IncludeID: fmt.Sprint(w.word(), i), Description: w.text(40), Source: w.text(40)}, "")
}

func (w *world) people(i int64) {
	u := &skranke.User{}
	w.fill(u)
	u.ID, u.LoginName, u.UserName, u.Email = skranke.UserID(i), fmt.Sprint("login", i), fmt.Sprint("user", i), w.word()+"@example.com"
	u.Status, u.PasswordHash = skranke.UserNormal, hash
	if i == 1 {
		u.Status = skranke.UserSystem
	}
	put(w, UserTable, u, "")
	c := &skranke.Company{}
	w.fill(c)
	c.ID, c.Domains, c.Extra = skranke.CompanyID(i), []string{w.word(), w.word()}, w.extra(skranke.DomainCompany)
	put(w, CompanyTable, c, "")
	k := &skranke.Customer{}
	w.fill(k)
	k.ID, k.UserName, k.PasswordHash = skranke.CustomerID(i), fmt.Sprint("kunde æ", i), hash
	k.Emails, k.Extra = []string{w.word() + "@example.com", "ø" + w.word() + "@example.com"}, w.extra(skranke.DomainCustomer)
	put(w, CustomerTable, k, "")
}

func (w *world) faq(i int64) {
	f := &skranke.FaqFolder{}
	w.fill(f)
	f.ID, f.Parent, f.Access, f.Source = skranke.FaqFolderID(i), skranke.FaqFolderID(i-1), skranke.FaqAccess(1+w.r.IntN(4)), fmt.Sprint(w.word(), i)
	put(w, FaqFolderTable, f, "")
	e := &skranke.FaqEntry{}
	w.fill(e)
	e.ID, e.Access, e.State, e.Source = skranke.FaqEntryID(i), skranke.FaqAccess(1+w.r.IntN(4)), skranke.FaqState(1+w.r.IntN(3)), fmt.Sprint(w.word(), i)
	e.Votes, e.VoteSum = 3, 170
	e.Links, e.Attachments = []skranke.FaqLink{{Name: w.text(9), URL: w.text(9)}}, []skranke.AttachmentID{skranke.AttachmentID(w.id())}
	put(w, FaqEntryTable, e, "")
	put(w, FaqVoteTable, &desk.FaqBallot{Entry: e.ID, FaqVote: skranke.FaqVote{Customer: skranke.CustomerID(w.id()), Vote: 7, At: w.moment()}}, "")
	put(w, FaqGroupTable, &skranke.FaqGroup{ID: skranke.FaqGroupID(i), Folder: f.ID, Description: w.text(9), Entries: []skranke.FaqGroupEntry{{Entry: e.ID, SortPos: 4}}}, "")
}

// done makes an entry of the log, of a row that is there no more.
func (w *world) done(i int64) {
	e := &desk.AuditEntry{
		ID: i, At: w.moment(), Action: "set-ticket", Kind: "ticket", Row: 1 << 20, Ticket: skranke.TicketID(w.id()), Message: skranke.MessageID(w.id()),
		User: skranke.UserID(w.id()), Customer: skranke.CustomerID(w.id()), LoggedIn: skranke.UserID(w.id()), Addr: "::1", Via: w.word(), Detail: w.text(9),
		Changes: []desk.AuditChange{{Name: w.word(), Number: 2, Before: w.text(9), After: w.text(9)}, {Name: "password"}},
	}
	if i%2 == 0 {
		e.Action = "4711" // of another version
	}
	put(w, AuditTable, e, "")
}

func (w *world) work(i int64) {
	t := &skranke.Ticket{}
	w.fill(t)
	t.ID, t.Status, t.SLevel, t.ReadStatus = skranke.TicketID(i), skranke.Status(1+w.r.IntN(5)), skranke.SLevel(1+w.r.IntN(2)), skranke.ReadStatus(1+w.r.IntN(3))
	first := skranke.CustomerID(w.id())
	t.Customers, t.Extra = []skranke.CustomerID{first}, w.extra(skranke.DomainTicket)
	if second := skranke.CustomerID(w.id()); second != first {
		t.Customers = append(t.Customers, second)
	}
	put(w, TicketTable, t, "")
	for table := skranke.ExtraTableID(1); table <= 2; table++ {
		values := slices.DeleteFunc(w.extra(skranke.DomainTable), func(v skranke.ExtraValue) bool { return w.defs[v.Field].Table != table })
		put(w, ExtraRowTable, &skranke.ExtraRow{Table: table, ID: skranke.ExtraRowID(i), Values: values}, "")
	}
	m := &skranke.Message{}
	w.fill(m)
	m.ID, m.SLevel, m.Kind = skranke.MessageID(i), skranke.SLevel(1+w.r.IntN(2)), skranke.MessageKind(1+w.r.IntN(2))
	m.To, m.Cc, m.Bcc = []string{w.text(9), w.text(9)}, []string{w.text(9)}, []string{w.text(9)}
	m.Attachments = []skranke.AttachmentID{skranke.AttachmentID(w.id())}
	put(w, MessageTable, m, "")
	put(w, FavouriteTable, &skranke.Favourite{User: max(skranke.UserID(w.id()), 2), Ticket: t.ID}, "")
	a := &skranke.Attachment{}
	w.fill(a)
	a.ID, a.Size, a.SHA256 = skranke.AttachmentID(i), 0, ""
	put(w, AttachmentTable, a, `,"data":"AAECAwQF"`)
}
