package control

import "sync"

// mailbox is an unbounded queue with one reader. Events of a call are never
// dropped, and a writer never waits.
type mailbox[T any] struct {
	mu    sync.Mutex
	queue []T
	wake  chan struct{} // capacity 1: a wake-up, not a message
}

func newMailbox[T any]() *mailbox[T] { return &mailbox[T]{wake: make(chan struct{}, 1)} }

func (m *mailbox[T]) put(v T) {
	m.mu.Lock()
	m.queue = append(m.queue, v)
	m.mu.Unlock()
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// take returns everything that is there, oldest first; nil when there is nothing.
func (m *mailbox[T]) take() []T {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := m.queue
	m.queue = nil
	return all
}
