package call

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Event is something that happened to a conversation. The set is closed; names
// of types and fields are the log's format: they are only ever added.
type Event interface{ event() }

type (
	// Arrived is the first event: a caller's channel was handed to us.
	Arrived struct {
		ID      string `json:"id"`
		Channel string `json:"channel"`
		Caller  string `json:"caller"`
		Called  string `json:"called"`
		Plan    Plan   `json:"plan"`
	}
	// CallerIdentified tells who is calling, as far as the number tells.
	CallerIdentified struct {
		Customer string `json:"customer,omitempty"` // when exactly one matched
		Matches  int    `json:"matches"`
	}
	// PromptEnded: the playback is over, finished, stopped or failed.
	PromptEnded struct {
		Playback string `json:"playback"`
	}
	// Digit is a key pressed by the caller.
	Digit struct {
		Key string `json:"key"`
	}
	// QueueUnstaffed: nobody on duty serves the queue in which the caller waits.
	QueueUnstaffed struct{}
	// AgentReserved: the floor has bound an agent to this call.
	AgentReserved struct {
		Agent    string          `json:"agent"`
		Endpoint string          `json:"endpoint"`
		Attempt  int             `json:"attempt"`
		Why      json.RawMessage `json:"why,omitempty"` // the distributor's reason, as it gave it
	}
	// PopShown: the caller's record is on the agent's screen.
	PopShown struct {
		Attempt int `json:"attempt"`
	}
	// AgentRinging: the agent's phone rings.
	AgentRinging struct {
		Attempt int `json:"attempt"`
		Ring    int `json:"ring,omitempty"`
	}
	// AgentAnswered: the agent's leg is up.
	AgentAnswered struct {
		Attempt int `json:"attempt"`
		Ring    int `json:"ring,omitempty"`
	}
	// AgentRejected: the agent refused the offer.
	AgentRejected struct {
		Attempt int `json:"attempt"`
	}
	// AgentLegEnded: the agent's leg is gone, or could not be made.
	AgentLegEnded struct {
		Attempt int      `json:"attempt"`
		Ring    int      `json:"ring,omitempty"`
		Cause   LegCause `json:"cause"`
	}
	// HangUpAsked: the agent ended the conversation from the desk.
	HangUpAsked struct {
		Agent string `json:"agent"`
	}
	// HoldAsked and RetrieveAsked: the agent puts the customer on hold, and comes back.
	HoldAsked struct {
		Agent string `json:"agent"`
	}
	RetrieveAsked struct {
		Agent string `json:"agent"`
	}
	// RecallAsked: the agent's page was loaded anew and has lost its telephone's
	// call; the agent wants to be rung again.
	RecallAsked struct {
		Agent string `json:"agent"`
	}
	// MessageRecorded: the voicemail is closed.
	MessageRecorded struct {
		Length time.Duration `json:"length"`
	}
	// DeadlinePassed: State.Deadline was reached.
	DeadlinePassed struct{}
	// CallerGone: the caller's channel is gone. The last event of most calls.
	CallerGone struct{}
	// Resumed: a controller has taken the call over, after a restart or a cut
	// connection; what must be true now is made true again.
	Resumed struct{}
)

// LegCause is why an agent's leg ended, in our words.
type LegCause string

// The causes.
const (
	LegHungUp      LegCause = "hung_up"
	LegNoAnswer    LegCause = "no_answer"
	LegRejected    LegCause = "rejected" // by the phone: busy or declined
	LegUnreachable LegCause = "unreachable"
	LegLost        LegCause = "lost" // the media stopped: a closed browser, a dead network
)

func (Arrived) event()          {}
func (CallerIdentified) event() {}
func (PromptEnded) event()      {}
func (Digit) event()            {}
func (QueueUnstaffed) event()   {}
func (AgentReserved) event()    {}
func (PopShown) event()         {}
func (AgentRinging) event()     {}
func (AgentAnswered) event()    {}
func (AgentRejected) event()    {}
func (AgentLegEnded) event()    {}
func (HangUpAsked) event()      {}
func (HoldAsked) event()        {}
func (RetrieveAsked) event()    {}
func (RecallAsked) event()      {}
func (MessageRecorded) event()  {}
func (DeadlinePassed) event()   {}
func (CallerGone) event()       {}
func (Resumed) event()          {}

var eventTypes = func() map[string]reflect.Type {
	types := map[string]reflect.Type{}
	for _, e := range []Event{
		Arrived{}, CallerIdentified{}, PromptEnded{}, Digit{}, QueueUnstaffed{}, AgentReserved{}, PopShown{}, AgentRinging{},
		AgentAnswered{}, AgentRejected{}, AgentLegEnded{}, HangUpAsked{}, HoldAsked{}, RetrieveAsked{}, RecallAsked{}, MessageRecorded{}, DeadlinePassed{}, CallerGone{}, Resumed{},
	} {
		types[TypeOf(e)] = reflect.TypeOf(e)
	}
	return types
}()

// TypeOf is an event's name in the log, such as "AgentReserved".
func TypeOf(e Event) string { return strings.TrimPrefix(fmt.Sprintf("%T", e), "call.") }

// Decode reads an event of the log.
func Decode(eventType string, data []byte) (Event, error) {
	t, ok := eventTypes[eventType]
	if !ok {
		return nil, fmt.Errorf("event type %q is not known to this version", eventType)
	}
	v := reflect.New(t)
	if err := json.Unmarshal(data, v.Interface()); err != nil {
		return nil, fmt.Errorf("decode %s: %w", eventType, err)
	}
	return v.Elem().Interface().(Event), nil
}
