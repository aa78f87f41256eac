package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"skranke"
	"skranke/desk"
	"skranke/store"
)

// seedVersion is counted up with every change of what a help desk holds.
const seedVersion = 3

// A help desk of n tickets has n/10 customers with 10 tickets each, in
// companies of 50. The first customer of a company has company access. The
// tickets of a customer lie within blockSize of each other. Ids follow from
// the numbers, so the load knows who may read what without asking.
//
// Behind them come the regulars and their tickets: at least two customers, or
// one for 500 of those tickets, of no company, with 50 tickets each, which lie
// as far from each other as they can. And there is an FAQ.
const (
	ticketsPerRegular   = 50
	ticketsPerCustomer  = 10
	customersPerCompany = 50
	blockSize           = 10_000
	extraFieldCount     = 2
	categoryCount       = 20
)

func customerCount(tickets int) int { return max(1, tickets/ticketsPerCustomer) }

func regularCount(tickets int) int { return max(2, tickets/500) }

// regular is the id of the nth regular, n counting from 0.
func regular(n, tickets int) int { return customerCount(tickets) + 1 + n }

// ticketOf is the kth ticket of the nth regular, both counting from 0.
func ticketOf(n, k, tickets int) int { return tickets + 1 + k*regularCount(tickets) + n }

// customerOf is the customer of ticket id among that many.
func customerOf(id, tickets int) int {
	block := (id - 1) / blockSize * (blockSize / ticketsPerCustomer)
	inBlock := min(blockSize/ticketsPerCustomer, customerCount(tickets)-block)
	if inBlock < 1 { // the tickets left over when there are no tens of them
		return customerCount(tickets)
	}
	return block + (id-1)*7%inBlock + 1
}

// chiefOf is the colleague of the customer who has company access.
func chiefOf(customer int) int { return (customer-1)/customersPerCompany*customersPerCompany + 1 }

// keyOf is the key of the customer's session. Real keys are as long, and what
// is stored of them is as random: a SHA-256.
func keyOf(customer int) string { return fmt.Sprintf("benchbenchbenchbenchben%09d", customer) }

// The agent, who owns every ticket, and the key of his session.
const (
	agent    = 2
	agentKey = "benchbenchbenchbenchbenchbeagent"
	loopback = "127.0.0.1"
)

// messagesOf is how many messages ticket id has: 5 that customers see, or, every
// other one, 3 and an internal one.
func messagesOf(id int) (external, internal int) {
	if id%2 == 0 {
		return 5, 0
	}
	return 3, 1
}

// readable is a ticket of 5 messages, n counting from 0.
func readable(n int) int { return 2*n + 2 }

// helpDesk returns the folder of a help desk of that many tickets and makes it
// if the cache has none. A run leaves its read stamps and log entries in it, and
// a newer schema is reached by its migrations; -fresh starts over.
func helpDesk(ctx context.Context, o *options, tickets int) (string, error) {
	dir := filepath.Join(o.cache, fmt.Sprintf("%d-tickets-%d-entries-v%d", tickets, o.entries, seedVersion))
	if o.fresh {
		if err := os.RemoveAll(dir); err != nil {
			return "", err
		}
	}
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	// Made beside its place, so that half a help desk is never taken for one.
	making := dir + ".making"
	if err := os.RemoveAll(making); err != nil {
		return "", err
	}
	start := time.Now()
	if err := seed(ctx, o, making, tickets); err != nil {
		return "", fmt.Errorf("making a help desk of %d tickets: %w", tickets, err)
	}
	o.say("made %d tickets in %.1f s: %s", tickets, time.Since(start).Seconds(), dir)
	return dir, os.Rename(making, dir)
}

func seed(ctx context.Context, o *options, dir string, tickets int) error {
	db, err := store.Open(ctx, store.Options{Dir: dir})
	if err != nil {
		return err
	}
	err = errors.Join(seedLists(ctx, db), seedCustomers(ctx, db, tickets), seedTickets(ctx, o, db, tickets), seedFaq(ctx, db, o.entries))
	return errors.Join(err, db.Close())
}

var born = time.Date(2024, 1, 1, 8, 0, 0, 0, time.UTC)

