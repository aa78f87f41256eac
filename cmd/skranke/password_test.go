package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadPasswordFromStdin(t *testing.T) {
	for _, tt := range []struct{ in, want, wrong, rest string }{
		{in: "hunter2\nmore\n", want: "hunter2", rest: "more\n"},
		{in: "hunter2\r\nmore", want: "hunter2", rest: "more"},
		{in: " blanks count ", want: " blanks count "},
		{in: "", wrong: "the password is empty"},
		{in: "\nx", wrong: "the password is empty", rest: "x"},
		{in: strings.Repeat("x", maxPassword), want: strings.Repeat("x", maxPassword)},
		{in: strings.Repeat("x", maxPassword+1), wrong: "too long"},
	} {
		stdin := strings.NewReader(tt.in)
		var stderr bytes.Buffer
		c := &call{stdin: stdin, stderr: &stderr}
		got, err := c.readPassword(t.Context(), "Password", "", true)
		if tt.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), tt.wrong) {
				t.Errorf("%.20q: got %v, want %q", tt.in, err, tt.wrong)
			}
		} else if err != nil || got != tt.want {
			t.Errorf("%.20q: got %.20q, %v, want %.20q", tt.in, got, err, tt.want)
		}
		if rest, _ := io.ReadAll(stdin); string(rest) != tt.rest {
			t.Errorf("%.20q: got %q left on stdin, want %q", tt.in, rest, tt.rest)
		}
		if stderr.Len() > 0 {
			t.Errorf("%.20q: got a prompt %q where nobody sits", tt.in, stderr.String())
		}
	}
}

func TestReadPasswordFromFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("hunter2\nand more\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := &call{stdin: strings.NewReader("not this\n")}
	if got, err := c.readPassword(t.Context(), "Password", file, false); err != nil || got != "hunter2" {
		t.Errorf("got %q, %v, want hunter2", got, err)
	}
	if got, err := c.readPassword(t.Context(), "Password", file+".gone", false); err == nil || got != "" {
		t.Errorf("no file: got %q, %v, want an error", got, err)
	}
}
