package main

import (
	"context"
	"flag"
	"fmt"
	"strings"
)

func help() command {
	return command{
		name:     "help",
		group:    groupInspect,
		summary:  "Explain skranke, or one command",
		usage:    "[COMMAND]",
		about:    "Without a command it lists them all. \"skranke COMMAND -h\" says the same as \"skranke help COMMAND\".",
		examples: []string{"skranke help", "skranke help config show"},
		start: func(*flag.FlagSet) action {
			return func(_ context.Context, c *call) error {
				text, err := helpText(c.args)
				if err != nil {
					return err
				}
				return c.print(text)
			}
		},
	}
}

// helpText is the help on what words name: a command, the first word of
// several, or nothing.
func helpText(words []string) (string, error) {
	if len(words) == 0 {
		return overview(), nil
	}
	if len(words) == 1 && len(family(commands(), words[0])) > 0 {
		return helpOnFamily(words[0]), nil
	}
	cmd, rest, err := find(words)
	if err != nil {
		return "", err
	}
	if len(rest) > 0 {
		return "", &usageError{cmd.name, fmt.Sprintf("no help on %q", strings.Join(words, " "))}
	}
	return helpOn(cmd), nil
}

// family returns the two-word commands of all that begin with first.
func family(all []command, first string) []command {
	var members []command
	for _, cmd := range all {
		if strings.HasPrefix(cmd.name, first+" ") {
			members = append(members, cmd)
		}
	}
	return members
}

const exitHelp = `Exit codes
  0  done
  1  failed; stderr says why
  2  the command line was not understood; nothing was done
`

// overview is the help on the whole program.
func overview() string {
	var b strings.Builder
	b.WriteString(`skranke is a customer-service server that speaks the SOAP interface of
SuperOffice Service.

Usage
  skranke COMMAND [flags] [arguments]
`)
	var examples []string
	for _, group := range groups() {
		var members []command
		for _, cmd := range commands() {
			if cmd.group == group {
				members = append(members, cmd)
			}
		}
		if len(members) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n%s\n", group)
		listCommands(&b, members)
		examples = append(examples, members[0].examples[0])
	}
	fmt.Fprintln(&b, "\nFlags of every command")
	listFlags(&b, command{start: noFlags}, isGlobal)
	writeExamples(&b, examples)
	b.WriteString("\n" + exitHelp)
	b.WriteString("\n\"skranke help COMMAND\" tells more about a command and its flags.\n")
	return b.String()
}

// helpOnFamily is the help on the commands whose first word is first.
func helpOnFamily(first string) string {
	members := family(commands(), first)
	var b strings.Builder
	var examples []string
	fmt.Fprintf(&b, "Usage\n  skranke %s COMMAND [flags] [arguments]\n\nCommands\n", first)
	listCommands(&b, members)
	for _, cmd := range members {
		examples = append(examples, cmd.examples[0])
	}
	writeExamples(&b, examples)
	fmt.Fprintf(&b, "\n\"skranke help %s COMMAND\" tells more about one of them.\n", first)
	return b.String()
}

// helpOn is the help on one command.
func helpOn(cmd command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "skranke %s - %s\n\nUsage\n  %s\n\n", cmd.name, cmd.summary, strings.TrimSpace("skranke "+cmd.name+" "+cmd.usage))
	b.WriteString(cmd.about + "\n")
	var own strings.Builder
	listFlags(&own, cmd, func(name string) bool { return !isGlobal(name) })
	if own.Len() > 0 {
		b.WriteString("\nFlags\n" + own.String())
	}
	b.WriteString("\nFlags of every command\n")
	listFlags(&b, cmd, isGlobal)
	writeExamples(&b, cmd.examples)
	b.WriteString("\n" + exitHelp)
	return b.String()
}

func noFlags(*flag.FlagSet) action { return nil }

func isGlobal(name string) bool { return name == "config" || name == "data" }

func listCommands(b *strings.Builder, members []command) {
	width := 0
	for _, cmd := range members {
		width = max(width, len(cmd.name))
	}
	for _, cmd := range members {
		fmt.Fprintf(b, "  %-*s  %s\n", width, cmd.name, cmd.summary)
	}
}

// listFlags writes the flags of cmd that pick chooses by name.
func listFlags(b *strings.Builder, cmd command, pick func(name string) bool) {
	fs, _ := (&call{}).prepare(cmd)
	fs.VisitAll(func(f *flag.Flag) {
		if !pick(f.Name) {
			return
		}
		placeholder, usage := flag.UnquoteUsage(f)
		if p, ok := f.Value.(interface{ Placeholder() string }); ok {
			placeholder = p.Placeholder()
		}
		// Said once is enough where the usage is but a colon behind it.
		usage = strings.TrimPrefix(usage, placeholder+": ")
		b.WriteString(strings.TrimRight("  -"+f.Name+" "+placeholder, " ") + "\n        " + usage)
		if f.DefValue != "" && f.DefValue != "false" {
			b.WriteString(" (default " + f.DefValue + ")")
		}
		b.WriteString("\n")
	})
}

func writeExamples(b *strings.Builder, examples []string) {
	b.WriteString("\nExamples\n")
	for _, e := range examples {
		b.WriteString("  " + e + "\n")
	}
}
