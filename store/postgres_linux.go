package store

import (
	"strings"
	"syscall"
	"time"
)

// unanswered is how long the system waits for a peer to confirm what was sent to it.
const unanswered = 10 * time.Second

// boundUnanswered makes the system give a connection up when what was sent on
// it is not confirmed: a peer that has vanished would be waited for a quarter
// of an hour otherwise.
func boundUnanswered(network, _ string, c syscall.RawConn) error {
	if !strings.HasPrefix(network, "tcp") {
		return nil
	}
	const tcpUserTimeout = 18 // TCP_USER_TIMEOUT
	var failure error
	err := c.Control(func(fd uintptr) {
		failure = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(unanswered.Milliseconds()))
	})
	if err != nil {
		return err
	}
	return failure
}
