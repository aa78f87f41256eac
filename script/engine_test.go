package script

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	Child()
	os.Exit(m.Run())
}

func engine(t testing.TB, l Limits) *Engine {
	t.Helper()
	e := New(l)
	if e == nil {
		t.Skip("this system cannot hold scripts to limits")
	}
	return e
}

// echo is a host that answers with what it was asked.
func echo(_ context.Context, name string, argument []byte) (any, error) {
	if name == "mail.send" {
		return nil, errors.New("no mail today")
	}
	return map[string]string{"name": name, "argument": string(argument)}, nil
}

func run(t testing.TB, e *Engine, source string) (string, string, error) {
	t.Helper()
	var logged []string
	out, err := e.Run(t.Context(), Run{
		Source: source, Variables: map[string]string{"name": "Åse", "empty": ""}, User: map[string]any{"id": 2},
		Host: echo, Log: func(text string) { logged = append(logged, text) },
	})
	return out, strings.Join(logged, "|"), err
}

func TestScripts(t *testing.T) {
	e := engine(t, Limits{})
	for _, test := range []struct{ source, out, log string }{
		{``, "", ""},
		{`print("a"); printLine(1+1); printLine(); print("b", "c")`, "a2\n\nb", ""},
		{`print(getVariable("name") + "/" + getVariable("none") + "/" + getVariable())`, "Åse//", ""},
		{`setVariable("x", 7); print(getVariable("x") + JSON.stringify(Object.keys(getVariables()).sort()))`, `7["empty","name","x"]`, ""},
		{`print("a"); try { exitWithMessage("b") } catch (e) { print("c") } print("d")`, "ab", ""},
		{`print(getActiveUser().id)`, "2", ""},
		{`log("one"); printDebug("two"); print("three")`, "three", "one|two"},
		{`print(JSON.stringify(ticket.get({id: 7})))`, `{"argument":"{\"id\":7}","name":"ticket.get"}`, ""},
		{`print(customer.find().argument)`, "{}", ""},
		{`try { mail.send({}) } catch (e) { print(e.message) }`, "no mail today", ""},
		{`var s = "€".repeat(1000); for (var i = 0; i < 100; i++) print(s)`, strings.Repeat("€", 100_000), ""},
		{`print(typeof require + typeof process + typeof XMLHttpRequest)`, "undefinedundefinedundefined", ""},
	} {
		out, log, err := run(t, e, test.source)
		if err != nil || out != test.out || log != test.log {
			t.Errorf("%s:\n got %.200q, log %q, %v\nwant %.200q, log %q", test.source, out, log, err, test.out, test.log)
		}
	}
}

// A script that fails, or goes over a limit, is told of and gives nothing, and
// takes nobody with it.
func TestScriptsAreHeldToLimits(t *testing.T) {
	e := engine(t, Limits{Time: 2 * time.Second, Output: 1 << 20})
	for source, want := range map[string]string{
		`print("a"); nothing()`:   "nothing is not defined",
		`if (`:                    "SyntaxError",
		`throw new Error("mine")`: "mine",
		`while (true) {}`:         "limits",
		`var a = []; while (true) a.push("x" + a.length)`: "",
		`new Uint8Array(2**32)`:                           "",
		`"x".repeat(2**29)`:                               "",
		`for (;;) print("x".repeat(10000))`:               "printed more than",
		`for (;;) log("x")`:                               "",
		`function f() { f() } f()`:                        "",
		`var o = {}; o.o = o; ticket.get(o)`:              "",
	} {
		begin := time.Now()
		out, _, err := run(t, e, source)
		if err == nil && source != `"x".repeat(2**29)` || out != "" {
			t.Errorf("%s: got %.100q and no error", source, out)
		}
		if err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", source, err, want)
		}
		if took := time.Since(begin); took > time.Minute {
			t.Errorf("%s took %v", source, took)
		}
	}
	if _, log, err := run(t, e, `for (var i = 0; i < 2000; i++) log("x")`); err != nil || strings.Count(log, "x") != maxLogged {
		t.Errorf("logging 2000 lines: got %d, %v, want %d", strings.Count(log, "x"), err, maxLogged)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := e.Run(ctx, Run{Source: `while (true) {}`, Host: echo}); err == nil {
		t.Error("a script of a caller who has gone ran on")
	}
}

// Whatever a script hands over, the child writes whole messages and ends with one.
func FuzzScript(f *testing.F) {
	for _, source := range []string{`print("a")`, `ticket.get({id: "\u0000"})`, `setVariable("__proto__", {}); getVariables()`, `customer.set(print)`, `log(Symbol.iterator)`, `mail.send(1n)`, `print({toString: 7})`} {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if strings.ContainsAny(source, "(){}") && len(source) > 60 || strings.Contains(source, "for") || strings.Contains(source, "while") || strings.Contains(source, "do") || strings.Contains(source, "repeat") || strings.Contains(source, "pad") {
			return // may run long: nothing limits it in here
		}
		first, err := json.Marshal(message{Source: source})
		if err != nil {
			t.Fatal(err)
		}
		answers := strings.Repeat(`{"result":{"a":1}}`+"\n", 100)
		var out bytes.Buffer
		err = serve(io.MultiReader(bytes.NewReader(first), strings.NewReader("\n"+answers)), &out, func(int) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		ended := false
		for line := range strings.Lines(out.String()) {
			var m message
			if err := json.Unmarshal([]byte(line), &m); err != nil || ended {
				t.Fatalf("line %q after the end %v: %v", line, ended, err)
			}
			ended = m.End
		}
		if !ended {
			t.Fatalf("no end in %q", out.String())
		}
	})
}
