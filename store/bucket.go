package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// Bucket says where contents are kept in a store that speaks the protocol of
// Amazon S3. Its zero value is none.
type Bucket struct {
	URL        string // s3://bucket/prefix
	Endpoint   string // http:// or https:// and a host; "" is Amazon
	Region     string // "" asks the store
	Addressing string // path or host: where the name of the bucket stands; otherwise what is usual there

	// CredentialsFile has the form of ~/.aws/credentials. Without one they come from
	// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, from ~/.aws, and at Amazon from
	// the role of the machine.
	CredentialsFile string

	Patience time.Duration // how long the store may be silent within one try, 0 for half a minute
	Pause    time.Duration // before the second try, with longer ones to follow; 0 for a fifth of a second
}

// bucket is the shelf in a bucket. Contents have the names they have in folders,
// so that they can be moved between both with any tool. Whoever opens some gets a
// copy in the spool whose hash is right: what is wrong shows before the first byte
// is handed on, and a lost connection is not the reader's business.
type bucket struct {
	objects      objects
	name, prefix string
	spool        string // folder for copies
	patience     time.Duration
	pause        time.Duration
	failing      atomic.Bool // the last call that was tried several times was in vain
}

const (
	bucketTries    = 3
	bucketPause    = 200 * time.Millisecond
	bucketPatience = 30 * time.Second
)

// freshPut is the age from which contents that are there already are put again,
// which makes them young: those that are much older may be swept at any moment.
// It leaves room for clocks that differ by the quarter of an hour S3 allows.
const freshPut = 15 * time.Minute

func newBucket(in Bucket, spool string) (*bucket, error) {
	b := &bucket{spool: spool, patience: cmp.Or(in.Patience, bucketPatience), pause: cmp.Or(in.Pause, bucketPause)}
	rest, ok := strings.CutPrefix(in.URL, "s3://")
	b.name, b.prefix, _ = strings.Cut(rest, "/")
	if b.prefix = strings.Trim(b.prefix, "/"); b.prefix != "" {
		b.prefix += "/"
	}
	if !ok || b.name == "" {
		return nil, errors.New("not of the form s3://bucket/prefix")
	}
	creds, err := in.credentials()
	if err != nil {
		return nil, err
	}
	host, secure := "s3.amazonaws.com", true
	if in.Endpoint != "" {
		u, err := url.Parse(in.Endpoint)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, errors.New("the endpoint is no http:// or https:// address")
		}
		host, secure = u.Host, u.Scheme == "https"
	}
	transport, err := minio.DefaultTransport(secure)
	if err != nil {
		return nil, err
	}
	transport.ResponseHeaderTimeout = 0 // that is what patience is for
	lookup := map[string]minio.BucketLookupType{"path": minio.BucketLookupPath, "host": minio.BucketLookupDNS}[in.Addressing]
	core, err := minio.NewCore(host, &minio.Options{
		Creds: creds, Secure: secure, Transport: transport, Region: in.Region, BucketLookup: lookup,
		MaxRetries: 1, // the tries are counted here
	})
	if err != nil {
		return nil, err
	}
	b.objects = objectsIn(core, b.name)
	return b, nil
}

// objects are the calls that are needed, and not the client: the type of what
// stands in a field keeps all its methods in the program, here for 1.3 MB.
type objects struct {
	put    func(ctx context.Context, key string, from io.Reader, size int64, sha string) error
	get    func(ctx context.Context, key string) (io.ReadCloser, error)
	look   func(ctx context.Context, key string) (int64, time.Time, error)
	list   func(ctx context.Context, prefix, after string) iter.Seq[minio.ObjectInfo]
	remove func(ctx context.Context, key string) error
	there  func(ctx context.Context) (bool, error) // the bucket
}

