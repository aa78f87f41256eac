package skranke

import "time"

// NotificationID is the id of a notification.
type NotificationID int64

// NotificationType is what a notification tells of. Its number is also its bit
// in the masks of a user.
type NotificationType uint32

// The documented types. NotifyActiveTickets is a reminder by mail only, and
// NotifyFavourites is no event: as a bit of a mask it asks to be told of the
// tickets among a user's favourites as if they were his own.
//
// Spec: ticket/getUserNotifications, types/enums
const (
	NotifyNewTicket       NotificationType = 1
	NotifyNewMessage      NotificationType = 2
	NotifyAlert           NotificationType = 4
	NotifyActivated       NotificationType = 8
	NotifyChat            NotificationType = 16
	NotifyActiveTickets   NotificationType = 32
	NotifyTakeOver        NotificationType = 64
	NotifyChatMessage     NotificationType = 128
	NotifyChatTransferred NotificationType = 256
	NotifyFavourites      NotificationType = 512
	NotifyCustom          NotificationType = 1024
)

// NotifyMask is the set of notification types a user wants by one way.
type NotifyMask uint32

// Wants says whether the type is in the mask.
func (m NotifyMask) Wants(t NotificationType) bool { return m&NotifyMask(t) != 0 }

// WantsOfFavourites says whether the type is in the mask, and wanted of the
// tickets among the user's favourites too.
//
// Spec: ticket/notify.6
func (m NotifyMask) WantsOfFavourites(t NotificationType) bool {
	return m.Wants(NotifyFavourites) && m.Wants(t)
}

// Notification waits for a user until his client fetches it.
type Notification struct {
	ID        NotificationID
	User      UserID
	Type      NotificationType
	CreatedBy UserID
	Ticket    TicketID // 0 if it is about none
	Message   string   // one line
	CreatedAt time.Time
}

// MaxNotification is the length of a notification's message in code points.
const MaxNotification = 255
