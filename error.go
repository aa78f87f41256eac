package skranke

import (
	"errors"
	"fmt"
)

// Error is a refusal with a documented code. Its text is for the log; a client
// only ever sees the code and the code's own text.
type Error struct {
	Code Code
	Text string
}

// Err makes an *Error; format and args say, for the log, what was refused.
func Err(code Code, format string, args ...any) error {
	return &Error{Code: code, Text: fmt.Sprintf(format, args...)}
}

func (e *Error) Error() string {
	if e.Text == "" {
		return e.Code.Text()
	}
	return e.Code.Text() + ": " + e.Text
}

// Is makes errors.Is compare refusals by code alone.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// CodeOf is the code err stands for: CodeOK for nil, the code of an *Error
// anywhere in its chain, else CodeCustomError.
func CodeOf(err error) Code {
	if err == nil {
		return CodeOK
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeCustomError
}
