package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestAuditList(t *testing.T) {
	i := newInstallation(t)
	i.do("hemmelig\n", "setup", "-user", "kari", "-category", "Hjelp")
	i.do("", "customer", "add", "-no-password", "-first-name", "Ola")
	if out := i.do("", "audit", "list"); out != "" {
		t.Errorf("before anything: got %q", out)
	}
	i.do("", "ticket", "add", "-as", "kari", "-title", "Kaldt \"her\"", "-category", "1", "-customer", "1")
	i.do("", "ticket", "add", "-title", "Mørkt", "-category", "1")
	i.do("", "message", "add", "-body", "Hei", "1")

	out := i.do("", "audit", "list")
	for _, want := range []string{
		"  new-ticket  ticket 1  by user 2  command\n", "    title: \"\" -> \"Kaldt \\\"her\\\"\"\n", "  new-ticket  ticket 2  by system  command\n",
		"  add-message  message 1 of ticket 1  by system  command\n", "    body: \"\" -> \"Hei\"\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the log has no %q:\n%s", want, out)
		}
	}
	for _, c := range []struct {
		flags string
		want  int
	}{
		{"-ticket 1", 3}, {"-ticket 2", 1}, {"-ticket 3", 0}, {"-user 2", 1}, {"-customer 1", 0}, {"-action new-ticket", 2},
		{"-action new-ticket -action add-message", 3}, {"-since 2000-01-01", 4}, {"-since 2200-01-01", 0}, {"-ticket 1 -action new-ticket", 1},
	} {
		out := i.do("", append([]string{"audit", "list", "-json"}, strings.Fields(c.flags)...)...)
		if got := strings.Count(out, "\n"); got != c.want {
			t.Errorf("%s: got %d entries, want %d:\n%s", c.flags, got, c.want, out)
		}
	}
	var entry struct {
		ID      int64  `json:"id"`
		Action  string `json:"action"`
		Kind    string `json:"row_kind"`
		Row     int64  `json:"row"`
		Ticket  int64  `json:"ticket"`
		User    int64  `json:"user"`
		Method  string `json:"method"`
		Changes []struct {
			Name, Before, After string
			Number              int
		} `json:"changes"`
	}
	line := i.do("", "audit", "list", "-json", "-ticket", "2")
	if err := json.Unmarshal([]byte(line), &entry); err != nil {
		t.Fatal(err)
	}
	if entry.ID == 0 || entry.Action != "new-ticket" || entry.Kind != "ticket" || entry.Row != 2 || entry.Ticket != 2 || entry.User != 1 || entry.Method != "command" {
		t.Errorf("got %s", line)
	}
	title := false
	for _, c := range entry.Changes {
		title = title || c.Name == "title" && c.Number == 2 && c.Before == "" && c.After == "Mørkt"
	}
	if !title {
		t.Errorf("got no title in %s", line)
	}

	i.refuse(exitUsage, "no date", "audit", "list", "-since", "yesterday")
	i.refuse(exitUsage, "whole number", "audit", "list", "-ticket", "x")
	i.refuse(exitFailed, "no action", "audit", "list", "-action", "nothing")
	i.refuse(exitUsage, "", "audit", "list", "extra")
}
