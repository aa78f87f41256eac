package storetest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// patience is how long a server may take for anything: a hang, on a slow machine.
const patience = 2 * time.Minute

// Server is a PostgreSQL server of a test's own, which may be stopped, killed,
// and followed by others. It is heard in its folder alone, and gone when the
// test ends.
type Server struct {
	t     testing.TB
	bin   string              // the folder of its programs
	dir   string              // of its data and its socket
	owner *syscall.Credential // who it runs as, nil for whoever runs the test
}

// NewServer gives a server without data. Without the programs the test is
// skipped, unless it was asked for.
func NewServer(t testing.TB) *Server {
	t.Helper()
	if !WithPostgres() {
		t.Skip("tests are to run on SQLite alone")
	}
	s := &Server{t: t}
	bins, err := filepath.Glob("/usr/lib/postgresql/*/bin/pg_basebackup")
	if err != nil {
		t.Fatal(err)
	}
	if path, err := exec.LookPath("pg_basebackup"); err == nil && len(bins) == 0 {
		bins = append(bins, path)
	}
	if len(bins) == 0 {
		if os.Getenv("SKRANKE_TEST_DATABASE") == "postgres" || os.Getenv("SKRANKE_REQUIRE_TOOLKITS") != "" {
			t.Fatal("the programs of PostgreSQL are missing; \"make postgres\" installs them")
		}
		t.Skip("needs the programs of PostgreSQL (Debian: postgresql)")
	}
	s.bin = filepath.Dir(bins[len(bins)-1])
	// Not below the test's own folder: others may not look into that, and the name of a socket has to be short.
	if s.dir, err = os.MkdirTemp("", "skranke-pg-*"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.Running() {
			s.Kill()
		}
		if err := os.RemoveAll(s.dir); err != nil {
			t.Errorf("removing a server: %v", err)
		}
	})
	if os.Getuid() == 0 { // which the server refuses to be
		s.becomePostgres()
	}
	return s
}

func (s *Server) becomePostgres() {
	s.t.Helper()
	u, err := user.Lookup("postgres")
	if err != nil {
		s.t.Fatal(err)
	}
	uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
	gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(errUID, errGID, os.Chown(s.dir, int(uid), int(gid))); err != nil {
		s.t.Fatal(err)
	}
	s.owner = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// do runs one of the server's programs.
func (s *Server) do(program string, args ...string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, program), args...)
	cmd.Dir = s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.owner}
	out, err := os.CreateTemp(s.t.TempDir(), "said-*") // not a pipe: what the program starts would hold it
	if err != nil {
		s.t.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
		s.t.Fatalf("%s %q: %v: %s%s", program, args, err, said, log)
	}
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// Init makes the data of a server, with the database skranke, and starts it.
func (s *Server) Init() {
	s.t.Helper()
	s.do("initdb", "-D", s.data(), "-A", "trust", "-U", "skranke", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
	s.Start()
	s.Query("CREATE DATABASE skranke TEMPLATE template0")
}

// Follow makes the server a standby of another one and starts it. The other one
// waits for it with each commit.
func (s *Server) Follow(primary *Server) {
	s.t.Helper()
	if err := os.RemoveAll(s.data()); err != nil {
		s.t.Fatal(err)
	}
	name := filepath.Base(s.dir)
	s.do("pg_basebackup", "-D", s.data(), "-d", "host="+primary.dir+" user=skranke application_name="+name, "-X", "stream", "-R", "-c", "fast", "--no-sync")
	s.Start()
	primary.Query(fmt.Sprintf(`ALTER SYSTEM SET synchronous_standby_names = '"%s"'`, name))
	primary.Query("SELECT pg_reload_conf()")
	primary.Await("SELECT COUNT(*) FROM pg_stat_replication WHERE sync_state = 'sync'", "1")
}

// Free has the server, which must not be running, wait for no standby.
func (s *Server) Free() {
	s.t.Helper()
	if err := os.Remove(filepath.Join(s.data(), "postgresql.auto.conf")); err != nil {
		s.t.Fatal(err)
	}
}

// Start starts the server, which must have data, and waits until it answers.
func (s *Server) Start() {
	s.t.Helper()
	// What is not on disk is lost with the machine alone, and that goes on.
	s.do("pg_ctl", "-D", s.data(), "-l", filepath.Join(s.dir, "log"), "-w", "-t", strconv.Itoa(int(patience/time.Second)), "-o",
		"-c listen_addresses='' -c unix_socket_directories="+s.dir+" -c dynamic_shared_memory_type=mmap -c fsync=off -c shared_buffers=32MB -c max_connections=60", "start")
}

// Stop stops the server the given way: smart, fast or immediate.
func (s *Server) Stop(mode string) {
	s.t.Helper()
	s.do("pg_ctl", "-D", s.data(), "-w", "-m", mode, "stop")
}

// Restart stops the server the given way and starts it again.
func (s *Server) Restart(mode string) {
	s.t.Helper()
	s.do("pg_ctl", "-D", s.data(), "-l", filepath.Join(s.dir, "log"), "-w", "-t", strconv.Itoa(int(patience/time.Second)), "-m", mode, "restart")
}

// Promote makes a standby a primary.
func (s *Server) Promote() {
	s.t.Helper()
	s.do("pg_ctl", "-D", s.data(), "-w", "promote")
}

// Running says whether there is a process of the server.
func (s *Server) Running() bool { return len(s.processes()) > 0 }

// Kill ends all processes of the server at once, as the end of its machine would.
func (s *Server) Kill() {
	s.t.Helper()
	s.Signal(syscall.SIGSTOP) // or the first one would start others
	s.Signal(syscall.SIGKILL)
	for end := time.Now().Add(patience); s.Running(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("processes %v do not end", s.processes())
		}
	}
	s.forget()
}

