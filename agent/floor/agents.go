package floor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/agent"
)

// tries bounds how often a presence is read again after somebody else changed
// it in between. Contention on one agent is a handful of writers.
const tries = 20

// Agents lists everybody known to the floor, by extension.
func (f *Floor) Agents(ctx context.Context) ([]agent.Agent, error) {
	pipe := f.db.Pipeline()
	values, versions := pipe.HGetAll(ctx, f.agentsKey()), pipe.HGetAll(ctx, f.versionsKey())
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("read agents: %w", err)
	}
	out := make([]agent.Agent, 0, len(values.Val()))
	for id, value := range values.Val() {
		a, err := decodeAgent(value, versions.Val()[id])
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b agent.Agent) int { return strings.Compare(a.Extension, b.Extension) })
	return out, nil
}

// ErrUnknownAgent tells that nobody of this id has been registered.
var ErrUnknownAgent = errors.New("agent is not known to the floor")

// Agent reads one presence.
func (f *Floor) Agent(ctx context.Context, id string) (agent.Agent, error) {
	pipe := f.db.Pipeline()
	value, version := pipe.HGet(ctx, f.agentsKey(), id), pipe.HGet(ctx, f.versionsKey(), id)
	_, err := pipe.Exec(ctx)
	if errors.Is(err, redis.Nil) {
		return agent.Agent{}, ErrUnknownAgent
	}
	if err != nil {
		return agent.Agent{}, fmt.Errorf("read agent: %w", err)
	}
	return decodeAgent(value.Val(), version.Val())
}

func decodeAgent(value, version string) (agent.Agent, error) {
	var a agent.Agent
	if err := json.Unmarshal([]byte(value), &a); err != nil {
		return a, fmt.Errorf("decode agent: %w", err)
	}
	a.Version, _ = strconv.ParseInt(version, 10, 64) // our own number; 0 when it was lost
	return a, nil
}

// Register makes agents known, or renews their name, extension and queues. What
// they are doing is kept.
func (f *Floor) Register(ctx context.Context, profiles []agent.Agent) error {
	for _, p := range profiles {
		_, err := f.change(ctx, p.ID, -1, func(a agent.Agent, known bool) (agent.Agent, error) {
			if !known {
				return p, nil
			}
			a.Name, a.Extension, a.Queues = p.Name, p.Extension, p.Queues
			return a, nil
		})
		if err != nil {
			return fmt.Errorf("register agent: %w", err)
		}
	}
	return nil
}

// Command applies an event to an agent. A version of 0 or more must be the one
// that the caller saw, or the answer is agent.ErrStale; -1 takes any.
// A refusal of the state machine wraps agent.ErrNotNow.
func (f *Floor) Command(ctx context.Context, id string, version int64, e agent.Event) (agent.Agent, error) {
	return f.change(ctx, id, version, func(a agent.Agent, known bool) (agent.Agent, error) {
		if !known {
			return a, ErrUnknownAgent
		}
		return agent.Step(a, e, time.Now().UTC())
	})
}

// change is the only writer of presence beside reserve.lua: read, decide,
// compare and set, again if somebody was faster.
func (f *Floor) change(ctx context.Context, id string, version int64, decide func(agent.Agent, bool) (agent.Agent, error)) (agent.Agent, error) {
	for range tries {
		before, err := f.Agent(ctx, id)
		known := !errors.Is(err, ErrUnknownAgent)
		if err != nil && known {
			return agent.Agent{}, err
		}
		if version >= 0 && before.Version != version {
			return before, agent.ErrStale
		}
		after, err := decide(before, known)
		if err != nil {
			return before, err
		}
		after.Version = before.Version
		if known && mustJSON(after) == mustJSON(before) {
			return before, nil
		}
		after.Version++
		set, err := setAgentScript.Run(ctx, f.db, []string{f.agentsKey(), f.versionsKey()},
			id, before.Version, after.Version, mustJSON(after), f.changes(), mustJSON(agent.Change{Agent: id})).Int()
		if err != nil {
			return before, fmt.Errorf("write agent: %w", err)
		}
		if set == 1 {
			return after, nil
		}
	}
	return agent.Agent{}, fmt.Errorf("write agent: changed by others %d times in a row", tries)
}
