package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/agent"
	"hotline/crm"
)

// FloorView is what supervisors see.
type FloorView struct {
	At      time.Time      `json:"at"`
	Waiting []FloorWaiting `json:"waiting" doc:"Who is to be served first comes first"`
	Agents  []FloorAgent   `json:"agents"`
	Queues  []FloorQueue   `json:"queues"`
	Today   crm.Today      `json:"today"`
}

// FloorWaiting is a caller in a queue.
type FloorWaiting struct {
	CallID       string    `json:"call_id"`
	Queue        string    `json:"queue"`
	QueueName    string    `json:"queue_name"`
	Priority     int       `json:"priority" doc:"Higher is served first"`
	Position     int       `json:"position" doc:"Within its queue, from 1"`
	EnteredAt    time.Time `json:"entered_at"`
	NumberMasked string    `json:"number_masked"`
	CustomerName *string   `json:"customer_name"`
	MenuKey      *string   `json:"menu_key"`
	OfferedTo    *string   `json:"offered_to" doc:"Name of the agent who is being asked now"`
}

// FloorAgent is one agent.
type FloorAgent struct {
	ID        string       `json:"id"`
	Name      string       `json:"name"`
	Extension string       `json:"extension"`
	State     agent.State  `json:"state" doc:"offline, away, ready, reserved, ringing, talking, wrap_up; more may come"`
	Reason    *string      `json:"reason"`
	Since     time.Time    `json:"since"`
	Connected bool         `json:"connected" doc:"A desk page is open; without one no call is offered"`
	Device    agent.Device `json:"device"`
	Next      *NextState   `json:"next"`
	Call      *FloorCall   `json:"call"`
}

// FloorCall is the call that an agent has.
type FloorCall struct {
	ID           string  `json:"id"`
	QueueName    string  `json:"queue_name"`
	CustomerName *string `json:"customer_name"`
	NumberMasked string  `json:"number_masked"`
}

// FloorQueue is one queue with those who serve it.
type FloorQueue struct {
	ID           string     `json:"id"`
	Name         string     `json:"name"`
	Waiting      int        `json:"waiting" doc:"Offered callers included"`
	LongestSince *time.Time `json:"longest_since"`
	Ready        int        `json:"ready" doc:"Could be offered a call now"`
	Talking      int        `json:"talking"`
	WrapUp       int        `json:"wrap_up"`
	Away         int        `json:"away"`
}

// Floor implements the hub's source.
func (v *Views) Floor(ctx context.Context) (any, error) { return v.floorView(ctx, time.Now()) }

func (v *Views) floorView(ctx context.Context, now time.Time) (FloorView, error) {
	agents, err := v.floor.Agents(ctx)
	if err != nil {
		return FloorView{}, fmt.Errorf("read the agents: %w", err)
	}
	waiting, err := v.floor.Waiting(ctx)
	if err != nil {
		return FloorView{}, fmt.Errorf("read the queue: %w", err)
	}
	live, err := v.calls.LiveCalls(ctx)
	if err != nil {
		return FloorView{}, fmt.Errorf("read the live calls: %w", err)
	}
	queues, err := v.calls.Queues(ctx)
	if err != nil {
		return FloorView{}, fmt.Errorf("read the queues: %w", err)
	}
	today, err := v.todayFigures(ctx, now)
	if err != nil {
		return FloorView{}, err
	}
	view := FloorView{
		At: now, Waiting: []FloorWaiting{}, Agents: make([]FloorAgent, 0, len(agents)),
		Queues: make([]FloorQueue, len(queues)), Today: today,
	}
	byID := make(map[string]crm.Call, len(live))
	for _, c := range live {
		byID[c.ID] = c
	}
	row := make(map[string]*FloorQueue, len(queues))
	for i, q := range queues {
		view.Queues[i] = FloorQueue{ID: q.ID, Name: q.NameZh}
		row[q.ID] = &view.Queues[i]
	}
	offered := map[string]string{}
	for _, a := range agents {
		view.Agents = append(view.Agents, floorAgent(a, byID))
		if a.State == agent.Reserved || a.State == agent.Ringing {
			offered[a.Call] = a.Name
		}
		for _, q := range a.Queues {
			if row[q] != nil {
				row[q].count(a)
			}
		}
	}
	slices.SortFunc(view.Agents, func(a, b FloorAgent) int {
		return cmp.Or(cmp.Compare(a.Extension, b.Extension), cmp.Compare(a.ID, b.ID))
	})
	for _, w := range sorted(waiting) {
		line := FloorWaiting{
			CallID: w.Call, Queue: w.Queue, QueueName: w.Queue, Priority: w.Priority, Position: 1, EnteredAt: w.EnteredAt,
			OfferedTo: given(offered[w.Call]),
		}
		if q := row[w.Queue]; q != nil {
			q.Waiting++
			q.LongestSince = earlier(q.LongestSince, w.EnteredAt)
			line.QueueName, line.Position = q.Name, q.Waiting
		}
		if c, ok := byID[w.Call]; ok {
			line.NumberMasked, line.CustomerName, line.MenuKey = c.NumberMasked, c.CustomerName, c.MenuKey
		}
		view.Waiting = append(view.Waiting, line)
	}
	return view, nil
}

func floorAgent(a agent.Agent, live map[string]crm.Call) FloorAgent {
	out := FloorAgent{
		ID: a.ID, Name: a.Name, Extension: a.Extension, State: a.State, Reason: given(a.Reason), Since: a.Since,
		Connected: a.Connected, Device: a.Device, Next: nextState(a),
	}
	// In wrap-up the caller may be answering the survey still: not the agent's call any more.
	if c, ok := live[a.Call]; ok && a.State != agent.WrapUp {
		out.Call = &FloorCall{ID: c.ID, QueueName: value(c.QueueName), CustomerName: c.CustomerName, NumberMasked: c.NumberMasked}
	}
	return out
}

func (q *FloorQueue) count(a agent.Agent) {
	switch {
	case a.Available():
		q.Ready++
	case a.State == agent.Talking:
		q.Talking++
	case a.State == agent.WrapUp:
		q.WrapUp++
	case a.State == agent.Away:
		q.Away++
	}
}

type floorOutput struct{ Body FloorView }

func (s *Server) liveRoutes() {
	register(s, LiveView, huma.Operation{
		OperationID: "get-live", Method: http.MethodGet, Path: "/live", Tags: []string{"live"},
		Summary: "The floor now", Description: "The same as the stream floor carries.",
	}, func(ctx context.Context, _ *struct{}) (*floorOutput, error) {
		view, err := s.Views.floorView(ctx, time.Now())
		return &floorOutput{Body: view}, err
	})
}
