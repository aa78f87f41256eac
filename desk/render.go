package desk

import (
	"html"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"skranke"
)

// Templates hold variables, [[name]], %name% or <cs:parser>name</cs:parser>,
// and control codes:
//
//	[[IF:condition]] [[ELSEIF:condition]] [[ELSE]] [[ENDIF]]
//	[[DECODE:operand,"value","result",...,"otherwise"]]
//	[[SET:name=operand]] [[INC:name]] [[DEC:name]]
//	[[FORMAT-DATE:operand,"YY4-MM2-DD2 HH24:MI2:SS2"]]
//	[[SEC-TO-TIME:operand,"h:m:s"]]
//
// An operand is a "text in quotes", in which variables and codes count and
// \" is a quote, or a number, a variable's name, or a code in brackets. A
// condition is
//
//	condition = all { ( "||" | "or" ) all }
//	all       = term { ( "&&" | "and" ) term }
//	term      = ( "!" | "not" ) term | "(" condition ")" | operand [ compare operand ]
//	compare   = "==" | "=" | "!=" | "<>" | "<=" | ">=" | "<" | ">"
//
// Two numbers are compared as numbers, all else as texts. An operand alone is
// true unless it is empty or 0. A condition that cannot be read is false. Names
// and keywords ignore case. What a variable holds is never read as a template.
//
// Spec: ticket/addMessage2, ticket/template.3
type renderer struct {
	vars   variables
	locals map[string]string // made by SET, INC and DEC, by folded name
	html   bool              // the text is HTML: values are escaped
	left   int               // bytes that may still be made
}

// variables finds what a template may name.
type variables interface {
	// variable returns the value of the variable of that folded name. markup
	// says that it is HTML already.
	variable(name string) (value string, markup, ok bool)
	// function calls the function of that folded name.
	function(name, argument string) (value string, ok bool)
}

// Bounds of rendering. A template that would make more text is refused as a
// whole: half an answer must not be mailed.
const (
	maxRendered = 64 << 20 // bytes made, those inside of codes counted
	maxNesting  = 16       // codes within codes, and brackets within conditions
	maxName     = 128      // bytes of a variable's name
	maxLocal    = 64 << 10 // bytes a local variable may hold
	maxLocals   = 1000
)

// render returns the text a template makes. It returns CodeCustomError if that
// would be too much.
//
// Spec: ticket/template.3, ticket/template.4
func render(template string, isHTML bool, vars variables) (string, error) {
	r := &renderer{vars: vars, locals: map[string]string{}, html: isHTML, left: maxRendered}
	text := r.expand(template, 0)
	if r.left < 0 {
		return "", skranke.Err(skranke.CodeCustomError, "a reply template makes more than %d bytes", maxRendered)
	}
	return text, nil
}

// branch is an IF that is open.
type branch struct {
	shown bool // its present part shows
	taken bool // one of its parts has shown already
	outer bool // what is around it shows
	ended bool // its ELSE has come
}

// expand renders text. At depth 0 it is the template, values are escaped and
// conditions count; deeper it is a text in quotes inside a code, which is
// nothing but a value.
func (r *renderer) expand(text string, depth int) string {
	var b strings.Builder
	var open []branch
	shown := true
	ends := codeEnds(text)
	for i := 0; i < len(text) && r.left >= 0; {
		piece, code, known, next := r.piece(text, i, ends)
		i = next
		if code == "" {
			if shown {
				r.emit(&b, piece)
			}
			continue
		}
		if depth == 0 {
			var control bool
			if open, shown, control = r.control(open, shown, code); control {
				continue
			}
		}
		if !shown {
			continue
		}
		value, markup, ok := r.code(code, depth)
		switch {
		case !ok && known:
			value = ""
		case !ok:
			value = piece // %name% of nothing stays as typed
		case r.html && depth == 0 && !markup:
			value = html.EscapeString(value)
		}
		r.emit(&b, value)
	}
	return b.String()
}

