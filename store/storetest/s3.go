package storetest

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"skranke/store"
)

// S3 is a store that speaks as much of Amazon S3's protocol as skranke uses,
// over HTTP. It checks every signature, keeps objects in files, and has the
// faults it is told to have.
type S3 struct {
	t    testing.TB
	http *httptest.Server
	dir  string
	stop chan struct{}

	mu      sync.Mutex
	objects map[string]object
	asked   []string
	fault   func(method, key string) Fault
	page    int
	late    []string // keys
}

// Fault is how a request goes wrong.
type Fault int

// The faults a request can have.
const (
	None     Fault = iota
	Busy           // 503 SlowDown
	Failed         // 500 InternalError
	Away           // 503 of a proxy before it
	Denied         // 403 AccessDenied
	Stranger       // 404 XAdminUserNotFound, as one store says that it does not know the user
	Lost           // the connection is cut before anything is done
	Half           // it is cut in the middle of the body of the request or answer
	Mute           // all is done and the connection is cut instead of an answer
	Silent         // there is no answer for as long as anybody waits
	Wrong          // a byte of the object that is sent, or received, is another
	Late           // the connection is cut, and what is to be removed is when Strike is called
)

// What the store knows its user by. The secret must show nowhere.
const (
	AccessKey = "AKTESTTESTTESTTEST"
	SecretKey = "s3cret/never+shown"

	bucketName = "desk"
	region     = "eu-north-1"
)

type object struct {
	path string
	size int64
	etag string
	at   time.Time
}

// NewS3 starts a store with one bucket, which is empty. It ends with the test.
func NewS3(t testing.TB) *S3 {
	t.Helper()
	s := &S3{t: t, dir: t.TempDir(), objects: map[string]object{}, page: 1000, stop: make(chan struct{})}
	s.http = httptest.NewServer(s)
	t.Cleanup(func() { close(s.stop); s.http.Close() })
	return s
}

// Bucket is where contents can be kept there, with much patience.
func (s *S3) Bucket() store.Bucket {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), "credentials")
	text := fmt.Sprintf("[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n", AccessKey, SecretKey)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return store.Bucket{
		URL: "s3://" + bucketName + "/files", Endpoint: s.http.URL, Region: region, Addressing: "path", CredentialsFile: file,
		Patience: 5 * time.Minute, Pause: time.Millisecond,
	}
}

// Break gives every later request the fault that fn says; nil gives none.
func (s *S3) Break(fn func(method, key string) Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fn
}

// Times is for Break: the first n requests of that method have the fault.
func Times(n int, method string, fault Fault) func(method, key string) Fault {
	return func(m, _ string) Fault { // called by one request at a time
		if m != method || n == 0 {
			return None
		}
		n--
		return fault
	}
}

// Asked lists the requests since it was called last: method and key.
func (s *S3) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.asked
	s.asked = nil
	return asked
}

// Keys lists the objects.
func (s *S3) Keys() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.objects))
}

// Age makes every object that much older.
func (s *S3) Age(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, o := range s.objects {
		o.at = o.at.Add(-d)
		s.objects[key] = o
	}
}

// Page is how many objects a list has at most.
func (s *S3) Page(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.page = n
}

// Overwrite gives an object other contents.
func (s *S3) Overwrite(key, contents string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.objects[key]
	if err := os.WriteFile(o.path, []byte(contents), 0o600); err != nil {
		s.t.Fatal(err)
	}
	o.size = int64(len(contents))
	s.objects[key] = o
}

// Remove loses an object.
func (s *S3) Remove(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects, key)
}

// Strike removes what is late.
func (s *S3) Strike() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range s.late {
		delete(s.objects, key)
	}
	s.late = nil
}

