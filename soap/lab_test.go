package soap_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"skranke/soap"
)

var update = flag.Bool("update", false, "rewrite golden files")

const labSpace = "http://lab.invalid/soap/customer"

// The lab port has the operations of testdata/wsdl/lab-*.wsdl.

type (
	ResultStruct struct {
		Field string `soap:"field"`
		Value string `soap:"value"`
		Type  string `soap:"type"`
	}
	CriteriaStruct struct {
		Field string `soap:"field"`
		Op    string `soap:"op"`
		Value string `soap:"value"`
	}
	FaqLinkStruct struct {
		Name string `soap:"name"`
		URL  string `soap:"url"`
	}
	FaqParentStruct struct {
		ID   string `soap:"id"`
		Name string `soap:"name"`
	}

	session struct {
		SessionKey string `soap:"sessionKey"`
	}
	nothing struct{}

	loginIn struct {
		Username string `soap:"username"`
		Password string `soap:"password"`
	}
	loginOut struct {
		SessionKey string `soap:"sessionKey"`
	}
	getTicketIn struct {
		session
		TicketID     string   `soap:"ticketId,alias=id"`
		TicketFields []string `soap:"ticketFields"`
	}
	getTicketOut struct {
		TicketResult []ResultStruct `soap:"ticketResult"`
		MessageIDs   []string       `soap:"messageIds"`
	}
	findTicketsIn struct {
		session
		SearchCriteria []CriteriaStruct `soap:"searchCriteria"`
		SearchFields   []string         `soap:"searchFields"`
	}
	findTicketsOut struct {
		SearchResult [][]ResultStruct `soap:"searchResult"`
	}
	getErrorMessageOut struct {
		ErrorMessage string `soap:"errorMessage"`
	}
	addAttachmentIn struct {
		session
		AttachmentName string     `soap:"attachmentName"`
		ContentType    string     `soap:"contentType"`
		Data           *soap.Blob `soap:"data"`
	}
	addAttachmentOut struct {
		AttachmentID string `soap:"attachmentId"`
	}
	getAttachmentIn struct {
		session
		AttachmentID string `soap:"attachmentId"`
	}
	getAttachmentOut struct {
		AttachmentName string      `soap:"attachmentName"`
		ContentType    string      `soap:"contentType"`
		Data           soap.Stream `soap:"data"`
	}
	faqGetEntryIn struct {
		session
		EntryID string `soap:"entryId"`
	}
	faqGetEntryOut struct {
		Title         string            `soap:"title"`
		Question      string            `soap:"question"`
		Answer        string            `soap:"answer"`
		Links         []FaqLinkStruct   `soap:"links"`
		AttachmentIDs []string          `soap:"attachmentIds"`
		HasHTML       bool              `soap:"hasHtml"`
		Score         string            `soap:"score"`
		FaqParents    []FaqParentStruct `soap:"faqParents"`
	}
)

// blobContent is what became of a Blob by the time the method saw it.
type blobContent struct {
	Data []byte
	Err  error
}

// lab is a port that remembers the last call.
type lab struct {
	mu   sync.Mutex
	last any
	blob *blobContent
	err  error // what the methods return
}

func (l *lab) note(in any) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = in
	return l.err
}

func (l *lab) take() (any, *blobContent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	in, blob := l.last, l.blob
	l.last, l.blob = nil, nil
	return in, blob
}

// labData is the attachment that the captured requests carry: 1000 bytes, all values.
func labData() []byte {
	data := make([]byte, 1000)
	for i := range data {
		data[i] = byte(i * 7)
	}
	return data
}

const awkward = "<b>blåbær & \"syltetøy\"</b>\r\n\tæøå 漢字 😀"