func (r *renderer) emit(b *strings.Builder, s string) {
	if r.left -= len(s); r.left >= 0 {
		b.WriteString(s)
	}
}

// codeEnds finds the [[ that have a ]] to them, by position, and where that
// stands. The innermost [[ gets the nearest ]].
func codeEnds(text string) map[int]int {
	ends := map[int]int{}
	var open []int
	for i := 0; i+1 < len(text); i++ {
		switch {
		case strings.HasPrefix(text[i:], "[[["): // the last two are the code
		case strings.HasPrefix(text[i:], "[["):
			open = append(open, i)
			i++
		case strings.HasPrefix(text[i:], "]]") && len(open) > 0:
			ends[open[len(open)-1]] = i
			open = open[:len(open)-1]
			i++
		}
	}
	return ends
}

// codeEnd is where the ]] of the code that begins text stands, -1 if nowhere.
func codeEnd(text string) int {
	depth := 0
	for i := 0; i+1 < len(text); i++ {
		switch {
		case strings.HasPrefix(text[i:], "[["):
			depth++
			i++
		case strings.HasPrefix(text[i:], "]]"):
			if depth--; depth == 0 {
				return i
			}
			i++
		}
	}
	return -1
}

const parserTag, parserEnd = "<cs:parser>", "</cs:parser>"

// piece takes the next piece of text from i: plain text, or a code. known says
// that a code is one even if it means nothing.
func (r *renderer) piece(text string, i int, ends map[int]int) (piece, code string, known bool, next int) {
	switch text[i] {
	case '[':
		if end, ok := ends[i]; ok {
			if inner := r.unescape(strings.TrimSpace(text[i+2 : end])); isCode(inner) {
				return text[i : end+2], inner, true, end + 2
			}
		}
	case '%':
		window := text[i+1 : min(i+1+maxName+1, len(text))]
		if end := strings.IndexByte(window, '%'); end > 0 && isName(window[:end]) {
			name := window[:end]
			if r.resolves(name) {
				return text[i : i+1+end+1], name, false, i + 1 + end + 1
			}
		}
	case '<':
		if len(text)-i > len(parserTag) && strings.EqualFold(text[i:i+len(parserTag)], parserTag) {
			inside := text[i+len(parserTag):]
			inside = inside[:min(len(inside), maxName+len(parserEnd))]
			if end := strings.IndexByte(inside, '<'); end >= 0 && len(inside)-end >= len(parserEnd) &&
				strings.EqualFold(inside[end:end+len(parserEnd)], parserEnd) {
				if name := strings.TrimSpace(inside[:end]); isCode(name) {
					next = i + len(parserTag) + end + len(parserEnd)
					return text[i:next], name, true, next
				}
			}
		}
	}
	next = i + 1
	if more := strings.IndexAny(text[next:], "[%<"); more >= 0 {
		next += more
	} else {
		next = len(text)
	}
	return text[i:next], "", false, next
}

// unescape undoes what HTML editors do to the inside of a code.
func (r *renderer) unescape(code string) string {
	if r.html && strings.Contains(code, "&") {
		return strings.ReplaceAll(html.UnescapeString(code), "\u00a0", " ")
	}
	return code
}

