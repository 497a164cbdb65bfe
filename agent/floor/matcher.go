package floor

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"hotline/agent"
	"hotline/agent/acd"
	"hotline/ari/call"
)

const (
	// lostGrace is how long an agent whose page is gone still counts as somebody
	// worth waiting for.
	lostGrace = time.Minute
	// sweepEvery is the pulse of everything that only time brings about: the end
	// of wrap-up, and pages that nobody confirms.
	sweepEvery = time.Second
	// staffedAgain is when a call is told again that its queue is not staffed,
	// should the first message have been lost with a dying controller.
	staffedAgain = 5 * time.Second
)

// Matcher gives waiting callers to free agents. Any number of matchers may run
// on one floor: a decision that is based on an old view is refused by Redis.
type Matcher struct {
	floor *Floor
	fault func(error)          // told of each round that could not be finished
	told  map[string]time.Time // calls told that their queue is not staffed
}

// NewMatcher makes a matcher; fault is called from Run's goroutine and must not block.
func NewMatcher(f *Floor, fault func(error)) *Matcher {
	return &Matcher{floor: f, fault: fault, told: map[string]time.Time{}}
}

// Run matches whenever the floor changes, and once a second, until ctx ends.
func (m *Matcher) Run(ctx context.Context) error {
	pulse := time.NewTicker(sweepEvery)
	defer pulse.Stop()
	var changes <-chan agent.Change
	for {
		if changes == nil {
			var err error
			if changes, err = m.floor.Changes(ctx); err != nil && ctx.Err() == nil {
				m.fault(err) // the pulse goes on meanwhile
			}
		}
		sweep := false
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-pulse.C:
			sweep = true
		case _, ok := <-changes:
			if !ok {
				changes = nil
			}
			drain(changes)
		}
		if err := m.round(ctx, sweep); err != nil && ctx.Err() == nil {
			m.fault(err)
		}
	}
}

// drain takes what else is there: one round serves many changes.
func drain(changes <-chan agent.Change) {
	for {
		select {
		case _, ok := <-changes:
			if !ok {
				return
			}
		default:
			return
		}
	}
}

// round looks, decides, and commits; again while a commit was refused because
// somebody else was faster.
func (m *Matcher) round(ctx context.Context, sweep bool) error {
	for range tries {
		agents, err := m.floor.Agents(ctx)
		if err != nil {
			return err
		}
		if sweep {
			sweep = false
			if err := m.letTimePass(ctx, agents); err != nil {
				return err
			}
			if agents, err = m.floor.Agents(ctx); err != nil {
				return err
			}
		}
		places, err := m.floor.places(ctx)
		if err != nil {
			return err
		}
		if len(places) == 0 {
			clear(m.told)
			return nil
		}
		refused, err := m.commit(ctx, agents, places, time.Now().UTC())
		if err != nil || !refused {
			return err
		}
	}
	return nil // the next change or pulse goes on
}

func (m *Matcher) letTimePass(ctx context.Context, agents []agent.Agent) error {
	now := time.Now().UTC()
	for _, a := range agents {
		if a.State == agent.WrapUp && !now.Before(a.WrapUntil) {
			if _, err := m.floor.Command(ctx, a.ID, -1, agent.Tick{}); err != nil {
				return err
			}
		}
	}
	return m.floor.sweepDesks(ctx, agents)
}

func (m *Matcher) commit(ctx context.Context, agents []agent.Agent, places map[string]stored, now time.Time) (refused bool, err error) {
	byID := make(map[string]agent.Agent, len(agents))
	snapshot := acd.Snapshot{}
	for _, a := range agents {
		byID[a.ID] = a
		snapshot.Agents = append(snapshot.Agents, acd.Agent{
			ID: a.ID, Queues: a.Queues, Available: a.Available(), OnDuty: a.OnDuty(now, lostGrace), IdleSince: a.IdleSince,
		})
	}
	for _, p := range places {
		snapshot.Waiting = append(snapshot.Waiting, p.waiting())
	}
	for _, d := range acd.Match(snapshot) {
		switch d := d.(type) {
		case acd.Offer:
			ok, err := m.reserve(ctx, byID[d.Agent], places[d.Call], d.Why, now)
			if err != nil {
				return false, err
			}
			refused = refused || !ok
		case acd.Unstaffed:
			if now.Sub(m.told[d.Call]) < staffedAgain {
				continue
			}
			if err := m.floor.Tell(ctx, places[d.Call].Slot, d.Call, call.QueueUnstaffed{}); err != nil {
				return false, err
			}
			m.told[d.Call] = now
		}
	}
	return refused, nil
}

func (m *Matcher) reserve(ctx context.Context, a agent.Agent, p stored, why acd.Reason, now time.Time) (bool, error) {
	after, err := agent.Step(a, agent.Reserve{Call: p.Call, Attempt: p.Attempt, Slot: p.Slot}, now)
	if errors.Is(err, agent.ErrNotNow) {
		return false, nil // changed since the snapshot was taken
	}
	if err != nil {
		return false, err
	}
	after.Version = a.Version + 1
	taken := p.Place
	taken.Agent = a.ID
	f := m.floor
	n, err := reserveScript.Run(ctx, f.db,
		[]string{f.agentsKey(), f.versionsKey(), f.waitingKey(), f.inboxKey(p.Slot)},
		a.ID, a.Version, after.Version, mustJSON(after),
		p.Call, p.text, mustJSON(taken),
		encodeMessage(p.Call, call.AgentReserved{Agent: a.ID, Endpoint: a.Phone(), Attempt: p.Attempt, Why: json.RawMessage(mustJSON(why))}),
		f.changes(), mustJSON(agent.Change{Agent: a.ID})).Int()
	return n == 1, err
}
