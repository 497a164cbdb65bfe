package floor

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

//go:embed hold_lease.lua
var holdLeaseSource string

//go:embed drop_lease.lua
var dropLeaseSource string

var (
	holdLeaseScript = redis.NewScript(holdLeaseSource)
	dropLeaseScript = redis.NewScript(dropLeaseSource)
)

// leaseTime is how long a slot stays with an instance that says nothing. It is
// most of the time that a takeover takes.
const leaseTime = 2 * time.Second

// Leases are one instance's claims on slots. A lease decides only who tries:
// the log is fenced by epochs, and Asterisk lets one socket serve an
// application.
type Leases struct {
	floor *Floor
	owner string
}

// Leases returns the claims of an instance. The name must be its own.
func (f *Floor) Leases(owner string) *Leases { return &Leases{f, owner} }

func (l *Leases) key(slot int) string { return l.floor.tag + "lease:" + strconv.Itoa(slot) }
func (l *Leases) instances() string   { return l.floor.tag + "instances" }

// Hold takes or renews a slot's lease; false means that another instance has it.
func (l *Leases) Hold(ctx context.Context, slot int) (bool, error) {
	n, err := holdLeaseScript.Run(ctx, l.floor.db, []string{l.key(slot)}, l.owner, leaseTime.Milliseconds()).Int()
	if err != nil {
		return false, fmt.Errorf("hold lease of slot %d: %w", slot, err)
	}
	return n == 1, nil
}

// Drop gives a lease back at once. One that another instance has is left alone.
func (l *Leases) Drop(ctx context.Context, slot int) error {
	if err := dropLeaseScript.Run(ctx, l.floor.db, []string{l.key(slot)}, l.owner).Err(); err != nil {
		return fmt.Errorf("drop lease of slot %d: %w", slot, err)
	}
	return nil
}

// Peers says that this instance is here and counts those that are, this one
// included.
func (l *Leases) Peers(ctx context.Context) (int, error) {
	now := time.Now()
	pipe := l.floor.db.TxPipeline()
	pipe.ZAdd(ctx, l.instances(), redis.Z{Score: float64(now.UnixMilli()), Member: l.owner})
	pipe.ZRemRangeByScore(ctx, l.instances(), "-inf", "("+strconv.FormatInt(now.Add(-leaseTime).UnixMilli(), 10))
	count := pipe.ZCard(ctx, l.instances())
	if _, err := pipe.Exec(ctx); err != nil {
		return 0, fmt.Errorf("count instances: %w", err)
	}
	return max(1, int(count.Val())), nil
}

// Leave says that this instance is going.
func (l *Leases) Leave(ctx context.Context) error {
	if err := l.floor.db.ZRem(ctx, l.instances(), l.owner).Err(); err != nil {
		return fmt.Errorf("leave: %w", err)
	}
	return nil
}
