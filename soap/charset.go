package soap

import (
	"bytes"
	"io"
	"mime"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"
)

// declarationSize is how far an XML declaration may reach.
const declarationSize = 512

// utf8Source returns src as UTF-8 without a byte order mark. What the bytes are
// is told by their beginning (a mark, or the pattern of "<" in UTF-16), else by
// charset, which is that of the Content-Type and may be empty, else by the XML
// declaration, else they are UTF-8.
//
// The beginning is kept in h.
func (h *headReader) utf8Source(src io.Reader, charset string) (io.Reader, error) {
	head := h.buf[:]
	n, err := io.ReadAtLeast(src, head[:declarationSize], 4)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	head = head[:n]

	enc, mark := byBeginning(head)
	if enc == nil && mark == 0 {
		name := charset
		if isUTF16(name) {
			name = "" // without a mark or the pattern it is not, whatever they say
		}
		if name == "" {
			if n < declarationSize && bytes.HasPrefix(head, []byte("<?xml")) && bytes.IndexByte(head, '>') < 0 {
				more, err := io.ReadFull(src, head[n:declarationSize])
				if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
					return nil, err
				}
				head = head[:n+more]
			}
			name = declaredCharset(head)
		}
		if name != "" && !isUTF8(name) && !isUTF16(name) {
			if enc = byName(name); enc == nil {
				return nil, &malformed{text: "the character set " + quoted(name) + " is not known"}
			}
		}
	}
	head = head[mark:]
	h.head, h.rest, h.plain = head, src, enc == nil && mark == 0
	if enc == nil {
		return h, nil
	}
	return transform.NewReader(h, enc.NewDecoder()), nil
}

// headReader gives the bytes already read before the rest.
type headReader struct {
	buf  [declarationSize]byte
	head []byte
	rest io.Reader

	plain bool // the document is UTF-8 without a mark as it came
}

func (h *headReader) Read(p []byte) (int, error) {
	if len(h.head) > 0 {
		n := copy(p, h.head)
		h.head = h.head[n:]
		return n, nil
	}
	return h.rest.Read(p)
}

// byBeginning recognises a byte order mark, whose length it returns, and UTF-16
// and UTF-32 without one. It returns nil for UTF-8.
func byBeginning(b []byte) (encoding.Encoding, int) {
	utf16 := func(e unicode.Endianness) encoding.Encoding { return unicode.UTF16(e, unicode.IgnoreBOM) }
	switch {
	case bytes.HasPrefix(b, []byte{0xEF, 0xBB, 0xBF}):
		return nil, 3
	case bytes.HasPrefix(b, []byte{0, 0, 0xFE, 0xFF}):
		return utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM), 4
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE, 0, 0}):
		return utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM), 4
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		return utf16(unicode.BigEndian), 2
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}):
		return utf16(unicode.LittleEndian), 2
	case bytes.HasPrefix(b, []byte{0, '<', 0}):
		return utf16(unicode.BigEndian), 0
	case len(b) > 3 && b[0] == '<' && b[1] == 0 && b[2] != 0 && b[3] == 0:
		return utf16(unicode.LittleEndian), 0
	}
	return nil, 0
}

// declaredCharset returns the encoding that the XML declaration names, or "".
func declaredCharset(head []byte) string {
	head = bytes.TrimLeft(head, " \t\r\n")
	if !bytes.HasPrefix(head, []byte("<?xml")) {
		return ""
	}
	end := bytes.Index(head, []byte("?>"))
	if end < 0 {
		return ""
	}
	_, after, found := bytes.Cut(head[:end], []byte("encoding"))
	if !found {
		return ""
	}
	after = bytes.TrimLeft(after, " \t\r\n")
	if len(after) == 0 || after[0] != '=' {
		return ""
	}
	after = bytes.TrimLeft(after[1:], " \t\r\n")
	if len(after) == 0 || after[0] != '"' && after[0] != '\'' {
		return ""
	}
	name, _, found := bytes.Cut(after[1:], after[:1])
	if !found {
		return ""
	}
	if isUTF8(string(name)) {
		return "utf-8"
	}
	return string(name)
}

// byName returns the encoding called name, or nil.
func byName(name string) encoding.Encoding {
	switch strings.ToLower(name) {
	case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "l1", "us-ascii", "ascii":
		// What calls itself Latin-1 or ASCII and has bytes from 0x80 to 0x9F
		// comes from Windows: nobody writes the control characters that stand
		// there in Latin-1.
		return charmap.Windows1252
	}
	if enc, err := ianaindex.IANA.Encoding(name); err == nil && enc != nil {
		return enc
	}
	if enc, err := htmlindex.Get(name); err == nil && enc != encoding.Replacement {
		return enc
	}
	return nil
}

func isUTF8(name string) bool {
	return strings.EqualFold(name, "utf-8") || strings.EqualFold(name, "utf8")
}

func isUTF16(name string) bool {
	return len(name) >= 6 && (strings.EqualFold(name[:6], "utf-16") || strings.EqualFold(name[:6], "ucs-2") ||
		strings.EqualFold(name[:6], "iso-10"))
}

// contentType returns the media type, in lower case, and the charset of a
// Content-Type header. It takes apart what mime.ParseMediaType refuses, too.
func contentType(header string) (media, charset string) {
	switch header { // what almost everybody sends
	case "text/xml; charset=utf-8", "text/xml; charset=UTF-8", `text/xml; charset="utf-8"`, "text/xml;charset=UTF-8", "text/xml;charset=utf-8":
		return "text/xml", "utf-8"
	case "":
		return "", ""
	}
	media, params, err := mime.ParseMediaType(header)
	if err == nil {
		return media, params["charset"]
	}
	media, rest, _ := strings.Cut(header, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	for part := range strings.SplitSeq(rest, ";") {
		name, value, _ := strings.Cut(part, "=")
		if strings.EqualFold(strings.TrimSpace(name), "charset") {
			charset = strings.Trim(strings.TrimSpace(value), `"'`)
		}
	}
	return media, charset
}

// quoted is text from a request as it may stand in a fault: short, on one line.
func quoted(s string) string {
	s = strings.Map(func(c rune) rune {
		if c < 0x20 || c == 0x7F || !validChar(c) {
			return -1
		}
		return c
	}, s)
	if len(s) > 64 {
		s = strings.ToValidUTF8(s[:64], "") + "..."
	}
	return `"` + s + `"`
}