// forget removes what killed processes leave outside of the server's folder,
// and the files that say they have it.
func (s *Server) forget() {
	s.t.Helper()
	path := filepath.Join(s.data(), "postmaster.pid")
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	if err != nil {
		s.t.Fatal(err)
	}
	if lines := strings.Split(string(text), "\n"); len(lines) > 6 {
		if _, segment, ok := strings.Cut(strings.TrimSpace(lines[6]), " "); ok {
			if id, err := strconv.Atoi(strings.TrimSpace(segment)); err == nil {
				syscall.Syscall(syscall.SYS_SHMCTL, uintptr(id), 0 /* IPC_RMID */, 0)
			}
		}
	}
	for _, name := range []string{path, s.Socket(), s.Socket() + ".lock"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			s.t.Fatal(err)
		}
	}
}

// Signal sends a signal to all processes of the server, the first one first.
func (s *Server) Signal(sig syscall.Signal) {
	s.t.Helper()
	for sent := map[int]bool{}; ; { // until there is none that is new
		more := false
		for _, pid := range s.processes() {
			if sent[pid] {
				continue
			}
			sent[pid], more = true, true
			if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
				s.t.Fatal(err)
			}
		}
		if !more {
			return
		}
	}
}

// processes lists the server's processes by age: those whose working directory
// is that of its data.
func (s *Server) processes() (pids []int) {
	cwds, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, cwd := range cwds {
		if at, err := os.Readlink(cwd); err == nil && at == s.data() {
			pid, _ := strconv.Atoi(strings.Split(cwd, "/")[2])
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return pids
}

// Socket is where the server listens.
func (s *Server) Socket() string { return filepath.Join(s.dir, ".s.PGSQL.5432") }

// URL is that of the database skranke on the server, or on whichever of several
// takes writes.
func (s *Server) URL(others ...*Server) string {
	hosts := s.dir
	for _, o := range others {
		hosts += "," + o.dir
	}
	return "postgres://skranke@/skranke?" + url.Values{"host": {hosts}, "target_session_attrs": {"any"}}.Encode()
}

// Query runs a statement in the database skranke, in postgres as long as that is
// not there, and returns the first value of its result.
func (s *Server) Query(sql string) string {
	s.t.Helper()
	value, err := s.query(sql)
	if err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	return value
}

func (s *Server) query(sql string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgconn.Connect(ctx, s.URL())
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == "3D000" {
		conn, err = pgconn.Connect(ctx, strings.Replace(s.URL(), "/skranke?", "/postgres?", 1))
	}
	if err != nil {
		return "", err
	}
	defer conn.Close(context.Background())
	results, err := conn.Exec(ctx, sql).ReadAll()
	if err != nil || len(results) == 0 || len(results[0].Rows) == 0 {
		return "", err
	}
	return string(results[0].Rows[0][0]), nil
}

// Await waits until a query finds the value.
func (s *Server) Await(sql, want string) {
	s.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		got, err := s.query(sql)
		if err == nil && got == want {
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("%s: got %q, %v, want %s", sql, got, err, want)
		}
	}
}