func objectsIn(core *minio.Core, bucket string) objects {
	return objects{
		// The hash is signed and the store compares it: an object has its contents, or there is none.
		put: func(ctx context.Context, key string, from io.Reader, size int64, sha string) error {
			_, err := core.PutObject(ctx, bucket, key, from, size, "", sha,
				minio.PutObjectOptions{ContentType: "application/octet-stream", DisableContentSha256: true})
			return err
		},
		get: func(ctx context.Context, key string) (io.ReadCloser, error) {
			object, _, _, err := core.GetObject(ctx, bucket, key, minio.GetObjectOptions{})
			return object, err
		},
		look: func(ctx context.Context, key string) (int64, time.Time, error) {
			info, err := core.StatObject(ctx, bucket, key, minio.StatObjectOptions{})
			return info.Size, info.LastModified, err
		},
		list: func(ctx context.Context, prefix, after string) iter.Seq[minio.ObjectInfo] {
			return core.ListObjectsIter(ctx, bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true, StartAfter: after})
		},
		remove: func(ctx context.Context, key string) error {
			return core.RemoveObject(ctx, bucket, key, minio.RemoveObjectOptions{})
		},
		there: func(ctx context.Context) (bool, error) { return core.BucketExists(ctx, bucket) },
	}
}

// credentials says nothing of what is in a file: it may be part of a secret.
func (in *Bucket) credentials() (*credentials.Credentials, error) {
	if in.CredentialsFile != "" {
		if f, err := os.Open(in.CredentialsFile); err != nil {
			return nil, err
		} else if err := f.Close(); err != nil {
			return nil, err
		}
		c := credentials.NewFileAWSCredentials(in.CredentialsFile, "")
		if !complete(c) {
			return nil, fmt.Errorf("%s has no profile with aws_access_key_id and aws_secret_access_key", in.CredentialsFile)
		}
		return c, nil
	}
	for _, c := range []*credentials.Credentials{credentials.NewEnvAWS(), credentials.NewFileAWSCredentials("", "")} {
		if complete(c) {
			return c, nil
		}
	}
	if in.Endpoint == "" {
		return credentials.NewIAM(""), nil
	}
	return nil, errors.New("no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, or name a file with them")
}

func complete(c *credentials.Credentials) bool {
	v, err := c.GetWithContext(nil)
	return err == nil && v.AccessKeyID != "" && v.SecretAccessKey != ""
}

func (b *bucket) key(sha string) string { return b.prefix + sha[:2] + "/" + sha }

// try calls fn until it succeeds, a few times at most, and tells what was tried
// in its error. While the store has been failing, one short try is all: those who
// call wait, and keep others waiting.
func (b *bucket) try(ctx context.Context, doing string, fn func(*watch) error) error {
	tries, patience := bucketTries, b.patience
	if b.failing.Load() {
		tries, patience = 1, b.patience/4
	}
	for n := 1; ; n++ {
		w := newWatch(ctx, patience)
		err := w.end(fn(w))
		switch {
		case err == nil:
			b.failing.Store(false)
			return nil
		case ctx.Err() != nil:
			return fmt.Errorf("%s: %w", doing, ctx.Err())
		case isMissing(err):
			return fmt.Errorf("%s: %w", doing, fs.ErrNotExist)
		case !worthAnotherTry(err):
			return fmt.Errorf("%s: %w", doing, err)
		case n >= tries:
			b.failing.Store(!errors.Is(err, errDamaged))
			return fmt.Errorf("%s, tried %d times: %w", doing, n, err)
		}
		select {
		case <-time.After(b.pause << (2 * (n - 1))):
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", doing, ctx.Err())
		}
	}
}

// isMissing says whether the store has answered that there is no such object. Some
// say 404 as well when there is no such bucket or user; only if they say no more,
// as when an object is looked at, is that taken for the object.
func isMissing(err error) bool {
	var answer minio.ErrorResponse
	return errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound && answer.Code == minio.NoSuchKey
}

// worthAnotherTry says whether another try may succeed: what the store refuses it will
// refuse again, but for what says that it is busy or was sent something else than
// we sent.
func worthAnotherTry(err error) bool {
	var answer minio.ErrorResponse
	if errors.As(err, &answer) {
		busy := []string{"RequestTimeout", "SlowDown", "BadDigest", "XAmzContentSHA256Mismatch", "IncompleteBody"}
		return answer.StatusCode >= 500 || answer.StatusCode == http.StatusTooManyRequests || slices.Contains(busy, answer.Code)
	}
	var (
		disk      *fs.PathError
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
	)
	return !errors.Is(err, ErrHeld) && !errors.As(err, &disk) && !errors.As(err, &authority) && !errors.As(err, &host) && !errors.As(err, &invalid)
}

