package soap

// Adopted is a WSDL that an operator saved from another server.
type Adopted struct{}

func (a *Adopted) append(b []byte, address string) []byte { return b }
