package call

import "time"

func (s State) enqueue() Effect {
	return Enqueue{Queue: s.Queue, Priority: s.Priority, EnteredAt: s.QueuedAt, Attempt: s.Attempt + 1}
}

// ring calls the agent's phone: the pop is on the screen, or had its time.
func (s State) ring(at time.Time) (State, []Effect) {
	s.Phase, s.RungAt = Ringing, at
	return s.ringAgent(nil, at)
}

func (s State) ringAgent(effects []Effect, at time.Time) (State, []Effect) {
	s.LegAlive, s.Deadline = true, at.Add(s.Plan.RingFor+ringMargin)
	return s, append(effects, RingAgent{Leg: s.Leg(), Endpoint: s.Endpoint, Attempt: s.Attempt, Ring: s.Ring, For: s.Plan.RingFor})
}

// about tells whether an event is about the present leg.
func (s State) about(attempt, ring int) bool { return attempt == s.Attempt && ring == s.Ring }

func (s State) answered(e AgentAnswered, at time.Time) (State, []Effect) {
	present := s.about(e.Attempt, e.Ring)
	switch {
	case present && s.Phase == Talking:
		return s, nil // told twice
	case !present || s.Phase != Ringing && s.Phase != Recalling:
		// An answer that comes too late must not leave somebody in silence.
		return s, []Effect{HangUpLeg{Leg: LegID(s.ID, e.Attempt, e.Ring), Reason: EndElsewhere}}
	}
	s, effects := s.hush()
	if s.AnsweredAt.IsZero() {
		s.AnsweredAt, s.WaitEndAt = at, at
	}
	s.Phase, s.BridgedAt, s.Deadline, s.Recorded = Talking, at, time.Time{}, true
	s.Outcome = Answered
	return s, append(effects,
		StopMusic{s.Channel}, s.connect(), Dequeue{}, MarkTalking{Agent: s.AgentID, Attempt: s.Attempt}, Announce{s.AgentID})
}

func (s State) legEnded(e AgentLegEnded, at time.Time) (State, []Effect) {
	if !s.about(e.Attempt, e.Ring) || !s.LegAlive {
		return s, nil
	}
	s.LegAlive = false
	switch s.Phase {
	case Ringing:
		why := ReleaseMissed
		switch e.Cause {
		case LegRejected:
			why = ReleaseRejected
		case LegUnreachable, LegLost:
			why = ReleaseUnreachable
		}
		return s.nextAgent(why, EndUnanswered, at)
	case Recalling:
		return s.nextAgent(ReleaseUnreachable, EndUnanswered, at)
	case Talking:
		if e.Cause == LegLost {
			return s.recall(at)
		}
		return s.agentLeft(at)
	}
	return s, nil
}

// nextAgent gives the agent back and the caller their old place.
func (s State) nextAgent(why Release, end LegEnd, at time.Time) (State, []Effect) {
	s, effects := s.endLeg(nil, end)
	effects = append(effects, ReleaseAgent{Agent: s.AgentID, Attempt: s.Attempt, Why: why})
	s.Phase, s.AgentID, s.Endpoint, s.Ring = Waiting, "", "", 0
	s.Deadline = s.QueuedAt.Add(s.Plan.MaxWait)
	if !s.AnsweredAt.IsZero() { // has spoken to somebody: the wait begins anew, the place is the old one
		s.Deadline = at.Add(s.Plan.MaxWait)
	}
	if !at.Before(s.Deadline) {
		s, more := s.toVoicemail(s.Plan.TooLong, at)
		return s, append(effects, more...)
	}
	return s, append(effects, s.enqueue())
}

func (s State) endLeg(effects []Effect, how LegEnd) (State, []Effect) {
	if s.LegAlive {
		effects = append(effects, HangUpLeg{Leg: s.Leg(), Reason: how})
		s.LegAlive = false
	}
	return s, effects
}