// watch gives up a try in which the store is silent for too long.
type watch struct {
	ctx      context.Context
	cancel   context.CancelCauseFunc
	timer    *time.Timer
	patience time.Duration
}

var errSilent = errors.New("the store was silent for too long")

func newWatch(ctx context.Context, patience time.Duration) *watch {
	w := &watch{patience: patience}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	w.timer = time.AfterFunc(patience, func() { w.cancel(errSilent) })
	return w
}

// end ends the watch and returns the error of what was watched.
func (w *watch) end(err error) error {
	w.timer.Stop()
	if err != nil && errors.Is(context.Cause(w.ctx), errSilent) {
		err = errSilent
	}
	w.cancel(nil)
	return withCode(err)
}

// withCode adds the code of what the store has answered: people look for that, and
// each store has words of its own beside it.
func withCode(err error) error {
	var answer minio.ErrorResponse
	if errors.As(err, &answer) && !strings.Contains(err.Error(), answer.Code) {
		return fmt.Errorf("%s: %w", answer.Code, err)
	}
	return err
}

// pause runs fn, for which the store can do nothing.
func (w *watch) pause(fn func() error) error {
	w.timer.Stop()
	defer w.timer.Reset(w.patience)
	return fn()
}

// reader is r, of which each read is a sign of life.
func (w *watch) reader(r io.Reader) io.Reader { return &watchedReader{r, w} }

type watchedReader struct {
	io.Reader
	watch *watch
}

func (r *watchedReader) Read(p []byte) (int, error) {
	r.watch.timer.Reset(r.watch.patience)
	return r.Reader.Read(p)
}

func (b *bucket) put(ctx context.Context, file *os.File, sha string) error {
	if err := b.putUnlessThere(ctx, file, sha); err != nil {
		return err
	}
	return os.Remove(file.Name())
}

func (b *bucket) putUnlessThere(ctx context.Context, file *os.File, sha string) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	size, stored, err := b.stat(ctx, sha)
	if err == nil && size == info.Size() && time.Since(stored) < freshPut {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return b.try(ctx, "storing an object", func(w *watch) error {
		return b.objects.put(w.ctx, b.key(sha), w.reader(io.NewSectionReader(file, 0, info.Size())), info.Size(), sha)
	})
}

func (b *bucket) open(ctx context.Context, sha string) (io.ReadSeekCloser, int64, error) {
	file, err := os.CreateTemp(b.spool, "read-*")
	if err != nil {
		return nil, 0, err
	}
	var size int64
	err = b.try(ctx, "reading an object", func(w *watch) (err error) {
		size, err = b.fetch(w, sha, file)
		return err
	})
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	copied := &spooledCopy{file}
	if err != nil {
		copied.Close()
		return nil, 0, err
	}
	return copied, size, nil
}

