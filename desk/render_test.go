package desk

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"skranke"
)

// someVariables are variables with fixed values; those that begin with ! hold HTML.
type someVariables map[string]string

func (v someVariables) variable(name string) (string, bool, bool) {
	if value, ok := v["!"+name]; ok {
		return value, true, true
	}
	value, ok := v[name]
	return value, false, ok
}

func (v someVariables) function(name, argument string) (string, bool) {
	return "<" + argument + ">", name == "shout"
}

var sample = someVariables{
	"ticket.id": "1012", "ticket.title": "Fire & <b>smoke</b>", "ticket.priority": "3", "ticket.empty": "",
	"customer.name": "[[ticket.id]] %ticket.id%", "ticket.createdatraw": "2026-03-02 09:05:07",
	"message.body": "a < b\nc", "!message.bodyhtml": "a &lt; b<br>\nc", "seconds": "3725", "zero": "0",
}

func TestRender(t *testing.T) {
	for _, c := range []struct{ template, want string }{
		// ticket.template.3
		{"", ""},
		{"plain", "plain"},
		{"#[[ticket.id]]!", "#1012!"},
		{"#%ticket.id%!", "#1012!"},
		{"<cs:parser>ticket.id</cs:parser>", "1012"},
		{"<CS:Parser> Ticket.ID </cs:PARSER>", "1012"},
		{"[[Ticket.Id]] %TICKET.ID% [[ ticket.id ]]", "1012 1012 1012"},
		{"[[ticket.title]]", "Fire & <b>smoke</b>"},
		{"[[message.bodyHtml]]", "a &lt; b<br>\nc"},
		{"a[[nothing.here]]b<cs:parser>nothing</cs:parser>c", "abc"},
		{"%nothing% 100% of %20%s %% %ticket.id", "%nothing% 100% of %20%s %% %ticket.id"},
		{"100%ticket.id%", "1001012"},
		{"[[ [[ticket.id]] ]]", "[[ 1012 ]]"},
		{"[[[ticket.id]]]", "[1012]"},
		{"[[not a name]] [[see: below]] [[", "[[not a name]] [[see: below]] [["},
		{"<cs:parser>ticket.id", "<cs:parser>ticket.id"},
		{"[[customer.name]]", "[[ticket.id]] %ticket.id%"}, // values are no templates
		{"[[shout(ticket.id)]][[shout(\"x\")]][[whisper(1)]]", "<1012><x>"},

		{"[[IF:ticket.id]]yes[[ENDIF]]", "yes"},
		{"[[IF:ticket.empty]]yes[[ELSE]]no[[ENDIF]]", "no"},
		{"[[IF:zero]]yes[[ELSE]]no[[ENDIF]]", "no"},
		{"[[IF:nothing]]a[[ELSEIF:ticket.priority = 3]]b[[ELSEIF:ticket.id]]c[[ELSE]]d[[ENDIF]]e", "be"},
		{"[[IF:ticket.id]]a[[IF:zero]]b[[ELSE]]c[[ENDIF]]d[[ELSE]]e[[IF:ticket.id]]f[[ENDIF]][[ENDIF]]g", "acdg"},
		{"[[if:ticket.id > 999]]y[[endif]]", "y"},
		{"[[IF:ticket.id < 999]]y[[ENDIF]]", ""},
		{"[[IF:\"9\" < \"10\"]]number[[ENDIF]][[IF:\"b\" > \"a10\"]]text[[ENDIF]]", "numbertext"},
		{"[[IF:ticket.id == \"1012\" && !zero]]y[[ENDIF]]", "y"},
		{"[[IF:zero or (ticket.priority >= 3 and not ticket.empty)]]y[[ENDIF]]", "y"},
		{"[[IF:ticket.id != 1012 || ticket.id <> 1012]]y[[ELSE]]n[[ENDIF]]", "n"},
		{"[[IF:[[ticket.id]] = \"10[[zero]]12\"]]y[[ELSE]]n[[ENDIF]]", "n"},
		{"[[IF:(ticket.id]]y[[ELSE]]unreadable is false[[ENDIF]]", "unreadable is false"},
		{"[[IF:ticket.id rubbish]]y[[ENDIF]]", ""},
		{"a[[ENDIF]]b[[ELSE]]c", "abc"},
		{"[[IF:zero]]hidden [[ticket.id]] [[SET:a=\"x\"]]", ""},
		{"[[IF:zero]][[SET:a=\"x\"]][[ENDIF]]<[[a]]>", "<>"},
		{"[[IF:ticket.id]]a[[ELSE]]b[[ELSE]]c[[ELSEIF:ticket.id]]d[[ENDIF]]", "a"},

		{`[[DECODE:ticket.priority,"1","low","3","high","?"]]`, "high"},
		{`[[DECODE:ticket.id,"1","low","3","high","other"]]`, "other"},
		{`[[DECODE:ticket.id,"1","low"]]`, ""},
		{`[[DECODE:[[ticket.priority]],"3","#[[ticket.id]] \"quoted\" %zero%"]]`, `#1012 "quoted" 0`},
		{`[[DECODE:"x","x",ticket.title]]`, "Fire & <b>smoke</b>"},

		{`[[SET:greeting="Hi [[ticket.id]]"]][[greeting]] %Greeting%`, "Hi 1012 Hi 1012"},
		{`[[SET:n=5]][[INC:n]][[INC:n]][[DEC:n]][[n]]`, "6"},
		{`[[INC:fresh]][[fresh]][[DEC:other]][[other]]`, "1-1"},
		{`[[SET:ticket.id="shadow"]][[ticket.id]]`, "shadow"},
		{`[[SET:a="[[a]]x"]][[SET:a="[[a]]x"]][[a]]`, "xx"},

		{`[[FORMAT-DATE:"2026-03-02 09:05:07","YY4 MM2 DD2 HH24:MI2:SS2"]]`, "2026 03 02 09:05:07"},
		{`[[FORMAT-DATE:ticket.createdAtRaw,"DD1.MM1.YY2 klokken HH24"]]`, "2.3.26 klokken 09"},
		{`[[FORMAT-DATE:"[[ticket.createdAtRaw]]","YY4"]]`, "2026"},
		{`[[FORMAT-DATE:"2026-03-02 15:05","HH12:MI2 AMPM"]]`, "03:05 PM"},
		{`[[FORMAT-DATE:"soon","YY4"]][[FORMAT-DATE:"","YY4"]]`, ""},

		{`[[SEC-TO-TIME:"3725","h:m:s"]]`, "1:02:05"},
		{`[[SEC-TO-TIME:seconds,"h hours, m"]]`, "1 hours, 02"},
		{`[[SEC-TO-TIME:"125","m:s"]]`, "2:05"},
		{`[[SEC-TO-TIME:"125","s"]] [[SEC-TO-TIME:"-5","s"]] [[SEC-TO-TIME:"x","s"]]`, "125 -5 "},
		{`[[SEC-TO-TIME:"-9223372036854775808","h"]]`, "-0"},
	} {
		got, err := render(c.template, false, sample)
		if err != nil || got != c.want {
			t.Errorf("%s: got %q (%v), want %q", c.template, got, err, c.want)
		}
	}
}

