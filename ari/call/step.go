package call

import "time"

const (
	// promptGuard bounds a prompt whose end we never hear of: an event lost with
	// a cut socket must not leave a caller in silence.
	promptGuard = 90 * time.Second
	// ringMargin is how much longer than the phone's own ring time we wait for
	// the leg's end before we end it ourselves.
	ringMargin = 3 * time.Second
	// filingTime is how long a closed message is awaited after the caller left.
	filingTime = 3 * time.Second
	// hangUpAgain is when a hang-up that had no effect is repeated.
	hangUpAgain = 5 * time.Second
)

// Step applies one event to a conversation: the state after it, and what must
// be done. An event that means nothing here (late, repeated, about another
// attempt) changes nothing. Nothing happens after the end.
func Step(s State, e Event, at time.Time) (State, []Effect) {
	if s.Phase == Ended {
		if r, ok := e.(AgentReserved); ok {
			return s, []Effect{ReleaseAgent{Agent: r.Agent, Attempt: r.Attempt, Why: ReleaseVoid}}
		}
		return s, nil
	}
	if s.Phase == Arriving {
		if a, ok := e.(Arrived); ok {
			return arrive(a, at)
		}
		return s, nil
	}
	switch e := e.(type) {
	case CallerIdentified:
		s.Customer = e.Customer
	case PromptEnded:
		if e.Playback == s.Playing {
			s.Playing = ""
			return s.promptEnded(at)
		}
	case Digit:
		return s.digit(e.Key, at)
	case QueueUnstaffed:
		if s.Phase == Waiting {
			return s.toVoicemail(s.Plan.Unstaffed, at)
		}
	case AgentReserved:
		if s.Phase == Waiting && e.Attempt == s.Attempt+1 {
			s.Phase, s.Attempt, s.AgentID, s.Endpoint = Offering, e.Attempt, e.Agent, e.Endpoint
			s.OfferedAt, s.Deadline = at, at.Add(s.Plan.PopGrace)
			return s, nil
		}
		if (s.Queued() || s.Phase == Talking) && e.Attempt == s.Attempt && e.Agent == s.AgentID {
			return s, nil // told twice
		}
		return s, []Effect{ReleaseAgent{Agent: e.Agent, Attempt: e.Attempt, Why: ReleaseVoid}}
	case PopShown:
		if s.Phase == Offering && e.Attempt == s.Attempt {
			return s.ring(at)
		}
	case AgentRinging:
		if s.Phase == Ringing && e.Attempt == s.Attempt {
			return s, []Effect{MarkRinging{Agent: s.AgentID, Attempt: s.Attempt}}
		}
	case AgentAnswered:
		return s.answered(e, at)
	case AgentRejected:
		if (s.Phase == Offering || s.Phase == Ringing) && e.Attempt == s.Attempt {
			return s.nextAgent(ReleaseRejected, EndAgentRefused, at)
		}
	case AgentLegEnded:
		return s.legEnded(e, at)
	case HangUpAsked:
		if s.Phase == Talking && e.Agent == s.AgentID {
			return s.agentLeft(at)
		}
	case MessageRecorded:
		return s.messageRecorded(e, at)
	case DeadlinePassed:
		if !s.Deadline.IsZero() && !at.Before(s.Deadline) {
			return s.deadline(at)
		}
	case CallerGone:
		return s.callerGone(at)
	case Resumed:
		return s.resume(at)
	}
	return s, nil
}

func arrive(a Arrived, at time.Time) (State, []Effect) {
	s := State{
		ID: a.ID, Channel: a.Channel, Caller: a.Caller, Called: a.Called, Plan: a.Plan,
		Phase: Greeting, ArrivedAt: at,
	}
	effects := []Effect{Answer{s.Channel}, Identify{s.Caller}}
	return s.say(effects, at, s.Plan.Greeting)
}

// say starts prompts; Deadline guards against an end that is never heard of.
func (s State) say(effects []Effect, at time.Time, prompts ...[]string) (State, []Effect) {
	var all []string
	for _, p := range prompts {
		all = append(all, p...)
	}
	s.Plays++
	s.Playing = s.play()
	if !s.Queued() { // in the queue the deadline is the wait's
		s.Deadline = at.Add(promptGuard)
	}
	return s, append(effects, Play{Channel: s.Channel, ID: s.Playing, Language: s.Plan.Language, Prompts: all})
}

