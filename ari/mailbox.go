package ari

import "sync"

// mailbox is an unbounded queue between the goroutine that reads the socket
// and the one that consumes. Waiting is not an option on the reading side:
// Asterisk closes a socket whose write does not finish in time (100 ms by
// default, res/res_http_websocket.c), and all events of the time until the next
// connect are lost.
type mailbox struct {
	wake chan struct{} // capacity 1: a wake-up, not a message
	high chan struct{} // capacity 1: the high-water mark was passed
	mark int

	mu      sync.Mutex
	frames  [][]byte
	head    int // frames before it were taken
	nextTop int // length that is reported next
	err     error
}

func newMailbox(mark int) *mailbox {
	return &mailbox{wake: make(chan struct{}, 1), high: make(chan struct{}, 1), mark: mark, nextTop: mark}
}

func (m *mailbox) put(frame []byte) {
	m.mu.Lock()
	if m.err != nil {
		m.mu.Unlock()
		return
	}
	m.frames = append(m.frames, frame)
	waiting := len(m.frames) - m.head
	passed := waiting >= m.nextTop
	if passed {
		m.nextTop = 2 * waiting
	}
	m.mu.Unlock()
	signal(m.wake)
	if passed {
		signal(m.high)
	}
}

// close ends the queue: what waits is still delivered if drain is set, then
// take returns err.
func (m *mailbox) close(err error, drain bool) {
	m.mu.Lock()
	m.err = err
	if !drain {
		m.frames, m.head = nil, 0
	}
	m.mu.Unlock()
	signal(m.wake)
}

// take returns the oldest frame, or waits for one, or returns the end.
func (m *mailbox) take() ([]byte, error) {
	for {
		m.mu.Lock()
		if m.head < len(m.frames) {
			frame := m.frames[m.head]
			m.frames[m.head] = nil
			m.head++
			m.shrink()
			m.mu.Unlock()
			return frame, nil
		}
		err := m.err
		m.mu.Unlock()
		if err != nil {
			signal(m.wake) // for a further taker
			return nil, err
		}
		<-m.wake
	}
}

// shrink gives back the taken half of the queue and rearms the mark.
func (m *mailbox) shrink() {
	if waiting := len(m.frames) - m.head; waiting < m.mark/2 {
		m.nextTop = m.mark
	}
	if m.head < len(m.frames) && m.head < 1024 {
		return
	}
	if m.head >= len(m.frames)/2 {
		m.frames = append([][]byte(nil), m.frames[m.head:]...)
		m.head = 0
	}
}

func (m *mailbox) waiting() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.frames) - m.head
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
