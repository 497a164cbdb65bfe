package ari

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Classes of an *Error, to be used with errors.Is.
var (
	// ErrInvalid means that the request itself was wrong. It is also returned,
	// without asking Asterisk, for an empty id.
	ErrInvalid = errors.New("invalid request")
	// ErrUnauthorized means that user or password are wrong.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrForbidden means that the user is read-only, or that Asterisk may not
	// open the file of a stored recording.
	ErrForbidden = errors.New("forbidden")
	// ErrNotFound means that the thing does not exist (any more). AddChannels
	// and RemoveChannels return it for a missing bridge and for a missing
	// channel alike, Subscribe and Unsubscribe for the application and for the
	// source.
	ErrNotFound = errors.New("not found")
	// ErrConflict means that the id or the recording name is taken.
	ErrConflict = errors.New("id or name exists already")
	// ErrNotInStasis means that the channel or bridge exists but is not under
	// the control of an application: not yet, or just leaving. It is normal
	// around a hang-up.
	ErrNotInStasis = errors.New("not in a stasis application")
	// ErrClaimed means that another application was faster with Events.Claim.
	ErrClaimed = errors.New("call was claimed by another application")
	// ErrNotInBridge is returned by RemoveChannels for a channel that is not
	// in that bridge.
	ErrNotInBridge = errors.New("channel is not in this bridge")
	// ErrBadState means that the state forbids the request: an outbound leg
	// that is not up, a channel that is being recorded or was dialled already,
	// a playback that has not begun, a module that is in use.
	ErrBadState = errors.New("state does not allow it")
	// ErrAllocation is what Asterisk says when it cannot create a channel,
	// mostly because the endpoint cannot be reached; the cause is lost
	// (res/ari/resource_channels.c).
	ErrAllocation = errors.New("channel could not be allocated")
	// ErrUnavailable means that Asterisk is still booting (res/res_ari.c).
	ErrUnavailable = errors.New("asterisk is not ready")
)

// Error is an answer of Asterisk outside 2xx.
type Error struct {
	Op      string // what was asked, such as "channels.answer"
	Status  int    // HTTP status
	Message string // Asterisk's own words, or the status text
}

// Error gives the operation, the status and the message.
func (e *Error) Error() string {
	return fmt.Sprintf("ari %s: status %d: %s", e.Op, e.Status, e.Message)
}

// Is reports whether target is the class of the error.
func (e *Error) Is(target error) bool {
	class := e.class()
	return class != nil && class == target
}

// class gives a status the meaning that it has for the operation. The
// statuses are those of res/ari/resource_*.c.
func (e *Error) class() error {
	switch e.Status {
	case http.StatusBadRequest:
		if e.Op == opAddChannel || e.Op == opRemoveChannel {
			return ErrNotFound
		}
		return ErrInvalid
	case http.StatusUnauthorized:
		return ErrUnauthorized
	case http.StatusForbidden:
		if e.Op == opRTPStatistics {
			return ErrNotFound // "Unsupported channel type": it has no RTP
		}
		return ErrForbidden
	case http.StatusNotFound:
		return ErrNotFound
	case http.StatusConflict:
		return e.conflict()
	case http.StatusPreconditionFailed:
		return ErrBadState
	case http.StatusUnprocessableEntity:
		switch e.Op {
		case opAddChannel:
			return ErrNotInStasis
		case opRemoveChannel:
			return ErrNotInBridge
		case opSubscribe, opUnsubscribe, opUserEvent:
			return ErrNotFound // the source
		}
		return ErrInvalid
	case http.StatusInternalServerError:
		switch {
		case strings.EqualFold(e.Message, "Allocation failed"):
			return ErrAllocation
		case e.Op == opSetDevice: // "Unknown device", said of a state that there is not
			return ErrInvalid
		}
	case http.StatusServiceUnavailable:
		return ErrUnavailable
	}
	return nil
}

// conflict tells the meanings of 409 apart. Recording gives the same status
// for a taken name and for a channel out of reach, so the words decide first.
func (e *Error) conflict() error {
	words := strings.ToLower(e.Message)
	switch {
	case strings.Contains(words, "not in") && strings.Contains(words, "stasis"):
		return ErrNotInStasis
	case strings.Contains(words, "already exists"):
		return ErrConflict
	case strings.Contains(words, "currently recording"),
		strings.Contains(words, "bridged"),
		strings.Contains(words, "'down' state"),
		strings.Contains(words, "not in session"):
		return ErrBadState
	}
	switch e.Op {
	case opCreateChannel, opOriginate, opExternalMedia, opCreateBridge, opRecordChannel, opRecordBridge, opCopyStored:
		return ErrConflict
	case opDial, opControl:
		return ErrBadState
	case opClaim:
		return ErrClaimed
	case opUnsubscribe:
		return ErrNotFound // the subscription
	case opSetDevice, opDeleteDevice:
		return ErrInvalid // the device is not one of ours
	}
	if strings.HasPrefix(e.Op, "asterisk.") {
		return ErrBadState // of a module
	}
	return ErrNotInStasis
}

// TransportError means that no complete answer came. Whether Asterisk carried
// the request out is not known. It wraps the cause, which may be
// context.Canceled or context.DeadlineExceeded.
type TransportError struct {
	Op  string
	Err error
}

// Error gives the operation and the cause, without address or credentials.
func (e *TransportError) Error() string { return "ari " + e.Op + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// transportError strips the address from the errors of net/http: it holds ids,
// variables and numbers in its query.
func transportError(op string, err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return &TransportError{Op: op, Err: err}
}

// Made turns "exists already" into success, for what was to be made under an
// id that nobody else chooses: a request that was repeated, because its answer
// was lost, did what it should the first time.
//
//	_, err := client.Bridges.Create(ctx, ari.CreateBridge{ID: "call-17-talk"})
//	if err := ari.Made(err); err != nil {
//
// What was made is not returned with ErrConflict; Get returns it. Take care
// with channels: one that was made may be gone again, and Asterisk (22.10.1)
// may say "exists" where it means that the endpoint cannot be reached, see
// Channels.Create, when something else than this package (an HTTP proxy that
// keeps connections) comes between. So look with Get before a channel is relied
// upon.
func Made(err error) error {
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}

// Gone turns "not found" into success, for what was to be ended, removed or
// stopped.
//
//	err := ari.Gone(client.Channels.Hangup(ctx, id, ari.ReasonNormal))
//
// ErrNotInStasis stays an error: such a channel still exists.
func Gone(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// invalid is a request that is refused before it is sent.
func invalid(op, what string) error {
	return fmt.Errorf("ari %s: %s: %w", op, what, ErrInvalid)
}
