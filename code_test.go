package skranke_test

import (
	"errors"
	"fmt"
	"testing"
	"unicode/utf8"

	"skranke"
)

func TestCodes(t *testing.T) {
	codes := skranke.Codes()
	if len(codes) != 36 {
		t.Fatalf("got %d codes, want 36", len(codes))
	}
	seen := map[string]bool{}
	for i, c := range codes {
		if got, want := c.String(), fmt.Sprint(i); got != want { // types.error.1
			t.Errorf("code %d travels as %q", i, got)
		}
		if c.Name() == "" || seen[c.Name()] {
			t.Errorf("code %d has the name %q", i, c.Name())
		}
		seen[c.Name()] = true
		if n := utf8.RuneCountInString(c.Text()); n == 0 || n > 255 { // types.error.2
			t.Errorf("the text of code %d has %d characters", i, n)
		}
	}
	if got := skranke.CodeUserNotFound; got != 35 {
		t.Errorf("user not found is %d, want 35", got)
	}
	for _, outside := range []skranke.Code{-1, 36} {
		if outside.Name() != "" || outside.Text() != skranke.CodeCustomError.Text() {
			t.Errorf("code %d is called %q, %q", outside, outside.Name(), outside.Text())
		}
	}
}

func TestCodeOf(t *testing.T) {
	refusal := skranke.Err(skranke.CodeUnknownTicket, "ticket %d", 7)
	tests := []struct {
		err  error
		want skranke.Code
	}{
		{nil, skranke.CodeOK},
		{refusal, skranke.CodeUnknownTicket},
		{fmt.Errorf("reading: %w", refusal), skranke.CodeUnknownTicket},
		{errors.Join(refusal, errors.New("disk full")), skranke.CodeUnknownTicket},
		{errors.New("disk full"), skranke.CodeCustomError},
	}
	for _, test := range tests {
		if got := skranke.CodeOf(test.err); got != test.want {
			t.Errorf("code of %v: got %d, want %d", test.err, got, test.want)
		}
	}
	if !errors.Is(refusal, skranke.Err(skranke.CodeUnknownTicket, "another")) || errors.Is(refusal, skranke.Err(skranke.CodeUnknownMessage, "ticket 7")) {
		t.Error("refusals are not compared by code alone")
	}
}
