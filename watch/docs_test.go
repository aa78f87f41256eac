package watch

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"skranke/soap"
)

// docs/operations.md lists every metric, and speaks of none that is not there.
func TestMetricsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	m := meter()
	m.Observe(soap.Observation{Port: "customer", Op: "getTicket", Code: "0"})
	var there []string
	for line := range strings.Lines(scrape(t, m, quiet, "")) {
		if rest, ok := strings.CutPrefix(line, "# TYPE skranke_"); ok {
			name, _, _ := strings.Cut(rest, " ")
			there = append(there, "skranke_"+name)
		}
	}
	var said []string
	for _, name := range regexp.MustCompile(`skranke_[a-z_]+`).FindAllString(string(text), -1) {
		said = append(said, strings.TrimSuffix(name, "_bucket"))
	}
	for _, name := range there {
		if !slices.Contains(said, name) {
			t.Errorf("docs/operations.md does not tell of %s", name)
		}
	}
	for _, name := range said {
		if !slices.Contains(there, name) {
			t.Errorf("docs/operations.md tells of %s, which is not there", name)
		}
	}
}
