package storetest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"skranke/store"
)

// Postgres makes a new PostgreSQL database that is dropped when the test ends
// and returns its URL. Its schema is up to date: each process that tests makes
// one database and copies that. Without a server the test is skipped, unless
// foreign tools are required.
func Postgres(t testing.TB) string {
	t.Helper()
	server := os.Getenv("SKRANKE_TEST_POSTGRES")
	if server == "" {
		if os.Getenv("SKRANKE_TEST_DATABASE") == "postgres" || os.Getenv("SKRANKE_REQUIRE_TOOLKITS") != "" {
			t.Fatal("SKRANKE_TEST_POSTGRES names no PostgreSQL server; \"make postgres\" starts one")
		}
		t.Skip("needs a PostgreSQL server: \"make postgres\" starts one, or name one in SKRANKE_TEST_POSTGRES")
	}
	admin(t, server, func(ctx context.Context, admin *pgconn.PgConn) {
		// One process makes the template, others wait and find it.
		run(t, ctx, admin, `SELECT pg_advisory_lock(1936421486)`)
		name := template(t)
		if !exists(t, ctx, admin, name) {
			fill(t, ctx, admin, server, name)
		}
		run(t, ctx, admin, `SELECT pg_advisory_unlock(1936421486)`)
	})
	name := "skranke_test_" + strings.ToLower(rand.Text())
	admin(t, server, func(ctx context.Context, admin *pgconn.PgConn) {
		run(t, ctx, admin, `CREATE DATABASE `+name+` TEMPLATE `+template(t))
	})
	t.Cleanup(func() {
		admin(t, server, func(ctx context.Context, admin *pgconn.PgConn) {
			run(t, ctx, admin, `DROP DATABASE `+name+` WITH (FORCE)`)
		})
	})
	return in(t, server, name)
}

// template names the database that others are copied from, by its schema.
func template(t testing.TB) string {
	t.Helper()
	schema, err := store.SchemaName()
	if err != nil {
		t.Fatal(err)
	}
	return "skranke_template_" + schema
}

// fill makes the template. It has its name once it is complete.
func fill(t testing.TB, ctx context.Context, admin *pgconn.PgConn, server, name string) {
	t.Helper()
	draft := "skranke_draft_" + strings.ToLower(rand.Text())
	run(t, ctx, admin, `CREATE DATABASE `+draft+` TEMPLATE template0`)
	db, err := store.Open(ctx, store.Options{Dir: t.TempDir(), Database: in(t, server, draft)})
	if err != nil {
		t.Fatalf("making the database tests copy: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	// A session ends a moment after it is closed.
	run(t, ctx, admin, `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '`+draft+`'`)
	run(t, ctx, admin, `ALTER DATABASE `+draft+` RENAME TO `+name)
}

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

func admin(t testing.TB, server string, fn func(context.Context, *pgconn.PgConn)) {
	t.Helper()
	ctx := context.Background() // at the end of a test its own has ended
	conn, err := pgconn.Connect(ctx, in(t, server, "postgres"))
	if err != nil {
		t.Fatalf("SKRANKE_TEST_POSTGRES: %v", err)
	}
	defer conn.Close(ctx)
	fn(ctx, conn)
}

func run(t testing.TB, ctx context.Context, conn *pgconn.PgConn, sql string) {
	t.Helper()
	if _, err := conn.Exec(ctx, sql).ReadAll(); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func exists(t testing.TB, ctx context.Context, conn *pgconn.PgConn, name string) bool {
	t.Helper()
	results, err := conn.Exec(ctx, `SELECT 1 FROM pg_database WHERE datname = '`+name+`'`).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return len(results[0].Rows) > 0
}
