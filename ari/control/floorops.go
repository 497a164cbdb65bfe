package control

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"hotline/ari/call"
)

// floorOp is one effect on the floor.
type floorOp struct {
	call   string
	effect call.Effect
}

// runFloorOps performs the floor's effects of the whole slot, in order, each
// until it is done: an agent must not stay bound because Redis was away for a
// moment. A call never waits for it.
func (n *session) runFloorOps(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			n.lastFloorOps()
			return ctx.Err()
		case <-n.floorOps.wake:
		}
		for _, op := range n.floorOps.take() {
			wait := 50 * time.Millisecond
			for {
				err := n.onFloor(ctx, op)
				if err == nil || ctx.Err() != nil {
					break
				}
				n.Log.Warn("floor is not writable, trying again", zap.String("call", op.call), zap.Error(err))
				pause(ctx, wait)
				wait = min(wait*2, 2*time.Second)
			}
		}
	}
}

// lastFloorOps tries once what an ending session has left; what fails is found
// by the next owner's audit.
func (n *session) lastFloorOps() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, op := range n.floorOps.take() {
		if err := n.onFloor(ctx, op); err != nil {
			n.Log.Warn("floor not told at the end", zap.String("call", op.call), zap.Error(err))
		}
	}
}

func (n *session) onFloor(ctx context.Context, op floorOp) error {
	switch f := op.effect.(type) {
	case call.Enqueue:
		return n.Floor.Enqueue(ctx, n.number, op.call, f)
	case call.Dequeue:
		return n.Floor.Dequeue(ctx, op.call)
	case call.MarkRinging:
		return n.Floor.MarkRinging(ctx, op.call, f)
	case call.MarkTalking:
		return n.Floor.MarkTalking(ctx, op.call, f)
	case call.ReleaseAgent:
		return n.Floor.Release(ctx, op.call, f)
	case call.Announce:
		return n.Floor.Changed(ctx, f.Agent)
	case call.AnnounceEnd:
		return n.Floor.Ended(ctx, op.call, f.Agent)
	}
	return fmt.Errorf("no way to perform %T on the floor", op.effect)
}
