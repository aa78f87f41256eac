package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// option is one field of a configuration struct, as its tags describe it. Its
// methods take the struct as a reflect.Value, so they serve any such struct.
type option struct {
	key, doc, group string
	is, min, max    string
	secret          bool
	otel            []string // variables that set it, too, weakest first
	index           int
}

func optionsOf(t reflect.Type) []option {
	all := make([]option, t.NumField())
	for i := range all {
		tag := t.Field(i).Tag
		all[i] = option{
			key: tag.Get("key"), doc: tag.Get("doc"), group: tag.Get("group"),
			is: tag.Get("is"), min: tag.Get("min"), max: tag.Get("max"),
			secret: tag.Get("secret") != "", otel: strings.Fields(tag.Get("otel")), index: i,
		}
	}
	return all
}

func options() []option { return optionsOf(reflect.TypeFor[Config]()) }

// Keys returns the key of every setting, in the order of the example file.
func Keys() []string { return keysOf(options()) }

func keysOf(opts []option) []string {
	keys := make([]string, len(opts))
	for i, o := range opts {
		keys[i] = o.key
	}
	return keys
}

func (o option) env() string  { return envPrefix + strings.ToUpper(o.key) }
func (o option) flag() string { return strings.ReplaceAll(o.key, "_", "-") }

// variable is the environment variable that sets the option, "" if none does.
func (o option) variable(getenv func(string) string) string {
	if getenv(o.env()) != "" {
		return o.env()
	}
	for _, name := range slices.Backward(o.otel) {
		if getenv(name) != "" {
			return name
		}
	}
	return ""
}

// set reads text into the option's field of conf. The error says what is wrong
// with the text, not which option it is nor what is allowed.
func (o option) set(conf reflect.Value, text string) error {
	switch p := conf.Field(o.index).Addr().Interface().(type) {
	case *string:
		if o.is == "" {
			*p = text
			return nil
		}
		clean, err := ruleOf(o.is).clean(text)
		if err != nil {
			return err
		}
		*p = clean
	case *int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return errors.New("not a whole number")
		}
		if lo, hi := o.intBounds(); n < lo || n > hi {
			return errors.New("out of range")
		}
		*p = n
	case *float64:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return errors.New("not a number")
		}
		if lo, hi := o.floatBounds(); !(lo <= n && n <= hi) { // neither is what is not a number
			return errors.New("out of range")
		}
		*p = n
	case *bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return errors.New("neither true nor false")
		}
		*p = b
	case *time.Duration:
		d, err := o.duration(text)
		if err != nil {
			return err
		}
		*p = d
	case *Autologout:
		if text == "" {
			*p = Autologout{}
			return nil
		}
		d, err := o.duration(text)
		if err != nil {
			return err
		}
		*p = Autologout{After: d, Set: true}
	case **time.Location:
		if text == "" {
			return errors.New("empty")
		}
		zone, err := time.LoadLocation(text)
		if err != nil {
			return errors.New("no such time zone")
		}
		*p = zone
	case *slog.Level:
		for _, level := range logLevels {
			if strings.EqualFold(text, levelText(level)) {
				*p = level
				return nil
			}
		}
		return errors.New("unknown level" + didYouMean(text, levelTexts()))
	case *[]netip.Prefix:
		list, err := prefixes(text)
		if err != nil {
			return err
		}
		*p = list
	default:
		panic(fmt.Sprintf("config: field of key %q has type %T, which set does not know", o.key, p))
	}
	return nil
}

// text is the option's value in conf, in the form set reads.
func (o option) text(conf reflect.Value) string {
	switch v := conf.Field(o.index).Interface().(type) {
	case time.Duration:
		return durationText(v)
	case Autologout:
		if !v.Set {
			return ""
		}
		return durationText(v.After)
	case *time.Location:
		if v == nil {
			return ""
		}
		return v.String()
	case slog.Level:
		return levelText(v)
	case []netip.Prefix:
		parts := make([]string, len(v))
		for i, p := range v {
			parts[i] = p.String()
		}
		return strings.Join(parts, ", ")
	default:
		return fmt.Sprint(v)
	}
}

// toml is the option's value in conf as it stands in a TOML file.
func (o option) toml(conf reflect.Value) string {
	switch conf.Field(o.index).Interface().(type) {
	case int, float64, bool:
		return o.text(conf)
	case []netip.Prefix:
		text := o.text(conf)
		if text == "" {
			return "[]"
		}
		return `["` + strings.ReplaceAll(text, ", ", `", "`) + `"]`
	default:
		return quote(o.text(conf))
	}
}

