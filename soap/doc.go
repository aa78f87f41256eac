// Package soap is a SOAP 1.1 and 1.2 server engine for ports declared in Go.
//
// A port is a list of operations, each made by [Method] from a Go function and
// the two structs it takes and answers. The same declaration drives the reader
// of requests, the writer of answers and the WSDL, so they cannot disagree.
// [NewHandler] serves ports over HTTP; it answers every call in the style
// (RPC/encoded or document/literal), SOAP version and namespace of the call.
//
// Reading is liberal about everything that real toolkits do differently (names,
// order, prefixes, references, charsets, encodings of the body) and strict about
// everything that could hurt the server (document types, sizes, depths, counts).
//
// The package knows nothing of what its ports do. Start reading in op.go for the
// declaration, http.go for the way of a call.
package soap
