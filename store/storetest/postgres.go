package storetest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"skranke/store"
)

// lockKey is the first number of our advisory locks on the server; the second
// is that of a database, below 0 of an empty one, 0 for making one.
const lockKey = 1936421487

// Postgres gives the URL of a PostgreSQL database that is as good as new and
// nobody else uses until the test ends. Databases are kept for later tests: to
// make one takes a second, to empty one takes none. Without a server the test is
// skipped, unless it was asked for.
func Postgres(t testing.TB) string {
	t.Helper()
	server := serverFor(t)
	schema, err := store.SchemaName()
	if err != nil {
		t.Fatal(err)
	}
	holder := connect(t, in(t, server, "postgres")) // its session holds the database
	t.Cleanup(func() { holder.close() })
	for n := 1; ; n++ {
		if !holder.yes("SELECT pg_try_advisory_lock(%d, %d)", lockKey, n) {
			continue
		}
		name := fmt.Sprintf("skranke_test_%s_%d", schema, n)
		target := in(t, server, name)
		if !holder.yes("SELECT COUNT(*) > 0 FROM pg_database WHERE datname = '%s'", name) {
			make1(t, holder, server, name)
			return target
		}
		// What a test that was killed has left open.
		holder.run("SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = '%s'", name)
		c := connect(t, target)
		defer c.close()
		c.run(renew)
		return target
	}
}

// EmptyPostgres gives the URL of a PostgreSQL database without any table, which is
// gone when the test ends. Postgres is faster.
func EmptyPostgres(t testing.TB) string {
	t.Helper()
	server := serverFor(t)
	holder := connect(t, in(t, server, "postgres"))
	t.Cleanup(func() { holder.close() })
	n := -1
	for !holder.yes("SELECT pg_try_advisory_lock(%d, %d)", lockKey, n) {
		n--
	}
	name := fmt.Sprintf("skranke_test_empty_%d", -n)
	holder.run("SELECT pg_advisory_lock(%d, 0)", lockKey)
	defer holder.run("SELECT pg_advisory_unlock(%d, 0)", lockKey)
	drop := "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"
	holder.run(drop) // of a test that was killed
	holder.run("CREATE DATABASE %s TEMPLATE template0", name)
	t.Cleanup(func() { holder.run(drop) })
	return in(t, server, name)
}

// serverFor is the URL of the server. Without one the test is skipped, unless it
// was asked for.
func serverFor(t testing.TB) string {
	t.Helper()
	server := os.Getenv("SKRANKE_TEST_POSTGRES")
	if server == "" {
		if os.Getenv("SKRANKE_TEST_DATABASE") == "postgres" || os.Getenv("SKRANKE_REQUIRE_TOOLKITS") != "" {
			t.Fatal("SKRANKE_TEST_POSTGRES names no PostgreSQL server; \"make postgres\" starts one")
		}
		t.Skip("needs a PostgreSQL server: \"make postgres\" starts one, or name one in SKRANKE_TEST_POSTGRES")
	}
	return server
}

// make1 makes a database, with all in it that renew needs. It has its name once
// it is complete.
func make1(t testing.TB, holder *session, server, name string) {
	t.Helper()
	holder.run("SELECT pg_advisory_lock(%d, 0)", lockKey) // templates are copied by one at a time
	defer holder.run("SELECT pg_advisory_unlock(%d, 0)", lockKey)
	draft := name + "_draft"
	holder.run("DROP DATABASE IF EXISTS %s WITH (FORCE)", draft)
	holder.run("CREATE DATABASE %s TEMPLATE template0", draft)
	db, err := store.Open(context.Background(), store.Options{Dir: t.TempDir(), Database: in(t, server, draft)})
	if err != nil {
		t.Fatalf("making a database: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	c := connect(t, in(t, server, draft))
	c.run(remember)
	c.close()
	// A session ends a moment after it is closed.
	holder.run("SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = '%s'", draft)
	holder.run("ALTER DATABASE %s RENAME TO %s", draft, name)
}

// remember keeps what is in a new database beside it.
const remember = `DO $$ DECLARE r RECORD; BEGIN
	CREATE SCHEMA fresh;
	FOR r IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' LOOP
		EXECUTE format('CREATE TABLE fresh.%I AS TABLE public.%I', r.name, r.name);
	END LOOP;
END $$`

// renew makes a database what it was when it was new, but for the ids its
// sequences give, which begin anew.
const renew = `DO $$ DECLARE r RECORD; BEGIN
	-- the youngest first: they refer to the others
	FOR r IN SELECT c.relname AS name, to_regclass('fresh.' || quote_ident(c.relname)) IS NULL AS made FROM pg_class c
		WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY c.oid DESC LOOP
		IF r.made THEN
			EXECUTE format('DROP TABLE public.%I', r.name);
		ELSIF pg_relation_size(to_regclass('public.' || quote_ident(r.name))) > 0 THEN
			EXECUTE format('DELETE FROM public.%I', r.name);
		END IF;
	END LOOP;
	FOR r IN SELECT c.relname AS name FROM pg_class c
		WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
			AND pg_relation_size(to_regclass('fresh.' || quote_ident(c.relname))) > 0 ORDER BY c.oid LOOP
		EXECUTE format('INSERT INTO public.%I SELECT * FROM fresh.%I', r.name, r.name);
	END LOOP;
	PERFORM setval(c.oid, 1, FALSE) FROM pg_class c WHERE c.relkind = 'S' AND c.relnamespace = 'public'::regnamespace;
END $$`

// in is the URL of a database of the server.
func in(t testing.TB, server, name string) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("SKRANKE_TEST_POSTGRES: %v", err)
	}
	u.Path = "/" + name
	return u.String()
}

// session is a session with the server that ends the test when something fails.
type session struct {
	t    testing.TB
	conn *pgconn.PgConn
}

func connect(t testing.TB, url string) *session {
	t.Helper()
	conn, err := pgconn.Connect(context.Background(), url)
	if err != nil {
		t.Fatalf("SKRANKE_TEST_POSTGRES: %v", err)
	}
	return &session{t, conn}
}

func (s *session) close() { s.conn.Close(context.Background()) }

func (s *session) run(sql string, values ...any) {
	s.t.Helper()
	s.ask(sql, values...)
}

// yes is the one truth value a query finds.
func (s *session) yes(sql string, values ...any) bool {
	s.t.Helper()
	results := s.ask(sql, values...)
	return string(results[0].Rows[0][0]) == "t"
}

func (s *session) ask(sql string, values ...any) []*pgconn.Result {
	s.t.Helper()
	if len(values) > 0 {
		sql = fmt.Sprintf(sql, values...)
	}
	results, err := s.conn.Exec(context.Background(), sql).ReadAll()
	if err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	return results
}
