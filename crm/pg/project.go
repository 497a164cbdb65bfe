package pg

import (
	"encoding/json"
	"fmt"
	"time"

	"hotline/ari/call"
)

// callRow is a call's projection: a pure function of its state (and, for Why,
// of the event that led there). Append writes it; CheckLog makes it anew from
// the log and compares.
type callRow struct {
	ID          string
	Slot        int
	Seq         int64
	ChannelID   string
	Caller      string
	Called      string
	PlanID      string
	PlanVersion int
	Language    string
	Phase       string
	Outcome     string
	CustomerID  *string
	MenuKey     *string
	Queue       *string
	Priority    int
	Attempt     int
	AgentID     *string
	ArrivedAt   time.Time
	QueuedAt    *time.Time
	OfferedAt   *time.Time
	RungAt      *time.Time
	RingUntil   *time.Time
	AnsweredAt  *time.Time
	TalkEndAt   *time.Time
	EndedAt     *time.Time
	LeftFirst   *string
	WaitMS      *int64
	TalkMS      *int64
	Recorded    bool
	MessageMS   *int64
	SurveyAsked bool
	Score       *int
}

func project(s call.State, slot int, seq int64) callRow {
	r := callRow{
		ID: s.ID, Slot: slot, Seq: seq, ChannelID: s.Channel, Caller: s.Caller, Called: s.Called,
		PlanID: s.Plan.ID, PlanVersion: s.Plan.Version, Language: s.Plan.Language,
		Phase: string(s.Phase), Outcome: outcomeWord(s.Outcome),
		CustomerID: none(s.Customer), MenuKey: none(s.MenuKey), Queue: none(s.Queue),
		Priority: s.Priority, Attempt: s.Attempt, AgentID: none(s.AgentID),
		ArrivedAt: s.ArrivedAt, QueuedAt: moment(s.QueuedAt), OfferedAt: moment(s.OfferedAt), RungAt: moment(s.RungAt),
		AnsweredAt: moment(s.AnsweredAt), TalkEndAt: moment(s.TalkEndAt), EndedAt: moment(s.EndedAt),
		LeftFirst: none(string(s.LeftFirst)), Recorded: s.Recorded, SurveyAsked: s.SurveyAsked,
	}
	if s.Phase == call.Ringing {
		r.RingUntil = moment(s.RungAt.Add(s.Plan.RingFor))
	}
	if !s.QueuedAt.IsZero() && (!s.AnsweredAt.IsZero() || !s.EndedAt.IsZero()) {
		r.WaitMS = millis(s.Wait())
	}
	if !s.AnsweredAt.IsZero() && !s.TalkEndAt.IsZero() {
		r.TalkMS = millis(s.Talk())
	}
	if s.Message > 0 {
		r.MessageMS = millis(s.Message)
	}
	if s.Score > 0 {
		r.Score = &s.Score
	}
	return r
}

// outcomeWord is the outcome's word in lists and in the schema.
func outcomeWord(o call.Outcome) string {
	switch o {
	case call.InProgress:
		return "in_progress"
	case call.SystemFailed:
		return "failed"
	}
	return string(o)
}

// reasonFor is the distributor's reason that an event brings for the present
// offer; nil when the event brings none.
func reasonFor(e call.Event, after call.State) []byte {
	r, ok := e.(call.AgentReserved)
	if !ok || r.Attempt != after.Attempt || r.Agent != after.AgentID || len(r.Why) == 0 {
		return nil
	}
	return r.Why
}

// surveyRow is what an event does to the call's survey: it is asked when the
// talk ends on the agent's side, and answered by the first valid key.
type surveyRow struct {
	AgentID    *string
	Queue      *string
	AskedAt    time.Time
	AnsweredAt *time.Time
	Score      *int
}

func surveyOf(e call.Entry, after call.State) (surveyRow, bool) {
	if !after.SurveyAsked {
		return surveyRow{}, false
	}
	r := surveyRow{AgentID: none(after.AgentID), Queue: none(after.Queue), AskedAt: after.TalkEndAt}
	_, key := e.Event.(call.Digit)
	switch {
	case key && after.Score > 0:
		r.AnsweredAt, r.Score = moment(e.At), &after.Score
		return r, true
	case e.At.Equal(after.TalkEndAt):
		return r, true
	}
	return surveyRow{}, false
}

// recordingRow is the recording that an event started.
type recordingRow struct {
	Name, Kind string
	StartedAt  time.Time
}

func recordingOf(e call.Entry, after call.State) (recordingRow, bool) {
	switch e.Event.(type) {
	case call.AgentAnswered:
		if after.Phase == call.Talking && after.BridgedAt.Equal(e.At) {
			return recordingRow{after.TalkRecording(), "talk", e.At}, true
		}
	case call.PromptEnded, call.DeadlinePassed:
		if after.Phase == call.Recording {
			return recordingRow{after.MessageRecording(), "message", e.At}, true
		}
	}
	return recordingRow{}, false
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func millis(d time.Duration) *int64 {
	ms := d.Milliseconds()
	return &ms
}

// microseconds cuts the state's times to what timestamptz can hold, so that the
// state stored and the state replayed from the log's times are the same.
func microseconds(s call.State) call.State {
	for _, t := range []*time.Time{
		&s.Deadline, &s.ArrivedAt, &s.QueuedAt, &s.WaitEndAt, &s.OfferedAt, &s.RungAt, &s.AnsweredAt, &s.TalkEndAt, &s.BridgedAt, &s.HeldAt, &s.EndedAt,
	} {
		if !t.IsZero() {
			*t = stored(*t)
		}
	}
	return s
}

func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// encodeState leaves the plan out: it is a few kilobytes that never change, and
// the call's first event holds it.
func encodeState(s call.State) ([]byte, error) {
	b, err := json.Marshal(struct {
		call.State
		Plan *call.Plan `json:"plan,omitempty"` // hides the embedded one
	}{State: s})
	if err != nil {
		return nil, fmt.Errorf("encode state: %w", err)
	}
	return b, nil
}

func decodeState(state, plan []byte) (call.State, error) {
	var s call.State
	if err := json.Unmarshal(state, &s); err != nil {
		return s, fmt.Errorf("decode state: %w", err)
	}
	if err := json.Unmarshal(plan, &s.Plan); err != nil {
		return s, fmt.Errorf("decode plan: %w", err)
	}
	return s, nil
}
