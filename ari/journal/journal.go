// Package journal is the way of an entry into the durable log: many calls'
// entries go to the store together, and while the store is away they go to a
// file on this machine, each one synced to the disk before it counts as
// written, and from there to the store in their order when it is back.
//
// What the fence of the log refuses when it is replayed is kept in a second
// file for whoever must find out; its call has another owner by then.
package journal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"hotline/ari/call"
)

// Store is where entries end up. Append refuses with call.ErrFenced, and wraps
// call.ErrAway when the store cannot be reached; the same item may be given
// again. AppendAll does the same for items of different calls in one round
// trip, with one answer for each.
type Store interface {
	TakeSlot(ctx context.Context, slot int, owner string) (epoch int64, err error)
	OpenCalls(ctx context.Context, slot int) ([]call.Record, error)
	Append(ctx context.Context, e call.Entry, after call.State) error
	AppendAll(ctx context.Context, items []call.Transition) []error
}

// storeTime bounds one attempt at the store. A store that hangs is away: calls
// must not wait for it.
const storeTime = 2 * time.Second

// retryEvery is how often a store that was away is tried again.
const retryEvery = 250 * time.Millisecond

// Journal writes through one goroutine, Run. Its methods may be called from any.
type Journal struct {
	store Store
	spool *spool
	warn  func(message string, err error)

	mu      sync.Mutex
	pending []request
	wake    chan struct{} // capacity 1
	fenced  map[fence]bool
	empty   bool          // nothing is in the spool: entries go to the store
	drained chan struct{} // closed while empty; replaced when it is not
	backlog int           // items in the spool that the store does not have yet
}

type request struct {
	item call.Transition
	done chan error // capacity 1
}

// fence names a slot's owner that the store has refused.
type fence struct {
	slot  int
	epoch int64
}

// Open makes a journal over a store, with its spool in the given folder. What a
// former process left in the spool is written first. warn is told when the
// store goes and comes; it must not block.
func Open(store Store, dir string, warn func(message string, err error)) (*Journal, error) {
	s, left, err := openSpool(dir)
	if err != nil {
		return nil, err
	}
	j := &Journal{store: store, spool: s, warn: warn, wake: make(chan struct{}, 1), fenced: map[fence]bool{}, drained: make(chan struct{}), backlog: left}
	if left == 0 {
		j.empty = true
		close(j.drained)
	} else {
		warn(fmt.Sprintf("%d entries of the log wait in the spool of a former run", left), nil)
	}
	return j, nil
}

// Close closes the spool. Run must have returned.
func (j *Journal) Close() error { return j.spool.close() }

// Backlog is how many entries wait in the spool.
func (j *Journal) Backlog() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.backlog
}

func (j *Journal) spooling() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return !j.empty
}

// Append returns when the entry is in the store or in the spool.
func (j *Journal) Append(ctx context.Context, e call.Entry, after call.State) error {
	r := request{call.Transition{Entry: e, After: after}, make(chan error, 1)}
	j.mu.Lock()
	j.pending = append(j.pending, r)
	j.mu.Unlock()
	select {
	case j.wake <- struct{}{}:
	default:
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		return ctx.Err() // it may be written all the same; who takes over finds it
	}
}

