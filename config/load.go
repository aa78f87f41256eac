package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"reflect"
	"strconv"

	"github.com/BurntSushi/toml"
)

// Kinds of Source, weakest first.
const (
	FromDefault = "default"
	FromFile    = "file"
	FromEnv     = "environment"
	FromFlag    = "flag"
)

// Source is where the value of a setting came from.
type Source struct {
	Kind string // one of the From constants
	Name string // the file, the variable or the flag; "" for a default
	Line int    // in the file, 0 when unknown or not from a file
}

// String is the source as a person would name it: "skranke.toml:3",
// "environment SKRANKE_LISTEN", "flag -listen", "default".
func (s Source) String() string {
	switch {
	case s.Kind == FromFile && s.Line > 0:
		return s.Name + ":" + strconv.Itoa(s.Line)
	case s.Kind == FromFile:
		return s.Name
	case s.Name != "":
		return s.Kind + " " + s.Name
	default:
		return s.Kind
	}
}

// Provenance tells for each key where its value came from.
type Provenance map[string]Source

// Input is what Load reads.
type Input struct {
	File   string                   // TOML file, see FindFile; "" for none
	Getenv func(name string) string // nil for an empty environment; an empty variable counts as unset
	Flags  *Flags                   // nil for none
}

// DefaultFile is the file read when none is named and it exists.
const DefaultFile = "skranke.toml"

// FindFile decides which file Load is to read: named (the -config flag), else
// $SKRANKE_CONFIG, else DefaultFile in the working directory if there is one,
// else none (""). A file that was named has to exist, the default one need not.
func FindFile(named string, getenv func(string) string) string {
	if named != "" {
		return named
	}
	if getenv != nil {
		if name := getenv("SKRANKE_CONFIG"); name != "" {
			return name
		}
	}
	// Anything but "not there" is Load's to report: a file that cannot be read
	// must not silently mean defaults.
	if _, err := os.Stat(DefaultFile); errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return DefaultFile
}

// Load puts the configuration together: defaults, then the file, then the
// environment, then the flags. The error holds every *Problem found, one line
// each; the configuration is not to be used then. Load checks each value by
// itself; Validate checks the whole.
func Load(in Input) (Config, Provenance, error) {
	c := Default()
	l := loader{conf: reflect.ValueOf(&c).Elem(), opts: options(), from: Provenance{}}
	for _, o := range l.opts {
		l.from[o.key] = Source{Kind: FromDefault}
	}
	if in.File != "" {
		if err := l.file(in.File); err != nil {
			return Config{}, nil, err
		}
	}
	if in.Getenv != nil {
		for _, o := range l.opts {
			if name := o.variable(in.Getenv); name != "" {
				l.set(o, in.Getenv(name), Source{Kind: FromEnv, Name: name})
			}
		}
	}
	if in.Flags != nil {
		for _, o := range l.opts {
			if text, ok := in.Flags.given[o.key]; ok {
				l.set(o, text, Source{Kind: FromFlag, Name: "-" + o.flag()})
			}
		}
	}
	if err := errors.Join(l.problems...); err != nil {
		return Config{}, nil, err
	}
	return c, l.from, nil
}

// loader gathers values and problems for one struct.
type loader struct {
	conf     reflect.Value
	opts     []option
	from     Provenance
	problems []error
}

func (l *loader) set(o option, text string, src Source) {
	if err := o.set(l.conf, text); err != nil {
		l.refuse(o, text, src, err)
		return
	}
	l.from[o.key] = src
}

func (l *loader) refuse(o option, text string, src Source, err error) {
	p := &Problem{Key: o.key, Value: text, Source: src, Wrong: err.Error(), Want: o.want(l.conf)}
	if u, err := url.Parse(text); o.secret || err == nil && u.User != nil { // credentials stand in some URLs
		p.Value = ""
	}
	l.problems = append(l.problems, p)
}

// file reads the TOML file name. Problems of single keys are gathered; the
// error is for a file that cannot be read at all.
func (l *loader) file(name string) error {
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf(`configuration file %s does not exist; make one with "skranke config describe > %s" or name another with -config`, name, name)
	}
	if err != nil {
		return fmt.Errorf("reading configuration: %w", err)
	}
	var raw map[string]toml.Primitive
	md, err := toml.Decode(string(data), &raw)
	var syntax toml.ParseError
	if errors.As(err, &syntax) {
		return fmt.Errorf(`%s:%d:%d: %s (texts stand in "quotes", numbers, true and false do not)`, name, syntax.Position.Line, syntax.Position.Col, syntax.Message)
	}
	if err != nil {
		return fmt.Errorf("reading configuration %s: %w", name, err)
	}
	byKey := map[string]option{}
	for _, o := range l.opts {
		byKey[o.key] = o
	}
	// Deeper keys ("a.b = 1", "[a.b]") belong to a top-level one, which answers
	// for them and need not be listed itself.
	seen := map[string]bool{}
	for _, key := range md.Keys() {
		if seen[key[0]] {
			continue
		}
		seen[key[0]] = true
		v, line := readPrimitive(&md, raw[key[0]])
		src := Source{Kind: FromFile, Name: name, Line: line}
		o, known := byKey[key[0]]
		if !known {
			l.problems = append(l.problems, l.unknown(key[0], v, src))
			continue
		}
		text, err := o.fromTOML(l.conf, v)
		if err != nil {
			written := ""
			if !isTable(v) {
				written = fmt.Sprint(v)
			}
			l.refuse(o, written, src, err)
			continue
		}
		l.set(o, text, src)
	}
	return nil
}

func (l *loader) unknown(key string, v any, src Source) *Problem {
	p := &Problem{Key: key, Source: src}
	if isTable(v) {
		p.Wrong = "unknown section; all keys stand at the top, without [" + key + "]"
	} else {
		p.Wrong = "unknown key" + didYouMean(key, keysOf(l.opts)) + ` ("skranke config describe" lists all keys)`
	}
	return p
}

func isTable(v any) bool {
	switch v.(type) {
	case map[string]any, []map[string]any:
		return true
	}
	return false
}

// readPrimitive returns the value of p and the line it stands on. The toml
// package tells lines only in errors, so an error is provoked.
func readPrimitive(md *toml.MetaData, p toml.Primitive) (any, int) {
	var probe probe
	err := md.PrimitiveDecode(p, &probe)
	var at toml.ParseError
	if errors.As(err, &at) {
		return probe.value, at.Position.Line
	}
	return probe.value, 0
}

// probe keeps what it is given and refuses it.
type probe struct{ value any }

var errProbe = errors.New("probed")

func (p *probe) UnmarshalTOML(v any) error {
	p.value = v
	return errProbe
}
