package ports

import (
	"context"
	"slices"

	"skranke"
	"skranke/soap"
)

// agentOps are the methods of the ticket port that deal with tickets and all
// that belongs to them.
func (p *Ports) agentOps() []soap.Op {
	return slices.Concat([]soap.Op{
		soap.Method("loginAsUser", "Opens a session that acts for a user with the credentials of an administrator.", p.loginAsUser),
	}, p.requestOps(), p.messageOps(), p.listOps(), p.notificationOps(), p.templateOps())
}

type loginAsUserIn struct {
	UserID   string `soap:"userId,int"`
	UserName string `soap:"username"`
	Password string `soap:"password"`
}

// Spec: ticket/loginAsUser
func (p *Ports) loginAsUser(ctx context.Context, in *loginAsUserIn) (loginOut, error) {
	key, err := p.desk.LogInAsUser(ctx, credentials(ctx, in.UserName, in.Password), id[skranke.UserID](in.UserID))
	return loginOut{key}, err
}
