package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"hotline/agent"
	"hotline/agent/acd"
	"hotline/ari/call"
	"hotline/crm"
)

// todayKept is how old the day's figures may be; a call's end renews them.
const todayKept = 5 * time.Second

// Views composes what desks and supervisors see, from the floor (what is
// happening now) and the log's projections (what has happened). It implements
// the socket hub's source.
type Views struct {
	users Users
	calls Calls
	floor Floor

	mu      sync.Mutex
	today   crm.Today
	todayAt time.Time // zero: to be counted anew
}

// NewViews makes the views over the given ports.
func NewViews(users Users, calls Calls, floor Floor) *Views {
	return &Views{users: users, calls: calls, floor: floor}
}

// DeskView is everything that one agent's desk shows.
type DeskView struct {
	Agent DeskAgent `json:"agent"`
	Call  *DeskCall `json:"call" doc:"The call that binds the agent, until wrap-up is over"`
	Pop   *crm.Pop  `json:"pop"`
	Note  *crm.Note `json:"note"`
	Queue DeskQueue `json:"queue"`
	Today DeskToday `json:"today"`
}

// DeskAgent is the agent's own presence.
type DeskAgent struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	Extension   string       `json:"extension"`
	State       agent.State  `json:"state" doc:"offline, away, ready, reserved, ringing, talking, wrap_up; more may come"`
	Reason      *string      `json:"reason" doc:"Why away; missed, rejected and unreachable are set by the server"`
	Since       time.Time    `json:"since"`
	Version     int64        `json:"version" doc:"To be given with each action"`
	Device      agent.Device `json:"device"`
	Next        *NextState   `json:"next" doc:"Entered when the present call is over"`
	WrapUpUntil *time.Time   `json:"wrap_up_until"`
	Missed      int          `json:"missed" doc:"Offers missed in a row"`
}

// NextState is what an agent asked for while busy.
type NextState struct {
	State  agent.State `json:"state"`
	Reason *string     `json:"reason"`
}

// DeskCall is the call that binds an agent.
type DeskCall struct {
	ID          string     `json:"id"`
	Attempt     int        `json:"attempt" doc:"Number of the offer within the call; to be given with actions"`
	Phase       string     `json:"phase" doc:"offered, ringing, talking, recalling (the voice was lost, the same agent is rung again), ended; more may come"`
	Queue       string     `json:"queue"`
	QueueName   string     `json:"queue_name"`
	Called      string     `json:"called" doc:"The number dialled"`
	MenuKey     *string    `json:"menu_key"`
	Emergency   bool       `json:"emergency"`
	ArrivedAt   time.Time  `json:"arrived_at"`
	QueuedAt    time.Time  `json:"queued_at"`
	OfferedAt   time.Time  `json:"offered_at"`
	RingUntil   *time.Time `json:"ring_until" doc:"When the next agent is tried"`
	AnsweredAt  *time.Time `json:"answered_at"`
	EndedAt     *time.Time `json:"ended_at"`
	Held        bool       `json:"held" doc:"The customer is on hold, with music"`
	HeldSince   *time.Time `json:"held_since"`
	WaitSeconds float64    `json:"wait_seconds" doc:"In the queue, ring time included, until now or the answer"`
	Recording   bool       `json:"recording"`
	Why         *string    `json:"why" doc:"Why this agent got the call, as a sentence"`
}

// DeskQueue is what waits in the agent's queues.
type DeskQueue struct {
	Waiting      int        `json:"waiting"`
	LongestSince *time.Time `json:"longest_since"`
}

// DeskToday is the agent's own day.
type DeskToday struct {
	Handled int `json:"handled"`
}

// Desk implements the hub's source.
func (v *Views) Desk(ctx context.Context, agentID string) (any, error) { return v.desk(ctx, agentID) }

func (v *Views) desk(ctx context.Context, agentID string) (DeskView, error) {
	a, err := v.floor.Agent(ctx, agentID)
	if err != nil {
		return DeskView{}, fmt.Errorf("read the agent: %w", err)
	}
	view := DeskView{Agent: deskAgent(a)}
	if a.Call != "" {
		if err := v.addCall(ctx, &view, a); err != nil {
			return DeskView{}, err
		}
	}
	waiting, err := v.floor.Waiting(ctx)
	if err != nil {
		return DeskView{}, fmt.Errorf("read the queue: %w", err)
	}
	for _, w := range waiting {
		if a.Serves(w.Queue) {
			view.Queue.Waiting++
			view.Queue.LongestSince = earlier(view.Queue.LongestSince, w.EnteredAt)
		}
	}
	view.Today.Handled, err = v.calls.HandledToday(ctx, agentID, time.Now())
	if err != nil {
		return DeskView{}, fmt.Errorf("count the agent's calls: %w", err)
	}
	return view, nil
}

func deskAgent(a agent.Agent) DeskAgent {
	return DeskAgent{
		ID: a.ID, Name: a.Name, Extension: a.Extension, State: a.State, Reason: given(a.Reason), Since: a.Since,
		Version: a.Version, Device: a.Device, Next: nextState(a), WrapUpUntil: at(a.WrapUntil), Missed: a.Missed,
	}
}