// hush ends the prompt that is being said, if any.
func (s State) hush() (State, []Effect) {
	var effects []Effect
	if s.Playing != "" {
		effects = append(effects, StopPlay{s.Playing})
		s.Playing = ""
	}
	return s, effects
}

func (s State) promptEnded(at time.Time) (State, []Effect) {
	switch s.Phase {
	case Greeting:
		s.GreetingDone = true
		s.Phase = InMenu
		return s.say(nil, at, s.Plan.Menu.Prompt)
	case InMenu:
		s.Deadline = at.Add(s.Plan.Menu.Timeout)
	case Waiting, Offering, Ringing:
		return s, []Effect{StartMusic{s.Channel}}
	case Surveying:
		s.Deadline = at.Add(s.Plan.Survey.Timeout)
	case Voicemail:
		s.Phase = Recording
		s.Deadline = at.Add(s.Plan.Voicemail.MaxLength + filingTime)
		return s, []Effect{RecordMessage{
			Channel: s.Channel, Name: s.MessageRecording(),
			MaxLength: s.Plan.Voicemail.MaxLength, MaxSilence: s.Plan.Voicemail.MaxSilence,
		}}
	case Closing:
		s.Deadline = at.Add(hangUpAgain)
		return s, []Effect{HangUp{s.Channel}}
	}
	return s, nil
}

func (s State) digit(key string, at time.Time) (State, []Effect) {
	switch s.Phase {
	case Greeting, InMenu:
		if _, ok := s.Plan.Menu.Options[key]; ok {
			return s.choose(key, at)
		}
		if s.Phase == Greeting {
			return s, nil // nothing has been asked yet
		}
		return s.askMenuAgain(at, s.Plan.Menu.Invalid)
	case Waiting:
		// An emergency may be told at any moment; the place is kept.
		o, ok := s.Plan.Menu.Options[key]
		if ok && o.Emergency && s.Queue != o.Queue {
			s.MenuKey, s.Queue, s.Priority = key, o.Queue, o.Priority
			return s, []Effect{s.enqueue()}
		}
	case Surveying:
		if score := int(key[0] - '0'); len(key) == 1 && score >= 1 && score <= s.Plan.Survey.Highest {
			s.Score = score
			return s.close(at, s.Plan.Survey.Thanks, s.Plan.Goodbye)
		}
	}
	return s, nil
}

func (s State) askMenuAgain(at time.Time, first []string) (State, []Effect) {
	s.Tries++
	if s.Tries >= s.Plan.Menu.Tries {
		return s.choose(s.Plan.Menu.Default, at)
	}
	s, effects := s.hush()
	return s.say(effects, at, first, s.Plan.Menu.Prompt)
}

func (s State) choose(key string, at time.Time) (State, []Effect) {
	o := s.Plan.Menu.Options[key]
	s, effects := s.hush()
	s.MenuKey, s.Queue, s.Priority, s.Tries = key, o.Queue, o.Priority, 0
	s.Phase, s.QueuedAt = Waiting, at
	s.Deadline = at.Add(s.Plan.MaxWait)
	return s.say(append(effects, s.enqueue()), at, o.Prompt)
}

func (s State) enqueue() Effect {
	return Enqueue{Queue: s.Queue, Priority: s.Priority, EnteredAt: s.QueuedAt, Attempt: s.Attempt + 1}
}

// ring calls the agent's phone: the pop is on the screen, or had its time.
func (s State) ring(at time.Time) (State, []Effect) {
	s.Phase, s.LegAlive, s.RungAt = Ringing, true, at
	s.Deadline = at.Add(s.Plan.RingFor + ringMargin)
	return s, []Effect{RingAgent{Leg: s.Leg(s.Attempt), Endpoint: s.Endpoint, Attempt: s.Attempt, For: s.Plan.RingFor}}
}

