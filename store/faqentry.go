package store

import (
	"context"
	"fmt"
	"strings"

	"skranke"
)

var faqEntries = newTable("faq_entry", skranke.CodeInvalidFaqEntry, `
	folder_id, title, has_html, access, state, publish_at, expire_at, created_at, changed_at, created_by, sort_order,
	source, read_count, votes, vote_sum, question, keywords, answer`,
	`score`)

// faqListed are the columns that lists of entries show: the first of the table.
var faqListed, _, _ = strings.Cut(faqEntries.columns, ", f.keywords")

// scanFaqListed reads the columns faqListed.
func scanFaqListed(r *rows, e *skranke.FaqEntry) {
	e.ID = id[skranke.FaqEntryID](r)
	e.Folder = id[skranke.FaqFolderID](r)
	e.Title = r.text()
	e.HTML = r.bool()
	e.Access = id[skranke.FaqAccess](r)
	e.State = id[skranke.FaqState](r)
	e.PublishAt = r.moment()
	e.ExpireAt = r.moment()
	e.CreatedAt = r.moment()
	e.ChangedAt = r.moment()
	e.CreatedBy = id[skranke.UserID](r)
	e.SortOrder = r.int()
	e.Source = r.text()
	e.ReadCount = r.int64()
	e.Votes = r.int64()
	e.VoteSum = r.int64()
	e.Question = r.text()
}

func scanFaqEntry(r *rows, e *skranke.FaqEntry) {
	scanFaqListed(r, e)
	e.Keywords = r.text()
	e.Answer = r.text()
}

func faqEntryArgs(e *skranke.FaqEntry) []arg {
	return []arg{
		num(e.Folder), text(e.Title), flag(e.HTML), num(e.Access), num(e.State), moment(e.PublishAt), moment(e.ExpireAt),
		moment(e.CreatedAt), moment(e.ChangedAt), num(e.CreatedBy), num(e.SortOrder), text(e.Source), num(e.ReadCount),
		num(e.Votes), num(e.VoteSum), text(e.Question), text(e.Keywords), text(e.Answer), num(e.Score()),
	}
}

// FaqEntry returns the entry with its links and the ids of its attachments. It
// returns CodeInvalidFaqEntry if there is none.
func (tx *ReadTx) FaqEntry(ctx context.Context, id skranke.FaqEntryID) (*skranke.FaqEntry, error) {
	e := new(skranke.FaqEntry)
	if err := faqEntries.row(ctx, tx, int64(id), func(r *rows) { scanFaqEntry(r, e) }); err != nil {
		return nil, err
	}
	return e, tx.fillFaqEntry(ctx, e)
}

// EachFaqEntry hands fn every entry by ascending id.
func (tx *ReadTx) EachFaqEntry(ctx context.Context, fn func(*skranke.FaqEntry) error) error {
	return eachRow(ctx, tx, faqEntries, scanFaqEntry, func(e *skranke.FaqEntry) error { return tx.fillFaqEntry(ctx, e) }, fn)
}

func (tx *ReadTx) fillFaqEntry(ctx context.Context, e *skranke.FaqEntry) error {
	err := tx.each(ctx, `SELECT name, url FROM faq_link WHERE entry_id = $1 ORDER BY rank`,
		func(r *rows) { e.Links = append(e.Links, skranke.FaqLink{Name: r.text(), URL: r.text()}) }, num(e.ID))
	if err != nil {
		return fmt.Errorf("reading links of FAQ entry %d: %w", e.ID, err)
	}
	err = tx.each(ctx, `SELECT attachment_id FROM faq_attachment WHERE entry_id = $1 ORDER BY rank`,
		func(r *rows) { e.Attachments = append(e.Attachments, id[skranke.AttachmentID](r)) }, num(e.ID))
	if err != nil {
		return fmt.Errorf("reading attachments of FAQ entry %d: %w", e.ID, err)
	}
	return nil
}

// ListedFaqEntry returns what lists show of the entry: neither answer and
// keywords nor links and attachments. It returns CodeInvalidFaqEntry if there
// is none.
func (tx *ReadTx) ListedFaqEntry(ctx context.Context, id skranke.FaqEntryID) (*skranke.FaqEntry, error) {
	e := new(skranke.FaqEntry)
	found, err := tx.one(ctx, `SELECT `+faqListed+` FROM faq_entry f WHERE f.id = $1`,
		func(r *rows) { scanFaqListed(r, e) }, num(id))
	if err != nil {
		return nil, fmt.Errorf("reading FAQ entry %d: %w", id, err)
	}
	if !found {
		return nil, faqEntries.unknown(int64(id))
	}
	return e, nil
}

// FaqOrder is an order of entries.
type FaqOrder string

