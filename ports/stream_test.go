package ports_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"skranke/desk"
	"skranke/ports"
	"skranke/soap"
)

// A file of 100 MB goes up and comes down through SOAP without the server
// holding it: neither way takes 16 MB of memory.
//
// What counts is all the memory the Go runtime has from the system and has not
// given back, which is more than what is in use: looked at every millisecond
// while a call runs, against the moment before it. The client of the test
// shares the process, so its buffers count too; it makes the file while it
// sends and forgets it while it reads. Collecting garbage early keeps what is
// dead already from hiding what lives.
func TestLargeAttachmentsStream(t *testing.T) {
	if testing.Short() {
		t.Skip("moves 100 MB")
	}
	const size, allowed = 100_000_000, 16 << 20
	w := newWorld(t, func(o *desk.Options) { o.MaxAttachment = 128 << 20 })
	large := httptest.NewServer(soap.NewHandler(soap.Options{
		Ports:  ports.New(w.desk, w.opts.Zone, w.opts.Log).All(),
		Limits: soap.Limits{Body: 256 << 20},
		Allow:  func(context.Context, string, netip.Addr) bool { return true },
		Log:    w.opts.Log,
	}))
	defer large.Close()
	key := w.logIn("kari")
	defer debug.SetGCPercent(debug.SetGCPercent(25))

	call := func(name string, body io.Reader) *http.Response {
		t.Helper()
		res, err := large.Client().Post(large.URL+"/scripts/SOAP?action=customer", "text/xml; charset=utf-8", body)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s: status %d", name, res.StatusCode)
		}
		return res
	}
	if seen := growth(func() { held := make([]byte, 2*allowed); time.Sleep(5 * time.Millisecond); runtime.KeepAlive(held) }); seen < allowed {
		t.Fatalf("the measure sees %d of %d bytes", seen, 2*allowed)
	}
	var id string
	var sent hash.Hash
	grown := growth(func() {
		body, sum := largeUpload(t, key, size)
		res := call("addAttachment", body)
		defer res.Body.Close()
		id, sent = readAnswer(t, "addAttachment", res).must().text("attachmentId"), sum
	})
	if grown > allowed {
		t.Errorf("storing %d MB took %d MB of memory", size/1_000_000, grown>>20)
	}
	t.Logf("up: %.1f MiB more", float64(grown)/(1<<20))

	got, n := sha256.New(), int64(0)
	grown = growth(func() {
		res := call("getAttachment", bytes.NewReader(request(t, soap.RPC, "customer", "getAttachment", []any{key, id})))
		defer res.Body.Close()
		n = readData(t, got, res.Body)
	})
	if grown > allowed {
		t.Errorf("fetching %d MB took %d MB of memory", size/1_000_000, grown>>20)
	}
	t.Logf("down: %.1f MiB more", float64(grown)/(1<<20))
	if n != size || !bytes.Equal(got.Sum(nil), sent.Sum(nil)) {
		t.Errorf("got %d bytes back, or other ones than the %d that were sent", n, size)
	}
	if stored := w.attachment(id); stored.Size != size || stored.Uploader.Customer != kari {
		t.Errorf("stored are %d bytes of customer %d", stored.Size, stored.Uploader.Customer)
	}
}

// largeUpload is a call of addAttachment with size bytes, made while they are
// read, and the hash of what was read.
func largeUpload(t *testing.T, key string, size int64) (io.Reader, hash.Hash) {
	t.Helper()
	before, after, ok := strings.Cut(string(request(t, soap.RPC, "customer", "addAttachment", []any{key, "large.bin", "application/octet-stream", "HERE"})), "HERE")
	if !ok {
		t.Fatal("no place for the data in the request")
	}
	sum := sha256.New()
	r, w := io.Pipe()
	go func() {
		text := base64.NewEncoder(base64.StdEncoding, w)
		_, err := io.CopyN(io.MultiWriter(text, sum), new(pattern), size)
		if err == nil {
			err = text.Close()
		}
		w.CloseWithError(err)
	}()
	return io.MultiReader(strings.NewReader(before), bufio.NewReaderSize(r, 32<<10), strings.NewReader(after)), sum
}

// pattern is an endless file that does not repeat soon.
type pattern struct{ state uint64 }

func (p *pattern) Read(b []byte) (int, error) {
	for i := range b {
		p.state = p.state*6364136223846793005 + 1442695040888963407
		b[i] = byte(p.state >> 56)
	}
	return len(b), nil
}

// readData reads the part data of an answer into sum and returns its length.
func readData(t *testing.T, sum io.Writer, body io.Reader) int64 {
	t.Helper()
	r := bufio.NewReaderSize(body, 32<<10)
	for tag := ""; !strings.HasPrefix(tag, "<data"); {
		if _, err := r.ReadString('<'); err != nil {
			t.Fatalf("looking for data: %v", err)
		}
		rest, err := r.ReadString('>')
		if err != nil {
			t.Fatalf("looking for data: %v", err)
		}
		tag = "<" + rest
	}
	n, err := io.Copy(sum, base64.NewDecoder(base64.StdEncoding, &untilTag{r}))
	if err != nil {
		t.Fatalf("after %d bytes: %v", n, err)
	}
	rest, err := io.ReadAll(r)
	if err != nil || !strings.HasSuffix(strings.TrimSpace(string(rest)), "Envelope>") {
		t.Errorf("the answer ends with %q, %v", rest, err)
	}
	return n
}

// untilTag reads up to the next tag.
type untilTag struct{ r *bufio.Reader }

func (u *untilTag) Read(b []byte) (int, error) {
	if _, err := u.r.Peek(1); err != nil {
		return 0, err
	}
	waiting, _ := u.r.Peek(min(len(b), u.r.Buffered()))
	text, _, ended := bytes.Cut(waiting, []byte("<"))
	n := copy(b, text)
	if _, err := u.r.Discard(n); err != nil || n == 0 && ended {
		return n, io.EOF
	}
	return n, nil
}

// growth is how much more memory the process had at most while fn ran.
func growth(fn func()) int64 {
	debug.FreeOSMemory()
	before, most := held(), int64(0)
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			most = max(most, held()-before)
			select {
			case <-tick.C:
			case <-done:
				return
			}
		}
	}()
	fn()
	close(done)
	<-stopped
	return most
}

// held is the memory the runtime has from the system and has not given back.
func held() int64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return int64(samples[0].Value.Uint64() - samples[1].Value.Uint64())
}
