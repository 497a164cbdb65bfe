package web

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"hotline/agent"
	"hotline/agent/acd"
	"hotline/ari/call"
	"hotline/crm"
)

// The people and calls of the house.
const (
	agentOne   = "00000000-0000-4000-8000-000000001001"
	agentTwo   = "00000000-0000-4000-8000-000000001002"
	supervisor = "00000000-0000-4000-8000-000000002001"
	admin      = "00000000-0000-4000-8000-000000009001"
	deskless   = "00000000-0000-4000-8000-000000001009" // an agent without extension

	talkCall  = "00000000-0000-4000-8000-0000000c0001" // agent one talks
	offerCall = "00000000-0000-4000-8000-0000000c0002" // offered to agent two
	oldCall   = "00000000-0000-4000-8000-0000000c0003" // agent one's, ended
	ticketOne = "00000000-0000-4000-8000-00000000a001"

	fullNumber = "13800138000"
	password   = "correct horse"
	sipSecret  = "sip-secret-of-1001"
)

// house is the stores and the floor in memory: the same answers as the real
// ones for what the tests ask, by the real machines of agent and crm.
type house struct {
	mu       sync.Mutex
	users    map[string]crm.User
	calls    map[string]crm.Call
	agents   map[string]agent.Agent
	notes    map[string]crm.Note
	tickets  []crm.Ticket
	keys     map[string]string // user and key → content
	byKey    map[string]crm.Ticket
	told     []call.Event
	reveals  []string
	feed     chan agent.Change
	fail     error // of every call to a store
	counted  int   // how often Today was asked
	presence []string
}

func newHouse() *house {
	now := time.Now().UTC()
	h := &house{
		users: map[string]crm.User{}, calls: map[string]crm.Call{}, agents: map[string]agent.Agent{},
		notes: map[string]crm.Note{}, keys: map[string]string{}, byKey: map[string]crm.Ticket{},
	}
	queues := []string{"consult", "repair", "emergency"}
	for _, u := range []crm.User{
		{ID: agentOne, Username: "1001", Name: "王芳", Roles: []crm.Role{crm.RoleAgent}, Extension: "1001", SIPSecret: sipSecret, Queues: queues},
		{ID: agentTwo, Username: "1002", Name: "刘洋", Roles: []crm.Role{crm.RoleAgent}, Extension: "1002", Queues: queues, Locale: "en"},
		{ID: supervisor, Username: "2001", Name: "赵敏", Roles: []crm.Role{crm.RoleSupervisor}},
		{ID: admin, Username: "9001", Name: "管理员", Roles: []crm.Role{crm.RoleAdministrator}},
		{ID: deskless, Username: "1009", Name: "陈晨", Roles: []crm.Role{crm.RoleAgent}},
	} {
		h.users[u.ID] = u
		if u.Extension != "" {
			h.agents[u.ID] = agent.New(u.ID, u.Name, u.Extension, u.Queues, now)
		}
	}
	queue, name, customer, key := "repair", "报修", "张伟", "3"
	why, _ := json.Marshal(acd.Reason{Rule: acd.LongestIdle, Position: 1, Eligible: []string{agentTwo, agentOne}})
	reason := string(why)
	add := func(id, agentID string, change func(*crm.Call)) {
		c := crm.Call{CallSummary: crm.CallSummary{
			ID: id, ArrivedAt: now.Add(-time.Minute), NumberMasked: "138****8000", CustomerName: &customer, Queue: &queue,
			QueueName: &name, MenuKey: &key, Outcome: "in_progress", AgentID: &agentID,
		}, Slot: 1, Called: "4000", Attempt: 1}
		queued := now.Add(-50 * time.Second)
		c.QueuedAt, c.OfferedAt = &queued, &queued
		change(&c)
		h.calls[id] = c
	}
	add(talkCall, agentOne, func(c *crm.Call) { c.AnsweredAt, c.Recorded = &now, true })
	add(offerCall, agentTwo, func(c *crm.Call) {
		emergency := "emergency"
		c.Queue, c.Attempt, c.Why = &emergency, 2, &reason
	})
	add(oldCall, agentOne, func(c *crm.Call) { c.Outcome, c.EndedAt = "answered", &now })
	h.place(agentOne, talkCall, 1, agent.Talking)
	h.place(agentTwo, offerCall, 2, agent.Reserved)
	h.tickets = []crm.Ticket{{
		TicketSummary: crm.TicketSummary{ID: ticketOne, Number: 20001, Category: "R-1", Status: "open", Severity: crm.Normal, OpenedAt: now},
		Description:   "厨房顶部渗水", CreatedByName: "王芳", Revision: 1,
	}}
	return h
}

