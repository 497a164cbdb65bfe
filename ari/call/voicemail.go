package call

import "time"

func (s State) toVoicemail(first []string, at time.Time) (State, []Effect) {
	s, effects := s.hush()
	effects = append(effects, Dequeue{}, StopMusic{s.Channel})
	s.Phase = Voicemail
	if s.WaitEndAt.IsZero() {
		s.WaitEndAt = at
	}
	return s.say(effects, at, first, s.Plan.Voicemail.Prompt)
}

func (s State) messageRecorded(e MessageRecorded, at time.Time) (State, []Effect) {
	if s.Phase != Recording && s.Phase != Filing {
		return s, nil
	}
	s.Message = e.Length
	if e.Length >= time.Second && s.AnsweredAt.IsZero() { // shorter is a breath before hanging up
		s.Outcome = LeftMessage
	}
	if s.Phase == Filing {
		return s.end(at, nil)
	}
	return s.close(at, s.Plan.Voicemail.Thanks, s.Plan.Goodbye)
}
