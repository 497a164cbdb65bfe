// Package call is the life of one conversation as a pure state machine: from
// the first event of a caller's channel to the last, Step decides what is true
// next and what must be done about it. No clock, no I/O, no logger.
//
// The primary record is the conversation, not the channel. The shell (package
// control) writes every event to the log before it performs the effects, so
// that a replay of the log gives the same state, and whoever takes over a call
// goes on from there.
package call

import (
	"strconv"
	"strings"
	"time"
)

// Phase is where a conversation stands.
type Phase string

// The phases, in the order in which a call may pass them.
const (
	Arriving  Phase = ""          // nothing has happened yet
	Greeting  Phase = "greeting"  // welcome and recording notice
	InMenu    Phase = "menu"      // waiting for a key
	Waiting   Phase = "waiting"   // in the queue, with music
	Offering  Phase = "offering"  // an agent is reserved, the pop is on its way
	Ringing   Phase = "ringing"   // the agent's phone is being called
	Talking   Phase = "talking"   // bridged, or the customer is on hold
	Recalling Phase = "recalling" // the agent's leg was lost: the same agent is rung again, the customer has music
	Surveying Phase = "surveying" // the agent's side has ended, the question is asked
	Voicemail Phase = "voicemail" // announcement before a message
	Recording Phase = "recording" // the caller speaks a message
	Filing    Phase = "filing"    // the caller has left, the message is being closed
	Closing   Phase = "closing"   // last words, then we hang up
	Ended     Phase = "ended"
)

// Outcome is what became of the caller's wish to speak to somebody.
type Outcome string

// The outcomes. InProgress is the zero value on purpose.
const (
	InProgress   Outcome = ""
	Answered     Outcome = "answered"
	Abandoned    Outcome = "abandoned"     // left the queue by hanging up
	LeftMessage  Outcome = "voicemail"     //
	LeftTheMenu  Outcome = "menu_hangup"   // hung up before choosing
	SystemFailed Outcome = "system_failed" // we could not go on
)

// Party is who left first.
type Party string

// The parties.
const (
	Customer Party = "customer"
	Agent    Party = "agent"
	System   Party = "system"
)

// State is everything known of one conversation. It is a value; Step never
// changes its argument.
type State struct {
	ID      string `json:"id"`
	Channel string `json:"channel"` // the caller's channel in Asterisk
	Caller  string `json:"caller"`  // number as the network gave it
	Called  string `json:"called"`  // number dialled
	Plan    Plan   `json:"plan"`
	Phase   Phase  `json:"phase"`

	Customer string `json:"customer,omitempty"` // id, when exactly one customer matched
	MenuKey  string `json:"menu_key,omitempty"`
	Tries    int    `json:"tries,omitempty"` // of the present question
	Queue    string `json:"queue,omitempty"`
	Priority int    `json:"priority,omitempty"`

	Attempt  int    `json:"attempt,omitempty"`   // number of the last offer, from 1
	AgentID  string `json:"agent,omitempty"`     // of the present offer or conversation
	Endpoint string `json:"endpoint,omitempty"`  // where that agent's phone is
	Ring     int    `json:"ring,omitempty"`      // how often that agent was rung again after a lost leg
	LegAlive bool   `json:"leg_alive,omitempty"` // the agent's leg was created and its end not seen
	Held     bool   `json:"held,omitempty"`      // the customer is on hold

	Plays   int    `json:"plays,omitempty"`   // prompts started
	Playing string `json:"playing,omitempty"` // the playback whose end is awaited

	Deadline time.Time `json:"deadline,omitzero"` // when DeadlinePassed is due; what it means depends on Phase

	ArrivedAt  time.Time `json:"arrived_at,omitzero"`
	QueuedAt   time.Time `json:"queued_at,omitzero"`   // the place in the queue; never moves
	WaitEndAt  time.Time `json:"wait_end_at,omitzero"` // answered, given up, or sent to voicemail
	OfferedAt  time.Time `json:"offered_at,omitzero"`
	RungAt     time.Time `json:"rung_at,omitzero"`
	AnsweredAt time.Time `json:"answered_at,omitzero"` // by an agent, for the first time
	TalkEndAt  time.Time `json:"talk_end_at,omitzero"` // the agent's side has ended for good
	BridgedAt  time.Time `json:"bridged_at,omitzero"`  // start of the present interval in the bridge
	HeldAt     time.Time `json:"held_at,omitzero"`     // start of the present hold
	EndedAt    time.Time `json:"ended_at,omitzero"`

	Bridged time.Duration `json:"bridged,omitempty"` // intervals in the bridge that are over
	OnHold  time.Duration `json:"on_hold,omitempty"` // holds that are over

	Recorded     bool          `json:"recorded,omitempty"`
	Message      time.Duration `json:"message,omitempty"` // length of the voicemail
	SurveyAsked  bool          `json:"survey_asked,omitempty"`
	Score        int           `json:"score,omitempty"` // 1 … Plan.Survey.Highest, 0 = not given
	LeftFirst    Party         `json:"left_first,omitempty"`
	Outcome      Outcome       `json:"outcome,omitempty"`
	GreetingDone bool          `json:"greeting_done,omitempty"` // the recording notice was heard to its end
}

// Ids of everything that we make in Asterisk derive from the call, so that an
// effect performed twice answers 409 and never makes a second resource.

// LegID is the channel id of an agent's leg: of one attempt, and of the ring-th
// time that this agent was rung again within it.
func LegID(call string, attempt, ring int) string {
	id := call + "-a" + strconv.Itoa(attempt)
	if ring > 0 {
		id += "r" + strconv.Itoa(ring)
	}
	return id
}

// Leg is the channel id of the present agent's leg.
func (s State) Leg() string { return LegID(s.ID, s.Attempt, s.Ring) }

// Bridge is the id of the bridge in which the caller meets the present leg. Each
// leg has its own: after a DELETE the name stays taken until Asterisk has let go
// of the last reference, up to seconds later (asterisk/res/ari/resource_bridges.c,
// ast_bridge_topic_exists), and creating it again would answer 409 for a bridge
// that nobody can join.
func (s State) Bridge() string { return s.ID + "-b" + s.leg() }

// leg is the part of the present leg's id that tells it from the call's others.
func (s State) leg() string { return strings.TrimPrefix(s.Leg(), s.ID+"-a") }

// TalkRecording and MessageRecording name the files, below the recordings folder.
// There is one for each interval in the bridge.
func (s State) TalkRecording() string {
	return s.ID + "/talk-" + s.leg()
}

// MessageRecording names the voicemail's file.
func (s State) MessageRecording() string { return s.ID + "/message" }

func (s State) play() string { return s.ID + "-p" + strconv.Itoa(s.Plays) }

// Open tells whether the conversation is still going on.
func (s State) Open() bool { return s.Phase != Ended }

// Queued tells whether the caller holds a place in the queue.
func (s State) Queued() bool {
	return s.Phase == Waiting || s.Phase == Offering || s.Phase == Ringing
}

// Wait is the time from entering the queue to the agent's answer, ring time
// included, or to the end of the wait. Zero while it lasts, and when the caller
// never queued.
func (s State) Wait() time.Duration {
	if s.QueuedAt.IsZero() || s.WaitEndAt.IsZero() {
		return 0
	}
	return s.WaitEndAt.Sub(s.QueuedAt)
}

// Talk is the time that caller and agent were in the bridge together: the sum of
// its intervals. Hold, and the time until a lost leg is back, are not in it.
func (s State) Talk() time.Duration { return s.Bridged }
