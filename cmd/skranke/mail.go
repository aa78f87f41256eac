package main

import (
	"context"
	"flag"
	"fmt"
	"net/mail"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"skranke"
	"skranke/desk"
	"skranke/server"
)

func mailList() command {
	return command{
		name:    "mail list",
		group:   groupInspect,
		summary: "List the mails that have not left yet",
		about: `Lists what waits in the outbox: mails to be sent, mails that failed and will be
tried again, and parked ones, which were given up and wait for "skranke mail
retry". Mails that were sent are not listed.`,
		examples: []string{"skranke mail list"},
		start: func(*flag.FlagSet) action {
			return func(ctx context.Context, c *call) error {
				if err := c.noArgs(); err != nil {
					return err
				}
				return c.withDesk(ctx, func(d *desk.Desk) error { return c.listMail(ctx, d) })
			}
		},
	}
}

func (c *call) listMail(ctx context.Context, d *desk.Desk) error {
	list, err := d.Outbox(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tSTATE\tNEXT TRY\tFAILED\tTO\tSUBJECT\tERROR")
	for i := range list {
		e := &list[i]
		state, next := mailState(e)
		subject := e.Mail.Subject
		if e.Kind != desk.JobMail {
			subject = "(" + e.Kind + ")"
		}
		line := fmt.Sprintf("%d\t%s\t%s\t%d\t%s\t%s\t%s", e.ID, state, next, e.Attempts,
			cell(strings.Join(e.Mail.Recipients(), ", ")), cell(subject), cell(e.LastError))
		fmt.Fprintln(w, strings.TrimRight(line, "\t"))
	}
	return w.Flush()
}

// mailState says how a mail stands and when it is tried next.
func mailState(e *desk.OutboxEntry) (state, next string) {
	switch {
	case e.Parked:
		return "parked", "-"
	case e.Sending:
		return "sending", "-"
	}
	return "waiting", e.Due.Local().Format(time.DateTime)
}

func mailRetry() command {
	return command{
		name:    "mail retry",
		group:   groupRun,
		summary: "Try mails again at once",
		usage:   "ID|all",
		about: `Makes a mail, or all of them, due at once and forgets how often it has failed.
Parked mails are tried again too. It is the server that sends them, as soon as
it looks ("skranke serve" has to run).`,
		examples: []string{"skranke mail retry 17", "skranke mail retry all"},
		start: func(*flag.FlagSet) action {
			return func(ctx context.Context, c *call) error {
				var ids []int64
				if len(c.args) != 1 {
					return c.usagef("mail retry takes one argument, the id of a mail or the word all")
				}
				if c.args[0] != "all" {
					id, ok := skranke.ParseID(c.args[0])
					if !ok {
						return c.usagef("%q is neither an id nor the word all", c.args[0])
					}
					ids = append(ids, id)
				}
				return c.withDesk(ctx, func(d *desk.Desk) error {
					n, err := d.RetryMail(ctx, ids...)
					if err != nil {
						return err
					}
					return c.print(strconv.Itoa(n) + "\n")
				})
			}
		},
	}
}

func mailTest() command {
	return command{
		name:    "mail test",
		group:   groupRun,
		summary: "Send a mail to see whether that works",
		usage:   "ADDRESS",
		about: `Sends a short mail at once, past the outbox, the way the settings say, and tells
what went wrong if it could not be handed over.`,
		examples: []string{"skranke mail test me@example.com"},
		start: func(*flag.FlagSet) action {
			return func(ctx context.Context, c *call) error {
				if len(c.args) != 1 {
					return c.usagef("mail test takes one argument, the address to send to")
				}
				to, err := mail.ParseAddress(c.args[0])
				if err != nil {
					return c.usagef("%q is no address", c.args[0])
				}
				return c.withServer(ctx, func(s *server.Server) error {
					from, err := s.Desk.DefaultSender(ctx)
					if err != nil {
						return err
					}
					err = s.Mail.Send(ctx, desk.Mail{
						From:    from,
						To:      []string{to.Address},
						Subject: "Test of skranke",
						Plain:   "If you read this, mail leaves the help desk.\n",
					})
					if err != nil {
						return fmt.Errorf("the mail was not sent: %w", err)
					}
					return c.print("sent to " + to.Address + "\n")
				})
			}
		},
	}
}
