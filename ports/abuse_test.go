package ports_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"skranke"
	"skranke/desk"
)

// quick fails the test if fn, which does what nobody needs, takes long.
func quick(t *testing.T, what string, fn func()) {
	t.Helper()
	start := time.Now()
	fn()
	if d := time.Since(start); d > 30*time.Second {
		t.Errorf("%s took %v", what, d)
	}
}

// types.sec.1: a name nobody can have is braked, but not kept as it came: ten
// megabytes for each try would fill the disk.
func TestEndlessNamesAreNotKept(t *testing.T) {
	w := newWorld(t)
	endless := strings.Repeat("Kari", 1<<20)
	for _, method := range []string{"login", "checkPassword"} {
		w.customer(method, endless, "wrong").want("1")
	}
	w.agent("login", endless, "wrong").want("2")
	w.customer("loginAsCustomer", endless, "wrong", "kari").want("1")
	w.customer("newCustomer", endless, "good").want("7")
	if n := len(w.dump()); n > 1<<20 {
		t.Errorf("the database has grown to %d bytes of text", n)
	}
	longest := strings.Repeat("k", skranke.MaxUserName)
	w.customer("newCustomer", longest, "good").want("0")
	for range 10 {
		w.customer("login", longest+"k", "wrong").want("1")
	}
	w.customer("login", longest, "good").want("0") // another name
}

// types.sec.1: whoever has one address of an IPv6 network has them all.
func TestBrakeOfANetwork(t *testing.T) {
	w := newWorld(t, func(o *desk.Options) { o.Brake.PerAddress = 5 })
	everywhere := &skranke.Range{Port: skranke.PortCustomer, From: "::", To: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}
	if err := w.desk.AddRange(t.Context(), everywhere); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		w.from = fmt.Sprintf("2001:db8:0:1::%x", i+1)
		w.customer("checkPassword", fmt.Sprint("guess", i), "wrong").want("1")
	}
	w.from = "2001:db8:0:1:ffff::1"
	w.customer("login", "kari", customerPassword).want("1")
	w.from = "2001:db8:0:2::1"
	w.customer("login", "kari", customerPassword).want("0")
	for i := range 5 { // IPv4 in the clothes of IPv6 stays IPv4
		w.from = "::ffff:10.0.0.9"
		w.customer("checkPassword", fmt.Sprint("other", i), "wrong").want("1")
	}
	w.from = "10.0.0.9"
	w.customer("login", "kari", customerPassword).want("1")
	w.from = "::ffff:10.0.0.10"
	w.customer("login", "kari", customerPassword).want("0")
}

// Of an endless search only the beginning counts; some single characters stand
// for eighteen.
func TestEndlessFaqSearch(t *testing.T) {
	w := newWorld(t)
	for _, words := range []string{strings.Repeat("\ufdfa", 1<<20), strings.Repeat("a ", 2<<20), strings.Repeat("a-b.c/", 1<<20), strings.Repeat("å\u0301 ", 1<<20)} {
		quick(t, fmt.Sprintf("searching for %.12q...", words), func() { w.customer("faq_findEntries", "", words, "-1").want("0") })
	}
}

// A customer who sets a field again and again does not hold up all who write.
func TestEndlessValues(t *testing.T) {
	w := newWorld(t)
	key := w.logIn("kari")
	before := w.customer("getCustomer", key, []string{}).must().list("customerEmail")
	var some, many, extra []pair
	for i := range 20_000 {
		many = append(many, pair{"email", fmt.Sprintf("kari%d@acme.example", i)})
		extra = append(extra, pair{"x_201", "5"}, pair{"customer.x_201", ""})
	}
	some = append(many[:500:500], many[:500]...) // customer.setCustomer.4: once each
	w.customer("setCustomer", key, some).want("0")
	if got := w.customer("getCustomer", key, []string{}).must().list("customerEmail"); len(got) != len(before)+500 || !slices.Equal(got[:len(before)], before) {
		t.Errorf("got %d addresses, want %d", len(got), len(before)+500)
	}
	w.unchanged(func() {
		quick(t, "many addresses", func() { w.customer("setCustomer", key, many).want("17") })
	})
	quick(t, "many extra values", func() { w.customer("setCustomer", key, extra[:30_000]) })
}

// customer.findTickets.2: what is ignored is told to the log, in one line
// whatever there is of it.
func TestIgnoredCriteriaDoNotFillTheLog(t *testing.T) {
	w := newWorld(t)
	nonsense := make([]criterion, 5000)
	for i := range nonsense {
		nonsense[i] = criterion{"ticket.\nlevel=ERROR msg=forged " + strings.Repeat("x", 500), "OperatorNone", "v"}
	}
	w.customer("findTickets", w.logIn("kari"), nonsense, []string{"ticket.id"}).want("0")
	log := w.log.String()
	if n := strings.Count(log, "criteri"); n != 2 || len(log) > 2000 || !strings.Contains(log, "count=4999") {
		t.Errorf("got %d lines, %d bytes: %.500s", n, len(log), log)
	}
	for line := range strings.Lines(log) {
		if strings.HasPrefix(line, "level=") {
			t.Errorf("a line of the log is forged: %s", line)
		}
	}
}

// A search that names a field a hundred thousand times is refused before its
// answer takes all the memory there is.
func TestEndlessFieldsOfASearch(t *testing.T) {
	w := newWorld(t)
	w.write(addManyTickets(3000, siv))
	key := w.logIn("siv")
	for _, spelling := range []func(int) string{
		func(int) string { return "ticket.created_at" },
		func(i int) string { return "ticket.x_" + strings.Repeat("0", i%200) + "101" }, // types.input.2
	} {
		names := make([]string, 50_000)
		for i := range names {
			names[i] = spelling(i)
		}
		quick(t, "a long list of one field", func() {
			w.customer("findTickets", key, []criterion{}, names).want("7").empty("customer", "findTickets")
		})
	}
	// Long lists of different fields, and of names that are none, are served.
	names := slices.Repeat([]string{"ticket.id", "ticket.title", "ticket.status", "ticket.author", "ticket.created_at", "ticket.category",
		"ticket.priority", "ticket.closed_at", "ticket.replied_at", "customer.id", "customer.firstname", "customer.lastname"}, 10)
	for range 1000 {
		names = append(names, "ticket.nonsense")
	}
	a := w.customer("findTickets", key, []criterion{{"ticket.id", "OperatorLt", "2000"}}, names).must()
	for _, row := range a.table("searchResult") {
		if len(row) != 120 {
			t.Fatalf("got %d values, want 120", len(row))
		}
	}
}