func nextState(a agent.Agent) *NextState {
	if a.Next == nil {
		return nil
	}
	return &NextState{State: a.Next.State, Reason: given(a.Next.Reason)}
}

// at is nil for the zero time, which JSON shows as null.
func at(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func earlier(a *time.Time, b time.Time) *time.Time {
	if a == nil || b.Before(*a) {
		return &b
	}
	return a
}

// addCall shows the call that binds the agent. The floor may be a moment ahead
// of the log: then the call's row still stands at the offer before, and nothing
// of that offer is shown as this one's.
func (v *Views) addCall(ctx context.Context, view *DeskView, a agent.Agent) error {
	c, err := v.calls.Call(ctx, a.Call)
	if errors.Is(err, crm.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the call: %w", err)
	}
	pop, err := v.calls.Pop(ctx, a.Call)
	if err != nil {
		return fmt.Errorf("read the pop: %w", err)
	}
	note, err := v.calls.Note(ctx, a.Call)
	if err != nil {
		return fmt.Errorf("read the note: %w", err)
	}
	d := DeskCall{
		ID: c.ID, Attempt: a.Attempt, Phase: deskPhase(a.State, c), Queue: value(c.Queue), QueueName: value(c.QueueName),
		Called: c.Called, MenuKey: c.MenuKey, Emergency: emergencyQueues()[value(c.Queue)], ArrivedAt: c.ArrivedAt,
		QueuedAt: value(c.QueuedAt), OfferedAt: a.Since, Recording: c.Recorded && a.State == agent.Talking,
		EndedAt: c.EndedAt, WaitSeconds: waited(c, time.Now()),
	}
	if c.Attempt == a.Attempt {
		if c.OfferedAt != nil {
			d.OfferedAt = *c.OfferedAt
		}
		d.RingUntil, d.AnsweredAt = c.RingUntil, c.AnsweredAt
		d.Held, d.HeldSince = c.HeldSince != nil, c.HeldSince
		u, err := v.users.User(ctx, a.ID)
		if err != nil {
			return fmt.Errorf("read the agent's language: %w", err)
		}
		d.Why = why(c.Why, localeOf(u))
	}
	view.Call, view.Pop, view.Note = &d, &pop, &note
	return nil
}

func value[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}

// deskPhase is the call as the agent's presence shows it. A lost voice is the
// one thing that the presence does not know: the agent stays bound and talking.
func deskPhase(s agent.State, c crm.Call) string {
	switch s {
	case agent.Reserved:
		return "offered"
	case agent.Ringing:
		return "ringing"
	case agent.Talking:
		if c.Phase == string(call.Recalling) {
			return "recalling"
		}
		return "talking"
	}
	return "ended"
}

// emergencyQueues are those to which the plan's emergency keys lead.
var emergencyQueues = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for _, option := range call.Hotline("", "zh").Menu.Options {
		if option.Emergency {
			out[option.Queue] = true
		}
	}
	return out
})

func waited(c crm.Call, now time.Time) float64 {
	switch {
	case c.WaitSeconds != nil:
		return *c.WaitSeconds
	case c.QueuedAt == nil:
		return 0
	case c.AnsweredAt != nil:
		return c.AnsweredAt.Sub(*c.QueuedAt).Seconds()
	}
	return now.Sub(*c.QueuedAt).Seconds()
}

// why says the distributor's reason as a sentence; nil when there is none or
// when it comes from a rule that this version does not know.
func why(stored *string, lang string) *string {
	var reason acd.Reason
	if stored == nil || json.Unmarshal([]byte(*stored), &reason) != nil || reason.Rule != acd.LongestIdle {
		return nil
	}
	n := len(reason.Eligible)
	out := text{
		fmt.Sprintf("来电在队列中排第 %d 位；可接听的坐席有 %d 位，其中您空闲时间最长。", reason.Position, n),
		fmt.Sprintf("The caller was number %d in the queue; of %d free agents you had been idle longest.", reason.Position, n),
	}
	if n == 1 {
		out = text{
			fmt.Sprintf("来电在队列中排第 %d 位；当时只有您可以接听。", reason.Position),
			fmt.Sprintf("The caller was number %d in the queue; you were the only free agent.", reason.Position),
		}
	}
	sentence := out.in(lang)
	return &sentence
}

// CallEnded drops the figures that the call's end has changed.
func (v *Views) CallEnded(string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.todayAt = time.Time{}
}

func (v *Views) todayFigures(ctx context.Context, now time.Time) (crm.Today, error) {
	v.mu.Lock()
	kept, from := v.today, v.todayAt
	v.mu.Unlock()
	day, _ := crm.Day(now)
	if now.Sub(from) < todayKept && !from.Before(day) {
		return kept, nil
	}
	t, err := v.calls.Today(ctx, now)
	if err != nil {
		return crm.Today{}, fmt.Errorf("count the day's calls: %w", err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.todayAt.Equal(from) { // no call has ended while they were counted
		v.today, v.todayAt = t, now
	}
	return t, nil
}

// sorted returns the waiting callers as they will be served.
func sorted(waiting []acd.Waiting) []acd.Waiting {
	out := slices.Clone(waiting)
	slices.SortFunc(out, acd.Before)
	return out
}
