package aritest

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// socket is one event socket. Its own goroutine writes; a queue without bound
// stands before it, so that the world never waits for a client.
type socket struct {
	apps []string
	all  bool // subscribeAll

	mu    sync.Mutex
	queue []frame
	wake  chan struct{} // capacity 1: a wake-up, not a message
	life  context.Context
	stop  context.CancelFunc // ends the connection without a word, as a crash does
}

type frame struct {
	due  time.Time
	text []byte
}

// faults are what happens to the next events.
type faults struct {
	lose, repeat int
	delay        time.Duration
}

// send queues an event under the faults that are set.
func (w *world) send(s *socket, text []byte) {
	copies := 1
	switch {
	case w.faults.lose > 0:
		w.faults.lose--
		copies = 0
	case w.faults.repeat > 0:
		w.faults.repeat--
		copies = 2
	}
	due := time.Now().Add(w.faults.delay)
	s.mu.Lock()
	for range copies {
		s.queue = append(s.queue, frame{due, text})
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// write sends what is queued, in order, each when it is due.
func (s *socket) write(conn *websocket.Conn) {
	for {
		s.mu.Lock()
		queue := s.queue
		s.queue = nil
		s.mu.Unlock()
		for _, f := range queue {
			if wait := time.Until(f.due); wait > 0 {
				select {
				case <-time.After(wait):
				case <-s.life.Done():
					return
				}
			}
			if conn.WriteMessage(websocket.TextMessage, f.text) != nil {
				s.stop()
				return
			}
		}
		if len(queue) > 0 {
			continue
		}
		select {
		case <-s.wake:
		case <-s.life.Done():
			return
		}
	}
}

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

// events serves the event socket until it ends.
func (f *Fake) events(rw http.ResponseWriter, r *http.Request) {
	f.wg.Add(1)
	defer f.wg.Done()
	if status := f.admit(r); status != 0 {
		write(rw, answer{status, encode(map[string]string{"message": http.StatusText(status)})})
		return
	}
	apps := r.URL.Query().Get("app")
	if apps == "" {
		write(rw, answer{400, encode(map[string]string{"message": "HTTP request is missing param: [app]"})})
		return
	}
	s := &socket{
		apps: strings.Split(apps, ","), all: r.URL.Query().Get("subscribeAll") == "true",
		wake: make(chan struct{}, 1),
	}
	s.life, s.stop = context.WithCancel(context.Background())
	defer s.stop()
	// The applications are registered before the client hears that it is
	// connected; what happens in between is queued.
	f.mu.Lock()
	if f.w.closed {
		f.mu.Unlock()
		return
	}
	f.w.connect(s)
	f.mu.Unlock()
	conn, err := upgrader.Upgrade(rw, r, nil)
	if err == nil {
		f.serve(s, conn)
	} // else it has answered
	f.mu.Lock()
	f.w.drop(s)
	f.mu.Unlock()
}

// serve writes to the socket and reads from it until one of them ends.
func (f *Fake) serve(s *socket, conn *websocket.Conn) {
	stop := context.AfterFunc(s.life, func() { _ = conn.Close() }) // there is nothing to lose
	defer stop()
	f.wg.Go(func() { s.write(conn) })
	for {
		if _, _, err := conn.NextReader(); err != nil { // requests over the socket are not served
			s.stop()
			return
		}
	}
}
