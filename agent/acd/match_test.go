package acd

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var t0 = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

func at(seconds int) time.Time { return t0.Add(time.Duration(seconds) * time.Second) }

func free(id string, idle int, queues ...string) Agent {
	return Agent{ID: id, Queues: queues, Available: true, OnDuty: true, IdleSince: at(idle)}
}

func TestMatch(t *testing.T) {
	busy := Agent{ID: "busy", Queues: []string{"repair"}, OnDuty: true}
	tests := []struct {
		name string
		in   Snapshot
		want []Decision
	}{
		{"arrival order, longest idle first",
			Snapshot{
				Waiting: []Waiting{{Call: "late", Queue: "repair", EnteredAt: at(20)}, {Call: "early", Queue: "repair", EnteredAt: at(10)}},
				Agents:  []Agent{free("b", 5, "repair"), free("a", 9, "repair")},
			},
			[]Decision{
				Offer{"early", "b", Reason{LongestIdle, 1, []string{"b", "a"}}},
				Offer{"late", "a", Reason{LongestIdle, 2, []string{"a"}}},
			}},
		{"priority before arrival",
			Snapshot{
				Waiting: []Waiting{{Call: "first", Queue: "repair", EnteredAt: at(0)}, {Call: "burst pipe", Queue: "emergency", Priority: 100, EnteredAt: at(30)}},
				Agents:  []Agent{free("a", 0, "repair", "emergency")},
			},
			[]Decision{Offer{"burst pipe", "a", Reason{LongestIdle, 1, []string{"a"}}}}},
		{"a call being offered is not offered twice",
			Snapshot{Waiting: []Waiting{{Call: "c", Queue: "repair", Offered: true}}, Agents: []Agent{free("a", 0, "repair")}},
			nil},
		{"everybody busy: wait",
			Snapshot{Waiting: []Waiting{{Call: "c", Queue: "repair"}}, Agents: []Agent{busy}},
			nil},
		{"nobody on duty for the queue",
			Snapshot{Waiting: []Waiting{{Call: "c", Queue: "complaint"}}, Agents: []Agent{busy}},
			[]Decision{Unstaffed{"c", "complaint"}}},
		{"a free agent of another queue passes by",
			Snapshot{
				Waiting: []Waiting{{Call: "c1", Queue: "repair", EnteredAt: at(0)}, {Call: "c2", Queue: "consult", EnteredAt: at(5)}},
				Agents:  []Agent{busy, free("a", 0, "consult")},
			},
			[]Decision{Offer{"c2", "a", Reason{LongestIdle, 1, []string{"a"}}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, Match(tt.in)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestMatchProperties(t *testing.T) {
	queues := []string{"consult", "complaint", "repair"}
	rapid.Check(t, func(t *rapid.T) {
		var s Snapshot
		for i := range rapid.IntRange(0, 12).Draw(t, "callers") {
			s.Waiting = append(s.Waiting, Waiting{
				Call: fmt.Sprintf("c%02d", i), Queue: rapid.SampledFrom(queues).Draw(t, "queue"),
				Priority: rapid.IntRange(0, 2).Draw(t, "priority"), EnteredAt: at(rapid.IntRange(0, 5).Draw(t, "entered")),
				Offered: rapid.Bool().Draw(t, "offered"),
			})
		}
		for i := range rapid.IntRange(0, 8).Draw(t, "agents") {
			a := Agent{ID: fmt.Sprintf("a%02d", i), Queues: rapid.SliceOfDistinct(rapid.SampledFrom(queues), rapid.ID[string]).Draw(t, "skills"),
				IdleSince: at(rapid.IntRange(0, 5).Draw(t, "idle"))}
			a.Available = rapid.Bool().Draw(t, "available")
			a.OnDuty = a.Available || rapid.Bool().Draw(t, "on duty")
			s.Agents = append(s.Agents, a)
		}
		got := Match(s)

		shuffled := Snapshot{Waiting: append([]Waiting(nil), s.Waiting...), Agents: append([]Agent(nil), s.Agents...)}
		r := rand.New(rand.NewPCG(uint64(len(s.Waiting)), 1))
		r.Shuffle(len(shuffled.Waiting), func(i, j int) {
			shuffled.Waiting[i], shuffled.Waiting[j] = shuffled.Waiting[j], shuffled.Waiting[i]
		})
		r.Shuffle(len(shuffled.Agents), func(i, j int) {
			shuffled.Agents[i], shuffled.Agents[j] = shuffled.Agents[j], shuffled.Agents[i]
		})
		if d := cmp.Diff(got, Match(shuffled)); d != "" {
			t.Fatalf("the order of the input changed the decisions: %s", d)
		}

		agents, calls := map[string]Agent{}, map[string]Waiting{}
		for _, a := range s.Agents {
			agents[a.ID] = a
		}
		for _, w := range s.Waiting {
			calls[w.Call] = w
		}
		usedAgent, usedCall := map[string]bool{}, map[string]bool{}
		for _, d := range got {
			o, ok := d.(Offer)
			if !ok {
				continue
			}
			if usedAgent[o.Agent] || usedCall[o.Call] {
				t.Fatalf("offered twice: %+v", o)
			}
			usedAgent[o.Agent], usedCall[o.Call] = true, true
			if !agents[o.Agent].Available || calls[o.Call].Offered || !contains(agents[o.Agent].Queues, calls[o.Call].Queue) {
				t.Fatalf("not allowed: %+v", o)
			}
		}
		// Nobody waits whom a free agent could still serve, and nobody is
		// served before a caller of the same queue who stands before.
		for _, w := range s.Waiting {
			if w.Offered || usedCall[w.Call] {
				continue
			}
			for _, a := range s.Agents {
				if a.Available && !usedAgent[a.ID] && contains(a.Queues, w.Queue) {
					t.Fatalf("%s waits although %s is free", w.Call, a.ID)
				}
			}
			for c := range usedCall {
				if calls[c].Queue == w.Queue && Before(w, calls[c]) < 0 {
					t.Fatalf("%s was served before %s", c, w.Call)
				}
			}
		}
	})
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