func (s State) answered(e AgentAnswered, at time.Time) (State, []Effect) {
	if s.Phase != Ringing || e.Attempt != s.Attempt {
		if s.Phase == Talking && e.Attempt == s.Attempt {
			return s, nil // told twice
		}
		// An answer that comes too late must not leave somebody in silence.
		return s, []Effect{HangUpLeg{Leg: s.Leg(e.Attempt), Reason: EndElsewhere}}
	}
	s, effects := s.hush()
	s.Phase, s.AnsweredAt, s.WaitEndAt, s.Deadline, s.Recorded = Talking, at, at, time.Time{}, true
	s.Outcome = Answered
	return s, append(effects,
		StopMusic{s.Channel}, s.connect(), Dequeue{}, MarkTalking{Agent: s.AgentID, Attempt: s.Attempt})
}

func (s State) connect() Effect {
	return Connect{
		Bridge: s.Bridge(), Channel: s.Channel, Leg: s.Leg(s.Attempt), Attempt: s.Attempt, Recording: s.TalkRecording(),
	}
}

func (s State) legEnded(e AgentLegEnded, at time.Time) (State, []Effect) {
	if e.Attempt != s.Attempt || !s.LegAlive {
		return s, nil
	}
	s.LegAlive = false
	switch s.Phase {
	case Ringing:
		why := ReleaseMissed
		switch e.Cause {
		case LegRejected:
			why = ReleaseRejected
		case LegUnreachable:
			why = ReleaseUnreachable
		}
		return s.nextAgent(why, EndUnanswered, at)
	case Talking:
		return s.agentLeft(at)
	}
	return s, nil
}

// nextAgent gives the agent back and the caller their old place.
func (s State) nextAgent(why Release, end LegEnd, at time.Time) (State, []Effect) {
	s, effects := s.endLeg(nil, end)
	effects = append(effects, ReleaseAgent{Agent: s.AgentID, Attempt: s.Attempt, Why: why})
	s.Phase, s.AgentID, s.Endpoint = Waiting, "", ""
	s.Deadline = s.QueuedAt.Add(s.Plan.MaxWait)
	if !at.Before(s.Deadline) {
		s, more := s.toVoicemail(s.Plan.TooLong, at)
		return s, append(effects, more...)
	}
	return s, append(effects, s.enqueue())
}

func (s State) endLeg(effects []Effect, how LegEnd) (State, []Effect) {
	if s.LegAlive {
		effects = append(effects, HangUpLeg{Leg: s.Leg(s.Attempt), Reason: how})
		s.LegAlive = false
	}
	return s, effects
}

// agentLeft: the agent's side ended first, so the caller is asked for a score.
func (s State) agentLeft(at time.Time) (State, []Effect) {
	s, effects := s.endLeg(nil, EndNormally)
	s.LeftFirst, s.TalkEndAt = Agent, at
	effects = append(effects, DestroyBridge{s.Bridge()}, s.finish())
	s.Phase, s.SurveyAsked, s.Tries = Surveying, true, 0
	return s.say(effects, at, s.Plan.Survey.Prompt)
}

func (s State) finish() Effect {
	return ReleaseAgent{Agent: s.AgentID, Attempt: s.Attempt, Why: ReleaseFinished, WrapUp: s.Plan.WrapUp}
}

func (s State) toVoicemail(first []string, at time.Time) (State, []Effect) {
	s, effects := s.hush()
	effects = append(effects, Dequeue{}, StopMusic{s.Channel})
	s.Phase, s.WaitEndAt = Voicemail, at
	return s.say(effects, at, first, s.Plan.Voicemail.Prompt)
}

func (s State) messageRecorded(e MessageRecorded, at time.Time) (State, []Effect) {
	if s.Phase != Recording && s.Phase != Filing {
		return s, nil
	}
	s.Message = e.Length
	if e.Length >= time.Second { // shorter is a breath before hanging up
		s.Outcome = LeftMessage
	}
	if s.Phase == Filing {
		return s.end(at, nil)
	}
	return s.close(at, s.Plan.Voicemail.Thanks, s.Plan.Goodbye)
}

// close says the last words; the call ends when the caller's channel does.
func (s State) close(at time.Time, prompts ...[]string) (State, []Effect) {
	s, effects := s.hush()
	s.Phase = Closing
	if s.LeftFirst == "" {
		s.LeftFirst = System
	}
	return s.say(effects, at, prompts...)
}

