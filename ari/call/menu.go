package call

import "time"

func arrive(a Arrived, at time.Time) (State, []Effect) {
	s := State{
		ID: a.ID, Channel: a.Channel, Caller: a.Caller, Called: a.Called, Plan: a.Plan,
		Phase: Greeting, ArrivedAt: at,
	}
	effects := []Effect{Answer{s.Channel}, Identify{s.Caller}}
	return s.say(effects, at, s.Plan.Greeting)
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
