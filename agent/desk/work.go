package desk

import (
	"context"
	"sync"
)

// work is a set of keys that must be looked at again. A key that is added while
// it is being worked on is worked on once more afterwards, never twice at once,
// so that an older state cannot overtake a newer one.
type work struct {
	mu    sync.Mutex
	order []string
	dirty map[string]bool
	busy  map[string]bool
	wake  chan struct{} // capacity 1: a wake-up, not a message
}

func newWork() *work {
	return &work{dirty: map[string]bool{}, busy: map[string]bool{}, wake: make(chan struct{}, 1)}
}

func (w *work) add(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dirty[key] {
		return
	}
	w.dirty[key] = true
	if !w.busy[key] {
		w.order = append(w.order, key)
		w.signal()
	}
}

// next waits for a key; false means that ctx is done. The caller calls done.
func (w *work) next(ctx context.Context) (string, bool) {
	for {
		if key, ok := w.take(); ok {
			return key, true
		}
		select {
		case <-ctx.Done():
			return "", false
		case <-w.wake:
		}
	}
}

func (w *work) take() (string, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.order) == 0 {
		return "", false
	}
	key := w.order[0]
	w.order = w.order[1:]
	delete(w.dirty, key)
	w.busy[key] = true
	if len(w.order) > 0 {
		w.signal() // there is work for another one
	}
	return key, true
}

func (w *work) done(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.busy, key)
	if w.dirty[key] {
		w.order = append(w.order, key)
		w.signal()
	}
}

func (w *work) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}
