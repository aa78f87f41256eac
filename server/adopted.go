package server

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"skranke"
	"skranke/soap"
)

// Adopted keeps the WSDLs an operator has adopted from another server, one for
// each port, in the data directory. A file that changes counts at once for who
// asks for the WSDL or at an address that was unknown, within a second for calls.
type Adopted struct {
	dir   string
	log   *slog.Logger
	began time.Time
	files map[string]*adoptedFile // by port
}

// adoptedFile is what is known of a port's adopted WSDL.
type adoptedFile struct {
	mu     sync.Mutex // of who looks at it
	looked atomic.Int64
	known  atomic.Pointer[cachedWSDL] // nil if it is not there
}

type cachedWSDL struct {
	modified time.Time
	size     int64
	wsdl     *soap.Adopted // nil if the file is no good
}

// adoptedFresh is for how long calls rely on the last look at a file.
const adoptedFresh = time.Second

// NewAdopted looks after the adopted WSDLs in dir.
func NewAdopted(dir string, log *slog.Logger) *Adopted {
	a := &Adopted{dir: dir, log: log, began: time.Now(), files: map[string]*adoptedFile{}}
	for _, port := range skranke.Ports() {
		f := &adoptedFile{}
		f.looked.Store(-int64(adoptedFresh))
		a.files[string(port)] = f
	}
	return a
}

// Path is the file of a port's adopted WSDL.
func (a *Adopted) Path(port skranke.Port) string {
	return filepath.Join(a.dir, "wsdl-"+string(port)+".xml")
}

// Port returns the adopted WSDL of a port, nil if there is none.
func (a *Adopted) Port(port string) *soap.Adopted { return a.find(port, true) }

// find is Port. Unless now is set it makes do with what was known a second ago,
// and waits for nobody who is looking.
func (a *Adopted) find(port string, now bool) *soap.Adopted {
	f := a.files[port]
	if f == nil {
		return nil
	}
	switch {
	case now:
		f.mu.Lock()
	case int64(time.Since(a.began))-f.looked.Load() < int64(adoptedFresh) || !f.mu.TryLock():
		return f.wsdl()
	}
	defer f.mu.Unlock()
	a.look(port, f)
	f.looked.Store(int64(time.Since(a.began)))
	return f.wsdl()
}

func (f *adoptedFile) wsdl() *soap.Adopted {
	if c := f.known.Load(); c != nil {
		return c.wsdl
	}
	return nil
}

// look reads the file if it has changed. Who calls it holds f.mu.
func (a *Adopted) look(port string, f *adoptedFile) {
	path := a.Path(skranke.Port(port))
	info, err := os.Stat(path)
	if err != nil {
		f.known.Store(nil)
		return
	}
	if c := f.known.Load(); c != nil && c.modified.Equal(info.ModTime()) && c.size == info.Size() {
		return
	}
	wsdl, err := read(path)
	if err != nil {
		a.log.Error("an adopted WSDL cannot be used, answering with our own", "port", port, "error", err)
	}
	f.known.Store(&cachedWSDL{info.ModTime(), info.Size(), wsdl})
}

func read(path string) (*soap.Adopted, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	wsdl, err := soap.ParseWSDL(bytes.NewReader(text))
	if err == nil && reserved(wsdl) {
		wsdl.Path = ""
	}
	return wsdl, err
}

// reserved tells whether an adopted WSDL has an address of the server's own,
// in any case: there is one spelling of them, and no other answers.
func reserved(wsdl *soap.Adopted) bool {
	return wsdl.AddressIs(healthPath) || wsdl.AddressIs(readyPath)
}

// Address returns the path, with its query, that an adopted WSDL leads to its
// port from; if it leads there from none, "" and why.
func Address(ports []*soap.Port, prefix string, port *soap.Port, wsdl *soap.Adopted) (path, why string) {
	if reserved(wsdl) {
		return "", "the address in it is this server's own " + wsdl.Path
	}
	if wsdl.Path == "" {
		return "", "no address in it has a path"
	}
	if other := soap.PortAt(ports, prefix, wsdl.Path); other != nil && other.Name != port.Name {
		return "", "the address in it, " + wsdl.Path + ", is that of the port " + other.Name
	}
	return wsdl.Path, ""
}

// Clash returns the port whose adopted WSDL has an address that cannot be told
// apart from that of wsdl, which is to be the port's, or "".
func (a *Adopted) Clash(port skranke.Port, wsdl *soap.Adopted) skranke.Port {
	for _, other := range skranke.Ports() {
		if other == port {
			continue
		}
		if theirs := a.Port(string(other)); theirs != nil && theirs.Clashes(wsdl) {
			return other
		}
	}
	return ""
}

// Adopt makes text, a WSDL that ParseWSDL takes, the one of the port.
func (a *Adopted) Adopt(port skranke.Port, text []byte) error {
	f, err := os.CreateTemp(a.dir, ".wsdl-*")
	if err != nil {
		return fmt.Errorf("adopting a WSDL: %w", err)
	}
	defer os.Remove(f.Name()) // gone by then, unless something failed
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), a.Path(port))
	}
	if err != nil {
		return fmt.Errorf("adopting a WSDL: %w", err)
	}
	return nil
}

// Drop gives the port's own WSDL back and says whether another was adopted.
func (a *Adopted) Drop(port skranke.Port) (bool, error) {
	err := os.Remove(a.Path(port))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("dropping a WSDL: %w", err)
	}
	return true, nil
}
