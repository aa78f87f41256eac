package ports_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"skranke"
	"skranke/store"
)

// Users.
const (
	ada  skranke.UserID = 2 // an administrator
	nora skranke.UserID = 3 // an administrator who is not available
	ron  skranke.UserID = 4 // may only read
	dora skranke.UserID = 5 // deleted
	emil skranke.UserID = 6 // no administrator
	bo   skranke.UserID = 7 // another administrator
)

// Companies.
const (
	acme skranke.CompanyID = 1
	beta skranke.CompanyID = 2
)

// Customers.
const (
	kari skranke.CustomerID = 1  // of acme, with company access
	ola  skranke.CustomerID = 2  // of acme, without
	siv  skranke.CustomerID = 3  // of beta, with company access
	lone skranke.CustomerID = 4  // of no company, with company access
	lars skranke.CustomerID = 5  // of no company, with company access
	rita skranke.CustomerID = 6  // of acme, retired
	dag  skranke.CustomerID = 7  // of acme, deleted
	nils skranke.CustomerID = 8  // has no password
	tove skranke.CustomerID = 9  // speaks Norwegian; no name but addresses
	una  skranke.CustomerID = 10 // neither name nor address
	gro  skranke.CustomerID = 11 // of acme, company access was taken away
)

// Categories.
const (
	help     skranke.CategoryID = 1 // external
	hardware skranke.CategoryID = 2 // internal, below help
	apps     skranke.CategoryID = 3 // external, below hardware
	billing  skranke.CategoryID = 4 // external, below help
	secret   skranke.CategoryID = 5 // internal, at the top
	account1 skranke.CategoryID = 6 // external, below help
	account2 skranke.CategoryID = 7 // the same name in other case
)

// Priorities.
const (
	low     skranke.PriorityID = 1
	normal  skranke.PriorityID = 2 // the default
	high    skranke.PriorityID = 3 // internal
	gone    skranke.PriorityID = 4 // deleted
	alsoLow skranke.PriorityID = 5 // as important as low
	idle    skranke.PriorityID = 6 // internal, least important
)

// Ticket statuses.
const (
	statusOpen    = 1 // the default of Active
	statusClosed  = 2
	statusFinal   = 3 // closed, and stays so
	statusWaiting = 4 // postponed
)

// Extra fields that are special; those of the other kinds are 100 + kind.
const (
	extraInternal     = 201
	extraGone         = 202
	extraHidden       = 203
	extraReadOnly     = 204
	extraOnce         = 205
	extraNotEmpty     = 206
	extraDefault      = 207
	extraDefaultInner = 208
	extraMisnamed     = 209 // database name x_210
	extraFirst        = 210 // comes first
	extraLikeTitle    = 211 // labelled Title
	extraColor        = 212 // database name x_color
	extraColorLabel   = 213 // labelled x_color
	extraOfCustomer   = 301
	extraOfCompany    = 401
	extraOfCustomer2  = 302 // internal
)

var extraKinds = []skranke.ExtraKind{
	skranke.ExtraInteger, skranke.ExtraClob, skranke.ExtraDate, skranke.ExtraDateTime, skranke.ExtraTime, skranke.ExtraBool,
	skranke.ExtraTimeSpan, skranke.ExtraFloat, skranke.ExtraText, skranke.ExtraCustomer, skranke.ExtraCompany,
	skranke.ExtraTicket, skranke.ExtraUser, skranke.ExtraTableRow, skranke.ExtraAttachment, skranke.ExtraLink,
	skranke.ExtraCategory, skranke.ExtraPriority, skranke.ExtraFAQ,
}

