package ports

import (
	"context"
	"strconv"

	"skranke/desk"
	"skranke/soap"
)

// notificationOps are the methods of the ticket port for the client that runs at
// a user's desk.
func (p *Ports) notificationOps() []soap.Op {
	return []soap.Op{
		asUser(p, "setUserIdleTime", "Reports how long the user has been idle.", p.setUserIdleTime),
		asUser(p, "allocUserNotifications", "Reserves the user's notifications for one client.", p.allocUserNotifications),
		asUser(p, "getUserNotifications", "Fetches the user's new notifications, each once.", p.getUserNotifications).Alias("getUserNotfications"),
	}
}

type setUserIdleTimeIn struct {
	Session
	IdleTime string `soap:"idleTime,int"`
}

// Spec: ticket/setUserIdleTime
func (p *Ports) setUserIdleTime(ctx context.Context, a desk.Actor, in *setUserIdleTimeIn) (struct{}, error) {
	return struct{}{}, p.desk.ReportIdle(ctx, a, in.IdleTime)
}

type allocUserNotificationsIn struct {
	Session
	Source string `soap:"source"`
}

type allocUserNotificationsOut struct {
	NotificationKey string `soap:"notificationKey"`
}

// Spec: ticket/allocUserNotifications
func (p *Ports) allocUserNotifications(ctx context.Context, a desk.Actor, in *allocUserNotificationsIn) (allocUserNotificationsOut, error) {
	key, err := p.desk.AllocateNotifications(ctx, a, in.Source)
	return allocUserNotificationsOut{key}, err
}

type getUserNotificationsIn struct {
	Session
	NotificationKey string `soap:"notificationKey"`
}

// NotificationStruct tells a user of an event.
type NotificationStruct struct {
	Type      string `soap:"type"`
	CreatedBy string `soap:"createdBy"`
	TicketID  string `soap:"ticketId"`
	Message   string `soap:"message"`
}

type getUserNotificationsOut struct {
	UserNotifications []NotificationStruct `soap:"userNotifications"`
}

// Spec: ticket/getUserNotifications
func (p *Ports) getUserNotifications(ctx context.Context, a desk.Actor, in *getUserNotificationsIn) (getUserNotificationsOut, error) {
	list, err := p.desk.FetchNotifications(ctx, a, in.NotificationKey)
	out := make([]NotificationStruct, len(list))
	for i, n := range list {
		out[i] = NotificationStruct{strconv.FormatUint(uint64(n.Type), 10), number(n.CreatedBy), number(n.Ticket), n.Message}
	}
	return getUserNotificationsOut{out}, err
}
