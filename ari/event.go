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

// DecodeEvent reads one frame of the event socket. It never fails: what cannot
// be read is an *UnknownEvent, so that one odd frame does not end a stream.
func DecodeEvent(raw []byte) Event {
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

// eventTypes follows rest-api/api-docs/events.json of Asterisk 22.10.1.
var eventTypes = map[string]func() Event{
	typeApplicationReplaced:    func() Event { return new(ApplicationReplaced) },
	"ApplicationRegistered":    func() Event { return new(ApplicationRegistered) },
	"ApplicationUnregistered":  func() Event { return new(ApplicationUnregistered) },
	"ApplicationMoveFailed":    func() Event { return new(ApplicationMoveFailed) },
	"StasisStart":              func() Event { return new(StasisStart) },
	"StasisEnd":                func() Event { return new(StasisEnd) },
	"ChannelCreated":           func() Event { return new(ChannelCreated) },
	"ChannelStateChange":       func() Event { return new(ChannelStateChange) },
	"ChannelDestroyed":         func() Event { return new(ChannelDestroyed) },
	"ChannelHangupRequest":     func() Event { return new(ChannelHangupRequest) },
	"ChannelDialplan":          func() Event { return new(ChannelDialplan) },
	"ChannelVarset":            func() Event { return new(ChannelVarset) },
	"ChannelCallerId":          func() Event { return new(ChannelCallerID) },
	"ChannelConnectedLine":     func() Event { return new(ChannelConnectedLine) },
	"ChannelDtmfReceived":      func() Event { return new(ChannelDtmfReceived) },
	"ChannelHold":              func() Event { return new(ChannelHold) },
	"ChannelUnhold":            func() Event { return new(ChannelUnhold) },
	"ChannelTalkingStarted":    func() Event { return new(ChannelTalkingStarted) },
	"ChannelTalkingFinished":   func() Event { return new(ChannelTalkingFinished) },
	"ChannelToneDetected":      func() Event { return new(ChannelToneDetected) },
	"ChannelUserevent":         func() Event { return new(ChannelUserevent) },
	"ChannelTransfer":          func() Event { return new(ChannelTransfer) },
	"ChannelEnteredBridge":     func() Event { return new(ChannelEnteredBridge) },
	"ChannelLeftBridge":        func() Event { return new(ChannelLeftBridge) },
	"Dial":                     func() Event { return new(DialEvent) },
	"BridgeCreated":            func() Event { return new(BridgeCreated) },
	"BridgeDestroyed":          func() Event { return new(BridgeDestroyed) },
	"BridgeMerged":             func() Event { return new(BridgeMerged) },
	"BridgeVideoSourceChanged": func() Event { return new(BridgeVideoSourceChanged) },
	"BridgeBlindTransfer":      func() Event { return new(BridgeBlindTransfer) },
	"BridgeAttendedTransfer":   func() Event { return new(BridgeAttendedTransfer) },
	"PlaybackStarted":          func() Event { return new(PlaybackStarted) },
	"PlaybackContinuing":       func() Event { return new(PlaybackContinuing) },
	"PlaybackFinished":         func() Event { return new(PlaybackFinished) },
	"RecordingStarted":         func() Event { return new(RecordingStarted) },
	"RecordingFinished":        func() Event { return new(RecordingFinished) },
	"RecordingFailed":          func() Event { return new(RecordingFailed) },
	"DeviceStateChanged":       func() Event { return new(DeviceStateChanged) },
	"EndpointStateChange":      func() Event { return new(EndpointStateChange) },
	"ContactStatusChange":      func() Event { return new(ContactStatusChange) },
	"PeerStatusChange":         func() Event { return new(PeerStatusChange) },
	"TextMessageReceived":      func() Event { return new(TextMessageReceived) },
	"CallBroadcast":            func() Event { return new(CallBroadcast) },
	"CallClaimed":              func() Event { return new(CallClaimed) },
}