// isName says whether s can be the name of a variable.
func isName(s string) bool {
	return s != "" && len(s) <= maxName && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '_' && r != '.' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// isCode says whether the inside of brackets is a code: a name alone, a name
// with an argument, or a keyword. Anything else in brackets is text.
func isCode(s string) bool {
	end := strings.IndexAny(s, ":(")
	switch {
	case end < 0:
		return isName(s)
	case s[end] == '(':
		return isName(s[:end]) && strings.HasSuffix(s, ")")
	}
	word, _ := keyword(s)
	return slices.Contains(keywords, word)
}

var keywords = []string{"IF", "ELSEIF", "DECODE", "SET", "INC", "DEC", "FORMAT-DATE", "SEC-TO-TIME"}

// keyword splits KEYWORD:rest.
func keyword(code string) (word, rest string) {
	word, rest, _ = strings.Cut(code, ":")
	return strings.ToUpper(strings.TrimSpace(word)), rest
}

// control does what IF and its kin ask; control is false for other codes.
func (r *renderer) control(open []branch, shown bool, code string) (_ []branch, nowShown, control bool) {
	word, rest := keyword(code)
	last := len(open) - 1
	switch word {
	case "IF":
		yes := shown && r.condition(rest)
		return append(open, branch{shown: yes, taken: yes, outer: shown}), yes, true
	case "ELSEIF", "ELSE":
		if last < 0 {
			return open, shown, true
		}
		b := &open[last]
		b.shown = b.outer && !b.taken && !b.ended && (word == "ELSE" || r.condition(rest))
		b.taken = b.taken || b.shown
		b.ended = b.ended || word == "ELSE"
		return open, b.shown, true
	case "ENDIF":
		if last < 0 {
			return open, shown, true
		}
		return open[:last], open[last].outer, true
	}
	return open, shown, false
}

// code is the value of a code that is no IF.
func (r *renderer) code(code string, depth int) (value string, markup, ok bool) {
	if !strings.Contains(code, ":") {
		return r.name(code, depth)
	}
	word, rest := keyword(code)
	s := &scanner{r: r, rest: rest, depth: depth + 1}
	switch word {
	case "DECODE":
		return s.decode(), false, true
	case "SET":
		name := s.word()
		if s.take("=") {
			r.set(name, s.operand())
		}
		return "", false, true
	case "INC", "DEC":
		name := s.word()
		before, _, _ := r.name(name, depth)
		n, _ := strconv.ParseInt(strings.TrimSpace(before), 10, 32)
		if n++; word == "DEC" {
			n -= 2
		}
		r.set(name, strconv.FormatInt(n, 10))
		return "", false, true
	case "FORMAT-DATE":
		date := s.operand()
		s.take(",")
		return formatDate(date, s.operand()), false, true
	case "SEC-TO-TIME":
		seconds := s.operand()
		s.take(",")
		return secondsToTime(seconds, s.operand()), false, true
	}
	return "", false, false
}

func (r *renderer) set(name, value string) {
	name = skranke.Fold(name)
	if _, old := r.locals[name]; name == "" || !old && len(r.locals) == maxLocals {
		return
	}
	r.locals[name] = cutBytes(value, maxLocal)
}

// cutBytes shortens s to at most n bytes, between two letters.
func cutBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

func (r *renderer) resolves(name string) bool {
	folded := skranke.Fold(name)
	if _, ok := r.locals[folded]; ok {
		return true
	}
	_, _, ok := r.vars.variable(folded)
	return ok
}

// name is the value of a variable or function.
func (r *renderer) name(name string, depth int) (value string, markup, ok bool) {
	if function, argument, call := strings.Cut(name, "("); call {
		argument = strings.TrimSpace(strings.TrimSuffix(argument, ")"))
		s := &scanner{r: r, rest: argument, depth: depth + 1}
		value, ok = r.vars.function(skranke.Fold(strings.TrimSpace(function)), s.operand())
		return value, false, ok
	}
	folded := skranke.Fold(strings.TrimSpace(name))
	if value, ok := r.locals[folded]; ok {
		return value, false, true
	}
	return r.vars.variable(folded)
}

// scanner reads the inside of a code.
type scanner struct {
	r     *renderer
	rest  string
	depth int
	bad   bool
}

func (s *scanner) blanks() { s.rest = strings.TrimLeft(s.rest, " \t\r\n") }

func (s *scanner) end() bool {
	s.blanks()
	return s.rest == ""
}

// take passes over token if it stands next.
func (s *scanner) take(token string) bool {
	s.blanks()
	rest, ok := strings.CutPrefix(s.rest, token)
	s.rest = rest
	return ok
}

// takeWord passes over a keyword if it stands next and ends there.
func (s *scanner) takeWord(word string) bool {
	s.blanks()
	if len(s.rest) < len(word) || !strings.EqualFold(s.rest[:len(word)], word) {
		return false
	}
	if after := s.rest[len(word):]; after != "" && isName(after[:1]) {
		return false
	}
	s.rest = s.rest[len(word):]
	return true
}

// word reads a name.
func (s *scanner) word() string {
	s.blanks()
	end := strings.IndexFunc(s.rest, func(r rune) bool {
		return r != '_' && r != '.' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	if end < 0 {
		end = len(s.rest)
	}
	word := s.rest[:end]
	s.rest = s.rest[end:]
	s.bad = s.bad || len(word) > maxName
	return word
}

// operand reads an operand and returns its value, "" if there is none.
func (s *scanner) operand() string {
	s.blanks()
	if s.rest == "" || s.depth > maxNesting || s.r.left < 0 {
		s.bad = true
		return ""
	}
	value := ""
	switch {
	case s.rest[0] == '"':
		value = s.r.expand(s.quoted(), s.depth)
	case strings.HasPrefix(s.rest, "[["):
		end := codeEnd(s.rest)
		if end < 0 {
			s.bad = true
			return ""
		}
		code := strings.TrimSpace(s.rest[2:end])
		s.rest = s.rest[end+2:]
		value, _, _ = s.r.code(code, s.depth)
	default:
		word := s.word()
		if word == "" {
			s.bad = true
			return ""
		}
		if _, isNumber := number(word); isNumber {
			value = word
			break
		}
		if s.take("(") {
			s.depth++
			argument := s.operand()
			s.depth--
			s.bad = !s.take(")") || s.bad
			value, _ = s.r.vars.function(skranke.Fold(word), argument)
			break
		}
		value, _, _ = s.r.name(word, s.depth)
	}
	return value
}

// quoted reads a text in quotes; an unfinished one ends with the code.
func (s *scanner) quoted() string {
	var b strings.Builder
	for i := 1; i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c == '\\' && i+1 < len(s.rest) && (s.rest[i+1] == '"' || s.rest[i+1] == '\\'):
			i++
			b.WriteByte(s.rest[i])
		case c == '"':
			s.rest = s.rest[i+1:]
			return b.String()
		default:
			b.WriteByte(c)
		}
	}
	s.rest, s.bad = "", true
	return b.String()
}

// decode picks the result that belongs to the operand's value.
func (s *scanner) decode() string {
	value := s.operand()
	for s.take(",") {
		candidate := s.operand()
		if !s.take(",") {
			return candidate // an odd one at the end is for all other values
		}
		result := s.operand()
		if candidate == value {
			return result
		}
	}
	return ""
}

// condition says whether the condition holds.
func (r *renderer) condition(text string) bool {
	s := &scanner{r: r, rest: text, depth: 1}
	yes := s.any()
	return yes && s.end() && !s.bad
}

func (s *scanner) any() bool {
	yes := s.all()
	for !s.bad && (s.take("||") || s.takeWord("or")) {
		yes = s.all() || yes
	}
	return yes
}

func (s *scanner) all() bool {
	yes := s.term()
	for !s.bad && (s.take("&&") || s.takeWord("and")) {
		yes = s.term() && yes
	}
	return yes
}

func (s *scanner) term() bool {
	if s.depth++; s.depth > maxNesting {
		s.bad = true
	}
	defer func() { s.depth-- }()
	switch {
	case s.bad:
		return false
	case s.take("!"), s.takeWord("not"):
		return !s.term()
	case s.take("("):
		yes := s.any()
		s.bad = !s.take(")") || s.bad
		return yes
	}
	left := s.operand()
	for _, c := range comparisons {
		if s.take(c.sign) {
			return c.holds(compare(left, s.operand()))
		}
	}
	return left != "" && left != "0"
}

// comparisons are the signs, longer ones before those they begin with.
var comparisons = [...]struct {
	sign  string
	holds func(order int) bool
}{
	{"==", func(o int) bool { return o == 0 }},
	{"!=", func(o int) bool { return o != 0 }},
	{"<>", func(o int) bool { return o != 0 }},
	{"<=", func(o int) bool { return o <= 0 }},
	{">=", func(o int) bool { return o >= 0 }},
	{"=", func(o int) bool { return o == 0 }},
	{"<", func(o int) bool { return o < 0 }},
	{">", func(o int) bool { return o > 0 }},
}

func compare(a, b string) int {
	x, isNumber := number(a)
	y, both := number(b)
	switch {
	case !isNumber || !both:
		return strings.Compare(a, b)
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func number(s string) (float64, bool) {
	v, _, ok := skranke.TypeFloat.Parse(s, time.UTC)
	return v.Float, ok && v.Set
}

// dateParts are the parts of a date format, longer ones before those they
// begin with, with the layout of each.
var dateParts = [...]struct{ part, layout string }{
	{"YY4", "2006"}, {"YY2", "06"},
	{"MM2", "01"}, {"MM1", "1"},
	{"DD2", "02"}, {"DD1", "2"},
	{"HH24", "15"}, {"HH12", "03"}, {"AMPM", "PM"},
	{"MI2", "04"}, {"MI1", "4"},
	{"SS2", "05"}, {"SS1", "5"},
}

// formatDate prints a date, written year first, in a format of parts such as
// YY4; all else in the format is copied. What is no date gives "".
//
// Spec: ticket/template.3
func formatDate(date, format string) string {
	v, _, ok := skranke.TypeDateTime.Parse(date, time.UTC)
	if !ok || !v.Set {
		return ""
	}
	at := time.UnixMilli(v.Int).UTC()
	var b strings.Builder
next:
	for i := 0; i < len(format); {
		for _, p := range dateParts {
			if strings.HasPrefix(format[i:], p.part) {
				b.WriteString(at.Format(p.layout))
				i += len(p.part)
				continue next
			}
		}
		b.WriteByte(format[i])
		i++
	}
	return b.String()
}

// secondsToTime prints a number of seconds in a format in which the letters h,
// m and s, each standing alone, are hours, minutes and seconds. The largest of
// them takes all there is, smaller ones have two digits. What is no number
// gives "".
//
// Spec: ticket/template.3
func secondsToTime(seconds, format string) string {
	n, err := strconv.ParseInt(strings.TrimSpace(seconds), 10, 64)
	if err != nil {
		return ""
	}
	sign := ""
	if n < 0 {
		sign, n = "-", max(-n, 0)
	}
	letters := []byte(format)
	alone := func(i int) bool {
		return (i == 0 || !isLetter(letters[i-1])) && (i+1 == len(letters) || !isLetter(letters[i+1]))
	}
	used := map[byte]bool{}
	for i, c := range letters {
		used[c] = used[c] || alone(i)
	}
	var b strings.Builder
	for i, c := range letters {
		if !alone(i) || c != 'h' && c != 'm' && c != 's' {
			b.WriteByte(c)
			continue
		}
		value, larger := n/3600, false
		switch {
		case c == 'm' && used['h']:
			value, larger = n/60%60, true
		case c == 'm':
			value = n / 60
		case c == 's' && used['m']:
			value, larger = n%60, true
		case c == 's' && used['h']:
			value, larger = n%3600, true
		case c == 's':
			value = n
		}
		if larger && value < 10 {
			b.WriteByte('0')
		}
		b.WriteString(strconv.FormatInt(value, 10))
	}
	return sign + b.String()
}

func isLetter(c byte) bool { return c >= 0x80 || 'a' <= c|0x20 && c|0x20 <= 'z' }
