// Package e2e runs the real server, with its demo data, against SOAP toolkits
// of other people: Mono, gSOAP, PHP, zeep, SOAP::Lite and node-soap, each with
// proxies made from both WSDLs of a port.
//
// The checks are written once: those of the customer port begin in
// customer_test.go, those of the ticket port in ticket_test.go, those of the
// admin port in admin_test.go. A client under clients/ is only a voice: it makes
// a call through its toolkit when it is told to and says what its toolkit
// understood (clients/README.md). What the demo data holds stands in
// demo_test.go.
//
// A test whose toolkit is not installed is skipped, and fails instead when
// SKRANKE_REQUIRE_TOOLKITS is 1. "make interop" installs them all.
package e2e