// fetch makes the file a copy of the object.
func (b *bucket) fetch(w *watch, sha string, file *os.File) (int64, error) {
	if err := file.Truncate(0); err != nil {
		return 0, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	object, err := b.objects.get(w.ctx, b.key(sha))
	if err != nil {
		return 0, err
	}
	defer object.Close()
	hash := sha256.New()
	size, err := io.Copy(io.MultiWriter(file, hash), w.reader(object))
	if err == nil && hex.EncodeToString(hash.Sum(nil)) != sha {
		err = errDamaged
	}
	return size, err
}

// spooledCopy is a file that goes when it is closed.
type spooledCopy struct{ *os.File }

func (c *spooledCopy) Close() error { return errors.Join(c.File.Close(), os.Remove(c.Name())) }

func (b *bucket) stat(ctx context.Context, sha string) (size int64, stored time.Time, err error) {
	err = b.try(ctx, "looking at an object", func(w *watch) (err error) {
		size, stored, err = b.objects.look(w.ctx, b.key(sha))
		return err
	})
	return size, stored, err
}

func (b *bucket) each(ctx context.Context, fn func(sha string, size int64, stored time.Time) error) error {
	last := ""
	var own error // of fn, which ends it all
	err := b.try(ctx, "listing objects", func(w *watch) error {
		for object := range b.objects.list(w.ctx, b.prefix, last) {
			if object.Err != nil {
				return object.Err
			}
			w.timer.Reset(w.patience)
			last = object.Key
			sha := object.Key[strings.LastIndexByte(object.Key, '/')+1:]
			if !isBlobName(sha) || object.Key != b.key(sha) {
				continue
			}
			if own = w.pause(func() error { return fn(sha, object.Size, object.LastModified) }); own != nil {
				return nil
			}
		}
		return nil
	})
	return errors.Join(own, err)
}

// remove asks once: if there is no answer the first request may still be done, and
// who stored the object again would lose it.
func (b *bucket) remove(ctx context.Context, sha string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := newWatch(ctx, b.patience)
	err := w.end(b.objects.remove(w.ctx, b.key(sha)))
	if err == nil || isMissing(err) {
		return nil
	}
	if isAnswer(err) {
		return fmt.Errorf("removing an object: %w", err)
	}
	return fmt.Errorf("removing an object: %w: %v", ErrUnsettled, err)
}

// doubt is long: requests are signed with their time, and good for a quarter of an hour
// by the clock of the store, which may differ by as much; so may those of two servers.
func (b *bucket) doubt() time.Duration { return time.Hour }

// isAnswer says whether the store has come to an end with a request, and will not do
// it later: it has refused it, or failed and told so itself. A proxy that has waited
// in vain knows nothing; what it says is no document of a store, so that the status
// stands for the code.
func isAnswer(err error) bool {
	var answer minio.ErrorResponse
	if !errors.As(err, &answer) {
		return false
	}
	switch answer.StatusCode {
	case http.StatusInternalServerError, http.StatusServiceUnavailable:
		return !strings.HasPrefix(answer.Code, strconv.Itoa(answer.StatusCode))
	case http.StatusRequestTimeout:
		return false
	}
	return answer.StatusCode >= 400 && answer.StatusCode < 500
}

// claim reads the object that names the owner and writes it if there is none.
func (b *bucket) claim(ctx context.Context, name func() (string, error)) (mine bool, err error) {
	owner, err := name()
	if err != nil {
		return false, err
	}
	err = b.try(ctx, "looking for the owner of the bucket", func(w *watch) error {
		object, err := b.objects.get(w.ctx, b.prefix+"owner")
		if isMissing(err) {
			sum := sha256.Sum256([]byte(owner))
			mine = true
			return b.objects.put(w.ctx, b.prefix+"owner", strings.NewReader(owner), int64(len(owner)), hex.EncodeToString(sum[:]))
		}
		if err != nil {
			return err
		}
		defer object.Close()
		text, err := io.ReadAll(io.LimitReader(w.reader(object), 1<<10))
		mine = string(text) == owner
		return err
	})
	if err != nil {
		return false, err
	}
	return mine, b.try(ctx, "looking for backups that are being made", func(w *watch) error {
		for object := range b.objects.list(w.ctx, b.prefix+holdFolder, "") {
			switch {
			case object.Err != nil:
				return object.Err
			case time.Since(object.LastModified) < staleBackup:
				return ErrHeld
			}
		}
		return nil
	})
}

const (
	holdFolder  = "backup/"      // of objects that stand for backups that are being made
	staleBackup = 24 * time.Hour // the age at which one was left by a backup that was killed
)

func (b *bucket) hold(ctx context.Context) (func(), error) {
	key := b.prefix + holdFolder + rand.Text()
	sum := sha256.Sum256(nil)
	err := b.try(ctx, "holding what is in the bucket", func(w *watch) error {
		return b.objects.put(w.ctx, key, strings.NewReader(""), 0, hex.EncodeToString(sum[:]))
	})
	release := func() {
		b.try(context.WithoutCancel(ctx), "", func(w *watch) error { return b.objects.remove(w.ctx, key) })
	}
	return release, err
}

// probe asks for the bucket once.
func (b *bucket) probe(ctx context.Context) error {
	w := newWatch(ctx, b.patience/4)
	there, err := b.objects.there(w.ctx)
	if err = w.end(err); err == nil && !there {
		err = errors.New("there is no such bucket")
	}
	if err != nil {
		return fmt.Errorf("looking for the bucket %s: %w", b.name, err)
	}
	b.failing.Store(false)
	return nil
}
