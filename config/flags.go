package config

import (
	"flag"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Flags remembers which settings were given on a command line.
type Flags struct {
	given map[string]string
}

// AddFlags adds to fs a flag for each of the named keys, or for every setting
// when none is named, and returns where they are remembered. A flag is named
// like its key with - for _. Secret settings have none: what stands in argv can
// be read by everybody on the machine. Values are checked while fs parses.
func AddFlags(fs *flag.FlagSet, keys ...string) *Flags {
	f := &Flags{given: map[string]string{}}
	for _, o := range options() {
		if o.secret || len(keys) > 0 && !slices.Contains(keys, o.key) {
			continue
		}
		fs.Var(&flagValue{opt: o, flags: f}, o.flag(), summaryOf(o.doc))
	}
	return f
}

// flagValue is the flag of one setting.
type flagValue struct {
	opt   option
	flags *Flags
}

// Set keeps text for Load if it is a good value.
func (v *flagValue) Set(text string) error {
	scratch := Default()
	conf := reflect.ValueOf(&scratch).Elem()
	if err := v.opt.set(conf, text); err != nil {
		return fmt.Errorf("%w; want %s", err, v.opt.want(conf))
	}
	v.flags.given[v.opt.key] = text
	return nil
}

// String is what was given, else the default. The flag package also calls it on
// a zero flagValue.
func (v *flagValue) String() string {
	if v.flags == nil {
		return ""
	}
	if text, ok := v.flags.given[v.opt.key]; ok {
		return text
	}
	return v.opt.text(reflect.ValueOf(Default()))
}

// IsBoolFlag makes -key mean -key=true for switches.
func (v *flagValue) IsBoolFlag() bool {
	return v.flags != nil && v.Placeholder() == ""
}

// Placeholder stands for the value in a list of flags; "" for a switch.
func (v *flagValue) Placeholder() string {
	return v.opt.placeholder(reflect.ValueOf(Default()))
}

// summaryOf is the first sentence of doc, without its full stop.
func summaryOf(doc string) string {
	first, _, _ := strings.Cut(doc, ". ")
	return strings.TrimSuffix(first, ".")
}
