package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// manifestFile is written last: a backup without it is not complete.
const manifestFile = "manifest.json"

// manifestFormat is the version of the form of backups.
const manifestFormat = 1

// Manifest describes a backup.
type Manifest struct {
	Format   int              `json:"format"`
	MadeAt   time.Time        `json:"made_at"`
	Program  string           `json:"program"`
	Schema   int64            `json:"schema"`
	Database FileSum          `json:"database"`
	Rows     map[string]int64 `json:"rows"`
	Contents Contents         `json:"attachments"`
	Others   []FileSum        `json:"others,omitempty"`

	// Contents of attachments, by their SHA-256, that the installation itself
	// had lost or that were damaged there.
	Missing []string `json:"missing,omitempty"`
	Damaged []string `json:"damaged,omitempty"`
}

// Contents says how many files of attachments there are. Each is named by its
// SHA-256, so there is no list of them.
type Contents struct {
	Files int64 `json:"files"`
	Bytes int64 `json:"bytes"`
}

// FileSum is a file and what is in it.
type FileSum struct {
	Name   string `json:"file"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// ErrNoBackup says that something is no backup, or one that was not completed.
var ErrNoBackup = errors.New("no complete backup")

func parseManifest(text []byte) (*Manifest, error) {
	m := new(Manifest)
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("%w: %s: %v", ErrNoBackup, manifestFile, err)
	}
	if m.Format > manifestFormat {
		return nil, fmt.Errorf("the backup was made by a newer version of skranke: it has form %d, this program knows %d", m.Format, manifestFormat)
	}
	if m.Format != manifestFormat || m.Schema < 1 || m.Database.Name != databaseFile {
		return nil, fmt.Errorf("%w: %s does not describe one", ErrNoBackup, manifestFile)
	}
	return m, nil
}

// size is how many bytes the files of the backup have, without the manifest.
func (m *Manifest) size() int64 {
	n := m.Database.Size + m.Contents.Bytes
	for _, sum := range m.Others {
		n += sum.Size
	}
	return n
}

// newer returns ErrNewerSchema if the backup has a schema this program does not know.
func (m *Manifest) newer() error {
	if newest := NewestSchema(); m.Schema > newest {
		return fmt.Errorf("%w: its schema is version %d, this program knows %d", ErrNewerSchema, m.Schema, newest)
	}
	return nil
}

// compare tells in which the database is not what the manifest says. Kinds of rows
// it does not count were not counted by the program that made it.
func (m *Manifest) compare(ctx context.Context, db *DB, schema int64) (faults []Fault) {
	add := func(format string, args ...any) {
		text := fmt.Sprintf(format, args...) + ": it is not the one that was written with them; use another backup"
		faults = append(faults, Fault{Table: "file", ID: manifestFile, Text: text})
	}
	if m.Schema != schema {
		add("says schema %d, %s has %d", m.Schema, databaseFile, schema)
	}
	if len(m.Rows) == 0 {
		add("counts no rows")
	}
	var have map[string]int64
	err := db.Read(ctx, func(tx *ReadTx) (err error) {
		have, err = tx.Counts(ctx)
		return err
	})
	if err != nil { // a damaged database is told of already
		return faults
	}
	for _, kind := range slices.Sorted(maps.Keys(have)) {
		if want, ok := m.Rows[kind]; ok && want != have[kind] {
			add("says %d rows of the kind %s, %s has %d", want, kind, databaseFile, have[kind])
		}
	}
	return faults
}

// other is the sum of another file, nil if it is not in the backup.
func (m *Manifest) other(name string) *FileSum {
	for i := range m.Others {
		if m.Others[i].Name == name {
			return &m.Others[i]
		}
	}
	return nil
}

// otherName is how files may be called that belong to an installation beside
// its database and the contents of attachments.
var otherName = regexp.MustCompile(`^wsdl-[a-z]+\.xml$`)

// blobName is the name of contents within an installation or a backup.
func blobName(sha string) string { return path.Join("blobs", sha[:2], sha) }

// blobOf is the SHA-256 a file of that name has to have, false if it is no
// name of contents.
func blobOf(name string) (string, bool) {
	sha := path.Base(name)
	return sha, isBlobName(sha) && name == blobName(sha)
}

// belongs says whether a backup may have a file of that name.
func belongs(name string) bool {
	if name == databaseFile || name == manifestFile || otherName.MatchString(name) {
		return true
	}
	_, ok := blobOf(name)
	return ok && !strings.Contains(name, "..")
}
