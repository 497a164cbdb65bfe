package call

import "time"

// Effect is something that must be done. The set is closed; every effect may be
// performed twice without harm. What comes of it comes back as an event.
type Effect interface{ effect() }

// On the caller's channel.
type (
	// Answer picks up the caller.
	Answer struct{ Channel string }
	// Play says prompts, in this order, as one playback that one StopPlay ends.
	Play struct {
		Channel, ID, Language string
		Prompts               []string
	}
	// StopPlay ends a playback. Keys do not interrupt prompts by themselves
	// (asterisk/res/res_stasis_playback.c sets no control keys).
	StopPlay   struct{ ID string }
	StartMusic struct{ Channel string }
	StopMusic  struct{ Channel string }
	// RecordMessage records a voicemail on the caller's channel.
	RecordMessage struct {
		Channel, Name         string
		MaxLength, MaxSilence time.Duration
	}
	HangUp struct{ Channel string }
)

// On the agent's leg and the bridge.
type (
	// RingAgent creates and dials the agent's leg.
	RingAgent struct {
		Leg, Endpoint string
		Attempt, Ring int
		For           time.Duration
	}
	HangUpLeg struct {
		Leg    string
		Reason LegEnd
	}
	// Connect bridges caller and agent and records the bridge.
	Connect struct {
		Bridge, Channel, Leg string
		Attempt, Ring        int
		Recording            string
	}
	// Hold takes the caller out of the bridge and gives them music; Retrieve
	// brings them back.
	Hold          struct{ Bridge, Channel string }
	Retrieve      struct{ Bridge, Channel string }
	DestroyBridge struct{ Bridge string }
)

// On the floor.
type (
	// Enqueue takes or keeps a place in the queue. Attempt is the number that
	// the next offer will have.
	Enqueue struct {
		Queue     string
		Priority  int
		EnteredAt time.Time
		Attempt   int
	}
	Dequeue struct{}
	// MarkRinging and MarkTalking move the agent's presence along.
	MarkRinging struct {
		Agent   string
		Attempt int
	}
	MarkTalking struct {
		Agent   string
		Attempt int
	}
	// ReleaseAgent gives the agent back.
	ReleaseAgent struct {
		Agent   string
		Attempt int
		Why     Release
		WrapUp  time.Duration
	}
)

// Announce tells the agent's page that the call stands differently now, where
// the agent's presence does not change with it.
type Announce struct{ Agent string }

// AnnounceEnd tells whoever watches that the call is over, with its outcome and
// score on record. Agent is who had it last, if anybody.
type AnnounceEnd struct{ Agent string }

// Identify looks the caller up by number.
type Identify struct{ Number string }

// LegEnd is how we end an agent's leg.
type LegEnd string

// The ways to end a leg.
const (
	EndNormally     LegEnd = "normal"
	EndUnanswered   LegEnd = "unanswered"  // the ring time is over
	EndElsewhere    LegEnd = "elsewhere"   // another agent, or nobody, takes it: no missed call on the phone
	EndCallerLeft   LegEnd = "caller_left" // while ringing
	EndAgentRefused LegEnd = "agent_refused"
)

// Release is why an agent is given back. The words are those of agent.Outcome;
// the shell maps one to the other, since the pure packages do not know each other.
type Release string

// The reasons.
const (
	ReleaseFinished    Release = "finished"
	ReleaseMissed      Release = "missed"
	ReleaseRejected    Release = "rejected"
	ReleaseUnreachable Release = "unreachable"
	ReleaseVoid        Release = "caller_withdrew"
)

func (Answer) effect()        {}
func (Play) effect()          {}
func (StopPlay) effect()      {}
func (StartMusic) effect()    {}
func (StopMusic) effect()     {}
func (RecordMessage) effect() {}
func (HangUp) effect()        {}
func (RingAgent) effect()     {}
func (HangUpLeg) effect()     {}
func (Connect) effect()       {}
func (Hold) effect()          {}
func (Retrieve) effect()      {}
func (DestroyBridge) effect() {}
func (Enqueue) effect()       {}
func (Dequeue) effect()       {}
func (MarkRinging) effect()   {}
func (MarkTalking) effect()   {}
func (ReleaseAgent) effect()  {}
func (Identify) effect()      {}
func (Announce) effect()      {}
func (AnnounceEnd) effect()   {}
