package desk

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"skranke"
	"skranke/store/storetest"
)

// Whatever a script hands over, it gets an answer or a refusal, and never what
// is for the log.
func FuzzScriptHost(f *testing.F) {
	for name := range answers {
		for _, argument := range []string{`{}`, `null`, `[]`, `{"id":1}`, `{"id":-1,"fields":["ticket.title","x_1"]}`, `{"ticket":1,"to":["a@b.example"],"body":"\u0000"}`,
			`{"id":1,"values":{"firstname":"x","x_9":"1"}}`, `{"criteria":[{"field":"customer.id","op":"OperatorIn","value":"1-"}],"max":-3}`, `{"customers":[1,1,0]}`,
			`{"id":1,"values":{"ticket.customerId":[-1,1,"x",null,true],"owner":-1}}`, `{"table":1,"columns":[-1,"x_1"],"criteria":[{"column":1,"op":"OperatorIn","value":[],"join":"xor"}],"max":-1}`,
			`{"table":"y_part","id":-1,"values":{"x_1":[1,2.5e300]}}`, `{"user":1,"ticket":-1,"message":"\u2028"}`, `{"name":"a@b.example"}`, `{"template":-5,"attachments":[0,-1],"ticket":1}`, `{"id":1e99}`, `{`} {
			f.Add(name, argument)
		}
	}
	f.Add("nothing.known", `{}`)
	ctx := context.Background()
	d, err := New(ctx, storetest.Open(f), Options{PasswordCost: PasswordCost{MemoryKiB: 64, Passes: 1}})
	if err != nil {
		f.Fatal(err)
	}
	if err := d.Seed(ctx); err != nil {
		f.Fatal(err)
	}
	if err := d.AddCustomer(ctx, &skranke.Customer{FirstName: "Kari"}, ""); err != nil {
		f.Fatal(err)
	}
	if err := d.AddExtraTable(ctx, &skranke.ExtraTable{TableName: "y_part", Label: "Part"}); err != nil {
		f.Fatal(err)
	}
	if err := d.AddExtraField(ctx, &skranke.ExtraField{Domain: skranke.DomainTable, Table: 1, Kind: skranke.ExtraCustomer, FieldName: "x_who", Label: "Who"}); err != nil {
		f.Fatal(err)
	}
	host := scriptHost{d, Actor{User: skranke.SystemUser, Auth: skranke.SystemUser}}
	f.Fuzz(func(t *testing.T, name, argument string) {
		result, err := host.ask(ctx, name, []byte(argument))
		if err == nil {
			if _, err := json.Marshal(result); err != nil {
				t.Errorf("the answer is no JSON: %v", err)
			}
			return
		}
		var refusal *skranke.Error
		if !errors.As(err, &refusal) {
			t.Errorf("%s(%s) went wrong inside: %v", name, argument, err)
		}
	})
}