// The orders.
//
// Spec: types/faq.4, customer/faq_getMostReadEntries.3, customer/faq_getMostPopularEntries.2
const (
	FaqByPlace      FaqOrder = `f.sort_order, f.id`
	FaqByReads      FaqOrder = `f.read_count DESC, f.id`
	FaqByPopularity FaqOrder = `f.score DESC, f.votes DESC, f.read_count DESC, f.id`
)

// FaqEntriesIn returns the entries that lie in the folder itself, in their
// order, as ListedFaqEntry does.
func (tx *ReadTx) FaqEntriesIn(ctx context.Context, folder skranke.FaqFolderID) ([]skranke.FaqEntry, error) {
	var list []skranke.FaqEntry
	err := tx.each(ctx, `SELECT `+faqListed+` FROM faq_entry f WHERE f.folder_id = $1 ORDER BY `+string(FaqByPlace),
		func(r *rows) {
			var e skranke.FaqEntry
			scanFaqListed(r, &e)
			list = append(list, e)
		}, num(folder))
	if err != nil {
		return nil, fmt.Errorf("reading entries of FAQ folder %d: %w", folder, err)
	}
	return list, nil
}

// WalkFaqEntries hands fn the entries of all folders in the given order, as
// ListedFaqEntry does, until fn returns false.
func (tx *ReadTx) WalkFaqEntries(ctx context.Context, order FaqOrder, fn func(*skranke.FaqEntry) bool) error {
	r := tx.query(ctx, `SELECT `+faqListed+` FROM faq_entry f ORDER BY `+string(order))
	defer r.close()
	for r.next() {
		e := new(skranke.FaqEntry)
		scanFaqListed(r, e)
		if !fn(e) {
			return nil
		}
	}
	if r.err != nil {
		return fmt.Errorf("reading FAQ entries: %w", r.err)
	}
	return nil
}

// FaqEntryBySource returns the id of the entry imported from the path, 0 if
// there is none.
func (tx *ReadTx) FaqEntryBySource(ctx context.Context, source string) (skranke.FaqEntryID, error) {
	n, err := tx.number(ctx, `SELECT id FROM faq_entry WHERE source = $1 AND source <> ''`, text(source))
	if err != nil {
		return 0, fmt.Errorf("looking for FAQ entry %q: %w", source, err)
	}
	return skranke.FaqEntryID(n), nil
}

// FaqEntriesWith returns the ids of the entries the attachment is linked to, ascending.
func (tx *ReadTx) FaqEntriesWith(ctx context.Context, attachment skranke.AttachmentID) ([]skranke.FaqEntryID, error) {
	var list []skranke.FaqEntryID
	err := tx.each(ctx, `SELECT DISTINCT entry_id FROM faq_attachment WHERE attachment_id = $1 ORDER BY entry_id`,
		func(r *rows) { list = append(list, id[skranke.FaqEntryID](r)) }, num(attachment))
	if err != nil {
		return nil, fmt.Errorf("reading FAQ entries with attachment %d: %w", attachment, err)
	}
	return list, nil
}

// InsertFaqEntry stores a new entry with its links and attachments; words is
// what searches find it by. An ID of 0 is replaced by a new one. It returns
// ErrExists if the id or the source is in use, ErrReference for an unknown
// attachment.
func (tx *WriteTx) InsertFaqEntry(ctx context.Context, e *skranke.FaqEntry, words FaqWords) error {
	id, err := faqEntries.add(ctx, tx, int64(e.ID), faqEntryArgs(e))
	if err != nil {
		return err
	}
	e.ID = skranke.FaqEntryID(id)
	if err := tx.addFaqParts(ctx, e); err != nil {
		return err
	}
	return tx.indexFaqEntry(ctx, e.ID, words)
}

// UpdateFaqEntry writes the whole entry anew; votes of customers stay. It
// returns CodeInvalidFaqEntry if there is none, ErrExists if the source is in
// use, ErrReference for an unknown attachment.
func (tx *WriteTx) UpdateFaqEntry(ctx context.Context, e *skranke.FaqEntry, words FaqWords) error {
	if err := faqEntries.change(ctx, tx, int64(e.ID), faqEntryArgs(e)); err != nil {
		return err
	}
	if err := tx.clearFaqParts(ctx, e.ID, "faq_link", "faq_attachment"); err != nil {
		return err
	}
	if err := tx.addFaqParts(ctx, e); err != nil {
		return err
	}
	return tx.indexFaqEntry(ctx, e.ID, words)
}

