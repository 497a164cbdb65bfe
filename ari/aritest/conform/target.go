// Package conform holds what a controller may rely on in Asterisk, as cases
// that run against the fake of package aritest and against a real Asterisk. A
// fake that drifts fails here, and so does a new Asterisk that behaves
// differently.
//
// Names of cases follow Asterisk's own testsuite (tests/rest_api) where it has
// one of the same intent.
package conform

import (
	"testing"
	"time"

	"hotline/ari"
)

// Target is an Asterisk, real or not. Do runs one case, possibly in parallel
// with others (the real one) or in a bubble of its own (the fake). What the
// case has used is gone or idle when Do returns.
type Target interface {
	Do(t *testing.T, run func(t *testing.T, site Site))
}

// Site is what one case may use.
type Site interface {
	// App is a Stasis application that no other case uses. Its name is also the
	// number that leads to it, with the arguments "in" and the number.
	App() string
	// Options are for a client with connections of its own at each call.
	Options() ari.Options
	// Call places a call to a number.
	Call(number string) Caller
	// Phone is one of the two telephones of the case, 0 or 1. It rings out
	// until told otherwise.
	Phone(n int) Phone
	// Unreachable is the endpoint of a telephone that is not registered.
	Unreachable() string
	// Sound is the address of a recorded sound that lasts d.
	Sound(d time.Duration) string
	// Status is the STASISSTATUS that the dialplan saw when a call to the
	// number left Stasis last, or "".
	Status(number string) string
}

// Caller is somebody who called.
type Caller interface {
	Press(digit rune)
	HangUp()
	// Answered and Ended are closed when that has happened.
	Answered() <-chan struct{}
	Ended() <-chan struct{}
}

// Phone is an agent's telephone. What it was told holds for all calls that
// come in later.
type Phone interface {
	Endpoint() string
	Answers(after time.Duration)
	RingsOut()
	Busy()   // 486
	Reject() // 603 after it has rung
	// HangUp, Hold, Unhold and Transfer are about the call that came in last.
	// Transfer sends the other party to a number (REFER).
	HangUp()
	Hold()
	Unhold()
	Transfer(number string)
	// Consult calls a number, and Connect transfers the other party of the
	// first call to the one of the second (REFER with Replaces).
	Consult(number string)
	Connect()
	// Reason is what the last call was told at its end (the Reason header of
	// RFC 3326), or "".
	Reason() string
}
