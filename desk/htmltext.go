package desk

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxTextOf is how much text is made of HTML, in bytes; the rest is left out.
const maxTextOf = 16 << 20

// textOf renders HTML as plain text: paragraphs and other blocks become lines,
// white space is what a browser would show of it, scripts and styles vanish.
//
// Spec: ticket/addMessage3.2, ticket/template.6
func textOf(source string) string {
	z := html.NewTokenizer(strings.NewReader(source))
	var w textWriter
	var hidden atom.Atom // the element whose contents do not show
	for w.b.Len() < maxTextOf {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		switch kind {
		case html.TextToken:
			if hidden == 0 {
				w.write(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			element := atom.Lookup(name)
			if hidden == 0 && hides(element) && kind == html.StartTagToken {
				hidden = element
			}
			w.tag(element, true)
		case html.EndTagToken:
			name, _ := z.TagName()
			element := atom.Lookup(name)
			if element == hidden {
				hidden = 0
			}
			w.tag(element, false)
		}
	}
	return strings.TrimSpace(w.b.String())
}

func hides(element atom.Atom) bool {
	switch element {
	case atom.Script, atom.Style, atom.Title, atom.Template, atom.Noframes:
		return true
	}
	return false
}

// textWriter writes text with as few blanks and line ends as it needs.
type textWriter struct {
	b     strings.Builder
	blank bool // a blank is due before the next word
	lines int  // as many line ends are due before it
	pre   int  // depth of elements that keep their white space
}

// write adds text.
func (w *textWriter) write(text string) {
	if w.pre > 0 {
		w.flush()
		w.b.WriteString(text)
		return
	}
	for text != "" {
		rest := strings.TrimLeft(text, " \t\r\n\f")
		w.blank = w.blank || len(rest) < len(text)
		if rest == "" {
			return
		}
		end := strings.IndexAny(rest, " \t\r\n\f")
		if end < 0 {
			end = len(rest)
		}
		w.flush()
		w.b.WriteString(strings.ReplaceAll(rest[:end], "\u00a0", " "))
		text = rest[end:]
	}
}

// flush writes the white space that is due.
func (w *textWriter) flush() {
	if w.b.Len() > 0 {
		w.b.WriteString("\n\n"[:min(w.lines, 2)])
		if w.blank && w.lines == 0 {
			w.b.WriteByte(' ')
		}
	}
	w.blank, w.lines = false, 0
}

// tag notes what the beginning or end of an element does to the lines.
func (w *textWriter) tag(element atom.Atom, begins bool) {
	switch element {
	case atom.Br:
		w.lines++
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Blockquote, atom.Table, atom.Ul, atom.Ol, atom.Hr:
		w.lines = max(w.lines, 2)
	case atom.Div, atom.Tr, atom.Dt, atom.Dd, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Form, atom.Address:
		w.lines = max(w.lines, 1)
	case atom.Td, atom.Th:
		w.blank = true
	case atom.Li:
		w.lines = max(w.lines, 1)
		if begins {
			w.flush()
			w.b.WriteString("- ")
		}
	case atom.Pre:
		w.lines = max(w.lines, 1)
		if begins {
			w.pre++
		} else {
			w.pre = max(w.pre-1, 0)
		}
	}
}