func (s State) deadline(at time.Time) (State, []Effect) {
	s.Deadline = time.Time{}
	switch s.Phase {
	case Greeting, Voicemail:
		s.Playing = ""
		return s.promptEnded(at)
	case InMenu:
		return s.askMenuAgain(at, nil)
	case Waiting:
		return s.toVoicemail(s.Plan.TooLong, at)
	case Offering:
		return s.ring(at)
	case Ringing:
		return s.nextAgent(ReleaseMissed, EndUnanswered, at)
	case Surveying:
		s.Tries++
		if s.Tries < s.Plan.Survey.Tries {
			s, effects := s.hush()
			return s.say(effects, at, s.Plan.Survey.Prompt)
		}
		return s.close(at, s.Plan.Goodbye)
	case Recording:
		return s.close(at, s.Plan.Voicemail.Thanks, s.Plan.Goodbye)
	case Filing:
		return s.end(at, nil)
	case Closing:
		s.Deadline = at.Add(hangUpAgain)
		return s, []Effect{HangUp{s.Channel}}
	}
	return s, nil
}

func (s State) callerGone(at time.Time) (State, []Effect) {
	if s.LeftFirst == "" {
		s.LeftFirst = Customer
	}
	switch s.Phase {
	case Greeting, InMenu:
		s.Outcome = LeftTheMenu
	case Waiting:
		s.Outcome, s.WaitEndAt = Abandoned, at
		return s.end(at, []Effect{Dequeue{}})
	case Offering, Ringing:
		s.Outcome, s.WaitEndAt = Abandoned, at
		s, effects := s.endLeg([]Effect{Dequeue{}}, EndCallerLeft)
		return s.end(at, append(effects, ReleaseAgent{Agent: s.AgentID, Attempt: s.Attempt, Why: ReleaseVoid}))
	case Talking:
		s.TalkEndAt = at
		s, effects := s.endLeg(nil, EndNormally)
		return s.end(at, append(effects, DestroyBridge{s.Bridge()}, s.finish()))
	case Voicemail:
		s.Outcome = Abandoned
	case Recording: // the recording's end may be told after the channel's
		s.Outcome = Abandoned
		s.Phase, s.Deadline = Filing, at.Add(filingTime)
		return s, nil
	case Filing:
		return s, nil
	case Closing:
		if s.Outcome == InProgress {
			s.Outcome = Abandoned
		}
	}
	return s.end(at, nil)
}

func (s State) end(at time.Time, effects []Effect) (State, []Effect) {
	s.Phase, s.EndedAt, s.Deadline, s.Playing = Ended, at, time.Time{}, ""
	return s, append(effects, AnnounceEnd{Agent: s.AgentID})
}

// resume makes true again what the phase promises. Everything here may already
// be so: ids derive from the call, and repeats are harmless.
func (s State) resume(at time.Time) (State, []Effect) {
	switch s.Phase {
	case Greeting:
		return s.say([]Effect{Answer{s.Channel}}, at, s.Plan.Greeting)
	case InMenu:
		return s.say(nil, at, s.Plan.Menu.Prompt)
	case Waiting:
		s.Playing = ""
		return s, []Effect{s.enqueue(), StartMusic{s.Channel}}
	case Offering:
		return s, []Effect{StartMusic{s.Channel}}
	case Ringing:
		return s, []Effect{StartMusic{s.Channel}}
	case Talking:
		return s, []Effect{StopMusic{s.Channel}, s.connect(), Dequeue{}, MarkTalking{Agent: s.AgentID, Attempt: s.Attempt}}
	case Surveying:
		effects := []Effect{HangUpLeg{Leg: s.Leg(s.Attempt), Reason: EndNormally}, DestroyBridge{s.Bridge()}}
		return s.say(effects, at, s.Plan.Survey.Prompt)
	case Voicemail:
		return s.say([]Effect{Dequeue{}, StopMusic{s.Channel}}, at, s.Plan.Voicemail.Prompt)
	case Closing:
		s.Deadline = at.Add(hangUpAgain)
		return s, []Effect{HangUp{s.Channel}}
	}
	return s, nil
}