func TestRenderHTML(t *testing.T) {
	for _, c := range []struct{ template, want string }{
		// ticket.template.4
		{"<p>[[ticket.title]] %ticket.title%</p>", "<p>Fire &amp; &lt;b&gt;smoke&lt;/b&gt; Fire &amp; &lt;b&gt;smoke&lt;/b&gt;</p>"},
		{"<p><cs:parser>ticket.title</cs:parser></p>", "<p>Fire &amp; &lt;b&gt;smoke&lt;/b&gt;</p>"},
		{"[[message.bodyHtml]]", "a &lt; b<br>\nc"},
		{"[[message.body]]", "a &lt; b\nc"},
		{`[[DECODE:ticket.priority,"3",ticket.title]]`, "Fire &amp; &lt;b&gt;smoke&lt;/b&gt;"},
		{`[[SET:a="[[ticket.title]]"]][[a]]`, "Fire &amp; &lt;b&gt;smoke&lt;/b&gt;"},
		{`[[SET:message.bodyHtml="[[ticket.title]]"]][[message.bodyHtml]]`, "Fire &amp; &lt;b&gt;smoke&lt;/b&gt;"},
		{"[[shout(1)]]", "&lt;1&gt;"},
		{"[[IF:ticket.id &gt; 5 &amp;&amp; ticket.priority = &quot;3&quot;]]y[[ENDIF]]", "y"},
		{"a &amp; %nothing% [[not a name]]", "a &amp; %nothing% [[not a name]]"},
	} {
		got, err := render(c.template, true, sample)
		if err != nil || got != c.want {
			t.Errorf("%s: got %q (%v), want %q", c.template, got, err, c.want)
		}
	}
}

