package call

import "time"

func (s State) connect() Effect {
	return Connect{
		Bridge: s.Bridge(), Channel: s.Channel, Leg: s.Leg(), Attempt: s.Attempt, Ring: s.Ring, Recording: s.TalkRecording(),
	}
}

// hold gives the customer music. The agent stays in the bridge, alone.
func (s State) hold(at time.Time) (State, []Effect) {
	if s.Held {
		return s, nil
	}
	s = s.leaveBridge(at)
	s.Held, s.HeldAt = true, at
	return s, []Effect{Hold{Bridge: s.Bridge(), Channel: s.Channel}, Announce{s.AgentID}}
}

func (s State) retrieve(at time.Time) (State, []Effect) {
	if !s.Held {
		return s, nil
	}
	s = s.endHold(at)
	s.BridgedAt = at
	return s, []Effect{Retrieve{Bridge: s.Bridge(), Channel: s.Channel}, Announce{s.AgentID}}
}

// leaveBridge closes the present interval of talking.
func (s State) leaveBridge(at time.Time) State {
	if !s.BridgedAt.IsZero() {
		s.Bridged += at.Sub(s.BridgedAt)
		s.BridgedAt = time.Time{}
	}
	return s
}

func (s State) endHold(at time.Time) State {
	if s.Held {
		s.OnHold += at.Sub(s.HeldAt)
		s.Held, s.HeldAt = false, time.Time{}
	}
	return s
}

// recall rings the same agent again: the leg was lost, the call is not. The
// customer is told, and has music meanwhile.
func (s State) recall(at time.Time) (State, []Effect) {
	s, effects := s.endLeg(nil, EndNormally)
	s = s.leaveBridge(at).endHold(at)
	effects = append(effects, DestroyBridge{s.Bridge()})
	s.Phase, s.Ring = Recalling, s.Ring+1
	effects = append(effects, StopMusic{s.Channel}, Announce{s.AgentID})
	s, effects = s.say(effects, at, s.Plan.Recall)
	return s.ringAgent(effects, at)
}

// agentLeft: the agent's side ended first, so the caller is asked for a score.
func (s State) agentLeft(at time.Time) (State, []Effect) {
	s, effects := s.endLeg(nil, EndNormally)
	held := s.Held
	s = s.leaveBridge(at).endHold(at)
	s.LeftFirst, s.TalkEndAt = Agent, at
	if held {
		effects = append(effects, StopMusic{s.Channel})
	}
	effects = append(effects, DestroyBridge{s.Bridge()}, s.finish())
	s.Phase, s.SurveyAsked, s.Tries = Surveying, true, 0
	return s.say(effects, at, s.Plan.Survey.Prompt)
}

// finish gives the agent into wrap-up.
func (s State) finish() Effect {
	return ReleaseAgent{Agent: s.AgentID, Attempt: s.Attempt, Why: ReleaseFinished, WrapUp: s.Plan.WrapUp}
}
