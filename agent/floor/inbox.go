package floor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/ari/call"
)

// message is one event for a call, on its way to the slot that owns it.
type message struct {
	Call string          `json:"call"`
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

func encodeMessage(callID string, e call.Event) string {
	return mustJSON(message{Call: callID, Type: call.TypeOf(e), Data: json.RawMessage(mustJSON(e))})
}

// Tell sends an event to the controller that owns the slot.
func (f *Floor) Tell(ctx context.Context, slot int, callID string, e call.Event) error {
	if err := f.db.RPush(ctx, f.inboxKey(slot), encodeMessage(callID, e)).Err(); err != nil {
		return fmt.Errorf("tell controller: %w", err)
	}
	return nil
}

// inboxWait is how long Next waits. It is short since go-redis does not break a
// blocked read off when its context ends, and who stops must not wait long.
const inboxWait = 200 * time.Millisecond

// Next waits a moment for the next message to a slot; ok is false when
// there was none. A message is handed out once: one that is lost with a dying
// controller is found again by looking at who is bound to which call, or was a
// request that its sender may repeat.
func (f *Floor) Next(ctx context.Context, slot int) (callID string, e call.Event, ok bool, err error) {
	// Not BLPop: it rounds up to whole seconds, which Redis has not asked for since version 6.
	reply, err := f.db.Do(ctx, "BLPOP", f.inboxKey(slot), inboxWait.Seconds()).StringSlice()
	if errors.Is(err, redis.Nil) {
		return "", nil, false, nil
	}
	if err != nil {
		return "", nil, false, fmt.Errorf("read inbox: %w", err)
	}
	var m message
	if err := json.Unmarshal([]byte(reply[1]), &m); err != nil {
		return "", nil, false, fmt.Errorf("decode message: %w", err)
	}
	e, err = call.Decode(m.Type, m.Data)
	if err != nil {
		return "", nil, false, err
	}
	return m.Call, e, true, nil
}
