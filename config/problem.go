package config

import "strings"

// Problem is one setting that cannot be used. Its text says where the value
// stands, what it is, what is wrong with it and what is allowed.
type Problem struct {
	Key    string
	Value  string // as it was written; "" when it was missing or is secret
	Source Source
	Wrong  string // what is wrong, without a full stop
	Want   string // what is allowed, "" when Wrong says it all
}

func (p *Problem) Error() string {
	var b strings.Builder
	if p.Source.Kind != "" && p.Source.Kind != FromDefault {
		b.WriteString(p.Source.String() + ": ")
	}
	b.WriteString(p.Key)
	if p.Value != "" {
		b.WriteString(" = " + quote(p.Value))
	}
	b.WriteString(": " + p.Wrong)
	if p.Want != "" {
		b.WriteString("; want " + p.Want)
	}
	return b.String()
}
