package soap_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"skranke/soap"
)

type (
	RowStruct struct {
		Columns []FaqLinkStruct `soap:"columns"`
		Open    bool            `soap:"open"`
		ID      string          `soap:"id,int"`
		Extra   string          `soap:"extra"`
	}
	AskStruct struct {
		Column string `soap:"column"`
		Max    string `soap:"max,hidden"`
	}
	wideIn struct {
		session
		Flag    bool        `soap:"flag,alias=pflag,optional"`
		Number  string      `soap:"number,int"`
		Numbers []string    `soap:"numbers,int"`
		Ask     AskStruct   `soap:"ask"`
		Asks    []AskStruct `soap:"asks"`
		Data    *soap.Blob  `soap:"data"`
		Text    *soap.Blob  `soap:"text,string"`
		Secret  string      `soap:"secret,hidden"`
	}
	wideOut struct {
		Count   int           `soap:"count"`
		Long    int64         `soap:"long"`
		IDs     []int         `soap:"ids"`
		Flags   []bool        `soap:"flags"`
		Row     RowStruct     `soap:"row"`
		Rows    []RowStruct   `soap:"rows"`
		Table   [][]RowStruct `soap:"table"`
		Number  string        `soap:"number,int"`
		Numbers []string      `soap:"numbers,int"`
		Data    soap.Stream   `soap:"data"`
		Text    soap.Stream   `soap:"text,string"`
	}
)

// widePort declares everything that can be declared.
func widePort() *soap.Port {
	return &soap.Port{Name: "wide", Service: "wideService", Namespace: "urn:wide",
		Code: func(context.Context, string, error) (string, *soap.Fault) { return "0", nil },
		Ops: []soap.Op{
			soap.Method("everything", "Takes and answers every type.", func(context.Context, *wideIn) (wideOut, error) {
				return wideOut{Count: -1, Long: 1 << 40, IDs: []int{1, 2}, Flags: []bool{true, false}, Rows: []RowStruct{{}, {Columns: []FaqLinkStruct{{"a", "b"}}}}, Table: [][]RowStruct{nil, {{}}}}, nil
			}).Alias("evrything"),
			soap.Method("nothing", "Takes nothing.", func(context.Context, *nothing) (nothing, error) { return nothing{}, nil }),
		},
	}
}

// TestWSDL compares what is published with golden files.
func TestWSDL(t *testing.T) {
	for _, p := range []*soap.Port{(&lab{}).port(), widePort()} {
		for style, name := range map[soap.Style]string{soap.RPC: "rpc", soap.Document: "doc"} {
			var b, again bytes.Buffer
			if err := soap.WriteWSDL(&b, p, style, "http://127.0.0.1:8099/"+name+"/"+p.Name); err != nil {
				t.Fatal(err)
			}
			if err := soap.WriteWSDL(&again, p, style, "http://127.0.0.1:8099/"+name+"/"+p.Name); err != nil || again.String() != b.String() {
				t.Errorf("got two different WSDLs of one port (%v)", err)
			}
			wellFormed(t, b.Bytes())
			golden(t, "testdata/wsdl/"+p.Name+"-"+name+".golden.wsdl", b.String())
		}
	}
}

// TestWSDLAsMeasured compares the lab port's declarations with those that all
// toolkits were measured with.
func TestWSDLAsMeasured(t *testing.T) {
	for style, name := range map[soap.Style]string{soap.RPC: "rpc", soap.Document: "doc"} {
		want := adopt(t, "lab-"+name+".wsdl")
		var b bytes.Buffer
		if err := soap.WriteWSDL(&b, (&lab{}).port(), style, "http://127.0.0.1:8099/"+name+"/customer"); err != nil {
			t.Fatal(err)
		}
		got, err := soap.ParseWSDL(&b)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range []struct {
			name      string
			got, want any
		}{
			{"Namespace", got.Namespace, want.Namespace}, {"Service", got.Service, want.Service}, {"PortType", got.PortType, want.PortType},
			{"Path", got.Path, want.Path}, {"Style", got.Style, want.Style}, {"Arrays", got.Arrays, want.Arrays},
			{"Structs", got.Structs, want.Structs}, {"Ops", got.Ops, want.Ops},
		} {
			if !reflect.DeepEqual(f.got, f.want) {
				t.Errorf("%s %s:\ngot  %v\nwant %v", name, f.name, f.got, f.want)
			}
		}
	}
}

// TestWideAnswers holds how every type is written in both styles.
func TestWideAnswers(t *testing.T) {
	_, s := serve(t, soap.Options{Ports: []*soap.Port{widePort()}})
	rpc := send(t, "POST", s.URL+"/soap/wide/rpc", envelope(`<n:everything s:encodingStyle="x"/>`))
	doc := send(t, "POST", s.URL+"/soap/wide", envelope(`<n:everything/>`))
	golden(t, "testdata/wide.golden", rpc.body+"\n"+doc.body+"\n")
}

