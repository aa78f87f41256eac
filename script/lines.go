package script

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
)

// lines reads messages, a line each, none longer than maxMessage.
type lines struct{ scanner *bufio.Scanner }

func newLines(r io.Reader) lines {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 64<<10), maxMessage)
	return lines{s}
}

// next reads a message. What ends without one is errGone.
func (l lines) next(m *message) error {
	if !l.scanner.Scan() {
		if errors.Is(l.scanner.Err(), bufio.ErrTooLong) {
			return errors.New("the script printed or asked for more than fits into a message")
		}
		return errGone
	}
	if err := json.Unmarshal(l.scanner.Bytes(), m); err != nil {
		return errors.New("the script's process sent no message")
	}
	return nil
}
