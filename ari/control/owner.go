package control

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"hotline/ari"
	"hotline/ari/call"
)

// Leases are this instance's claims on slots. An error means that the leases'
// store is away, not that somebody else has the slot.
type Leases interface {
	Hold(ctx context.Context, slot int) (bool, error)
	Drop(ctx context.Context, slot int) error
	// Peers says that this instance is here and counts all that are.
	Peers(ctx context.Context) (int, error)
	Leave(ctx context.Context) error
}

const (
	// leasePulse is how often leases are renewed and free ones are tried.
	leasePulse = 250 * time.Millisecond
	// afterReplaced is how long a slot is left alone after another socket took
	// its application: two that fight for it would serve nobody.
	afterReplaced = 5 * time.Second
	// leaseAnswer bounds one question to the leases' store.
	leaseAnswer = time.Second
)

// Owner shares the slots with the other instances: it serves a fair part of
// them, takes over those of an instance that is gone, and hands some over when
// one joins.
type Owner struct {
	slots  []*Slot
	leases Leases
	log    *zap.Logger

	mu    sync.Mutex
	peers int
	held  map[*Slot]*holding
}

// holding is a slot that is served here.
type holding struct {
	stop  context.CancelFunc
	done  chan struct{}
	fault error // why serving ended; read after done
}

// NewOwner makes the owner of an instance.
func NewOwner(slots []*Slot, leases Leases, log *zap.Logger) *Owner {
	return &Owner{slots: slots, leases: leases, log: log, peers: 1, held: map[*Slot]*holding{}}
}

// Ready is nil when every slot that is this instance's to serve is served.
func (o *Owner) Ready() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.held) == 0 && o.peers < 2 {
		return errors.New("no slot is served")
	}
	for s := range o.held {
		if err := s.Ready(); err != nil {
			return err
		}
	}
	return nil
}

// Run serves slots until ctx ends, and then gives them back at once: another
// instance need not wait for the leases to run out.
func (o *Owner) Run(ctx context.Context) error {
	pulse := time.NewTicker(leasePulse)
	defer pulse.Stop()
	shun := map[*Slot]time.Time{} // until when a slot is left alone
	for {
		o.round(ctx, shun)
		select {
		case <-ctx.Done():
			o.giveBack()
			return ctx.Err()
		case <-pulse.C:
		}
	}
}

func (o *Owner) round(ctx context.Context, shun map[*Slot]time.Time) {
	o.collect(shun)
	peers, err := o.ask(ctx, o.leases.Peers)
	if err != nil {
		return // the leases' store is away: what is served here goes on, for as long as Asterisk's socket is ours
	}
	fair := (len(o.slots) + peers - 1) / peers
	o.mu.Lock()
	o.peers = peers
	o.mu.Unlock()
	for _, s := range o.slots {
		h := o.held[s]
		if h == nil && (len(o.held) >= fair || time.Now().Before(shun[s])) {
			continue
		}
		mine, err := hold(ctx, o.leases, s)
		switch {
		case err != nil: // as above
		case !mine && h != nil:
			o.log.Warn("another instance has the slot", zap.Int("slot", s.number))
			o.end(s)
		case mine && h == nil:
			o.begin(ctx, s)
		}
	}
	if len(o.held) > fair { // somebody joined: one slot a round, so that it can follow
		for _, s := range o.slots {
			if o.held[s] != nil {
				o.end(s)
				o.drop(s)
				return
			}
		}
	}
}

func (o *Owner) ask(ctx context.Context, f func(context.Context) (int, error)) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, leaseAnswer)
	defer cancel()
	return f(ctx)
}

func hold(ctx context.Context, l Leases, s *Slot) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, leaseAnswer)
	defer cancel()
	return l.Hold(ctx, s.number)
}

func (o *Owner) begin(ctx context.Context, s *Slot) {
	ctx, stop := context.WithCancel(ctx)
	h := &holding{stop: stop, done: make(chan struct{})}
	o.mu.Lock()
	o.held[s] = h
	o.mu.Unlock()
	go func() { // end and collect wait for it
		defer close(h.done)
		h.fault = s.Run(ctx)
	}()
}

// end stops serving a slot; what is under way in it is finished or left to the
// next owner.
func (o *Owner) end(s *Slot) {
	h := o.held[s]
	h.stop()
	<-h.done
	o.mu.Lock()
	delete(o.held, s)
	o.mu.Unlock()
}

// collect takes note of slots that another instance took from us.
func (o *Owner) collect(shun map[*Slot]time.Time) {
	for s, h := range o.held {
		select {
		case <-h.done:
			o.log.Warn("the slot was taken from us", zap.Int("slot", s.number), zap.Error(h.fault))
			shun[s] = time.Now().Add(afterReplaced)
			o.end(s)
			o.drop(s)
		default:
		}
	}
}

func (o *Owner) drop(s *Slot) {
	ctx, cancel := context.WithTimeout(context.Background(), leaseAnswer)
	defer cancel()
	if err := o.leases.Drop(ctx, s.number); err != nil {
		o.log.Warn("give the lease back", zap.Error(err))
	}
}

func (o *Owner) giveBack() {
	var stopping sync.WaitGroup
	for s, h := range o.held {
		h.stop()
		stopping.Go(func() {
			<-h.done
			o.drop(s)
		})
	}
	stopping.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), leaseAnswer)
	defer cancel()
	if err := o.leases.Leave(ctx); err != nil {
		o.log.Warn("say that we leave", zap.Error(err))
	}
}

// lost tells whether a session ended because the slot is somebody else's now.
func lost(err error) bool {
	return errors.Is(err, ari.ErrApplicationReplaced) || errors.Is(err, call.ErrFenced)
}

// errLost is what Slot.Run returns then.
func errLost(slot int, err error) error { return fmt.Errorf("slot %d is lost: %w", slot, err) }
