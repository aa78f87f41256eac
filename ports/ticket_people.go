package ports

import (
	"context"

	"skranke"
	"skranke/desk"
	"skranke/soap"
)

// contactOps are the methods of the ticket port about customers, companies and
// users.
func (p *Ports) contactOps() []soap.Op {
	return []soap.Op{
		asUser(p, "newCustomer", "Creates an empty customer.", p.userNewCustomer),
		asUser(p, "newCompany", "Creates a company with a name.", p.userNewCompany),
		asUser(p, "getCustomer", "Returns chosen fields and all e-mail addresses of a customer.", p.userGetCustomer),
		asUser(p, "setCustomer", "Changes values of a customer, all of them or none.", p.userSetCustomer),
		asUser(p, "getCompany", "Returns chosen fields of a company.", p.userGetCompany),
		asUser(p, "setCompany", "Changes values of a company, all of them or none.", p.userSetCompany),
		asUser(p, "findCustomers", "Searches customers by fields in dot syntax.", p.findCustomers),
		soap.Method("findCustomerFromEmail", "Returns the user name of the customer who has an e-mail address.", p.findCustomerFromEmail),
		asUser(p, "findCompanies", "Searches companies.", p.findCompanies),
		asUser(p, "findUser", "Returns the id of a user by user name, login name or e-mail address.", p.findUser),
	}
}

type newContactOut struct {
	CustomerID string `soap:"customerId"`
}

// Spec: ticket/newCustomer
func (p *Ports) userNewCustomer(ctx context.Context, a desk.Actor, _ *Session) (newContactOut, error) {
	customer, err := p.desk.NewCustomer(ctx, a)
	if err != nil {
		return newContactOut{}, err
	}
	return newContactOut{number(customer)}, nil
}

type newCompanyIn struct {
	Session
	Name string `soap:"name"`
}

type newCompanyOut struct {
	CompanyID string `soap:"companyId"`
}

// Spec: ticket/newCompany
func (p *Ports) userNewCompany(ctx context.Context, a desk.Actor, in *newCompanyIn) (newCompanyOut, error) {
	company, err := p.desk.NewCompany(ctx, a, in.Name)
	if err != nil {
		return newCompanyOut{}, err
	}
	return newCompanyOut{number(company)}, nil
}

type userGetCustomerIn struct {
	Session
	CustomerID     string   `soap:"customerId"`
	CustomerFields []string `soap:"customerFields"`
}

// Spec: ticket/getCustomer
func (p *Ports) userGetCustomer(ctx context.Context, a desk.Actor, in *userGetCustomerIn) (getCustomerOut, error) {
	view, err := p.desk.Customer(ctx, a, id[skranke.CustomerID](in.CustomerID), in.CustomerFields)
	if err != nil {
		return getCustomerOut{}, err
	}
	return getCustomerOut{p.results(view.Fields), view.Emails}, nil
}

type userSetCustomerIn struct {
	Session
	CustomerID     string            `soap:"customerId"`
	CustomerValues []ValuePairStruct `soap:"customerValues"`
}

// Spec: ticket/setCustomer
func (p *Ports) userSetCustomer(ctx context.Context, a desk.Actor, in *userSetCustomerIn) (struct{}, error) {
	return struct{}{}, p.desk.ChangeCustomer(ctx, a, id[skranke.CustomerID](in.CustomerID), pairs(in.CustomerValues))
}

type userGetCompanyIn struct {
	Session
	CompanyID     string   `soap:"companyId"`
	CompanyFields []string `soap:"companyFields"`
}

// Spec: ticket/getCompany
func (p *Ports) userGetCompany(ctx context.Context, a desk.Actor, in *userGetCompanyIn) (getCompanyOut, error) {
	fields, err := p.desk.Company(ctx, a, id[skranke.CompanyID](in.CompanyID), in.CompanyFields)
	if err != nil {
		return getCompanyOut{}, err
	}
	return getCompanyOut{p.results(fields)}, nil
}

type setCompanyIn struct {
	Session
	CompanyID     string            `soap:"companyId"`
	CompanyValues []ValuePairStruct `soap:"companyValues"`
}

// Spec: ticket/setCompany
func (p *Ports) userSetCompany(ctx context.Context, a desk.Actor, in *setCompanyIn) (struct{}, error) {
	return struct{}{}, p.desk.ChangeCompany(ctx, a, id[skranke.CompanyID](in.CompanyID), pairs(in.CompanyValues))
}

// searchIn is a search of the ticket port. Customers and companies come in a
// fixed order: for them orderBy and ascending are there for nothing.
type searchIn struct {
	Session
	SearchCriteria []CriteriaStruct `soap:"searchCriteria"`
	SearchFields   []string         `soap:"searchFields"`
	MaxRows        string           `soap:"maxRows"`
	OrderBy        string           `soap:"orderBy"`
	Ascending      bool             `soap:"ascending"`
}

// Spec: ticket/findCustomers
func (p *Ports) findCustomers(ctx context.Context, _ desk.Actor, in *searchIn) (findTicketsOut, error) {
	found, err := p.desk.FindCustomers(ctx, criteria(in.SearchCriteria), in.SearchFields, in.MaxRows)
	if err != nil {
		return findTicketsOut{}, err
	}
	return findTicketsOut{p.resultRows(found)}, nil
}

// Spec: ticket/findCompanies
func (p *Ports) findCompanies(ctx context.Context, _ desk.Actor, in *searchIn) (findTicketsOut, error) {
	found, err := p.desk.FindCompanies(ctx, criteria(in.SearchCriteria), in.SearchFields, in.MaxRows)
	if err != nil {
		return findTicketsOut{}, err
	}
	return findTicketsOut{p.resultRows(found)}, nil
}

type findCustomerFromEmailIn struct {
	UserName  string `soap:"username"`
	Password  string `soap:"password"`
	CustEmail string `soap:"custEmail"`
}

type findCustomerFromEmailOut struct {
	CustUsername string `soap:"custUsername"`
}

// Spec: ticket/findCustomerFromEmail
func (p *Ports) findCustomerFromEmail(ctx context.Context, in *findCustomerFromEmailIn) (findCustomerFromEmailOut, error) {
	name, err := p.desk.UserNameByEmail(ctx, credentials(ctx, in.UserName, in.Password), in.CustEmail)
	return findCustomerFromEmailOut{name}, err
}

type findUserIn struct {
	Session
	Field string `soap:"field"`
	Value string `soap:"value"`
}

type findUserOut struct {
	UserID string `soap:"userId"`
}

// Spec: ticket/findUser
func (p *Ports) findUser(ctx context.Context, _ desk.Actor, in *findUserIn) (findUserOut, error) {
	user, err := p.desk.FindUser(ctx, in.Field, in.Value)
	if err != nil {
		return findUserOut{}, err
	}
	return findUserOut{number(user)}, nil
}
