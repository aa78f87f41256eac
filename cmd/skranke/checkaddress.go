package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"skranke/server"
)

// askTime is how long whoever answers at public_url, or a collector of traces,
// may take.
const askTime = 5 * time.Second

func checkPublicURL(ctx context.Context, p *patient) finding {
	switch {
	case p.conf.PublicURL != "":
		return askPublicURL(ctx, p.conf.PublicURL+p.conf.PathPrefix+"/soap/customer")
	case len(p.conf.TrustedProxies) > 0:
		return doubts("public_url is empty: WSDLs name the host each request asks for, which proxies may change. Set public_url to the address clients use")
	}
	return good("empty: WSDLs name the host each request asks for")
}

// askPublicURL fetches the WSDL that clients would.
func askPublicURL(ctx context.Context, address string) finding {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fails("%v: set public_url to the address clients use", err)
	}
	transport := &http.Transport{Proxy: nil} // the way of clients in this network, and no redirect is followed
	defer transport.CloseIdleConnections()
	res, err := transport.RoundTrip(r)
	if err != nil {
		return judgeSilence(address, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 4<<20))
	if err != nil {
		return judgeSilence(address, err)
	}
	return judgeAnswer(address, res, body)
}

// judgeSilence says what it means that nobody answers. This machine may be the
// only one: the way out and back in is closed to many.
func judgeSilence(address string, err error) finding {
	var unknown x509.UnknownAuthorityError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &unknown):
		return doubts("%s has a certificate this machine does not trust: see that clients do, or let the proxy send the whole chain", address)
	case errors.As(err, &certificate):
		return fails("%s: %v: give the proxy a certificate for this name that has not run out, or set public_url to the name it has", address, certificate.Err)
	}
	return doubts("no answer at %s from this machine (%v): see that the server and the proxy before it run, and that public_url is right; if clients reach it and only this machine does not, all is well", address, err)
}

// judgeAnswer says whether it is ours, and names the address it came from.
func judgeAnswer(address string, res *http.Response, body []byte) finding {
	switch {
	case res.StatusCode >= 300 && res.StatusCode < 400:
		return fails("%s sends elsewhere, to %q, where few SOAP clients follow: set public_url to the address that answers by itself", address, short(res.Header.Get("Location")))
	case res.StatusCode == http.StatusForbidden && bytes.Contains(body, []byte("address not permitted")):
		return good("%s answers, but not to this machine: see \"skranke range list\" if it should", address)
	case res.StatusCode == http.StatusBadGateway, res.StatusCode == http.StatusServiceUnavailable, res.StatusCode == http.StatusGatewayTimeout:
		return fails("%s answers %s: the proxy does not reach the server; start it, or let the proxy pass calls on to the address in listen", address, res.Status)
	case res.StatusCode == http.StatusNotFound:
		return fails("%s answers %s: let the proxy pass paths on as they are, or set path_prefix to what it leaves of them", address, res.Status)
	case res.StatusCode != http.StatusOK:
		return fails("%s answers %s: let the proxy pass everybody on to the server, which asks for no log-in there, or correct public_url", address, res.Status)
	}
	var wsdl struct {
		XMLName  xml.Name `xml:"http://schemas.xmlsoap.org/wsdl/ definitions"`
		Services []struct {
			Ports []struct {
				Address struct {
					Location string `xml:"location,attr"`
				} `xml:"address"`
			} `xml:"port"`
		} `xml:"service"`
	}
	if err := xml.Unmarshal(body, &wsdl); err != nil || len(wsdl.Services) != 1 || len(wsdl.Services[0].Ports) == 0 {
		return fails("what answers at %s is no skranke: correct public_url, or let the proxy pass paths below %s on to the address in listen", address, strings.TrimSuffix(address, "customer"))
	}
	if said := wsdl.Services[0].Ports[0].Address.Location; said != address {
		return fails("the WSDL at %s names %q instead: the running server has other settings; restart it, and see \"skranke config show\" with its own", address, short(said))
	}
	return good("%s answers, and its WSDL says the same", address)
}

// short is a foreign text as it may stand in a finding.
func short(text string) string {
	if len(text) > 200 {
		text = text[:200]
	}
	return strings.ToValidUTF8(text, "?")
}

func checkTraces(ctx context.Context, p *patient) finding {
	collector := server.Traces(p.conf.Config, versionNumber(), nil)
	if collector == nil {
		return good("none are sent")
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	url := p.conf.TracesURL()
	if err := collector.Try(ctx); err != nil {
		return fails("%s: %v: see that the collector runs and takes OTLP by HTTP there, otlp_endpoint and otlp_headers", url, err)
	}
	return good("%s takes them", url)
}
