package watch

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"skranke"
	"skranke/soap"
)

// What OTLP calls these things, by number.
const (
	kindServer  = 2
	kindClient  = 3
	statusError = 2

	flagSampled       = 0x001
	flagRemoteIsKnown = 0x100
	flagRemote        = 0x200 // the parent is somebody else's
)

// tail ends what appendHead begins: a request, without its spans.
const tail = `]}]}]}`

// appendHead writes an ExportTraceServiceRequest up to its first span.
func appendHead(b []byte, o *SpanOptions) []byte {
	b = append(b, `{"resourceSpans":[{"resource":{"attributes":[`...)
	for _, key := range slices.Sorted(maps.Keys(o.Resource)) {
		b = appendText(b, key, o.Resource[key])
	}
	b = append(b, `]},"scopeSpans":[{"scope":{"name":"skranke","version":`...)
	b = appendJSON(b, o.Version)
	return append(b, `},"spans":[`...)
}

// appendEvent writes the span of a call or a mail.
func appendEvent(b []byte, e *event) []byte {
	b = appendComma(b)
	if e.mail != nil {
		return appendMail(b, e.call.Trace, e.mail)
	}
	return appendCall(b, &e.call)
}

// appendCall writes the span of a call: of its method and how it ended, and of
// nobody's data. Attributes are those of the conventions for RPC; the older names
// of the system and the service are there as well, for who still looks for them.
func appendCall(b []byte, o *soap.Observation) []byte {
	name, method := o.Port+"/"+o.Op, o.Port+"/"+o.Op
	if o.Op == "" {
		name, method = o.Port+"/"+unknownMethod, "_OTHER"
	}
	b = appendStart(b, o.Trace, o.Parent, name, kindServer, o.Start, o.Duration)
	b = appendText(b, "rpc.system.name", "soap")
	b = appendText(b, "rpc.system", "soap")
	b = appendText(b, "rpc.service", o.Port)
	b = appendText(b, "rpc.method", method)
	if !o.Fault {
		b = appendText(b, "rpc.status_code", o.Code)
	}
	b = appendText(b, "skranke.request_id", o.RequestID)
	if o.Refused != "" {
		b = appendText(b, "skranke.refused", o.Refused)
	}
	b = appendNumber(b, "http.request.body.size", o.BytesIn)
	b = appendNumber(b, "http.response.body.size", o.BytesOut)
	return appendEnd(b, failureOf(o))
}

// failureOf is the word for a call that failed, "" for one that was answered. A
// refusal is an answer; code 7 says that something went wrong here.
func failureOf(o *soap.Observation) string {
	switch {
	case o.Fault:
		return "fault"
	case o.Code == internalError:
		return o.Code
	}
	return ""
}

var internalError = skranke.CodeCustomError.String()

// appendMail writes the span of a mail.
func appendMail(b []byte, trace string, m *Mail) []byte {
	b = appendStart(b, trace, "", "mail/send", kindClient, m.Start, m.Duration)
	b = appendNumber(b, "skranke.mail", m.ID)
	return appendEnd(b, m.Failure)
}

// appendStart writes a span up to its first attribute.
func appendStart(b []byte, trace, parent, name string, kind int64, start time.Time, took time.Duration) []byte {
	b = append(b, `{"traceId":"`...)
	b = append(b, trace...)
	b = append(b, `","spanId":"`...)
	b = append(b, newID()...)
	flags := int64(flagSampled | flagRemoteIsKnown)
	if parent != "" {
		b = append(b, `","parentSpanId":"`...)
		b = append(b, parent...)
		flags |= flagRemote
	}
	b = append(b, `","flags":`...)
	b = strconv.AppendInt(b, flags, 10)
	b = append(b, `,"name":`...)
	b = appendJSON(b, name)
	b = append(b, `,"kind":`...)
	b = strconv.AppendInt(b, kind, 10)
	b = append(b, `,"startTimeUnixNano":"`...)
	b = strconv.AppendInt(b, start.UnixNano(), 10)
	b = append(b, `","endTimeUnixNano":"`...)
	b = strconv.AppendInt(b, start.UnixNano()+max(0, took.Nanoseconds()), 10)
	return append(b, `","attributes":[`...)
}

// appendEnd ends a span; failure is the word for what went wrong, if anything did.
func appendEnd(b []byte, failure string) []byte {
	if failure == "" {
		return append(b, `]}`...)
	}
	b = appendText(b, "error.type", failure)
	b = append(b, `],"status":{"code":`...)
	b = strconv.AppendInt(b, statusError, 10)
	return append(b, `}}`...)
}

// appendText writes an attribute.
func appendText(b []byte, key, value string) []byte {
	b = append(appendComma(b), `{"key":`...)
	b = appendJSON(b, key)
	b = append(b, `,"value":{"stringValue":`...)
	b = appendJSON(b, value)
	return append(b, `}}`...)
}

// appendNumber writes a further attribute; 64-bit numbers stand in quotes.
func appendNumber(b []byte, key string, n int64) []byte {
	b = append(appendComma(b), `{"key":`...)
	b = appendJSON(b, key)
	b = append(b, `,"value":{"intValue":"`...)
	b = strconv.AppendInt(b, n, 10)
	return append(b, `"}}`...)
}

// appendComma separates what follows from what stands before it in the list.
func appendComma(b []byte) []byte {
	if b[len(b)-1] == '[' {
		return b
	}
	return append(b, ',')
}

// appendJSON writes a text in quotes.
func appendJSON(b []byte, text string) []byte {
	for _, c := range []byte(text) {
		if c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			quoted, err := json.Marshal(text)
			if err != nil {
				return append(b, `""`...) // a text can always be written
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, text...)
	return append(b, '"')
}
