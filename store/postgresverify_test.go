package store_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

// ownSchema is the URL of a new schema of a PostgreSQL database, which is gone
// after the test whatever became of it, and what runs SQL in it behind
// everybody's back.
func ownSchema(t *testing.T) (url string, tamper func(sql string)) {
	t.Helper()
	onPostgres(t)
	url = with(storetest.Postgres(t), "search_path=looked")
	admin, err := pgconn.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	tamper = func(sql string) {
		t.Helper()
		if _, err := admin.Exec(context.Background(), sql).ReadAll(); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	tamper(`DROP SCHEMA IF EXISTS looked CASCADE; CREATE SCHEMA looked`)
	t.Cleanup(func() {
		tamper(`DROP SCHEMA looked CASCADE`)
		admin.Close(context.Background())
	})
	return url, tamper
}

// looked is what verify finds, and how much it has looked at.
func looked(t *testing.T, o store.Options) (faults []string, found *store.Verified) {
	t.Helper()
	faults = []string{}
	found, err := store.Verify(t.Context(), o, store.VerifyOptions{Report: func(f store.Fault) { faults = append(faults, f.String()) }})
	if err != nil {
		t.Fatal(err, faults)
	}
	if found.Faults != len(faults) {
		t.Errorf("got a count of %d faults, want %d", found.Faults, len(faults))
	}
	return faults, found
}

// In PostgreSQL every row is looked at as in SQLite, and all the server was told
// to look after.
func TestPostgresVerify(t *testing.T) {
	url, tamper := ownSchema(t)
	dir := store.OldDatabase(t)
	embedded := store.Options{Dir: dir}
	from, err := store.Open(t.Context(), embedded)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	write(t, from, func(ctx context.Context, tx *store.WriteTx) error {
		for id, kind := range map[skranke.ExtraFieldID]skranke.ExtraKind{8: skranke.ExtraInteger, 9: skranke.ExtraText, 10: skranke.ExtraText} {
			f := &skranke.ExtraField{ID: id, Domain: skranke.DomainTable, Table: 1, Kind: kind}
			if err := tx.InsertExtraField(ctx, f); err != nil {
				return err
			}
			if err := tx.AddExtraColumn(ctx, f); err != nil {
				return err
			}
		}
		return nil
	})
	served := store.Options{Dir: dir, Database: url}
	to, err := store.Open(t.Context(), served)
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	if _, err := from.CopyTo(t.Context(), to, asCopy.CopyOptions); err != nil {
		t.Fatal(err)
	}

	faults, want := looked(t, embedded)
	equal(t, faults, []string{})
	// What an administrator has of his own is none of our business.
	tamper(`CREATE TABLE report (month TEXT); INSERT INTO report VALUES ('May'); CREATE INDEX report_title ON ticket (author);
		ALTER INDEX ticket_open SET (fillfactor = 70)`)
	faults, got := looked(t, served)
	equal(t, faults, []string{})
	if got.Rows != want.Rows || got.Contents != want.Contents {
		t.Errorf("got %+v, want as much as of the same data in SQLite, %+v", got, want)
	}

	all := []struct{ sql, want string }{
		{`INSERT INTO ticket_customer VALUES (999999, 7, 1)`, "ticket_customer 999999,7: ticket_id names ticket 999999, which is not there"},
		{`DELETE FROM customer WHERE id = 2`, "one_time_password 02: customer_id names customer 2, which is not there"},
		{`UPDATE ticket SET category_id = 99 WHERE id = 2`, "ticket 2: category_id names category 99, which is not there"},
		{`UPDATE ticket SET title = 'Other' WHERE id = 1`, "ticket 1: title_fold is not what follows from title"},
		{`UPDATE faq_entry SET score = 9 WHERE id = 1`, "faq_entry 1: score is 9, the votes give 1"},
		{`DELETE FROM faq_index WHERE id = 2`, "faq_entry 2: is not in the index of the FAQ"},
		{`INSERT INTO faq_index VALUES (9, '')`, "faq_index 9: there is no such entry"},
		{`DELETE FROM catalog WHERE id = 2`, "catalog 2: is missing"},
		{`SELECT setval('ticket_id_seq', 1)`, "sequence ticket: the last id given is said to be 1, but there is 2"},
		{`DROP INDEX message_ticket`, "message_ticket: there is no such index"},
		{`UPDATE pg_index SET indisvalid = FALSE WHERE indexrelid = CAST('message_message_id' AS regclass)`, "message_message_id: is defined otherwise than this program defines it: "},
		{`DROP INDEX agent_login; CREATE UNIQUE INDEX agent_login ON agent (login_fold) WHERE status = 3 AND login_fold <> ''`, "agent_login: is defined otherwise"},
		{`ALTER TABLE message DROP CONSTRAINT message_ticket_id_fkey`, "message FOREIGN KEY (ticket_id) REFERENCES ticket(id): there is no such constraint"},
		{`ALTER TABLE company_domain DISABLE TRIGGER ALL`, "company_domain FOREIGN KEY (company_id) REFERENCES company(id): is defined otherwise than this program defines it: DISABLED"},
		{`ALTER TABLE favourite DROP CONSTRAINT favourite_pkey`, "favourite PRIMARY KEY (ticket_id, user_id): there is no such constraint"},
		{`DROP TABLE user_idle`, "user_idle: there is no such table"},
		{`ALTER TABLE company DROP COLUMN fax`, "company.fax: there is no such column"},
		{`ALTER TABLE company ALTER note DROP NOT NULL`, "company.note: is defined otherwise"},
		{`ALTER TABLE company ALTER phone TYPE TEXT COLLATE "default"`, "company.phone: is defined otherwise"},
		{`ALTER TABLE outbox SET UNLOGGED`, "outbox: is defined otherwise than this program defines it: UNLOGGED"},
		{`DROP TABLE y_2`, "extra_table 2: has no table for its rows"},
		{`ALTER TABLE y_1 DROP COLUMN x_8`, "extra_field 8: has no column x_8 in y_1"},
		{`DROP INDEX y_1_x_9`, "extra_field 9: has no index y_1_x_9"},
		{`ALTER TABLE y_1 DROP COLUMN x_10_fold`, "extra_field 10: has no column x_10_fold in y_1"},
	}
	tamper(`SET session_replication_role = replica`)
	for _, c := range all {
		tamper(c.sql)
	}
	faults, _ = looked(t, served)
	for _, c := range all {
		if !slices.ContainsFunc(faults, func(f string) bool { return strings.HasPrefix(f, c.want) }) {
			t.Errorf("%s:\ngot %q\nwant %q", c.sql, faults, c.want)
		}
	}
}

// A database of an older schema is compared with what that had.
func TestPostgresVerifyOlder(t *testing.T) {
	url, tamper := ownSchema(t)
	o := store.Options{Dir: t.TempDir(), Database: url}
	store.OldSchema(t, url, 1)
	faults, got := looked(t, o)
	equal(t, faults, []string{})
	if got.Schema != 1 {
		t.Errorf("got schema %d, want 1", got.Schema)
	}
	tamper(`DROP INDEX message_ticket`)
	faults, _ = looked(t, o)
	equal(t, faults, []string{"message_ticket: there is no such index"})
}