// reset puts everything back as it was at first.
func (h *house) reset() {
	n := newHouse()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.users, h.calls, h.agents, h.notes, h.tickets = n.users, n.calls, n.agents, n.notes, n.tickets
	h.keys, h.byKey, h.told, h.reveals, h.fail = n.keys, n.byKey, nil, nil, nil
}

func (h *house) place(id, callID string, attempt int, s agent.State) {
	a := h.agents[id]
	a.State, a.Call, a.Attempt, a.Connected, a.Version = s, callID, attempt, true, a.Version+1
	h.agents[id] = a
}

func (h *house) trouble() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.fail
}

func (h *house) Authenticate(_ context.Context, username, given string) (crm.User, error) {
	for _, u := range h.users {
		if u.Username == username && given == password {
			return u, nil
		}
	}
	return crm.User{}, crm.ErrBadCredentials
}

func (h *house) User(_ context.Context, id string) (crm.User, error) {
	if err := h.trouble(); err != nil {
		return crm.User{}, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return found(h.users, id)
}

func found[T any](m map[string]T, id string) (T, error) {
	v, ok := m[id]
	if !ok {
		return v, crm.ErrNotFound
	}
	return v, nil
}

func (h *house) Call(_ context.Context, id string) (crm.Call, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return found(h.calls, id)
}

func (h *house) LiveCalls(context.Context) ([]crm.Call, error) {
	return []crm.Call{h.calls[talkCall], h.calls[offerCall]}, nil
}

func (h *house) Calls(_ context.Context, f crm.CallFilter) ([]crm.CallSummary, string, error) {
	var out []crm.CallSummary
	for _, id := range []string{oldCall, offerCall, talkCall} {
		c := h.calls[id]
		if (f.AgentID == "" || *c.AgentID == f.AgentID) && (f.Outcome == "" || f.Outcome == c.Outcome) {
			out = append(out, c.CallSummary)
		}
	}
	return out, "", nil
}

// CallLog holds the number in every place where the real one does.
func (h *house) CallLog(_ context.Context, id string) ([]crm.LogLine, error) {
	var out []crm.LogLine
	for i, e := range []call.Event{
		call.Arrived{ID: id, Channel: "PJSIP/" + fullNumber, Caller: fullNumber, Called: "4000"}, call.CallerIdentified{Matches: 2},
		call.Digit{Key: "3"}, call.Digit{Key: fullNumber}, call.AgentReserved{Agent: agentOne, Attempt: 1}, call.PopShown{Attempt: 1},
		call.AgentRinging{Attempt: 1}, call.AgentAnswered{Attempt: 1}, call.HoldAsked{Agent: agentOne}, call.RetrieveAsked{Agent: agentOne},
		call.AgentLegEnded{Attempt: 1, Cause: call.LegLost}, call.RecallAsked{Agent: agentOne}, call.AgentLegEnded{Attempt: 1, Cause: call.LegHungUp}, call.CallerGone{},
	} {
		data, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		out = append(out, crm.LogLine{Seq: int64(i + 1), At: time.Now(), Type: call.TypeOf(e), Data: data})
	}
	return append(out, crm.LogLine{Seq: 99, Type: "FromTheFuture", Data: []byte(`"` + fullNumber + `"`)}), nil
}

func (h *house) Pop(_ context.Context, id string) (crm.Pop, error) {
	return crm.Pop{
		CallID: id, NumberMasked: "138****8000", NumberKind: crm.Mobile, Match: crm.MatchOne,
		Candidates:  []crm.Candidate{{CustomerID: "c", Name: "张伟", Tags: []string{}, Reason: "number", Properties: []crm.PropertyLine{}}},
		OpenTickets: []crm.TicketSummary{}, RecentCalls: []crm.CallSummary{}, Promises: []crm.PopPromise{},
	}, nil
}

func (h *house) RevealNumber(_ context.Context, userID, callID, reason string) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reveals = append(h.reveals, userID+" "+callID+" "+reason)
	return fullNumber, nil
}

func (h *house) Note(_ context.Context, id string) (crm.Note, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.notes[id], nil
}

