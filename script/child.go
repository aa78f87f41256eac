package script

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/dop251/goja"
)

// childMark is the environment variable that makes a process a child.
const childMark = "SKRANKE_SCRIPT"

// Child runs a script and ends the process, if that is what the process was
// started for; else it does nothing.
func Child() {
	if os.Getenv(childMark) == "" {
		return
	}
	if err := serve(os.Stdin, os.Stdout, limit); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serve runs the script that in brings first. limit is called before anything
// of the script is looked at.
func serve(in io.Reader, out io.Writer, limit func(seconds int) error) error {
	c := &child{in: newLines(in), out: json.NewEncoder(out), vm: goja.New()}
	c.out.SetEscapeHTML(false)
	var first message
	if err := c.in.next(&first); err != nil {
		return err
	}
	if err := limit(first.Seconds); err != nil {
		return fmt.Errorf("setting limits: %w", err)
	}
	c.variables = first.Variables
	if c.variables == nil {
		c.variables = map[string]string{}
	}
	c.user = first.User
	c.vm.SetMaxCallStackSize(1000)
	var ok bool
	if c.fromJSON, ok = goja.AssertFunction(c.vm.Get("JSON").ToObject(c.vm).Get("parse")); !ok {
		return errors.New("the engine has no JSON.parse")
	}
	if err := c.define(); err != nil {
		return err
	}
	end := message{End: true}
	if _, err := c.vm.RunScript("script", first.Source); err != nil && !c.exited {
		end.Error = describe(err)
	}
	c.flush()
	return c.out.Encode(end)
}

// describe is an error of a script, with the place where it was thrown.
func describe(err error) string {
	const most = 4000
	text := err.Error()
	var thrown *goja.Exception
	if errors.As(err, &thrown) {
		text = thrown.String()
	}
	return text[:min(len(text), most)]
}

// child is a script and its way to the process that started it.
type child struct {
	in        lines
	out       *json.Encoder
	vm        *goja.Runtime
	variables map[string]string
	user      json.RawMessage
	fromJSON  goja.Callable // JSON.parse, as it was before the script began
	printed   bytes.Buffer
	exited    bool
}

// flushSize is how much is gathered before it is sent.
const flushSize = 32 << 10

func (c *child) print(text string) {
	for len(text) > 0 {
		part := text[:min(len(text), 1<<20)]
		text = text[len(part):]
		c.printed.WriteString(part)
		if c.printed.Len() >= flushSize {
			c.flush()
		}
	}
}

func (c *child) flush() {
	if c.printed.Len() > 0 {
		c.send(message{Print: c.printed.String()})
		c.printed.Reset()
	}
}

// send sends a message; if nobody listens any more, the process has no purpose.
func (c *child) send(m message) {
	if err := c.out.Encode(m); err != nil {
		os.Exit(1)
	}
}

// ask asks the other process and throws what it refuses.
func (c *child) ask(name string, argument goja.Value) goja.Value {
	c.flush()
	if argument == nil || goja.IsUndefined(argument) {
		argument = c.vm.NewObject()
	}
	raw, err := json.Marshal(argument)
	if err != nil {
		panic(c.vm.NewTypeError("the argument of %s cannot be handed over: %s", name, err.Error()))
	}
	c.send(message{Call: name, Arg: raw})
	var answer message
	if err := c.in.next(&answer); err != nil {
		os.Exit(1)
	}
	if answer.Error != "" {
		panic(c.vm.NewGoError(errors.New(answer.Error)))
	}
	return c.parse(answer.Result)
}

// parse makes a value of JSON: an object of the script's own, with its members
// in their order.
func (c *child) parse(raw json.RawMessage) goja.Value {
	if len(raw) == 0 {
		return goja.Undefined()
	}
	v, err := c.fromJSON(goja.Undefined(), c.vm.ToValue(string(raw)))
	if err != nil {
		panic(c.vm.NewGoError(err))
	}
	return v
}

// Calls are the functions of objects that ask the help desk, each of one argument.
var Calls = map[string][]string{
	"ticket":   {"get", "find", "create", "set", "close", "addMessage"},
	"message":  {"get", "set"},
	"mail":     {"send"},
	"customer": {"get", "find", "create", "set"},
	"company":  {"get", "find", "create", "set"},
	"user":     {"find", "notify"},
	"table":    {"query", "insert", "update", "delete"},
}

// define makes the functions a script may call.
//
// Spec: ticket/executeScript.2, ticket/executeScript.3, ticket/executeScript.4
func (c *child) define() error {
	text := func(call goja.FunctionCall) string {
		if len(call.Arguments) == 0 {
			return ""
		}
		return call.Arguments[0].String()
	}
	nothing := goja.Undefined()
	functions := map[string]func(goja.FunctionCall) goja.Value{
		"getVariable": func(call goja.FunctionCall) goja.Value { return c.vm.ToValue(c.variables[text(call)]) },
		"getVariables": func(goja.FunctionCall) goja.Value {
			all := c.vm.NewObject()
			for name, value := range c.variables {
				if err := all.Set(name, value); err != nil {
					panic(c.vm.NewGoError(err))
				}
			}
			return all
		},
		"setVariable": func(call goja.FunctionCall) goja.Value {
			c.variables[text(call)] = call.Argument(1).String()
			return nothing
		},
		"print": func(call goja.FunctionCall) goja.Value {
			c.print(text(call))
			return nothing
		},
		"printLine": func(call goja.FunctionCall) goja.Value {
			c.print(text(call) + "\n")
			return nothing
		},
		"exitWithMessage": func(call goja.FunctionCall) goja.Value {
			c.print(text(call))
			c.exited = true
			c.vm.Interrupt("exit")
			return nothing
		},
		"log":           c.logs(text),
		"printDebug":    c.logs(text),
		"getActiveUser": func(goja.FunctionCall) goja.Value { return c.parse(c.user) },
	}
	for name, fn := range functions {
		if err := c.vm.Set(name, fn); err != nil {
			return err
		}
	}
	for object, names := range Calls {
		o := c.vm.NewObject()
		for _, name := range names {
			full := object + "." + name
			if err := o.Set(name, func(call goja.FunctionCall) goja.Value { return c.ask(full, call.Argument(0)) }); err != nil {
				return err
			}
		}
		if err := c.vm.Set(object, o); err != nil {
			return err
		}
	}
	return nil
}

func (c *child) logs(text func(goja.FunctionCall) string) func(goja.FunctionCall) goja.Value {
	return func(call goja.FunctionCall) goja.Value {
		line := text(call)
		c.send(message{Log: line[:min(len(line), 4000)]})
		return goja.Undefined()
	}
}
