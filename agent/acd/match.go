// Package acd decides who gets whom. It is pure: the same snapshot gives the
// same decisions, each with the reason for it, on any instance and at any time.
package acd

import (
	"cmp"
	"slices"
	"time"
)

// Waiting is one caller in a queue.
type Waiting struct {
	Call      string
	Queue     string
	Priority  int       // higher first
	EnteredAt time.Time // when the caller first entered the queue; kept through re-offers
	Offered   bool      // an agent is being offered this call now
}

// Agent is what matching needs to know of one agent.
type Agent struct {
	ID        string
	Queues    []string
	Available bool
	OnDuty    bool // worth waiting for
	IdleSince time.Time
}

// Snapshot is the floor at one moment.
type Snapshot struct {
	Waiting []Waiting
	Agents  []Agent
}

// Decision is one of Offer and Unstaffed.
type Decision interface{ decision() }

// Offer binds a caller to an agent.
type Offer struct {
	Call  string
	Agent string
	Why   Reason
}

// Unstaffed tells that nobody on duty serves the caller's queue: waiting there
// is of no use.
type Unstaffed struct {
	Call  string
	Queue string
}

func (Offer) decision()     {}
func (Unstaffed) decision() {}

// Reason is why a caller went to an agent. It is stored with the offer.
type Reason struct {
	Rule     string   `json:"rule"`     // which rule chose among the eligible
	Position int      `json:"position"` // the caller's place in its queue when offered, from 1
	Eligible []string `json:"eligible"` // agents free for this queue, best first; the first one was chosen
}

// LongestIdle is the only rule of this version: among the agents who are free
// and serve the queue, the one whose last call ended first.
const LongestIdle = "longest_idle"

// Match decides for every waiting caller. Callers are served by priority, then
// by the time they entered, then by id; each agent is given at most one call.
// A caller of a busier queue never waits behind a caller whom no free agent
// can serve.
func Match(s Snapshot) []Decision {
	waiting := slices.Clone(s.Waiting)
	slices.SortFunc(waiting, Before)
	free := make([]Agent, 0, len(s.Agents))
	staffed := map[string]bool{}
	for _, a := range s.Agents {
		if a.Available {
			free = append(free, a)
		}
		if a.OnDuty {
			for _, q := range a.Queues {
				staffed[q] = true
			}
		}
	}
	slices.SortFunc(free, func(a, b Agent) int {
		return cmp.Or(a.IdleSince.Compare(b.IdleSince), cmp.Compare(a.ID, b.ID))
	})

	var out []Decision
	position := map[string]int{}
	for _, w := range waiting {
		position[w.Queue]++
		if w.Offered {
			continue
		}
		if !staffed[w.Queue] {
			out = append(out, Unstaffed{Call: w.Call, Queue: w.Queue})
			continue
		}
		var eligible []string
		chosen := -1
		for i, a := range free {
			if !slices.Contains(a.Queues, w.Queue) {
				continue
			}
			if chosen < 0 {
				chosen = i
			}
			eligible = append(eligible, a.ID)
		}
		if chosen < 0 {
			continue
		}
		out = append(out, Offer{Call: w.Call, Agent: free[chosen].ID, Why: Reason{
			Rule: LongestIdle, Position: position[w.Queue], Eligible: eligible,
		}})
		free = slices.Delete(free, chosen, chosen+1)
	}
	return out
}

// Before orders waiting callers: who is to be served first comes first. It is
// the order that supervisors see.
func Before(a, b Waiting) int {
	return cmp.Or(cmp.Compare(b.Priority, a.Priority), a.EnteredAt.Compare(b.EnteredAt), cmp.Compare(a.Call, b.Call))
}