// DeleteFaqEntry deletes the entry, its links, votes and places in groups; its
// attachments stay. It returns CodeInvalidFaqEntry if there is none.
func (tx *WriteTx) DeleteFaqEntry(ctx context.Context, id skranke.FaqEntryID) error {
	if err := tx.clearFaqParts(ctx, id, "faq_link", "faq_attachment", "faq_vote", "faq_group_entry"); err != nil {
		return err
	}
	if err := tx.unindexFaqEntry(ctx, id); err != nil {
		return err
	}
	return faqEntries.drop(ctx, tx, int64(id))
}

func (tx *WriteTx) clearFaqParts(ctx context.Context, id skranke.FaqEntryID, parts ...string) error {
	for _, part := range parts {
		if _, err := tx.exec(ctx, `DELETE FROM `+part+` WHERE entry_id = $1`, num(id)); err != nil {
			return fmt.Errorf("clearing %s of FAQ entry %d: %w", part, id, err)
		}
	}
	return nil
}

func (tx *WriteTx) addFaqParts(ctx context.Context, e *skranke.FaqEntry) error {
	for rank, link := range e.Links {
		_, err := tx.exec(ctx, `INSERT INTO faq_link (entry_id, rank, name, url) VALUES ($1, $2, $3, $4)`,
			num(e.ID), num(rank), text(link.Name), text(link.URL))
		if err != nil {
			return fmt.Errorf("adding link to FAQ entry %d: %w", e.ID, err)
		}
	}
	for rank, attachment := range e.Attachments {
		_, err := tx.exec(ctx, `INSERT INTO faq_attachment (entry_id, rank, attachment_id) VALUES ($1, $2, $3)`,
			num(e.ID), num(rank), num(attachment))
		if err != nil {
			return fmt.Errorf("linking attachment %d to FAQ entry %d: %w", attachment, e.ID, err)
		}
	}
	return nil
}

// FaqReads is how often an entry was read since it was counted last.
type FaqReads struct {
	Entry skranke.FaqEntryID
	Reads int64
}

// CountFaqReads adds to the read counts of entries. Those that are gone are
// passed over.
func (tx *WriteTx) CountFaqReads(ctx context.Context, reads []FaqReads) error {
	for _, r := range reads {
		_, err := tx.exec(ctx, `UPDATE faq_entry SET read_count = read_count + $2 WHERE id = $1`, num(r.Entry), num(r.Reads))
		if err != nil {
			return fmt.Errorf("counting reads of FAQ entry %d: %w", r.Entry, err)
		}
	}
	return nil
}

// FaqVotes returns the votes of customers for an entry by customer. Anonymous
// votes, and those it was imported with, are only in its sum.
func (tx *ReadTx) FaqVotes(ctx context.Context, entry skranke.FaqEntryID) ([]skranke.FaqVote, error) {
	var votes []skranke.FaqVote
	err := tx.each(ctx, `SELECT customer_id, vote, at FROM faq_vote WHERE entry_id = $1 ORDER BY customer_id`,
		func(r *rows) {
			votes = append(votes, skranke.FaqVote{Customer: id[skranke.CustomerID](r), Vote: r.int(), At: r.moment()})
		}, num(entry))
	if err != nil {
		return nil, fmt.Errorf("reading votes for FAQ entry %d: %w", entry, err)
	}
	return votes, nil
}

// SwapFaqVote makes v the vote of its customer for the entry and returns the
// vote it replaces, if there was one. It does not touch the entry's sum.
func (tx *WriteTx) SwapFaqVote(ctx context.Context, entry skranke.FaqEntryID, v skranke.FaqVote) (old int, voted bool, err error) {
	voted, err = tx.one(ctx, `SELECT vote FROM faq_vote WHERE entry_id = $1 AND customer_id = $2`,
		func(r *rows) { old = r.int() }, num(entry), num(v.Customer))
	if err == nil {
		_, err = tx.exec(ctx, `INSERT INTO faq_vote (entry_id, customer_id, vote, at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (entry_id, customer_id) DO UPDATE SET vote = excluded.vote, at = excluded.at`,
			num(entry), num(v.Customer), num(v.Vote), moment(v.At))
	}
	if err != nil {
		return 0, false, fmt.Errorf("voting for FAQ entry %d: %w", entry, err)
	}
	return old, voted, nil
}

// SetFaqScore writes the votes of the entry, their sum and the score that
// follows from them.
func (tx *WriteTx) SetFaqScore(ctx context.Context, e *skranke.FaqEntry) error {
	_, err := tx.exec(ctx, `UPDATE faq_entry SET votes = $2, vote_sum = $3, score = $4 WHERE id = $1`,
		num(e.ID), num(e.Votes), num(e.VoteSum), num(e.Score()))
	if err != nil {
		return fmt.Errorf("writing score of FAQ entry %d: %w", e.ID, err)
	}
	return nil
}
