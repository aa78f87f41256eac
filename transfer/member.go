package transfer

import (
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// member is one field of a JSON object as it stands in the file.
type member struct {
	name  string
	value []byte
}

// membersOf splits a JSON object into its members without copying their
// values, which may be large. It refuses what is no object, no UTF-8 or names a
// member twice.
func membersOf(raw []byte) ([]member, error) {
	if !utf8.Valid(raw) {
		return nil, badf("not UTF-8: convert the file first, for instance with iconv")
	}
	if !json.Valid(raw) {
		var any json.RawMessage
		var syntax *json.SyntaxError
		if err := json.Unmarshal(raw, &any); errors.As(err, &syntax) {
			return nil, badf("not JSON: %v (at byte %d of the line)", syntax, syntax.Offset)
		}
		return nil, badf("not JSON")
	}
	i := skipBlanks(raw, 0)
	if raw[i] != '{' {
		return nil, badf("want an object in {}, got %s", brief(raw[i:]))
	}
	var members []member
	for i = skipBlanks(raw, i+1); raw[i] != '}'; i = skipBlanks(raw, i) {
		if raw[i] == ',' {
			i = skipBlanks(raw, i+1)
		}
		end := endOfValue(raw, i)
		var m member
		if err := json.Unmarshal(raw[i:end], &m.name); err != nil {
			return nil, badf("not JSON: %v", err)
		}
		i = skipBlanks(raw, skipBlanks(raw, end)+1) // past the colon
		end = endOfValue(raw, i)
		m.value = raw[i:end]
		for _, before := range members {
			if before.name == m.name {
				return nil, badf("field %q stands twice", m.name)
			}
		}
		members = append(members, m)
		i = end
	}
	return members, nil
}

func skipBlanks(raw []byte, i int) int {
	for i < len(raw) && (raw[i] == ' ' || raw[i] == '\t' || raw[i] == '\n' || raw[i] == '\r') {
		i++
	}
	return i
}

// endOfValue returns where the value that begins at i ends. raw is valid JSON.
func endOfValue(raw []byte, i int) int {
	depth := 0
	for ; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			for i++; raw[i] != '"'; i++ {
				if raw[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i // the end of what the value stands in
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return i
			}
		}
	}
	return i
}
