package config

import (
	"bufio"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// Describe writes an example TOML file: every key with its explanation and its
// default, commented out, so that the file as it stands changes nothing.
func Describe(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprint(out, `# Settings of a skranke server.
#
# Every line below that starts with #key shows a default: take the # away and
# change the value to set it. Each key can also be set in the environment
# (SKRANKE_ and the key in upper case) and, for a command that offers it, with a
# flag (the key with - for _). Flags win over the environment, which wins over
# this file.
#
# "skranke config test" checks this file, "skranke config show" prints what is
# in force and where each value came from.
`)
	conf := reflect.ValueOf(Default())
	for _, o := range options() {
		fmt.Fprintln(out)
		if o.group != "" {
			fmt.Fprintf(out, "# ---- %s ----\n\n", o.group)
		}
		want := o.want(conf)
		text := o.doc + " Allowed: " + want + "."
		if len(o.otel) > 0 {
			text += " Also set by " + strings.Join(o.otel, " and ") + " in the environment."
		}
		for _, line := range wrap(text, 76) {
			fmt.Fprintln(out, "# "+line)
		}
		fmt.Fprintf(out, "#%s = %s\n", o.key, o.toml(conf))
	}
	return out.Flush()
}

// Show writes the settings in force as a TOML file, each with its source as a
// comment. Secrets are masked.
func (c Config) Show(w io.Writer, from Provenance) error {
	return show(w, reflect.ValueOf(c), options(), from)
}

func show(w io.Writer, conf reflect.Value, opts []option, from Provenance) error {
	lines := make([]string, len(opts))
	width := 0
	for i, o := range opts {
		value := o.toml(conf)
		if o.secret && o.text(conf) != "" {
			value = quote(mask)
		}
		lines[i] = o.key + " = " + value
		width = max(width, len(lines[i]))
	}
	out := bufio.NewWriter(w)
	for i, o := range opts {
		fmt.Fprintf(out, "%-*s  # %s\n", width, lines[i], from[o.key])
	}
	return out.Flush()
}

// mask stands for a secret. It has the same length whatever it hides.
const mask = "********"

func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
