package floor

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"hotline/agent"
	"hotline/agent/acd"
)

// Place is one caller's place in the queue.
type Place struct {
	Call      string    `json:"call"`
	Slot      int       `json:"slot"` // of the controller that owns the call
	Queue     string    `json:"queue"`
	Priority  int       `json:"priority"`
	EnteredAt time.Time `json:"entered_at"`
	Attempt   int       `json:"attempt"`         // the number of the next offer, or of the present one
	Agent     string    `json:"agent,omitempty"` // who is being offered this call now
}

// Enqueue takes a place, or renews it: after an offer that came to nothing it is
// the same place with the next attempt's number.
func (f *Floor) Enqueue(ctx context.Context, p Place) error {
	pipe := f.db.Pipeline()
	pipe.HSet(ctx, f.waitingKey(), p.Call, mustJSON(p))
	_ = announce(ctx, pipe, f.changes(), agent.Change{}) // queued; Exec reports
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("enqueue: %w", err)
	}
	return nil
}

// Dequeue gives up a call's place. A call without one is no error.
func (f *Floor) Dequeue(ctx context.Context, call string) error {
	pipe := f.db.Pipeline()
	pipe.HDel(ctx, f.waitingKey(), call)
	_ = announce(ctx, pipe, f.changes(), agent.Change{}) // queued; Exec reports
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("dequeue: %w", err)
	}
	return nil
}

// Waiting lists the callers in the queue in the order in which they are served.
func (f *Floor) Waiting(ctx context.Context) ([]acd.Waiting, error) {
	places, err := f.places(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]acd.Waiting, 0, len(places))
	for _, p := range places {
		out = append(out, p.waiting())
	}
	slices.SortFunc(out, acd.Before)
	return out, nil
}

func (p Place) waiting() acd.Waiting {
	return acd.Waiting{Call: p.Call, Queue: p.Queue, Priority: p.Priority, EnteredAt: p.EnteredAt, Offered: p.Agent != ""}
}

// stored is a place with the text that Redis holds, for compare-and-set.
type stored struct {
	Place
	text string
}

func (f *Floor) places(ctx context.Context) (map[string]stored, error) {
	values, err := f.db.HGetAll(ctx, f.waitingKey()).Result()
	if err != nil {
		return nil, fmt.Errorf("read queue: %w", err)
	}
	out := make(map[string]stored, len(values))
	for call, text := range values {
		p := stored{text: text}
		if err := json.Unmarshal([]byte(text), &p.Place); err != nil {
			return nil, fmt.Errorf("decode place: %w", err)
		}
		out[call] = p
	}
	return out, nil
}
