package floor

import (
	"context"
	"fmt"
	"time"

	"hotline/agent"
)

// deskLease is how long a desk page counts as open without being confirmed. It
// covers a killed server: its pages are gone with it.
const deskLease = 20 * time.Second

// Opened tells that a desk page of the agent is there.
func (f *Floor) Opened(ctx context.Context, agentID string) error {
	if err := f.Kept(ctx, []string{agentID}); err != nil {
		return err
	}
	_, err := f.Command(ctx, agentID, -1, agent.DeskOpened{})
	return err
}

// Kept confirms that the agents' desk pages are still there.
func (f *Floor) Kept(ctx context.Context, agentIDs []string) error {
	pipe := f.db.Pipeline()
	for _, id := range agentIDs {
		pipe.Set(ctx, f.deskKey(id), 1, deskLease)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("keep desks: %w", err)
	}
	return nil
}

// Lost tells that the last desk page of the agent is gone.
func (f *Floor) Lost(ctx context.Context, agentID string) error {
	if err := f.db.Del(ctx, f.deskKey(agentID)).Err(); err != nil {
		return fmt.Errorf("lose desk: %w", err)
	}
	_, err := f.Command(ctx, agentID, -1, agent.DeskLost{})
	return err
}

// sweepDesks finds agents whose page nobody confirms any more.
func (f *Floor) sweepDesks(ctx context.Context, agents []agent.Agent) error {
	var connected []agent.Agent
	var keys []string
	for _, a := range agents {
		if a.Connected {
			connected = append(connected, a)
			keys = append(keys, f.deskKey(a.ID))
		}
	}
	if len(keys) == 0 {
		return nil
	}
	alive, err := f.db.MGet(ctx, keys...).Result()
	if err != nil {
		return fmt.Errorf("sweep desks: %w", err)
	}
	for i, v := range alive {
		if v != nil {
			continue
		}
		if _, err := f.Command(ctx, connected[i].ID, -1, agent.DeskLost{}); err != nil {
			return err
		}
	}
	return nil
}
