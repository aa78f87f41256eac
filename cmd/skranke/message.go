package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"mime"
	"os"
	"path/filepath"
	"strconv"

	"skranke"
	"skranke/desk"
)

// maxBody is the longest message taken from stdin.
const maxBody = 16 << 20

func messageAdd() command {
	var m messageFlags
	return command{
		name:    "message add",
		group:   groupFill,
		summary: "Add a message to a ticket",
		usage:   "[flags] TICKET",
		about: `Adds a message as a user would. Its text comes from -body or, without that, from
stdin. With -to, -cc or -bcc it is also sent by mail. Prints the id of the message.`,
		examples: []string{
			`skranke message add -body "We are looking into it." 1012`,
			`skranke message add -internal -attach photo.jpg 1012 < note.txt`,
		},
		start: func(fs *flag.FlagSet) action {
			m = messageFlags{}
			m.add(fs)
			return func(ctx context.Context, c *call) error {
				id, err := c.idArg("ticket")
				if err != nil {
					return err
				}
				if !m.hasBody {
					if m.body, err = c.textFromStdin("message", "with -body"); err != nil {
						return err
					}
				}
				return c.withDesk(ctx, func(d *desk.Desk) error { return c.addMessage(ctx, d, id, &m) })
			}
		},
	}
}

// messageFlags is what a new message is made from.
type messageFlags struct {
	as, body    string
	hasBody     bool
	html        string
	internal    bool
	notify      bool
	files       []string
	to, cc, bcc []string
}

func (m *messageFlags) add(fs *flag.FlagSet) {
	asFlag(fs, &m.as)
	fs.Func("body", "the `TEXT`; without it the text comes from stdin", func(text string) error {
		m.body, m.hasBody = text, true
		return nil
	})
	fs.StringVar(&m.html, "html", "", "the same as `HTML`")
	fs.BoolVar(&m.internal, "internal", false, "customers do not see the message")
	fs.BoolVar(&m.notify, "notify", false, "tell the owner")
	several := func(name, usage string, to *[]string) {
		fs.Func(name, usage+"; may be given more than once", func(text string) error {
			*to = append(*to, text)
			return nil
		})
	}
	several("attach", "attach this `FILE`", &m.files)
	several("to", "mail it to this `ADDRESS`", &m.to)
	several("cc", "mail a copy to this `ADDRESS`", &m.cc)
	several("bcc", "mail a copy, unseen by the others, to this `ADDRESS`", &m.bcc)
}

// textFromStdin reads a text, the name of which says what it is; otherwise is
// how else it may be given.
func (c *call) textFromStdin(name, otherwise string) (string, error) {
	text, err := io.ReadAll(io.LimitReader(c.stdin, maxBody+1))
	if err != nil {
		return "", fmt.Errorf("reading the %s: %w", name, err)
	}
	if len(text) > maxBody {
		return "", fmt.Errorf("the %s is longer than %d MiB", name, maxBody>>20)
	}
	if len(text) == 0 {
		return "", c.usagef("the %s is empty: give its text %s or on stdin", name, otherwise)
	}
	return string(text), nil
}

func (c *call) addMessage(ctx context.Context, d *desk.Desk, ticket int64, m *messageFlags) error {
	a, err := d.Operator(ctx, m.as)
	if err != nil {
		return err
	}
	draft := desk.MessageDraft{
		Ticket: skranke.TicketID(ticket), SLevel: level(m.internal), Body: m.body, HTMLBody: m.html,
		Notify: m.notify, To: m.to, Cc: m.cc, Bcc: m.bcc,
	}
	for _, name := range m.files {
		file, err := attach(ctx, d, a, name)
		if err != nil {
			return fmt.Errorf("attaching %s: %w", name, err)
		}
		draft.Attachments = append(draft.Attachments, file)
	}
	id, err := d.AddMessage(ctx, a, draft)
	if err != nil {
		return err
	}
	return c.print(strconv.FormatInt(int64(id), 10) + "\n")
}

// attach stores a file.
func attach(ctx context.Context, d *desk.Desk, a desk.Actor, name string) (skranke.AttachmentID, error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return d.StoreAttachment(ctx, a, name, mime.TypeByExtension(filepath.Ext(name)), f)
}