// ServeHTTP answers a request.
func (s *S3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := checkSignature(r); err != nil {
		s.t.Errorf("%s %s: %v", r.Method, r.URL, err)
		refuse(w, r, http.StatusForbidden, "SignatureDoesNotMatch")
		return
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	s.mu.Lock()
	s.asked = append(s.asked, r.Method+" "+key)
	fault := None
	if s.fault != nil {
		fault = s.fault(r.Method, key)
	}
	s.mu.Unlock()
	if bucket != bucketName {
		refuse(w, r, http.StatusNotFound, "NoSuchBucket")
		return
	}
	switch fault {
	case Busy:
		io.Copy(io.Discard, r.Body)
		refuse(w, r, http.StatusServiceUnavailable, "SlowDown")
		return
	case Failed:
		io.Copy(io.Discard, r.Body)
		refuse(w, r, http.StatusInternalServerError, "InternalError")
		return
	case Away:
		io.Copy(io.Discard, r.Body)
		http.Error(w, "<html>no server is available", http.StatusServiceUnavailable)
		return
	case Denied:
		io.Copy(io.Discard, r.Body)
		refuse(w, r, http.StatusForbidden, "AccessDenied")
		return
	case Stranger:
		io.Copy(io.Discard, r.Body)
		refuse(w, r, http.StatusNotFound, "XAdminUserNotFound")
		return
	case Lost:
		panic(http.ErrAbortHandler)
	case Late:
		s.mu.Lock()
		s.late = append(s.late, key)
		s.mu.Unlock()
		panic(http.ErrAbortHandler)
	case Silent:
		io.Copy(io.Discard, r.Body)
		select {
		case <-r.Context().Done():
		case <-s.stop:
		}
		panic(http.ErrAbortHandler)
	}
	switch {
	case key == "" && r.Method == http.MethodHead:
	case key == "" && r.Method == http.MethodGet:
		s.list(w, r, fault)
	case r.Method == http.MethodPut:
		s.put(w, r, key, fault)
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		s.get(w, r, key, fault)
	case r.Method == http.MethodDelete:
		s.mu.Lock()
		delete(s.objects, key)
		s.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	default:
		refuse(w, r, http.StatusMethodNotAllowed, "MethodNotAllowed")
	}
	if fault == Mute {
		panic(http.ErrAbortHandler)
	}
}

func refuse(w http.ResponseWriter, r *http.Request, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, code)
	}
}

// put keeps an object once all of it is there and is what was announced.
func (s *S3) put(w http.ResponseWriter, r *http.Request, key string, fault Fault) {
	file, err := os.CreateTemp(s.dir, "object-*")
	if err != nil {
		s.t.Error(err)
		return
	}
	defer file.Close()
	if fault == Half {
		io.CopyN(file, r.Body, r.ContentLength/2)
		panic(http.ErrAbortHandler)
	}
	sum, tag := sha256.New(), md5.New()
	size, err := io.Copy(io.MultiWriter(file, sum, tag), r.Body)
	if err != nil || size != r.ContentLength {
		refuse(w, r, http.StatusBadRequest, "IncompleteBody")
		return
	}
	if fault == Wrong {
		sum.Write([]byte{1})
	}
	if hex.EncodeToString(sum.Sum(nil)) != r.Header.Get("X-Amz-Content-Sha256") {
		refuse(w, r, http.StatusBadRequest, "XAmzContentSHA256Mismatch")
		return
	}
	etag := `"` + hex.EncodeToString(tag.Sum(nil)) + `"`
	s.mu.Lock()
	s.objects[key] = object{file.Name(), size, etag, time.Now()}
	s.mu.Unlock()
	w.Header().Set("ETag", etag)
}

func (s *S3) get(w http.ResponseWriter, r *http.Request, key string, fault Fault) {
	s.mu.Lock()
	o, ok := s.objects[key]
	s.mu.Unlock()
	if !ok {
		refuse(w, r, http.StatusNotFound, "NoSuchKey")
		return
	}
	file, err := os.Open(o.path)
	if err != nil {
		s.t.Error(err)
		return
	}
	defer file.Close()
	w.Header().Set("Content-Length", strconv.FormatInt(o.size, 10))
	w.Header().Set("Last-Modified", o.at.UTC().Format(http.TimeFormat))
	w.Header().Set("ETag", o.etag)
	if r.Method == http.MethodHead {
		return
	}
	switch fault {
	case Half:
		io.CopyN(w, file, o.size/2)
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case Wrong:
		io.CopyN(io.Discard, file, 1)
		io.WriteString(w, "\x00")
	}
	io.Copy(w, file)
}

