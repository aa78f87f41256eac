package ports

import (
	"context"

	"skranke"
	"skranke/desk"
	"skranke/soap"
)

// personOps are the methods of the customer port about the customer himself and
// the language he is served in.
func (p *Ports) personOps() []soap.Op {
	return []soap.Op{
		soap.Method("newCustomer", "Registers a customer with user name and password.", p.registerCustomer),
		asCustomer(p, "getCustomer", "Returns chosen fields and the e-mail addresses of the customer.", p.customerGetCustomer),
		asCustomer(p, "setCustomer", "Changes values of the customer, all of them or none.", p.customerSetCustomer),
		asCustomer(p, "getCompany", "Returns chosen fields of the customer's company.", p.customerGetCompany),
		soap.Method("getLanguages", "Lists the languages of customers.", p.getLanguages),
		asAnyone(p, "getCustLangCategories", "Lists the categories of the caller's language.", p.getCustLangCategories),
	}
}

type newCustomerIn struct {
	UserName string `soap:"userName"`
	Password string `soap:"password"`
}

// Spec: customer/newCustomer
func (p *Ports) registerCustomer(ctx context.Context, in *newCustomerIn) (struct{}, error) {
	return struct{}{}, p.desk.Register(ctx, credentials(ctx, in.UserName, in.Password))
}

type customerGetCustomerIn struct {
	Session
	CustomerFields []string `soap:"customerFields"`
}

type getCustomerOut struct {
	CustomerResult []ResultStruct `soap:"customerResult"`
	CustomerEmail  []string       `soap:"customerEmail"`
}

// Spec: customer/getCustomer
func (p *Ports) customerGetCustomer(ctx context.Context, a desk.Actor, in *customerGetCustomerIn) (getCustomerOut, error) {
	view, err := p.desk.Customer(ctx, a, a.Customer, in.CustomerFields)
	if err != nil {
		return getCustomerOut{}, err
	}
	return getCustomerOut{p.results(view.Fields), view.Emails}, nil
}

type customerSetCustomerIn struct {
	Session
	CustomerValues []ValuePairStruct `soap:"customerValues"`
}

// Spec: customer/setCustomer
func (p *Ports) customerSetCustomer(ctx context.Context, a desk.Actor, in *customerSetCustomerIn) (struct{}, error) {
	return struct{}{}, p.desk.ChangeOwnValues(ctx, a, pairs(in.CustomerValues))
}

type customerGetCompanyIn struct {
	Session
	CompanyFields []string `soap:"companyFields,alias=customerFields"`
}

type getCompanyOut struct {
	CompanyResult []ResultStruct `soap:"companyResult"`
}

// Spec: customer/getCompany
func (p *Ports) customerGetCompany(ctx context.Context, a desk.Actor, in *customerGetCompanyIn) (getCompanyOut, error) {
	fields, err := p.desk.CompanyOf(ctx, a, in.CompanyFields)
	if err != nil {
		return getCompanyOut{}, err
	}
	return getCompanyOut{p.results(fields)}, nil
}

// LanguagesStruct describes a language of customers.
type LanguagesStruct struct {
	LanguageCode  string `soap:"languageCode"`
	LanguageName  string `soap:"languageName"`
	VirtualDomain string `soap:"virtualDomain"`
}

type getLanguagesOut struct {
	LanguageEntries []LanguagesStruct `soap:"languageEntries"`
}

// Spec: customer/getLanguages
func (p *Ports) getLanguages(ctx context.Context, _ *struct{}) (getLanguagesOut, error) {
	list, err := p.desk.Languages(ctx)
	entries := make([]LanguagesStruct, len(list))
	for i, l := range list {
		entries[i] = LanguagesStruct{l.Code, l.Name, l.VirtualDomain}
	}
	return getLanguagesOut{entries}, err
}

// Spec: customer/getCustLangCategories
func (p *Ports) getCustLangCategories(ctx context.Context, a desk.Actor, _ *Session) (customerGetCategoriesOut, error) {
	list, err := p.desk.LanguageCategories(ctx, a)
	out := make([]CategoryStruct, len(list))
	for i, c := range list {
		out[i] = CategoryStruct{number(skranke.CategoryID(c.ID)), number(c.Real), c.Name, number(skranke.CategoryID(c.Parent))}
	}
	return customerGetCategoriesOut{out}, err
}