func (l *lab) port() *soap.Port {
	return &soap.Port{
		Name: "customer", Service: "customerService", Namespace: labSpace,
		Code: func(_ context.Context, _ string, err error) (string, *soap.Fault) {
			var code codeError
			switch {
			case err == nil:
				return "0", nil
			case errors.As(err, &code):
				return string(code), nil
			}
			return "7", nil
		},
		Ops: []soap.Op{
			soap.Method("login", "Opens a session.", func(_ context.Context, in *loginIn) (loginOut, error) {
				if err := l.note(*in); err != nil {
					return loginOut{}, err
				}
				if in.Password == "wrong" {
					return loginOut{}, codeError("1")
				}
				return loginOut{"sesjon-Æ&1"}, nil
			}),
			soap.Method("getTicket", "Reads a ticket.", func(_ context.Context, in *getTicketIn) (getTicketOut, error) {
				if err := l.note(*in); err != nil {
					return getTicketOut{}, err
				}
				out := getTicketOut{MessageIDs: []string{"7", "8"}}
				for _, f := range in.TicketFields {
					out.TicketResult = append(out.TicketResult, ResultStruct{f, awkward, "TypeVarchar"})
				}
				return out, nil
			}),
			soap.Method("findTickets", "Searches.", func(_ context.Context, in *findTicketsIn) (findTicketsOut, error) {
				if err := l.note(*in); err != nil {
					return findTicketsOut{}, err
				}
				return findTicketsOut{[][]ResultStruct{
					{{"ticket.id", "1", "TypeInteger"}, {"ticket.title", "æ", "TypeVarchar"}},
					{},
					{{"ticket.id", "3", "TypeInteger"}},
				}}, nil
			}),
			soap.Method("getErrorMessage", "Tells the last error.", func(_ context.Context, in *session) (getErrorMessageOut, error) {
				return getErrorMessageOut{"no error"}, l.note(*in)
			}).Plain(),
			soap.Method("addAttachment", "Stores a file.", func(_ context.Context, in *addAttachmentIn) (addAttachmentOut, error) {
				content := &blobContent{Err: in.Data.Err()}
				r, err := in.Data.Open()
				if err != nil {
					return addAttachmentOut{}, err
				}
				defer r.Close()
				if content.Data, err = io.ReadAll(r); err != nil {
					return addAttachmentOut{}, err
				}
				if int64(len(content.Data)) != in.Data.Size() {
					return addAttachmentOut{}, errors.New("Size disagrees with Open")
				}
				l.mu.Lock()
				l.blob = content
				l.mu.Unlock()
				noted := *in
				noted.Data = nil
				return addAttachmentOut{"55"}, l.note(noted)
			}),
			soap.Method("getAttachment", "Reads a file.", func(_ context.Context, in *getAttachmentIn) (getAttachmentOut, error) {
				if err := l.note(*in); err != nil {
					return getAttachmentOut{}, err
				}
				data := labData()
				if in.AttachmentID == "large" {
					data = bytes.Repeat(data, 1000)
				}
				return getAttachmentOut{"blåbær.bin", "application/octet-stream", soap.Stream{
					Open: func() (io.ReadCloser, error) {
						if in.AttachmentID == "gone" {
							return nil, codeError("27")
						}
						return io.NopCloser(bytes.NewReader(data)), nil
					},
					Size: int64(len(data)),
				}}, nil
			}),
			soap.Method("faq_getEntry", "Reads an entry.", func(_ context.Context, in *faqGetEntryIn) (faqGetEntryOut, error) {
				if err := l.note(*in); err != nil {
					return faqGetEntryOut{}, err
				}
				return faqGetEntryOut{Title: "T", Question: "Q", Answer: awkward, HasHTML: true, Score: "50",
					Links: []FaqLinkStruct{{"n", "http://x.invalid/?a=1&b=2"}}, FaqParents: []FaqParentStruct{{"1", "Foo"}}}, nil
			}),
			soap.Method("logout", "Ends a session.", func(_ context.Context, in *session) (nothing, error) {
				return nothing{}, l.note(*in)
			}),
		},
	}
}

type codeError string

func (c codeError) Error() string { return "code " + string(c) }

// serve starts a server for o, whose port, if there is none, is a lab's.
func serve(t *testing.T, o soap.Options) (*lab, *httptest.Server) {
	t.Helper()
	l := &lab{}
	if o.Ports == nil {
		o.Ports = []*soap.Port{l.port()}
	}
	if o.SpoolDir == "" {
		o.SpoolDir = t.TempDir()
	}
	s := httptest.NewServer(soap.NewHandler(o))
	t.Cleanup(s.Close)
	return l, s
}

// reply is a response, read.
type reply struct {
	status int
	header http.Header
	body   string
}

// send makes a request with headers "Name: value".
func send(t *testing.T, method, url, body string, headers ...string) reply {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body == "" {
		req.Body = http.NoBody
	}
	req.Header.Set("Content-Type", "text/xml; charset=utf-8")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			req.Host = value
			continue
		}
		req.Header.Set(name, value)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header, string(text)}
}

// envelope wraps the content of a Body.
func envelope(body string) string {
	return `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"` +
		` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"` +
		` xmlns:n="` + labSpace + `"><s:Body>` + body + `</s:Body></s:Envelope>`
}
