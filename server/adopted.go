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
	"time"

	"skranke"
	"skranke/soap"
)

// Adopted keeps the WSDLs an operator has adopted from another server, one for
// each port, in the data directory. A file that changes counts at once.
type Adopted struct {
	dir   string
	log   *slog.Logger
	mu    sync.Mutex
	cache map[string]cachedWSDL
}

type cachedWSDL struct {
	modified time.Time
	size     int64
	wsdl     *soap.Adopted // nil if the file is no good
}

// NewAdopted looks after the adopted WSDLs in dir.
func NewAdopted(dir string, log *slog.Logger) *Adopted {
	return &Adopted{dir: dir, log: log, cache: map[string]cachedWSDL{}}
}

// Path is the file of a port's adopted WSDL.
func (a *Adopted) Path(port skranke.Port) string {
	return filepath.Join(a.dir, "wsdl-"+string(port)+".xml")
}

// Port returns the adopted WSDL of a port, nil if there is none.
func (a *Adopted) Port(port string) *soap.Adopted {
	path := a.Path(skranke.Port(port))
	info, err := os.Stat(path)
	a.mu.Lock()
	defer a.mu.Unlock()
	if err != nil {
		delete(a.cache, port)
		return nil
	}
	if c, ok := a.cache[port]; ok && c.modified.Equal(info.ModTime()) && c.size == info.Size() {
		return c.wsdl
	}
	wsdl, err := read(path)
	if err != nil {
		a.log.Error("an adopted WSDL cannot be used, answering with our own", "port", port, "error", err)
	}
	a.cache[port] = cachedWSDL{info.ModTime(), info.Size(), wsdl}
	return wsdl
}

func read(path string) (*soap.Adopted, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return soap.ParseWSDL(bytes.NewReader(text))
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
