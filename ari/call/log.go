package call

import (
	"errors"
	"time"
)

// Entry is one line of the durable log: what happened to a call, when, and
// under whose ownership of the slot it was written.
type Entry struct {
	Call  string
	Slot  int
	Epoch int64 // of the slot's owner
	Seq   int64 // 1, 2, 3 … within the call, without gaps
	At    time.Time
	Event Event
}

// Transition is an entry with the call's state after it.
type Transition struct {
	Entry Entry
	After State
}

// Record is an open call as the log left it.
type Record struct {
	State State
	Seq   int64
}

// ErrAway tells that the log's store cannot be reached at the moment. The entry
// may or may not have been written; it may be given again.
var ErrAway = errors.New("the log's store cannot be reached")

// ErrFenced refuses an entry: the slot has another owner now, or the entry is
// out of turn. The writer must stop acting for the call at once.
var ErrFenced = errors.New("this controller does not own the call any more")