// populate fills the world.
func populate(ctx context.Context, tx *store.WriteTx) error {
	for _, fill := range []func(context.Context, *store.WriteTx) error{
		addRanges, addUsers, addLists, addExtraFields, addCustomers, addTickets, addMessages,
	} {
		if err := fill(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

func addRanges(ctx context.Context, tx *store.WriteTx) error {
	for _, r := range []skranke.Range{
		{Port: skranke.PortCustomer, From: "127.0.0.1"},
		{Port: skranke.PortTicket, From: "127.0.0.1"},
		{Port: skranke.PortAdmin, From: "127.0.0.1"},
		{Port: skranke.PortCustomer, From: "10.0.0.9", To: "10.0.0.10"},
		{Port: skranke.PortCustomer, From: "10.0.5.9", To: "10.0.5.1"},
		{Port: skranke.PortTicket, From: "2001:db8::9", To: "2001:db8::10"},
	} {
		if err := tx.InsertRange(ctx, &r); err != nil {
			return err
		}
	}
	return nil
}

func addUsers(ctx context.Context, tx *store.WriteTx) error {
	const admin = skranke.AccessAdministration
	for _, u := range []skranke.User{
		{ID: skranke.SystemUser, LoginName: "system", UserName: "system", Status: skranke.UserSystem, Access: admin},
		{ID: ada, LoginName: "ada", UserName: "Lovelace", FirstName: "Ada", MiddleName: "Byron", LastName: "Lind", Status: skranke.UserNormal, Access: admin, NotifyMask: 3, Email: "ada@desk.example"},
		{ID: nora, LoginName: "nora", UserName: "ada", Status: skranke.UserNotAvailable, Access: admin},
		{ID: ron, LoginName: "ron", UserName: "ron", Status: skranke.UserReadOnly, Access: admin},
		{ID: dora, LoginName: "dora", UserName: "dora", Status: skranke.UserDeleted, Access: admin},
		{ID: emil, LoginName: "emil", UserName: "emil", Status: skranke.UserNormal, Access: ^admin},
		{ID: bo, LoginName: "bo", UserName: "bo", FirstName: "Bo", LastName: "Berg", Status: skranke.UserNormal, Access: admin, NotifyMask: 3},
	} {
		u.PasswordHash = userHash
		if err := tx.InsertUser(ctx, &u); err != nil {
			return err
		}
	}
	return nil
}

func addLists(ctx context.Context, tx *store.WriteTx) error {
	const internal = skranke.CategoryInternal
	for _, c := range []skranke.Category{
		{ID: help, Name: "Support desk", ExternalName: "Help", Method: skranke.DelegateEven, Members: []skranke.CategoryMember{{User: ada}, {User: bo}}},
		{ID: hardware, Parent: help, Name: "Hardware", Flags: internal, Method: skranke.DelegateNone},
		{ID: apps, Parent: hardware, Name: "Apps", Method: skranke.DelegateNone},
		{ID: billing, Parent: help, Name: "billing", Method: skranke.DelegateNone},
		{ID: secret, Name: "Secret", ExternalName: "Not for customers", Flags: internal, Method: skranke.DelegateNone},
		{ID: account2, Parent: help, Name: "account", Method: skranke.DelegateNone},
		{ID: account1, Parent: help, Name: "Account", Method: skranke.DelegateNone},
	} {
		if err := tx.InsertCategory(ctx, &c); err != nil {
			return err
		}
	}
	for _, l := range []skranke.Language{
		{ID: 1, Name: "English", Code: "en", Default: true},
		{ID: 2, Name: "Norsk", Code: "no"},
	} {
		if err := tx.InsertLanguage(ctx, &l); err != nil {
			return err
		}
	}
	for _, c := range []skranke.LanguageCategory{
		{ID: 21, Language: 2, Category: help, Name: "Hjelp"},
		{ID: 22, Language: 2, Category: help, Parent: 21, Name: "assistanse"},
		{ID: 23, Language: 2, Category: secret, Parent: 21, Name: "Hemmelig"},
	} {
		if err := tx.InsertLanguageCategory(ctx, &c); err != nil {
			return err
		}
	}
	for _, p := range []skranke.Priority{
		{ID: low, Name: "Low", SortOrder: 10, External: true},
		{ID: normal, Name: "Normal", SortOrder: 20, External: true, Default: true},
		{ID: high, Name: "High", SortOrder: 30},
		{ID: gone, Name: "Gone", SortOrder: 5, External: true, Deleted: true},
		{ID: alsoLow, Name: "Also low", SortOrder: 10, External: true},
		{ID: idle, Name: "Idle", SortOrder: 1},
	} {
		if err := tx.InsertPriority(ctx, &p); err != nil {
			return err
		}
	}
	for _, s := range []skranke.TicketStatus{
		{ID: statusOpen, Name: "Open", Base: skranke.Active, Default: true},
		{ID: statusClosed, Name: "Done", Base: skranke.Closed, Default: true},
		{ID: statusFinal, Name: "Done for good", Base: skranke.Closed, NoReopen: true},
		{ID: statusWaiting, Name: "Waiting", Base: skranke.Postponed, Default: true},
	} {
		if err := tx.InsertTicketStatus(ctx, &s); err != nil {
			return err
		}
	}
	return nil
}

func addExtraFields(ctx context.Context, tx *store.WriteTx) error {
	const public = skranke.ExtraPublic
	fields := []skranke.ExtraField{
		{ID: extraInternal, FieldName: "x_internal", Label: "Internal"},
		{ID: extraGone, FieldName: "x_gone", Label: "Gone", Flags: public | skranke.ExtraDeleted},
		{ID: extraHidden, FieldName: "x_hidden", Label: "Hidden", Flags: public | skranke.ExtraHidden},
		{ID: extraReadOnly, FieldName: "x_readonly", Label: "Read only", Flags: public | skranke.ExtraReadOnly},
		{ID: extraOnce, FieldName: "x_once", Label: "Once", Flags: public | skranke.ExtraCannotChange},
		{ID: extraNotEmpty, FieldName: "x_notempty", Label: "Not empty", Flags: public | skranke.ExtraNotEmpty},
		{ID: extraDefault, FieldName: "x_default", Label: "Default", Flags: public | skranke.ExtraUseDefault, Default: "usual"},
		{ID: extraDefaultInner, FieldName: "x_inner", Label: "Inner default", Flags: skranke.ExtraUseDefault, Default: "inner"},
		{ID: extraMisnamed, FieldName: "x_210", Label: "Misnamed", Flags: public},
		{ID: extraFirst, FieldName: "x_first", Label: "First", Flags: public, OrderPos: -1},
		{ID: extraLikeTitle, FieldName: "x_liketitle", Label: "Title", Flags: public},
		{ID: extraColor, FieldName: "x_color", Label: "Colour", Flags: public},
		{ID: extraColorLabel, FieldName: "x_colorlabel", Label: "x_color", Flags: public},
	}
	for i := range fields {
		fields[i].Domain, fields[i].Kind = skranke.DomainTicket, skranke.ExtraText
	}
	for _, kind := range extraKinds {
		fields = append(fields, skranke.ExtraField{
			ID: skranke.ExtraFieldID(100 + kind), Domain: skranke.DomainTicket, Kind: kind, Flags: public,
			FieldName: "x_kind_" + strings.ReplaceAll(kind.String(), "-", "_"), Label: "A " + kind.String(),
		})
	}
	fields = append(fields,
		skranke.ExtraField{ID: extraOfCustomer, Domain: skranke.DomainCustomer, Kind: skranke.ExtraText, Flags: public, FieldName: "x_shoe", Label: "Shoe size"},
		skranke.ExtraField{ID: extraOfCustomer2, Domain: skranke.DomainCustomer, Kind: skranke.ExtraText, FieldName: "x_mood", Label: "Mood"},
		skranke.ExtraField{ID: extraOfCompany, Domain: skranke.DomainCompany, Kind: skranke.ExtraBool, Flags: public, FieldName: "x_vip", Label: "Important"},
	)
	for i := range fields {
		if err := tx.InsertExtraField(ctx, &fields[i]); err != nil {
			return err
		}
	}
	return nil
}

func addCustomers(ctx context.Context, tx *store.WriteTx) error {
	for _, c := range []skranke.Company{
		{ID: acme, Name: "Acme"},
		{ID: beta, Name: "Beta", Priority: alsoLow, Language: 2},
	} {
		if err := tx.InsertCompany(ctx, &c); err != nil {
			return err
		}
	}
	for _, c := range []skranke.Customer{
		{ID: kari, UserName: "Kari", FirstName: "Kari", LastName: "Nordmann", Company: acme, CompanyAccess: true},
		{ID: ola, UserName: "ola", FirstName: "Ola", Company: acme, Priority: high},
		{ID: siv, UserName: "siv", FirstName: "Siv", Company: beta, CompanyAccess: true, Priority: gone},
		{ID: lone, UserName: "lone", FirstName: "Lone", CompanyAccess: true},
		{ID: lars, UserName: "lars", FirstName: "Lars", CompanyAccess: true},
		{ID: rita, UserName: "rita", FirstName: "Rita", Company: acme, Retired: true},
		{ID: dag, UserName: "dag", FirstName: "Dag", Company: acme, Deleted: true},
		{ID: nils, UserName: "nils", FirstName: "Nils"},
		{ID: tove, UserName: "tove", Emails: []string{"tove@example.no", "t@example.no"}, Language: 2},
		{ID: una, UserName: "una"},
		{ID: gro, UserName: "gro", FullName: "Gro Haug", Company: acme},
	} {
		if c.ID != nils {
			c.PasswordHash = customerHash
		}
		if err := tx.InsertCustomer(ctx, &c); err != nil {
			return err
		}
	}
	return nil
}

// hour is so many hours after midnight of the first day, UTC.
func hour(h int) time.Time { return time.Date(2021, 1, 25, h, 0, 0, 0, time.UTC) }

func addTickets(ctx context.Context, tx *store.WriteTx) error {
	own := []skranke.CustomerID{kari}
	tickets := []skranke.Ticket{
		{ID: 1012, Title: "Printer <on> & \"fire\"", CreatedAt: hour(7), RepliedAt: hour(8), LastChanged: hour(9),
			ReadByCustomer: hour(6), Priority: low, OrigPriority: low, ReadStatus: skranke.Green, HasAttachment: true,
			Owner: ada, Author: "Kari Nordmann", Customers: []skranke.CustomerID{kari, ola}, Company: acme, NumMessages: 6, NumReplies: 1,
			Extra: []skranke.ExtraValue{
				{Field: 101, Value: skranke.IntValue(-42)},
				{Field: 102, Value: skranke.TextValue("long\r\ntext <b>")},
				{Field: 103, Value: skranke.IntValue(time.Date(2021, 2, 3, 0, 0, 0, 0, time.UTC).UnixMilli())},
				{Field: 104, Value: skranke.TimeValue(morning)},
				{Field: 105, Value: skranke.IntValue(13*3600000 + 5*60000 + 9*1000)},
				{Field: 106, Value: skranke.BoolValue(true)},
				{Field: 107, Value: skranke.IntValue(90)},
				{Field: 108, Value: skranke.Value{Set: true, Float: 1234567.5}},
				{Field: 110, Value: skranke.TextValue("short")},
				{Field: 116, Value: skranke.IDValue(int64(ola))},
				{Field: extraInternal, Value: skranke.TextValue("do not show")},
				{Field: extraGone, Value: skranke.TextValue("do not show")},
				{Field: extraHidden, Value: skranke.TextValue("do not show")},
				{Field: extraMisnamed, Value: skranke.TextValue("of 209")},
				{Field: extraFirst, Value: skranke.TextValue("of 210")},
				{Field: extraLikeTitle, Value: skranke.TextValue("not the title")},
				{Field: extraColor, Value: skranke.TextValue("red")},
				{Field: extraColorLabel, Value: skranke.TextValue("not red")},
			}},
		{ID: 1013, Title: "internal", SLevel: skranke.Internal, CreatedBy: ada, Customers: own},
		{ID: 1014, Title: "internal, made by Kari", SLevel: skranke.Internal, CreatedBy: skranke.SystemUser, Customers: own},
		{ID: 1015, Title: "deleted", Status: skranke.Deleted, Customers: own},
		{ID: 1016, Title: "of Ola", Customers: []skranke.CustomerID{ola}},
		{ID: 1017, Title: "of Lone, and Kari", Customers: []skranke.CustomerID{lone, kari}},
		{ID: 1018, Title: "of Siv", Customers: []skranke.CustomerID{siv}},
		{ID: 1019, Title: "merged", Status: skranke.Merged, MergedInto: 1012, Customers: own},
		{ID: 1020, Title: "merged twice", Status: skranke.Merged, MergedInto: 1019, SLevel: skranke.Internal, Customers: []skranke.CustomerID{lone}},
		{ID: 1021, Title: "merged in a circle", Status: skranke.Merged, MergedInto: 1022, Customers: own},
		{ID: 1022, Title: "merged in a circle", Status: skranke.Merged, MergedInto: 1021, Customers: own},
		{ID: 1023, Title: "merged into nothing", Status: skranke.Merged, MergedInto: 9999, Customers: own},
		{ID: 1024, Title: "merged into a foreign one", Status: skranke.Merged, MergedInto: 1018, Customers: own},
		{ID: 1025, Title: "of Lone", Customers: []skranke.CustomerID{lone}},
		{ID: 1026, Title: "of no level", Customers: own},
		{ID: 1027, Title: "postponed", Status: skranke.Postponed, TicketStatus: statusWaiting, Activate: hour(20), ReadStatus: skranke.Red, Customers: own},
		{ID: 1028, Title: "closed", Status: skranke.Closed, TicketStatus: statusClosed, ClosedAt: hour(10), TimeToClose: 3 * time.Hour, ReadStatus: skranke.Yellow, Customers: own},
		{ID: 1029, Title: "closed for good", Status: skranke.Closed, TicketStatus: statusFinal, ClosedAt: hour(10), Customers: own},
		{ID: 1030, Title: "of nobody"},
		{ID: 1031, Title: "", Customers: own},
		{ID: 1032, Title: "internal, made by Lone", SLevel: skranke.Internal, CreatedBy: skranke.SystemUser, Customers: []skranke.CustomerID{lone, kari}},
		{ID: 1033, Title: "of Rita, retired", Customers: []skranke.CustomerID{rita}},
		{ID: 1034, Title: "merged into a deleted one", Status: skranke.Merged, MergedInto: 1015, Customers: own},
	}
	for i := range tickets {
		t := &tickets[i]
		if t.Status == 0 {
			t.Status, t.TicketStatus = skranke.Active, statusOpen
		}
		if t.SLevel == 0 && t.ID != 1026 {
			t.SLevel = skranke.External
		}
		if t.ID != 1031 {
			t.Category, t.OrigCategory = help, help
		}
		if t.CreatedBy == 0 {
			t.CreatedBy = skranke.SystemUser
		}
		if t.Owner == 0 {
			t.Owner = skranke.SystemUser
		}
		if t.CreatedAt.IsZero() && t.ID != 1031 {
			t.CreatedAt = hour(7)
		}
		if err := tx.InsertTicket(ctx, t); err != nil {
			return fmt.Errorf("ticket %d: %w", t.ID, err)
		}
	}
	return nil
}

func addMessages(ctx context.Context, tx *store.WriteTx) error {
	for _, a := range []skranke.Attachment{
		{ID: 1, Name: "log.txt", ContentType: "text/plain", Uploader: skranke.Uploader{Customer: kari}},
		{ID: 2, Name: "smile.png", ContentType: "image/png", Uploader: skranke.Uploader{User: ada}},
		{ID: 3, Name: "inner.txt", ContentType: "text/plain", Uploader: skranke.Uploader{User: ada}},
		{ID: 50, Name: "mine.txt", ContentType: "text/plain", Uploader: skranke.Uploader{Customer: kari}},
		{ID: 51, Name: "stray.txt", ContentType: "text/plain"},
		{ID: 52, Name: "olas.txt", ContentType: "text/plain", Uploader: skranke.Uploader{Customer: ola}},
		{ID: 53, Name: "adas.txt", ContentType: "text/plain", Uploader: skranke.Uploader{User: ada}},
	} {
		a.Key, a.CreatedAt = fmt.Sprintf("key-of-file-%d", a.ID), hour(6)
		if err := tx.InsertAttachment(ctx, &a); err != nil {
			return err
		}
	}
	for _, m := range []skranke.Message{
		{ID: 11, Ticket: 1012, SLevel: skranke.External, CreatedAt: hour(8), Body: "first", Attachments: []skranke.AttachmentID{2, 1}, Author: "Ada Byron Lind"},
		{ID: 12, Ticket: 1012, SLevel: skranke.Internal, CreatedAt: hour(9), Body: "among us", Attachments: []skranke.AttachmentID{3}},
		{ID: 13, Ticket: 1012, SLevel: skranke.External, CreatedAt: hour(10), Body: "same moment", HTMLBody: "<p>same&nbsp;moment</p>\r\n", Kind: skranke.HTML,
			Header: "From: a@example.no\r\nBcc: hidden@example.no,\r\n\tmore-hidden@example.no\r\nSubject: x\r\nRESENT-BCC: again-hidden@example.no\r\nX-Bcc-Not: kept\r\n"},
		{ID: 14, Ticket: 1012, SLevel: skranke.External, CreatedAt: hour(10), Body: ""},
		{ID: 15, Ticket: 1012, SLevel: skranke.External, CreatedAt: hour(7), Body: " body\tkept\r\n as <is> & \x01w\x1fith \U0001F600 "},
		{ID: 16, Ticket: 1012, CreatedAt: hour(11), Body: "of no level"},
		{ID: 20, Ticket: 1013, SLevel: skranke.External, CreatedAt: hour(8), Body: "external in an internal ticket"},
		{ID: 21, Ticket: 1015, SLevel: skranke.External, CreatedAt: hour(8), Body: "in a deleted ticket"},
		{ID: 22, Ticket: 1018, SLevel: skranke.External, CreatedAt: hour(8), Body: "of Siv"},
		{ID: 23, Ticket: 1016, SLevel: skranke.External, CreatedAt: hour(8), Body: "of Ola"},
		{ID: 24, Ticket: 1019, SLevel: skranke.External, CreatedAt: hour(8), Body: "in a merged ticket"},
	} {
		if m.Kind == 0 {
			m.Kind = skranke.Plain
		}
		m.CreatedBy = ada
		if err := tx.InsertMessage(ctx, &m); err != nil {
			return fmt.Errorf("message %d: %w", m.ID, err)
		}
	}
	return nil
}