// TestParts holds what the declaration tells documentation and tests.
func TestParts(t *testing.T) {
	op := widePort().Ops[0]
	describe := func(parts []soap.Part) string {
		var words []string
		for _, p := range parts {
			w := p.Type + " " + p.Name
			if len(p.Aliases) > 0 {
				w += "|" + strings.Join(p.Aliases, "|")
			}
			if p.Optional {
				w += "?"
			}
			words = append(words, w)
		}
		return strings.Join(words, ", ")
	}
	if got, want := describe(op.In()), "string sessionKey, bool flag|pflag?, int number, int[] numbers, AskStruct ask, AskStruct[] asks, base64Binary data, string text"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := describe(op.Out()), "string errorCode, int count, int long, int[] ids, bool[] flags, RowStruct row, RowStruct[] rows, RowStruct[][] table, int number, int[] numbers, base64Binary data, string text"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := describe(op.Plain().Out()), "int count"; !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s first", got, want)
	}
	if op.Name() != "everything" || op.Doc() != "Takes and answers every type." {
		t.Errorf("got %q, %q", op.Name(), op.Doc())
	}
}

// panics tells whether f does.
func panics(f func()) (message any) {
	defer func() { message = recover() }()
	f()
	return nil
}

type recursive struct {
	Inner []recursive `soap:"inner"`
}

// TestDeclaration holds that a wrong declaration stops the program at start.
func TestDeclaration(t *testing.T) {
	declare := func(f func() soap.Op) func() { return func() { f() } }
	port := func(change func(*soap.Port)) func() {
		return func() {
			p := widePort()
			change(p)
			soap.NewHandler(soap.Options{Ports: []*soap.Port{p}})
		}
	}
	for name, f := range map[string]func(){
		"no tag": declare(method[struct{ A string }, nothing]),
		"not exported": declare(method[struct {
			a string `soap:"a"`
		}, nothing]),
		"no name": declare(method[struct {
			A string `soap:""`
		}, nothing]),
		"name with a blank": declare(method[struct {
			A string `soap:"a b"`
		}, nothing]),
		"unknown option": declare(method[struct {
			A string `soap:"a,omitempty"`
		}, nothing]),
		"name twice": declare(method[struct {
			A string `soap:"a"`
			B string `soap:"A"`
		}, nothing]),
		"int in a request": declare(method[struct {
			A int `soap:"a"`
		}, nothing]),
		"map": declare(method[struct {
			A map[string]string `soap:"a"`
		}, nothing]),
		"pointer": declare(method[struct {
			A *string `soap:"a"`
		}, nothing]),
		"bool as int": declare(method[struct {
			A bool `soap:"a,int"`
		}, nothing]),
		"not a struct": declare(method[string, nothing]),
		"stream in": declare(method[struct {
			A soap.Stream `soap:"a"`
		}, nothing]),
		"blob out": declare(method[nothing, struct {
			A *soap.Blob `soap:"a"`
		}]),
		"blobs in an array": declare(method[struct {
			A []*soap.Blob `soap:"a"`
		}, nothing]),
		"hidden in a struct out": declare(method[nothing, struct {
			A hiding `soap:"a"`
		}]),
		"recursive": declare(method[struct {
			A recursive `soap:"a"`
		}, nothing]),
		"struct without a name": declare(method[struct {
			A struct {
				B string `soap:"b"`
			} `soap:"a"`
		}, nothing]),
		"no Code":         port(func(p *soap.Port) { p.Code = nil }),
		"no Namespace":    port(func(p *soap.Port) { p.Namespace = "" }),
		"operation twice": port(func(p *soap.Port) { p.Ops = append(p.Ops, p.Ops[0]) }),
		"alias taken":     port(func(p *soap.Port) { p.Ops[1] = p.Ops[1].Alias("EVERYTHING") }),
	} {
		if panics(f) == nil {
			t.Errorf("%s: got no panic", name)
		}
	}
	if m := panics(port(func(*soap.Port) {})); m != nil {
		t.Errorf("got panic %v of a good port", m)
	}
}

type hiding struct {
	A string `soap:"a,hidden"`
}

func method[I, O any]() soap.Op {
	return soap.Method("op", "", func(context.Context, *I) (o O, err error) { return o, nil })
}

// TestToolkits makes proxies from the golden WSDLs with the toolkits that are
// installed.
func TestToolkits(t *testing.T) {
	for _, c := range []struct {
		tool string
		args []string
	}{
		{"xmllint", []string{"--noout", "FILE"}},
		{"wsdl", []string{"-nologo", "-out:DIR/proxy.cs", "FILE"}},
		{"wsdl2h", []string{"-o", "DIR/proxy.h", "FILE"}},
		{"php", []string{"-r", `foreach ((new SoapClient($argv[1], ["cache_wsdl" => 0]))->__getFunctions() as $f) echo $f, "\n";`, "FILE"}},
	} {
		if _, err := exec.LookPath(c.tool); err != nil {
			t.Logf("%s is not installed: not tried", c.tool)
			continue
		}
		files, err := filepath.Glob("testdata/wsdl/*.golden.wsdl")
		if err != nil || len(files) != 4 {
			t.Fatalf("got %v (%v), want 4 golden WSDLs", files, err)
		}
		for _, file := range files {
			dir := t.TempDir()
			args := make([]string, len(c.args))
			for i, a := range c.args {
				args[i] = strings.ReplaceAll(strings.ReplaceAll(a, "FILE", file), "DIR", dir)
			}
			if out, err := exec.Command(c.tool, args...).CombinedOutput(); err != nil {
				t.Errorf("%s %s: %v\n%s", c.tool, file, err, out)
			}
		}
	}
}

func adopt(t *testing.T, name string) *soap.Adopted {
	t.Helper()
	f, err := os.Open("testdata/wsdl/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	a, err := soap.ParseWSDL(f)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return a
}