func seedLists(ctx context.Context, db *store.DB) error {
	return db.Write(ctx, func(tx *store.WriteTx) error {
		var errs []error
		for _, port := range skranke.Ports() {
			errs = append(errs, tx.InsertRange(ctx, &skranke.Range{Port: port, From: "127.0.0.1"}))
		}
		for i := 1; i <= categoryCount; i++ {
			errs = append(errs, tx.InsertCategory(ctx, &skranke.Category{
				ID: skranke.CategoryID(i), Name: fmt.Sprintf("Category %d", i), Method: skranke.DelegateNone,
			}))
		}
		errs = append(errs, tx.InsertPriority(ctx, &skranke.Priority{ID: 1, Name: "Normal", External: true, Default: true}))
		for i := 1; i <= extraFieldCount; i++ {
			errs = append(errs, tx.InsertExtraField(ctx, &skranke.ExtraField{
				ID: skranke.ExtraFieldID(i), Domain: skranke.DomainTicket, FieldName: fmt.Sprintf("x_field%d", i),
				Label: fmt.Sprintf("Field %d", i), Kind: skranke.ExtraText, Flags: skranke.ExtraPublic,
			}))
		}
		errs = append(errs, tx.InsertUser(ctx, &skranke.User{ID: agent, LoginName: "agent", UserName: "agent", Status: skranke.UserNormal, Access: skranke.AccessAdministration}))
		errs = append(errs, tx.InsertSession(ctx, &store.Session{
			ID: sha256.Sum256([]byte(agentKey)), User: agent, Auth: agent, Created: born, LastUsed: born, Addr: loopback,
		}))
		return errors.Join(errs...)
	})
}

// seedCustomers makes the customers, their companies, and an open session each.
func seedCustomers(ctx context.Context, db *store.DB, tickets int) error {
	regulars := regular(0, tickets)
	return inTurns(ctx, db, regulars-1+regularCount(tickets), blockSize, func(tx *store.WriteTx, id int) error {
		company := (id-1)/customersPerCompany + 1
		if id >= regulars {
			company = 0
		} else if chiefOf(id) == id {
			err := tx.InsertCompany(ctx, &skranke.Company{ID: skranke.CompanyID(company), Name: fmt.Sprintf("Company %d", company)})
			if err != nil {
				return err
			}
		}
		err := tx.InsertCustomer(ctx, &skranke.Customer{
			ID: skranke.CustomerID(id), FirstName: "Kari", LastName: fmt.Sprintf("Nordmann %d", id),
			UserName: fmt.Sprintf("kari%d", id), Emails: []string{fmt.Sprintf("kari%d@company%d.example", id, company)},
			Company: skranke.CompanyID(company), CompanyAccess: company != 0 && chiefOf(id) == id,
		})
		if err != nil {
			return err
		}
		return tx.InsertSession(ctx, &store.Session{
			ID: sha256.Sum256([]byte(keyOf(id))), Customer: skranke.CustomerID(id), Created: born, LastUsed: born,
			Addr: loopback, // no TTL: the cache may lie for weeks
		})
	})
}

func seedTickets(ctx context.Context, o *options, db *store.DB, tickets int) error {
	body := strings.Repeat("The printer on our floor does not print since this morning. ", 7)
	last := time.Now()
	regulars := regularCount(tickets)
	return inTurns(ctx, db, tickets+regulars*ticketsPerRegular, blockSize, func(tx *store.WriteTx, id int) error {
		if time.Since(last) > 5*time.Second {
			last = time.Now()
			o.say("  %d of %d tickets", id, tickets)
		}
		title, customer := titleOf(id), 0
		company := 0
		external, internal := messagesOf(id)
		if n := id - tickets - 1; n >= 0 {
			title, customer = regularTitle(n/regulars), regular(n%regulars, tickets)
			external, internal = 1, 0
		} else {
			customer = customerOf(id, tickets)
			company = (customer-1)/customersPerCompany + 1
		}
		at := born.Add(time.Duration(id) * 30 * time.Second)
		t := &skranke.Ticket{
			ID: skranke.TicketID(id), Title: title, CreatedAt: at, LastChanged: at, Category: skranke.CategoryID(id%categoryCount + 1),
			Priority: 1, OrigCategory: skranke.CategoryID(id%categoryCount + 1), OrigPriority: 1, Status: skranke.Active,
			SLevel: skranke.External, ReadStatus: skranke.Red, Origin: skranke.OriginCustomerCentre, NumMessages: external + internal,
			Customers: []skranke.CustomerID{skranke.CustomerID(customer)}, Company: skranke.CompanyID(company),
			Owner: agent, CreatedBy: skranke.SystemUser, Author: "Kari Nordmann",
		}
		for field := range extraFieldCount {
			t.Extra = append(t.Extra, skranke.ExtraValue{
				Field: skranke.ExtraFieldID(field + 1), Value: skranke.Value{Set: true, Text: "floor 4"},
			})
		}
		if err := tx.InsertTicket(ctx, t); err != nil {
			return err
		}
		for i := range external + internal {
			m := &skranke.Message{
				Ticket: t.ID, SLevel: skranke.External, Kind: skranke.Plain, Body: body, CreatedAt: at.Add(time.Duration(i) * time.Hour),
				CreatedBy: skranke.SystemUser, Customer: skranke.CustomerID(customer), Author: "Kari Nordmann",
			}
			if i >= external {
				m.SLevel = skranke.Internal
			}
			if err := tx.InsertMessage(ctx, m); err != nil {
				return err
			}
		}
		return nil
	})
}

