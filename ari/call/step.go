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
		if (s.Queued() || s.Phase == Talking || s.Phase == Recalling) && e.Attempt == s.Attempt && e.Agent == s.AgentID {
			return s, nil // told twice
		}
		return s, []Effect{ReleaseAgent{Agent: e.Agent, Attempt: e.Attempt, Why: ReleaseVoid}}
	case PopShown:
		if s.Phase == Offering && e.Attempt == s.Attempt {
			return s.ring(at)
		}
	case AgentRinging:
		if s.Phase == Ringing && s.about(e.Attempt, e.Ring) {
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
		if (s.Phase == Talking || s.Phase == Recalling) && e.Agent == s.AgentID {
			return s.agentLeft(at)
		}
	case HoldAsked:
		if s.Phase == Talking && e.Agent == s.AgentID {
			return s.hold(at)
		}
	case RetrieveAsked:
		if s.Phase == Talking && e.Agent == s.AgentID {
			return s.retrieve(at)
		}
	case RecallAsked:
		if (s.Phase == Talking || s.Phase == Recalling) && e.Agent == s.AgentID {
			return s.recall(at)
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
	case Waiting, Offering, Ringing, Recalling:
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
	case Recalling:
		return s.nextAgent(ReleaseUnreachable, EndUnanswered, at)
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
		s = s.giveUp(at)
		return s.end(at, []Effect{Dequeue{}})
	case Offering, Ringing:
		s = s.giveUp(at)
		s, effects := s.endLeg([]Effect{Dequeue{}}, EndCallerLeft)
		return s.end(at, append(effects, ReleaseAgent{Agent: s.AgentID, Attempt: s.Attempt, Why: ReleaseVoid}))
	case Talking, Recalling:
		s, effects := s.endLeg(nil, EndNormally)
		s = s.leaveBridge(at).endHold(at)
		s.TalkEndAt = at
		return s.end(at, append(effects, DestroyBridge{s.Bridge()}, s.finish()))
	case Voicemail:
		s = s.giveUp(at)
	case Recording: // the recording's end may be told after the channel's
		s = s.giveUp(at)
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

// giveUp is the end of a wait by the caller. Who was answered before, and came
// back into the queue by a lost leg, stays answered.
func (s State) giveUp(at time.Time) State {
	if s.AnsweredAt.IsZero() {
		s.Outcome = Abandoned
	}
	if s.WaitEndAt.IsZero() {
		s.WaitEndAt = at
	}
	if !s.AnsweredAt.IsZero() {
		s.TalkEndAt = at
	}
	return s
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
	case Recalling:
		s.Playing = ""
		lost := s
		lost.Ring--
		return s, []Effect{DestroyBridge{lost.Bridge()}, StartMusic{s.Channel}}
	case Talking:
		if s.Held {
			return s, []Effect{Hold{Bridge: s.Bridge(), Channel: s.Channel}, Dequeue{}, MarkTalking{Agent: s.AgentID, Attempt: s.Attempt}}
		}
		return s, []Effect{StopMusic{s.Channel}, s.connect(), Dequeue{}, MarkTalking{Agent: s.AgentID, Attempt: s.Attempt}}
	case Surveying:
		effects := []Effect{HangUpLeg{Leg: s.Leg(), Reason: EndNormally}, DestroyBridge{s.Bridge()}}
		return s.say(effects, at, s.Plan.Survey.Prompt)
	case Voicemail:
		return s.say([]Effect{Dequeue{}, StopMusic{s.Channel}}, at, s.Plan.Voicemail.Prompt)
	case Closing:
		s.Deadline = at.Add(hangUpAgain)
		return s, []Effect{HangUp{s.Channel}}
	}
	return s, nil
}
