package desk

import (
	"context"
	"errors"
	"slices"

	"skranke"
)

// PutFaqFolder stores a folder of the FAQ.
func (in *Intake) PutFaqFolder(ctx context.Context, f *skranke.FaqFolder) error {
	if f.Parent != 0 && f.Parent == f.ID {
		return skranke.Err(skranke.CodeInvalidFaqCategory, "FAQ folder %d is its own parent", f.ID)
	}
	err := checkLengths(length{"name", f.Name, skranke.MaxFolderName})
	if err != nil {
		return err
	}
	if f.Source != "" {
		other, err := in.tx.FaqFolderBySource(ctx, f.Source)
		if err := sourceFree(f.Source, int64(f.ID), int64(other), err); err != nil {
			return err
		}
	}
	if err := in.refer(ctx, []Row{{rowFaqFolder, int64(f.Parent)}}); err != nil {
		return err
	}
	return in.put(rowFaqFolder, func() int64 { return int64(f.ID) }, skranke.CodeInvalidFaqCategory,
		func() error { return in.tx.UpdateFaqFolder(ctx, f) }, func() error { return in.tx.InsertFaqFolder(ctx, f) })
}

// sourceFree refuses a source another row has; err is how the look for it ended.
func sourceFree(source string, id, other int64, err error) error {
	var refusal *skranke.Error
	switch {
	case errors.As(err, &refusal) || err == nil && (other == 0 || other == id):
		return nil
	case err != nil:
		return err
	}
	return skranke.Err(skranke.CodeCustomError, "the source %q is that of %d already", source, other)
}

// PutFaqEntry stores an entry of the FAQ. Its attachments must be there: else
// it returns NotYet.
func (in *Intake) PutFaqEntry(ctx context.Context, e *skranke.FaqEntry) error {
	lengths := []length{{"title", e.Title, maxText}}
	for _, l := range e.Links {
		lengths = append(lengths, length{"link name", l.Name, skranke.MaxLink}, length{"link", l.URL, skranke.MaxLink})
	}
	if err := checkLengths(lengths...); err != nil {
		return err
	}
	if e.ReadCount < 0 || e.Votes < 0 || e.VoteSum < 0 || e.VoteSum > 100*e.Votes {
		return skranke.Err(skranke.CodeCustomError, "a count is negative, or the votes add up to more than 100 each")
	}
	if e.Source != "" {
		other, err := in.tx.FaqEntryBySource(ctx, e.Source)
		if err := sourceFree(e.Source, int64(e.ID), int64(other), err); err != nil {
			return err
		}
	}
	if err := in.need(ctx, attachmentRows(e.Attachments)...); err != nil {
		return err
	}
	if err := in.refer(ctx, []Row{{rowFaqFolder, int64(e.Folder)}, {rowUser, int64(e.CreatedBy)}}); err != nil {
		return err
	}
	return in.put(rowFaqEntry, func() int64 { return int64(e.ID) }, skranke.CodeInvalidFaqEntry,
		func() error { return in.tx.UpdateFaqEntry(ctx, e, FaqWords(e)) },
		func() error { return in.tx.InsertFaqEntry(ctx, e, FaqWords(e)) })
}

// FaqBallot is a customer's vote and the entry it is for.
type FaqBallot struct {
	Entry skranke.FaqEntryID
	skranke.FaqVote
}

// PutFaqBallot stores a customer's vote, which the sum of its entry holds
// already. The entry must be there: else it returns NotYet.
func (in *Intake) PutFaqBallot(ctx context.Context, b *FaqBallot) error {
	if b.Vote < 0 || b.Vote > skranke.MaxFaqVote {
		return skranke.Err(skranke.CodeFaqScoreOutOfRange, "vote %d", b.Vote)
	}
	if err := in.need(ctx, Row{rowFaqEntry, int64(b.Entry)}); err != nil {
		return err
	}
	if b.Customer == 0 {
		return skranke.Err(skranke.CodeUnknownCustomerID, "a vote needs a customer")
	}
	if err := in.refer(ctx, []Row{{rowCustomer, int64(b.Customer)}}); err != nil {
		return err
	}
	_, _, err := in.tx.SwapFaqVote(ctx, b.Entry, b.FaqVote)
	return err
}

// PutFaqGroup stores a group of FAQ entries, which must be there: else it
// returns NotYet.
func (in *Intake) PutFaqGroup(ctx context.Context, g *skranke.FaqGroup) error {
	var entries []Row
	for i, e := range g.Entries {
		if slices.ContainsFunc(g.Entries[:i], func(o skranke.FaqGroupEntry) bool { return o.Entry == e.Entry }) {
			return skranke.Err(skranke.CodeInvalidFaqEntry, "FAQ entry %d stands twice", e.Entry)
		}
		entries = append(entries, Row{rowFaqEntry, int64(e.Entry)})
	}
	if err := in.need(ctx, entries...); err != nil {
		return err
	}
	if err := in.refer(ctx, []Row{{rowFaqFolder, int64(g.Folder)}}); err != nil {
		return err
	}
	return in.put("faq_group", func() int64 { return int64(g.ID) }, skranke.CodeInvalidFaqGroup,
		func() error { return in.tx.UpdateFaqGroup(ctx, g) }, func() error { return in.tx.InsertFaqGroup(ctx, g) })
}

// FaqFolders hands fn every folder of the FAQ.
func (o *Outgo) FaqFolders(ctx context.Context, fn func(*skranke.FaqFolder) error) error {
	return o.tx.EachFaqFolder(ctx, fn)
}

// FaqEntries hands fn every entry of the FAQ.
func (o *Outgo) FaqEntries(ctx context.Context, fn func(*skranke.FaqEntry) error) error {
	return o.tx.EachFaqEntry(ctx, fn)
}

// FaqBallots hands fn every customer's vote, by entry, then customer.
func (o *Outgo) FaqBallots(ctx context.Context, fn func(*FaqBallot) error) error {
	return o.tx.EachFaqEntry(ctx, func(e *skranke.FaqEntry) error {
		votes, err := o.tx.FaqVotes(ctx, e.ID)
		if err != nil {
			return err
		}
		for _, v := range votes {
			if err := fn(&FaqBallot{e.ID, v}); err != nil {
				return err
			}
		}
		return nil
	})
}

// FaqGroups hands fn every group of FAQ entries.
func (o *Outgo) FaqGroups(ctx context.Context, fn func(*skranke.FaqGroup) error) error {
	return o.tx.EachFaqGroup(ctx, fn)
}
