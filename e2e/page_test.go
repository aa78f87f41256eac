package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// corrections is everything that is changed in the program on the manual's page
// of getTicket. The page's program does not compile as printed, against any
// server; and it says in comments what a reader may do there, so that is where
// it prints.
var corrections = []struct{ why, old, new string }{
	{
		"a foreach needs a statement; the comment says what i is",
		"//Here *i* is running through all message IDs\n",
		"Console.WriteLine(\"message \" + i);\n",
	},
	{
		"the fields asked for are strings; field is a member of the results",
		"ticketFields[0].field",
		"ticketResult[0].field",
	},
	{
		"an if needs a statement; the comment says which value is meant, again of the results",
		"//Here ticketFields[0].value is the title of the request\n",
		"Console.WriteLine(\"title \" + ticketResult[0].value);\n",
	},
	{
		"a declaration may not stand alone after else",
		"string errorMsg = custService.getErrorMessage(sessionKey);\n",
		"{ string errorMsg = custService.getErrorMessage(sessionKey); Console.WriteLine(\"error \" + errorMsg); }\n",
	},
	{
		"what the comment says",
		"// Could not log in customer\n",
		"Console.WriteLine(\"no login\");\n",
	},
}

var csharp = regexp.MustCompile("(?s)```csharp\n(.*?)```")

// pageProgram is the C# program of the page, corrected and wrapped in a class.
func pageProgram(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("testdata/getTicket.md")
	if err != nil {
		t.Fatal(err)
	}
	block := csharp.FindSubmatch(page)
	if block == nil {
		t.Fatal("testdata/getTicket.md has no C# block")
	}
	program := string(block[1])
	for _, c := range corrections {
		if n := strings.Count(program, c.old); n != 1 {
			t.Fatalf("%q stands %d times in the page, want once", c.old, n)
		}
		program = strings.Replace(program, c.old, c.new, 1)
	}
	return "using System;\nclass Page {\nstatic void Main() {\n" + program + "}\n}\n"
}

// TestPageProgram compiles the program that the manual prints for getTicket
// with proxies made from both WSDLs, and from that of another server, and runs
// it.
//
// customer.getTicket.22 types.transport.4 types.transport.6
func TestPageProgram(t *testing.T) {
	t.Parallel()
	need(t, toolkits[0].name, toolkits[0].has)
	s := start(t)
	program := pageProgram(t)
	found := "title " + demo.page[0].value + "\n"
	for i := len(demo.messageIDs) - 1; i >= 0; i-- {
		found = "message " + demo.messageIDs[i] + "\n" + found
	}

	for _, from := range []struct{ name, wsdl string }{
		{rpc, s.wsdl("customer", rpc)},
		{doc, s.wsdl("customer", doc)},
		{"another server's WSDL", s.another(t).wsdl},
	} {
		t.Run(from.name, func(t *testing.T) {
			dir := t.TempDir()
			output(t, exec.Command("wsdl", "-nologo", "-n:customer", "-o:"+filepath.Join(dir, "proxy.cs"), from.wsdl))
			output(t, exec.Command("mcs", "-nologo", "-warn:0", "-t:library", "-r:System.Web.Services",
				"-out:"+filepath.Join(dir, "proxy.dll"), filepath.Join(dir, "proxy.cs")))
			for _, run := range []struct{ name, old, new, want string }{
				{"as printed", "", "", found},
				{"another ticket", `"1012"`, `"` + demo.missing + `"`, "error " + unknownTicket + "\n"},
				{"another password", `"pw"`, `"pw "`, "no login\n"},
			} {
				t.Run(run.name, func(t *testing.T) {
					source := filepath.Join(dir, "page.cs")
					if err := os.WriteFile(source, []byte(strings.ReplaceAll(program, run.old, run.new)), 0o644); err != nil {
						t.Fatal(err)
					}
					exe := filepath.Join(dir, "page.exe")
					output(t, exec.Command("mcs", "-nologo", "-warn:0", "-r:System.Web.Services", "-r:"+filepath.Join(dir, "proxy.dll"), "-out:"+exe, source))
					if got := output(t, exec.Command("mono", exe)); got != run.want {
						t.Errorf("the program printed\n%swant\n%s", got, run.want)
					}
				})
			}
		})
	}
}

// output runs a command and returns what it printed.
func output(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	out, err := combined(cmd)
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return string(out)
}
