package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// adoptedProgram uses what proxies of an adopted WSDL get under other names than
// those of our own WSDL: the rows of a ticket, a file, and ids of files.
const adoptedProgram = `using System;
class Adopted {
static void Main() {
	var service = new customerService();
	string key, name, type, title, question, text, score;
	Row[] rows;
	string[] ids, files;
	byte[] data;
	FaqLinkStruct[] links;
	FaqParentStruct[] parents;
	bool html;
	Console.WriteLine("login " + service.login("johndoe", "pw", out key));
	Console.WriteLine("getTicket " + service.getTicket(key, "1012", new string[] {"ticket.title"}, out rows, out ids) + " " + rows[0].value + " " + string.Join(",", ids));
	Console.WriteLine("getAttachment " + service.getAttachment(key, "1", out name, out type, out data) + " " + System.Text.Encoding.ASCII.GetString(data, 0, 5));
	Console.WriteLine("faq_getEntry " + service.faq_getEntry("", "2", out title, out question, out text, out links, out files, out html, out score, out parents) + " " + string.Join(",", files) + " " + links.Length + " " + html);
}
}
`

// TestAdoptedWSDL compiles a program with a proxy of another server's WSDL, in
// which only the host is changed, and runs it against a server that has adopted
// it. Only C# is as particular about names.
func TestAdoptedWSDL(t *testing.T) {
	t.Parallel()
	need(t, toolkits[0].name, toolkits[0].has)
	s := start(t)
	text, err := os.ReadFile("../soap/testdata/wsdl/original-guess.wsdl")
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.ReplaceAll(text, []byte("ResultStruct"), []byte("Row"))
	dir := t.TempDir()
	saved, moved := filepath.Join(dir, "saved.wsdl"), filepath.Join(dir, "moved.wsdl")
	if err := os.WriteFile(saved, text, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(moved, bytes.ReplaceAll(text, []byte("http://127.0.0.1:8099"), []byte(s.base)), 0o644); err != nil {
		t.Fatal(err)
	}
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	output(t, exec.Command(path, "wsdl", "adopt", "-data", filepath.Dir(s.mails), saved))

	source, exe := filepath.Join(dir, "adopted.cs"), filepath.Join(dir, "adopted.exe")
	if err := os.WriteFile(source, []byte(adoptedProgram), 0o644); err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"login 0", "getTicket 0 " + demo.page[0].value + " " + strings.Join(demo.messageIDs, ","), "getAttachment 0 %PDF-", "faq_getEntry 0 3,2 2 True", "",
	}, "\n")
	for _, wsdl := range []string{moved, s.base + "/any/customer?wsdl", s.wsdl("customer", rpc)} {
		proxy := filepath.Join(dir, "proxy.cs")
		output(t, exec.Command("wsdl", "-nologo", "-o:"+proxy, wsdl))
		output(t, exec.Command("mcs", "-nologo", "-warn:0", "-r:System.Web.Services", "-out:"+exe, source, proxy))
		if got := output(t, exec.Command("mono", exe)); got != want {
			t.Errorf("made from %s the program printed\n%swant\n%s", wsdl, got, want)
		}
	}
}
