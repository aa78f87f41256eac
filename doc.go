// Package skranke is the vocabulary of the help desk: tickets, messages,
// customers and companies, the documented error codes, the catalogue of fields
// an API caller may name, and how their values read and print. It does no I/O
// and knows neither SOAP nor SQL. Start with field.go.
package skranke
