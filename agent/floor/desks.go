package floor

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/agent"
)

// deskLease is how long a desk page counts as open without being confirmed. It
// covers a killed server: its pages are gone with it.
const deskLease = 20 * time.Second

// Desks are the desk pages that one instance serves. An agent's pages may be
// spread over instances, and move from one to another: an agent is connected
// while any instance confirms one.
type Desks struct {
	floor *Floor
	owner string
}

// Desks returns the pages of an instance. The name must be its own.
func (f *Floor) Desks(owner string) *Desks { return &Desks{f, owner} }

// Opened tells that a desk page of the agent is there.
func (d *Desks) Opened(ctx context.Context, agentID string) error {
	if err := d.confirm(ctx, agentID); err != nil {
		return err
	}
	_, err := d.floor.Command(ctx, agentID, -1, agent.DeskOpened{})
	return err
}

// Kept confirms that the agents' desk pages are still there. An agent who was
// taken for lost meanwhile is connected again.
func (d *Desks) Kept(ctx context.Context, agentIDs []string) error {
	if len(agentIDs) == 0 {
		return nil
	}
	if err := d.confirm(ctx, agentIDs...); err != nil {
		return err
	}
	for _, id := range agentIDs {
		a, err := d.floor.Agent(ctx, id)
		if err == nil && !a.Connected {
			_, err = d.floor.Command(ctx, id, -1, agent.DeskOpened{})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *Desks) confirm(ctx context.Context, agentIDs ...string) error {
	until := float64(time.Now().Add(deskLease).UnixMilli())
	pipe := d.floor.db.Pipeline()
	for _, id := range agentIDs {
		pipe.ZAdd(ctx, d.floor.deskKey(id), redis.Z{Score: until, Member: d.owner})
		pipe.PExpire(ctx, d.floor.deskKey(id), deskLease)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("confirm desks: %w", err)
	}
	return nil
}

// Lost tells that the last desk page of the agent on this instance is gone.
func (d *Desks) Lost(ctx context.Context, agentID string) error {
	if err := d.floor.db.ZRem(ctx, d.floor.deskKey(agentID), d.owner).Err(); err != nil {
		return fmt.Errorf("lose desk: %w", err)
	}
	a, err := d.floor.Agent(ctx, agentID)
	if err != nil {
		return err
	}
	return d.floor.sweepDesks(ctx, []agent.Agent{a})
}

// sweepDesks finds agents whose page no instance confirms any more.
func (f *Floor) sweepDesks(ctx context.Context, agents []agent.Agent) error {
	pipe := f.db.Pipeline()
	alive := map[string]*redis.IntCmd{}
	now := strconv.FormatInt(time.Now().UnixMilli(), 10)
	for _, a := range agents {
		if a.Connected {
			alive[a.ID] = pipe.ZCount(ctx, f.deskKey(a.ID), now, "+inf")
		}
	}
	if len(alive) == 0 {
		return nil
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("sweep desks: %w", err)
	}
	for id, count := range alive {
		if count.Val() > 0 {
			continue
		}
		if _, err := f.Command(ctx, id, -1, agent.DeskLost{}); err != nil {
			return err
		}
	}
	return nil
}