func (h *house) SaveNote(_ context.Context, _, id, text string, revision int) (crm.Note, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.notes[id].Revision != revision {
		return crm.Note{}, crm.ErrStale
	}
	now := time.Now()
	h.notes[id] = crm.Note{Text: text, Revision: revision + 1, SavedAt: &now}
	return h.notes[id], nil
}

func (h *house) Queues(context.Context) ([]crm.Queue, error) {
	return []crm.Queue{{ID: "repair", NameZh: "报修", NameEn: "Repair"}, {ID: "emergency", NameZh: "紧急", NameEn: "Emergency"}}, nil
}

func (h *house) Today(context.Context, time.Time) (crm.Today, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.counted++
	return crm.Today{Offered: h.counted, TargetSeconds: 20}, nil
}

func (h *house) HandledToday(context.Context, string, time.Time) (int, error) { return 7, nil }

func (h *house) CreateTicket(_ context.Context, userID, key string, t crm.NewTicket, now time.Time) (crm.Ticket, error) {
	if t.Category != "R-1" {
		return crm.Ticket{}, crm.InvalidInput{{Field: "category", Reason: crm.ReasonUnknown}}
	}
	if err := t.Check(now); err != nil {
		return crm.Ticket{}, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	key = userID + " " + key
	content := fmt.Sprintf("%+v", t)
	if before, used := h.keys[key]; used {
		if before != content {
			return crm.Ticket{}, crm.ErrKeyReused
		}
		return h.byKey[key], nil
	}
	made := crm.Ticket{
		TicketSummary: crm.TicketSummary{ID: uuid.NewString(), Number: 20002, Category: t.Category, Status: "open", Severity: t.Severity, OpenedAt: now},
		Description:   t.Description, CallID: given(t.CallID), Promise: t.Promise, Revision: 1,
	}
	h.keys[key], h.byKey[key] = content, made
	h.tickets = append(h.tickets, made)
	return made, nil
}

func (h *house) Ticket(_ context.Context, id string) (crm.Ticket, error) {
	for _, t := range h.tickets {
		if t.ID == id {
			return t, nil
		}
	}
	return crm.Ticket{}, crm.ErrNotFound
}

func (h *house) Tickets(context.Context, crm.TicketFilter) ([]crm.TicketSummary, string, error) {
	return []crm.TicketSummary{h.tickets[0].TicketSummary}, "next page", nil
}

func (h *house) CallTickets(context.Context, string) ([]crm.TicketSummary, error) { return nil, nil }

func (h *house) Categories(context.Context) ([]crm.Category, error) {
	return []crm.Category{{Code: "R-1", Type: "报修", Level1: "渗漏", DefaultSeverity: crm.Normal}}, nil
}

func (h *house) Agent(_ context.Context, id string) (agent.Agent, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return found(h.agents, id)
}

func (h *house) Agents(context.Context) ([]agent.Agent, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return []agent.Agent{h.agents[agentTwo], h.agents[agentOne]}, nil
}

func (h *house) Waiting(context.Context) ([]acd.Waiting, error) {
	at := time.Now().Add(-50 * time.Second)
	return []acd.Waiting{
		{Call: "later", Queue: "repair", EnteredAt: at.Add(time.Second)},
		{Call: "sooner", Queue: "repair", EnteredAt: at},
		{Call: offerCall, Queue: "emergency", Priority: 100, EnteredAt: at.Add(10 * time.Second), Offered: true},
		{Call: "elsewhere", Queue: "complaint", EnteredAt: at},
	}, nil
}

func (h *house) Command(_ context.Context, id string, version int64, e agent.Event) (agent.Agent, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.agents[id]
	if version >= 0 && version != a.Version {
		return a, agent.ErrStale
	}
	next, err := agent.Step(a, e, time.Now())
	if err != nil {
		return a, err
	}
	next.Version++
	h.agents[id] = next
	if h.feed != nil {
		h.feed <- agent.Change{Agent: id}
	}
	return next, nil
}

func (h *house) Tell(_ context.Context, _ int, _ string, e call.Event) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told = append(h.told, e)
	return nil
}

func (h *house) Changes(ctx context.Context) (<-chan agent.Change, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	feed := make(chan agent.Change, 16)
	h.feed = feed
	context.AfterFunc(ctx, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.feed = nil
		close(feed)
	})
	return feed, nil
}

func (h *house) Opened(_ context.Context, id string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.presence = append(h.presence, id)
	return nil
}
func (h *house) Kept(context.Context, []string) error { return nil }
func (h *house) Lost(context.Context, string) error   { return nil }
