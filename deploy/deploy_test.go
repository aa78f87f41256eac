package deploy_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"skranke/deploy"
)

// Units share a user that exists only while they run, and its data, if they say
// the same of both: the server's, the one of backups in the documentation, and
// those that are told to be made for other commands.
func TestUnitsShareTheirUserAndData(t *testing.T) {
	server := strings.Split(deploy.Service, "\n")
	isShared := regexp.MustCompile(`^(DynamicUser|User|StateDirectory|StateDirectoryMode|UMask|Environment|EnvironmentFile)=`)
	var shared []string
	for _, line := range server {
		if isShared.MatchString(line) {
			shared = append(shared, line)
		}
	}
	if len(shared) != 7 {
		t.Fatalf("got %q, want seven settings", shared)
	}
	backup, operations := read(t, "../docs/backup.md"), read(t, "../docs/operations.md")
	_, unit, _ := strings.Cut(backup, "```ini\n")
	unit, _, _ = strings.Cut(unit, "```")
	settings := map[string][]string{"the unit of backups": strings.Split(unit, "\n")}
	isProperty := regexp.MustCompile(`-p ("[^"]*"|\S+)`)
	for where, text := range map[string]string{"the server's unit": deploy.Service, "backup.md": backup, "operations.md": operations} {
		_, command, found := strings.Cut(text, "systemd-run ")
		if !found || strings.Contains(command, "systemd-run ") {
			t.Errorf("%s: want one systemd-run", where)
		}
		for _, match := range isProperty.FindAllStringSubmatch(command, -1) {
			settings[where] = append(settings[where], strings.Trim(match[1], `"`))
		}
	}
	for where, lines := range settings {
		for _, want := range shared {
			// Beside the data a unit may have a place for backups.
			if !slices.Contains(lines, want) && !slices.Contains(lines, want+" skranke-backup") {
				t.Errorf("%s: got %q, want %s", where, lines, want)
			}
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