// want says what is allowed, for messages and for the example file.
func (o option) want(conf reflect.Value) string {
	switch conf.Field(o.index).Interface().(type) {
	case int:
		return "a whole number from " + o.min + " to " + o.max
	case float64:
		return "a number from " + o.min + " to " + o.max + ", such as 0.5"
	case bool:
		return "true or false"
	case time.Duration:
		return `a duration from ` + o.min + ` to ` + o.max + `, such as "90s", "30m" or "1h30m"`
	case Autologout:
		return `"" (as session_idle), "0" (never) or a duration up to ` + o.max + `, such as "30m"`
	case *time.Location:
		return `a zone name such as "Europe/Oslo", "UTC" or "Local"`
	case slog.Level:
		return oneOf(levelTexts())
	case []netip.Prefix:
		return `a list of networks or addresses, such as ["10.0.0.0/8", "::1"]`
	default:
		if o.is == "" {
			return "a text"
		}
		return ruleOf(o.is).want
	}
}

// placeholder stands for the value in a list of flags; "" for a switch.
func (o option) placeholder(conf reflect.Value) string {
	switch conf.Field(o.index).Interface().(type) {
	case int, float64:
		return "N"
	case bool:
		return ""
	case time.Duration, Autologout:
		return "DURATION"
	case *time.Location:
		return "ZONE"
	case slog.Level:
		return strings.Join(levelTexts(), "|")
	case []netip.Prefix:
		return "CIDR,..."
	default:
		if o.is == "" {
			return "TEXT"
		}
		return ruleOf(o.is).placeholder
	}
}

// fromTOML turns a decoded TOML value into the text set reads. It is strict
// about types: a quoted number is as wrong as a bare duration.
func (o option) fromTOML(conf reflect.Value, v any) (string, error) {
	switch conf.Field(o.index).Interface().(type) {
	case int:
		if n, ok := v.(int64); ok {
			return strconv.FormatInt(n, 10), nil
		}
		return "", errors.New("not a whole number; numbers stand without quotes")
	case float64:
		switch n := v.(type) {
		case float64:
			return strconv.FormatFloat(n, 'g', -1, 64), nil
		case int64:
			return strconv.FormatInt(n, 10), nil
		}
		return "", errors.New("not a number; numbers stand without quotes")
	case bool:
		if b, ok := v.(bool); ok {
			return strconv.FormatBool(b), nil
		}
		return "", errors.New("not true or false; these stand without quotes")
	case []netip.Prefix:
		list, ok := v.([]any)
		if !ok {
			return "", errors.New("not a list; lists stand in [ ]")
		}
		parts := make([]string, len(list))
		for i, item := range list {
			s, ok := item.(string)
			if !ok {
				return "", fmt.Errorf("entry %d is not a text in quotes", i+1)
			}
			parts[i] = s
		}
		return strings.Join(parts, ","), nil
	default:
		if s, ok := v.(string); ok {
			return s, nil
		}
		return "", errors.New("not a text in quotes")
	}
}

func (o option) intBounds() (lo, hi int) {
	lo, errLo := strconv.Atoi(o.min)
	hi, errHi := strconv.Atoi(o.max)
	if errLo != nil || errHi != nil {
		panic(fmt.Sprintf("config: key %q needs the tags min and max", o.key))
	}
	return lo, hi
}

func (o option) floatBounds() (lo, hi float64) {
	lo, errLo := strconv.ParseFloat(o.min, 64)
	hi, errHi := strconv.ParseFloat(o.max, 64)
	if errLo != nil || errHi != nil {
		panic(fmt.Sprintf("config: key %q needs the tags min and max", o.key))
	}
	return lo, hi
}

func (o option) duration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		if _, numErr := strconv.Atoi(text); numErr == nil {
			return 0, errors.New("a number without a unit (s, m or h)")
		}
		return 0, errors.New("not a duration")
	}
	lo, hi := time.Duration(0), time.Duration(0)
	if o.min != "" {
		if lo, err = time.ParseDuration(o.min); err != nil {
			panic(fmt.Sprintf("config: tag min of key %q: %v", o.key, err))
		}
	}
	if hi, err = time.ParseDuration(o.max); err != nil {
		panic(fmt.Sprintf("config: tag max of key %q: %v", o.key, err))
	}
	if d < lo || d > hi {
		return 0, errors.New("out of range")
	}
	return d, nil
}

// durationText prints whole minutes and hours without the zeros that
// Duration.String appends.
func durationText(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func prefixes(text string) ([]netip.Prefix, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var list []netip.Prefix
	for _, part := range strings.Split(text, ",") {
		part = strings.TrimSpace(part)
		p, err := netip.ParsePrefix(part)
		if err != nil {
			addr, addrErr := netip.ParseAddr(part)
			if addrErr != nil || addr.Zone() != "" {
				return nil, fmt.Errorf("%q is neither a network nor an address", part)
			}
			addr = addr.Unmap()
			p = netip.PrefixFrom(addr, addr.BitLen())
		}
		list = append(list, p.Masked())
	}
	return list, nil
}

var logLevels = [...]slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError}

func levelText(l slog.Level) string { return strings.ToLower(l.String()) }

func levelTexts() []string {
	texts := make([]string, len(logLevels))
	for i, l := range logLevels {
		texts[i] = levelText(l)
	}
	return texts
}

// quote is s as a TOML basic string.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