func TestRenderIsBounded(t *testing.T) {
	long := someVariables{"v": strings.Repeat("x", 1<<20)}
	if _, err := render(strings.Repeat("[[v]]", 100), false, long); skranke.CodeOf(err) != skranke.CodeCustomError {
		t.Errorf("got %v for 100 MiB, want code 7", err)
	}
	doubling := "[[SET:a=\"xxxxxxxx\"]]" + strings.Repeat("[[SET:a=\"[[a]][[a]]\"]]", 2000)
	for _, hostile := range []string{
		doubling,
		strings.Repeat("[[", 1<<17),
		strings.Repeat("[[IF:a]]", 1<<16),
		strings.Repeat("%a", 1<<17),
		strings.Repeat("<cs:parser>", 1<<15),
		strings.Repeat("[[DECODE:", 1<<14) + strings.Repeat("]]", 1<<14),
		"[[DECODE:" + strings.Repeat("[[v]],", 1<<15) + "]]",
		"[[IF:" + strings.Repeat("(", 1<<17) + "]]",
		"[[IF:" + strings.Repeat("!", 1<<17) + "]]",
		"[[IF:" + strings.Repeat("a||", 1<<16) + "]]",
		"[[shout(" + strings.Repeat("shout(", 1<<16) + ")]]",
		`[[SET:a="` + strings.Repeat(`[[SET:b=\"`, 1<<14) + strings.Repeat("]]", 1<<14) + `"]]`,
	} {
		begin := time.Now()
		_, _ = render(hostile, true, sample)
		if took := time.Since(begin); took > 30*time.Second {
			t.Errorf("%.30q...: took %v", hostile, took)
		}
	}
}

func FuzzRender(f *testing.F) {
	for _, template := range []string{
		"[[IF:ticket.id = \"1\" && (a or !b)]]x[[ELSEIF:c]]y[[ELSE]]z[[ENDIF]]", "%ticket.id% <cs:parser>a</cs:parser>",
		`[[DECODE:[[a]],"1","x\"","y"]]`, `[[SET:a="[[a]]"]][[INC:a]][[DEC:a]]`, "[[[[[ticket.id]]]]]",
		`[[FORMAT-DATE:"2026-03-02","YY4"]][[SEC-TO-TIME:"1","h:m:s"]]`, "[[shout(shout(1))]]", "[[IF:\xff]]\x00%\xff%",
	} {
		f.Add(template, true)
		f.Add(template, false)
	}
	secret := someVariables{"ticket.title": "<script>", "a": "1", "ticket.id": "1012"}
	f.Fuzz(func(t *testing.T, template string, isHTML bool) {
		got, err := render(template, isHTML, secret)
		if err != nil {
			t.Fatalf("%q: %v", template, err)
		}
		if utf8.ValidString(template) && !utf8.ValidString(got) {
			t.Errorf("%q: got %q, which is no UTF-8", template, got)
		}
		if isHTML && strings.Contains(got, "<script>") && !strings.Contains(template, "<") {
			t.Errorf("%q: got %q, a value that is not escaped", template, got)
		}
	})
}