func titleOf(id int) string { return fmt.Sprintf("The printer on floor %d is on fire & smokes", id) }

// regularTitle is the title of the kth ticket of a regular: every fifth is
// about a projector.
func regularTitle(k int) string {
	if k%5 == 0 {
		return fmt.Sprintf("The projector in room %d shows nothing", k)
	}
	return fmt.Sprintf("The screen in room %d shows nothing", k)
}

// vocabulary is how many words the FAQ is made of. Words lower in it are rarer.
const vocabulary = 5_000

// word is a word of the FAQ: what is told apart stands at its beginning.
func word(n int) string {
	const sounds = "bdfgklmnprstv"
	var b []byte
	for range 3 {
		b = append(b, sounds[n%len(sounds)], "aeiou"[n/len(sounds)%5])
		n /= len(sounds) * 5
	}
	return string(b) + "ing"
}

// rare draws a word: one of the first is some hundred times as likely as one of
// the last, as it is in writing.
func rare(draw *rand.Rand) int {
	return int(math.Pow(vocabulary, draw.Float64())) - 1
}

// sought draws a word somebody may look for: not one of the commonest, which
// stand in nearly every entry, nor one that a small FAQ does not have. Of those
// it draws, the commonest is in every eighth entry.
func sought(draw *rand.Rand, entries int) int {
	for {
		if n := rare(draw); 100 <= n && n < 100+entries/2 {
			return n
		}
	}
}

func words(draw *rand.Rand, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = word(rare(draw))
	}
	return strings.Join(list, " ")
}

// entriesPerFolder is how many entries of the FAQ lie in a folder.
const entriesPerFolder = 50

func seedFaq(ctx context.Context, db *store.DB, entries int) error {
	draw := rand.New(rand.NewPCG(1, 2))
	return inTurns(ctx, db, entries, blockSize, func(tx *store.WriteTx, id int) error {
		folder := skranke.FaqFolderID((id-1)/entriesPerFolder + 1)
		if (id-1)%entriesPerFolder == 0 {
			err := tx.InsertFaqFolder(ctx, &skranke.FaqFolder{ID: folder, Name: fmt.Sprintf("Folder %d", folder), Access: skranke.FaqEveryone})
			if err != nil {
				return err
			}
		}
		e := &skranke.FaqEntry{
			ID: skranke.FaqEntryID(id), Folder: folder, Title: words(draw, 5), Question: words(draw, 12) + "?", Answer: words(draw, 100),
			Access: skranke.FaqRegistered, State: skranke.FaqPublished, CreatedAt: born, ChangedAt: born, CreatedBy: 2,
		}
		return tx.InsertFaqEntry(ctx, e, desk.FaqWords(e))
	})
}

// inTurns calls fn for 1 to n, in transactions of so many.
func inTurns(ctx context.Context, db *store.DB, n, many int, fn func(tx *store.WriteTx, id int) error) error {
	for from := 1; from <= n; from += many {
		err := db.Write(ctx, func(tx *store.WriteTx) error {
			for id := from; id < from+many && id <= n; id++ {
				if err := fn(tx, id); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
