package watch

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"
)

// Notify tells systemd the state, such as READY=1, if it asked to be told: if
// getenv knows NOTIFY_SOCKET. It does nothing else.
func Notify(ctx context.Context, getenv func(string) string, state string) error {
	socket := getenv("NOTIFY_SOCKET")
	if socket == "" {
		return nil
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unixgram", socket) // a leading @ is the abstract kind there, too
	if err != nil {
		return fmt.Errorf("telling systemd %s: %w", state, err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(state)); err != nil {
		return fmt.Errorf("telling systemd %s: %w", state, err)
	}
	return nil
}

// Watchdog is how often systemd wants to hear that the program lives, half of
// what it was asked for; 0 if it does not want to.
func Watchdog(getenv func(string) string) time.Duration {
	micros, err := strconv.ParseInt(getenv("WATCHDOG_USEC"), 10, 64)
	if err != nil || micros < 2 || micros > int64(24*time.Hour/time.Microsecond) {
		return 0
	}
	return time.Duration(micros) * time.Microsecond / 2
}

// KeepAlive tells systemd every so often that the program lives, as long as
// alive says so, until ctx ends. An alive that hangs is what systemd is to find.
func KeepAlive(ctx context.Context, getenv func(string) string, alive func(context.Context) bool) {
	every := Watchdog(getenv)
	if every == 0 {
		return
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if alive(ctx) {
			Notify(ctx, getenv, "WATCHDOG=1") // a failure shows soon enough: systemd restarts us
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
