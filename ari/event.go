package ari

import (
	"encoding/json"
	"errors"
	"time"
)

// Event is one of the event types of this package, always as a pointer.
type Event interface {
	// Header returns what all events have in common.
	Header() *EventHeader
}

// EventHeader is what all events have in common.
type EventHeader struct {
	Type        string    `json:"type"`
	Application string    `json:"application"`
	Timestamp   time.Time `json:"-"` // Asterisk's clock, milliseconds; zero if it could not be read
	AsteriskID  string    `json:"asterisk_id"`
}

// Header returns h.
func (h *EventHeader) Header() *EventHeader { return h }

// UnknownEvent is a frame that has no type of its own here: of a newer
// Asterisk, or malformed.
type UnknownEvent struct {
	EventHeader
	// Raw is the frame as it came. It is not JSON if Err says so.
	Raw json.RawMessage `json:"-"`
	// Err is nil for a type that is not known, and says why a known one could
	// not be read.
	Err error `json:"-"`
}

// maxShared is the length of the frames whose strings share their memory. It
// bounds what a short string, kept for long, can hold on to.
const maxShared = 16 << 10

// DecodeEvent reads one frame of the event socket. It never fails: what cannot
// be read is an *UnknownEvent, so that one odd frame does not end a stream.
//
// The strings of an event share one copy of its frame, about a kilobyte.
// Clone what is kept when the event itself is not, if there is much of it.
func DecodeEvent(raw []byte) Event {
	if len(raw) <= maxShared {
		d := decoder{s: string(raw)}
		if event := d.event(); event != nil {
			return event
		}
	}
	return decodeOdd(raw)
}

// decodeOdd reads what is too long, too strange or too new for the decoder,
// and finds out what is wrong with it.
func decodeOdd(raw []byte) Event {
	var head struct {
		Type        string       `json:"type"`
		Application string       `json:"application"`
		Timestamp   asteriskTime `json:"timestamp"`
		AsteriskID  string       `json:"asterisk_id"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return &UnknownEvent{Raw: raw, Err: err}
	}
	header := EventHeader{head.Type, head.Application, time.Time(head.Timestamp), head.AsteriskID}
	if header.Type == "" {
		return &UnknownEvent{EventHeader: header, Raw: raw, Err: errors.New("frame has no type")}
	}
	empty, known := eventTypes[header.Type]
	if !known {
		return &UnknownEvent{EventHeader: header, Raw: raw}
	}
	event := empty()
	if err := json.Unmarshal(raw, event); err != nil {
		return &UnknownEvent{EventHeader: header, Raw: raw, Err: err}
	}
	*event.Header() = header
	return event
}

const typeApplicationReplaced = "ApplicationReplaced"