// TakeSlot waits until the spool is empty: what it holds was written under the
// epoch that this ends.
func (j *Journal) TakeSlot(ctx context.Context, slot int, owner string) (int64, error) {
	j.mu.Lock()
	drained := j.drained
	j.mu.Unlock()
	select {
	case <-drained:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	return j.store.TakeSlot(ctx, slot, owner)
}

// OpenCalls reads the open calls; see Store.
func (j *Journal) OpenCalls(ctx context.Context, slot int) ([]call.Record, error) {
	return j.store.OpenCalls(ctx, slot)
}

// Run writes until ctx ends, and then what is pending at that moment.
func (j *Journal) Run(ctx context.Context) error {
	retry := time.NewTimer(0)
	defer retry.Stop()
	for {
		select {
		case <-ctx.Done():
			return j.last(ctx)
		case <-retry.C:
		case <-j.wake:
		}
		requests := j.take()
		if j.spooling() {
			j.toSpool(requests)
			if j.drain(ctx) {
				continue
			}
			retry.Reset(retryEvery)
			continue
		}
		j.write(ctx, requests)
		if j.spooling() {
			retry.Reset(retryEvery)
		}
	}
}

// last makes sure of what was pending when the process was told to stop.
func (j *Journal) last(ctx context.Context) error {
	if requests := j.take(); len(requests) > 0 {
		if j.spooling() {
			j.toSpool(requests)
		} else {
			j.write(context.WithoutCancel(ctx), requests)
		}
	}
	return ctx.Err()
}

func (j *Journal) take() []request {
	j.mu.Lock()
	defer j.mu.Unlock()
	all := j.pending
	j.pending = nil
	return all
}

// write gives requests to the store, together; those for which it is away go to
// the spool.
func (j *Journal) write(ctx context.Context, requests []request) {
	if len(requests) == 0 {
		return
	}
	items := make([]call.Transition, len(requests))
	for i, r := range requests {
		items[i] = r.item
	}
	answers := j.toStore(ctx, items)
	var away []request
	for i, err := range answers {
		if errors.Is(err, call.ErrAway) {
			if len(away) == 0 {
				j.warn("the log's store is away: entries go to the spool", err)
			}
			away = append(away, requests[i])
			continue
		}
		requests[i].done <- err
	}
	j.toSpool(away)
}

func (j *Journal) toStore(ctx context.Context, items []call.Transition) []error {
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	if len(items) == 1 {
		return []error{j.store.Append(ctx, items[0].Entry, items[0].After)}
	}
	return j.store.AppendAll(ctx, items)
}

// toSpool writes requests to the file and syncs it once for all of them.
func (j *Journal) toSpool(requests []request) {
	var items []call.Transition
	var accepted []request
	for _, r := range requests {
		if j.fenced[fence{r.item.Entry.Slot, r.item.Entry.Epoch}] {
			r.done <- call.ErrFenced
			continue
		}
		items, accepted = append(items, r.item), append(accepted, r)
	}
	if len(items) == 0 {
		return
	}
	err := j.spool.append(items)
	if err == nil {
		j.mu.Lock()
		if j.empty {
			j.empty, j.drained = false, make(chan struct{})
		}
		j.backlog += len(items)
		j.mu.Unlock()
	}
	for _, r := range accepted {
		r.done <- err
	}
}

// drain moves the spool to the store, in order, and tells whether it is empty.
// Calls never wait for it: what they write meanwhile goes to the spool's end.
func (j *Journal) drain(ctx context.Context) bool {
	moved := 0
	for {
		j.toSpool(j.take())
		item, ok, err := j.spool.next()
		if err != nil {
			j.warn("the spool cannot be read", err)
			return false
		}
		if !ok {
			break
		}
		switch err := j.move(ctx, item); {
		case err == nil:
		case errors.Is(err, call.ErrFenced):
			j.fenced[fence{item.Entry.Slot, item.Entry.Epoch}] = true
			j.warn("an entry of the spool is refused: its slot has another owner", err)
			if err := j.spool.refuse(item); err != nil {
				j.warn("the refused entry cannot be kept", err)
				return false
			}
		default:
			if !errors.Is(err, call.ErrAway) && ctx.Err() == nil {
				j.warn("an entry of the spool cannot be written", err)
			}
			return false
		}
		j.spool.done()
		moved++
		j.mu.Lock()
		j.backlog--
		j.mu.Unlock()
	}
	if err := j.spool.clear(); err != nil {
		j.warn("the spool cannot be emptied", err) // its entries are in the store: given again, they change nothing
		return false
	}
	j.mu.Lock()
	j.empty = true
	close(j.drained)
	j.mu.Unlock()
	j.warn(fmt.Sprintf("the log's store is back: %d entries were moved from the spool", moved), nil)
	return true
}

// move gives one item of the spool to the store, and serves the spool's end
// while the store thinks about it.
func (j *Journal) move(ctx context.Context, item call.Transition) error {
	attempt, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	answer := make(chan error, 1)
	go func() { answer <- j.store.Append(attempt, item.Entry, item.After) }() // ends with attempt at the latest
	for {
		select {
		case err := <-answer:
			return err
		case <-j.wake:
			j.toSpool(j.take())
		}
	}
}