// list answers ListObjectsV2, and where the bucket is.
func (s *S3) list(w http.ResponseWriter, r *http.Request, fault Fault) {
	type entry struct {
		Key          string
		LastModified string
		Size         int64
	}
	type result struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		Name, Prefix          string
		KeyCount              int
		IsTruncated           bool
		NextContinuationToken string `xml:",omitempty"`
		Contents              []entry
	}
	q := r.URL.Query()
	if q.Has("location") {
		fmt.Fprintf(w, "<LocationConstraint>%s</LocationConstraint>", region)
		return
	}
	after := max(q.Get("start-after"), q.Get("continuation-token"))
	list := result{Name: bucketName, Prefix: q.Get("prefix")}
	s.mu.Lock()
	for _, key := range slices.Sorted(maps.Keys(s.objects)) {
		if key <= after || !strings.HasPrefix(key, list.Prefix) {
			continue
		}
		if len(list.Contents) == s.page {
			list.IsTruncated, list.NextContinuationToken = true, list.Contents[s.page-1].Key
			break
		}
		o := s.objects[key]
		list.Contents = append(list.Contents, entry{key, o.at.UTC().Format("2006-01-02T15:04:05.000Z"), o.size})
	}
	s.mu.Unlock()
	list.KeyCount = len(list.Contents)
	text, err := xml.Marshal(list)
	if err != nil {
		s.t.Error(err)
	}
	w.Header().Set("Content-Type", "application/xml")
	if fault == Half {
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		w.Write(text[:len(text)/2])
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	w.Write(text)
}

// checkSignature does what the description of Signature Version 4 says, and
// wants the contents of an object to be signed as well.
func checkSignature(r *http.Request) error {
	fields := map[string]string{}
	kind, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	for field := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		fields[name] = value
	}
	scope := strings.Split(fields["Credential"], "/")
	if kind != "AWS4-HMAC-SHA256" || len(scope) != 5 || scope[0] != AccessKey || scope[2] != region && !r.URL.Query().Has("location") || scope[3] != "s3" {
		return fmt.Errorf("signed by %s %q", kind, fields["Credential"])
	}
	payload := r.Header.Get("X-Amz-Content-Sha256")
	if _, err := hex.DecodeString(payload); r.Method == http.MethodPut && (err != nil || len(payload) != 2*sha256.Size) {
		return fmt.Errorf("the contents are signed as %q", payload)
	}
	signed := strings.Split(fields["SignedHeaders"], ";")
	for _, name := range []string{"host", "x-amz-content-sha256", "x-amz-date"} {
		if !slices.Contains(signed, name) {
			return fmt.Errorf("the header %s is not signed", name)
		}
	}
	var canonical strings.Builder
	fmt.Fprintf(&canonical, "%s\n%s\n%s\n", r.Method, r.URL.EscapedPath(), strings.ReplaceAll(r.URL.Query().Encode(), "+", "%20"))
	for _, name := range signed {
		value := r.Header.Get(name)
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = strconv.FormatInt(r.ContentLength, 10)
		}
		fmt.Fprintf(&canonical, "%s:%s\n", name, strings.TrimSpace(value))
	}
	fmt.Fprintf(&canonical, "\n%s\n%s", fields["SignedHeaders"], payload)
	sum := sha256.Sum256([]byte(canonical.String()))
	text := strings.Join([]string{kind, r.Header.Get("X-Amz-Date"), strings.Join(scope[1:], "/"), hex.EncodeToString(sum[:])}, "\n")
	key := []byte("AWS4" + SecretKey)
	for _, part := range append(scope[1:], text) {
		key = sign(hmac.New(sha256.New, key), part)
	}
	if hex.EncodeToString(key) != fields["Signature"] {
		return errors.New("the signature is wrong")
	}
	return nil
}

func sign(mac hash.Hash, text string) []byte {
	io.WriteString(mac, text)
	return mac.Sum(nil)
}
