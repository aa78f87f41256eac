package ports_test

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"skranke"
	"skranke/soap"
)

const methodList = "../docs/methods.md"

// The list of methods in the docs is made from the declarations and the
// documented codes; -update writes it.
func TestMethodListIsGolden(t *testing.T) {
	got := methodPage(t)
	if *update {
		if err := os.WriteFile(methodList, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(methodList)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the ports declare now; go test ./ports -update rewrites it\n%s", methodList, firstDifference(string(want), string(got)))
	}
}

// methodPage is the page of all methods, those the manual knows and skranke does
// not yet have included.
func methodPage(t *testing.T) []byte {
	t.Helper()
	var page bytes.Buffer
	page.WriteString("# Methods\n\nMade from the declarations by `go test ./ports -update`. Every method but `getErrorMessage` answers `errorCode` first;\n" +
		"`0` is success, `7` an unexpected failure. A part is a string unless its type is named.\n")
	documented := documentedCodes(t)
	for _, port := range declared() {
		fmt.Fprintf(&page, "\n## %s port\n\n| method | takes | answers | codes |\n| --- | --- | --- | --- |\n", port.Name)
		for _, op := range port.Ops {
			key := port.Name + " " + op.Name()
			codes, ok := documented[key]
			if !ok {
				t.Errorf("testdata/codes.txt does not know %s", key)
			}
			delete(documented, key)
			fmt.Fprintf(&page, "| **%s**<br>%s | %s | %s | %s |\n", op.Name(), op.Doc(), partList(op.In()), partList(op.Out()), codes)
		}
	}
	page.WriteString("\n## Codes\n\n| code | name | text of getErrorMessage |\n| --- | --- | --- |\n")
	for _, code := range skranke.Codes() {
		fmt.Fprintf(&page, "| %d | %s | %s |\n", code, code.Name(), code.Text())
	}
	var missing []string
	for _, line := range readLines(t, "testdata/codes.txt") {
		port, method, _ := strings.Cut(line, " ")
		method, _, _ = strings.Cut(method, " ")
		if _, left := documented[port+" "+method]; left {
			missing = append(missing, "`"+port+"` "+method)
		}
	}
	if len(missing) > 0 {
		page.WriteString("\n## Not there yet\n\n" + strings.Join(missing, ", ") + "\n")
	}
	return page.Bytes()
}

func partList(parts []soap.Part) string {
	if len(parts) == 0 {
		return "nothing"
	}
	list := make([]string, len(parts))
	for i, part := range parts {
		list[i] = part.Name
		if part.Type != "string" {
			list[i] += " `" + part.Type + "`"
		}
	}
	return strings.Join(list, ", ")
}

// documentedCodes reads which codes the manual gives each method.
func documentedCodes(t *testing.T) map[string]string {
	t.Helper()
	codes := map[string]string{}
	for _, line := range readLines(t, "testdata/codes.txt") {
		words := strings.Fields(line)
		if len(words) < 3 {
			t.Fatalf("testdata/codes.txt: %q has no codes", line)
		}
		for _, word := range words[2:] {
			if n, err := strconv.Atoi(word); word != "-" && (err != nil || skranke.Code(n).Name() == "") {
				t.Errorf("testdata/codes.txt: %q is no code", word)
			}
		}
		codes[words[0]+" "+words[1]] = strings.Join(words[2:], " ")
	}
	return codes
}

// readLines returns the lines of a file that are neither empty nor comments.
func readLines(t *testing.T, file string) []string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(content)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}
