package floor

import (
	"context"
	"encoding/json"
	"fmt"

	"hotline/agent"
)

// Changes tells what changes from now on. The channel is closed when the
// subscription is lost or ctx ends; what changed meanwhile is not told, so a
// reader subscribes anew and looks at everything.
func (f *Floor) Changes(ctx context.Context) (<-chan agent.Change, error) {
	sub := f.db.Subscribe(ctx, f.changes())
	if _, err := sub.Receive(ctx); err != nil {
		sub.Close()
		return nil, fmt.Errorf("subscribe to the floor: %w", err)
	}
	out := make(chan agent.Change, 64)
	// go-redis looks at ctx before it reads, not while it waits: the end of ctx
	// closes the connection under the reader.
	stop := context.AfterFunc(ctx, func() { sub.Close() })
	go func() { // ends with ctx or the connection; out's close tells the owner
		defer close(out)
		defer func() {
			stop()
			sub.Close()
		}()
		for {
			m, err := sub.ReceiveMessage(ctx)
			if err != nil {
				return
			}
			var c agent.Change
			if json.Unmarshal([]byte(m.Payload), &c) != nil {
				continue // not ours
			}
			select {
			case out <- c:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}
