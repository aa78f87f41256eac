package desk

import (
	"strings"
	"testing"
	"time"
)

func TestTextOf(t *testing.T) {
	// ticket.addMessage3.2, ticket.template.6
	for _, c := range []struct{ html, want string }{
		{"", ""},
		{"plain", "plain"},
		{"<p>One\n  and <b>two</b></p><p>three</p>", "One and two\n\nthree"},
		{"a<br>b<br/>c", "a\nb\nc"},
		{"a<br><br><br><br>b", "a\n\nb"},
		{"<div>a</div><div>b</div>", "a\nb"},
		{"<ul><li>one</li><li>two</li></ul>", "- one\n- two"},
		{"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"},
		{"&lt;b&gt; &amp;amp; &eacute;&nbsp;&#8364;", "<b> &amp; é €"},
		{"<style>p{}</style><title>t</title><script>if (a<b) alert('x')</script>shown", "shown"},
		{"<pre>a\n  b</pre>c", "a\n  b\nc"},
		{"a <!-- hidden --> b", "a b"},
		{"<p>never <b>closed", "never closed"},
		{"a < b and <unknown>c</unknown>", "a < b and c"},
		{"</pre></script></p>x", "x"},
		{"<scr<script>ipt>x", "ipt>x"}, // as browsers read it
	} {
		if got := textOf(c.html); got != c.want {
			t.Errorf("%q: got %q, want %q", c.html, got, c.want)
		}
	}
}

func TestTextOfIsBounded(t *testing.T) {
	for _, hostile := range []string{
		strings.Repeat("<div>", 1<<16), strings.Repeat("<li>", 1<<16), strings.Repeat("<", 1<<18),
		strings.Repeat("<a b='", 1<<16), strings.Repeat("&", 1<<18), strings.Repeat("<!--", 1<<16),
		strings.Repeat("<pre>\n", 1<<16), strings.Repeat("<script>", 1<<17),
	} {
		begin := time.Now()
		got := textOf(hostile)
		if took := time.Since(begin); took > 30*time.Second || len(got) > 2*len(hostile) {
			t.Errorf("%.20q...: took %v for %d bytes", hostile, took, len(got))
		}
	}
	if got := len(textOf(strings.Repeat("word ", maxTextOf/4))); got > maxTextOf+maxTextOf/2 {
		t.Errorf("got %d bytes of text, want about %d", got, maxTextOf)
	}
}
