package ports

import (
	"context"

	"skranke"
	"skranke/desk"
	"skranke/soap"
)

// Admin is the admin port: the users and what the installation is like. Its
// session keys are those of the ticket port.
func (p *Ports) Admin() *soap.Port {
	return &soap.Port{
		Name:      string(skranke.PortAdmin),
		Service:   "adminService",
		Namespace: adminNamespace,
		Code:      p.code,
		Ops: []soap.Op{
			asAnyUser(p, "checkAgentVersion", "Tells whether there is a newer version of the desktop agent.", p.checkAgentVersion),
			soap.Method("getAgent", "Downloads the desktop agent.", p.getAgent),
			soap.Method("getErrorMessage", "Returns the text of the session's last error.", p.lastError(desk.ForUser)).Plain(),
			asAnyUser(p, "getModulePaths", "Lists what the installation serves, and where.", p.getModulePaths),
			asAnyUser(p, "getTag", "Returns the tag that marks ticket numbers in the subjects of mails.", p.getTag),
			asAnyUser(p, "getUser", "Returns chosen fields of the user of the session.", p.getUser),
			asAnyUser(p, "getUserById", "Returns chosen fields of a user.", p.getUserByID),
			asAnyUser(p, "getUsers", "Lists the ids of the users by user name.", p.getUsers),
			asAnyUser(p, "setUser", "Changes values of the user of the session, all of them or none.", p.setUser),
		},
	}
}

// asAnyUser declares a method that needs the session of a user and asks for no
// right beyond.
//
// Spec: admin/common.2, admin/common.4
func asAnyUser[I, O any, K keyed[I]](p *Ports, name, doc string, fn func(context.Context, desk.Actor, *I) (O, error)) soap.Op {
	return withSession[I, O, K](p, desk.ForAnyUser, name, doc, fn)
}

type checkAgentVersionIn struct {
	Session
	Version string `soap:"version"`
}

type checkAgentVersionOut struct {
	NewVersion   bool `soap:"newVersion"`
	ForceUpgrade bool `soap:"forceUpgrade"`
}

// There is no desktop agent, so none is newer or has to be replaced.
//
// Spec: admin/checkAgentVersion.4
func (p *Ports) checkAgentVersion(context.Context, desk.Actor, *checkAgentVersionIn) (checkAgentVersionOut, error) {
	return checkAgentVersionOut{}, nil
}

type getAgentOut struct {
	BinaryData soap.Stream `soap:"binaryData"`
}

// Spec: admin/getAgent
func (p *Ports) getAgent(context.Context, *struct{}) (getAgentOut, error) {
	return getAgentOut{}, skranke.Err(skranke.CodeFileNotFound, "there is no desktop agent")
}

// ModulePathStruct says where a part of the installation is.
type ModulePathStruct struct {
	Module string `soap:"module"`
	Path   string `soap:"path"`
}

type getModulePathsOut struct {
	Paths []ModulePathStruct `soap:"paths"`
}

// Spec: admin/getModulePaths
func (p *Ports) getModulePaths(ctx context.Context, _ desk.Actor, _ *Session) (getModulePathsOut, error) {
	list, err := p.desk.Modules(ctx)
	out := make([]ModulePathStruct, len(list))
	for i, m := range list {
		out[i] = ModulePathStruct{m.Name, m.URL}
	}
	return getModulePathsOut{out}, err
}

type getTagOut struct {
	Tag string `soap:"tag"`
}

// Spec: admin/getTag
func (p *Ports) getTag(context.Context, desk.Actor, *Session) (getTagOut, error) {
	return getTagOut{p.desk.MailTag()}, nil
}

type getUserIn struct {
	Session
	UserFields []string `soap:"userFields"`
}

type getUserOut struct {
	UserResult []ResultStruct `soap:"userResult"`
}

// Spec: admin/getUser
func (p *Ports) getUser(ctx context.Context, a desk.Actor, in *getUserIn) (getUserOut, error) {
	fields, err := p.desk.User(ctx, a.User, in.UserFields)
	return getUserOut{p.results(fields)}, err
}

type getUserByIDIn struct {
	Session
	UserID     string   `soap:"userId"`
	UserFields []string `soap:"userFields"`
}

// Spec: admin/getUserById
func (p *Ports) getUserByID(ctx context.Context, _ desk.Actor, in *getUserByIDIn) (getUserOut, error) {
	fields, err := p.desk.User(ctx, id[skranke.UserID](in.UserID), in.UserFields)
	return getUserOut{p.results(fields)}, err
}

type getUsersIn struct {
	Session
	IncludeOnlyNormal bool `soap:"includeOnlyNormal"`
}

type getUsersOut struct {
	Users []string `soap:"users"`
}

// Spec: admin/getUsers
func (p *Ports) getUsers(ctx context.Context, _ desk.Actor, in *getUsersIn) (getUsersOut, error) {
	list, err := p.desk.Users(ctx, in.IncludeOnlyNormal)
	return getUsersOut{numbers(list)}, err
}

type setUserIn struct {
	Session
	UserValues []ValuePairStruct `soap:"userValues"`
}

// Spec: admin/setUser
func (p *Ports) setUser(ctx context.Context, a desk.Actor, in *setUserIn) (struct{}, error) {
	return struct{}{}, p.desk.ChangeUser(ctx, a, pairs(in.UserValues))
}
