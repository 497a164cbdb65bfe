// Package desk carries the floor to browsers: one WebSocket for each page, with
// whole states on it, the newest one of each kind. The socket only tells;
// commands are HTTP requests elsewhere.
//
// An agent's desk goes to that agent's pages and to nobody else's.
package desk

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	mathrand "math/rand/v2"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"hotline/agent"
)

const (
	floorEvery   = 250 * time.Millisecond // at most 4 floor messages a second: more than a person can read
	clockEvery   = time.Second
	refreshEvery = 5 * time.Second // in case an announcement was lost, and for figures that nothing announces
	keepEvery    = 5 * time.Second
	lostAfter    = 3 * time.Second // a reload of the page is not an absence
	composeWait  = 5 * time.Second // for one state
	deskWorkers  = 4
	minBackOff   = 250 * time.Millisecond
	maxBackOff   = 5 * time.Second
)

var errFeedEnded = errors.New("the feed has ended")

// Hub serves all pages of this process.
type Hub struct {
	feed     Feed
	presence Presence
	source   Source
	log      Log
	epoch    string // of this process; offsets of another epoch mean nothing

	desks      *work         // agents whose desk must be composed anew
	floorDirty chan struct{} // capacity 1
	pages      chan struct{} // capacity 1: desk pages have come or gone

	mu      sync.Mutex
	stopped bool
	conns   map[*conn]struct{}
	agents  map[string]*pagesOf
	serving sync.WaitGroup
}

// pagesOf is what the hub knows of one agent with desk pages.
type pagesOf struct {
	conns  map[*conn]struct{}
	goneAt time.Time // when the last page went
	told   bool      // Presence knows that a page is there
	last   frame     // the last desk sent
}

// New makes a hub; it does nothing before Run.
func New(feed Feed, presence Presence, source Source, log Log) *Hub {
	return &Hub{
		feed: feed, presence: presence, source: source, log: log, epoch: rand.Text(),
		desks: newWork(), floorDirty: make(chan struct{}, 1), pages: make(chan struct{}, 1),
		conns: map[*conn]struct{}{}, agents: map[string]*pagesOf{},
	}
}

// Run works until ctx is done, then ends all sockets with CloseStopping and
// returns nil when every goroutine of the hub and every Serve is over.
func (h *Hub) Run(ctx context.Context) error {
	var loops sync.WaitGroup
	loops.Go(func() { h.followFeed(ctx) })
	loops.Go(func() { h.composeFloor(ctx) })
	loops.Go(func() { h.keepPresence(ctx) })
	loops.Go(func() { h.tick(ctx) })
	for range deskWorkers {
		loops.Go(func() { h.composeDesks(ctx) })
	}
	<-ctx.Done()
	h.mu.Lock()
	h.stopped = true
	for c := range h.conns {
		c.end(CloseStopping)
	}
	h.mu.Unlock()
	loops.Wait()
	h.serving.Wait()
	return nil
}

// Serve is one page's socket; it returns when that is over, and closes ws. The
// caller has checked the origin, the session and the permission for each
// stream. Nobody signed in, or nothing permitted, is said by a close code: a
// browser shows a page nothing of an HTTP answer that refuses the upgrade.
func (h *Hub) Serve(ctx context.Context, ws *websocket.Conn, who Subscriber) {
	who.Desk = who.Desk && who.AgentID != ""
	c := newConn(ws, who)
	refused := 0
	switch {
	case who.UserID == "":
		refused = CloseSignedOut
	case !who.Desk && !who.Floor:
		refused = CloseForbidden
	case !h.enter(c):
		refused = CloseStopping
	}
	if refused != 0 {
		c.end(refused)
		c.serve(ctx, h.epoch)
		return
	}
	defer h.serving.Done()
	defer h.leave(c)
	c.serve(ctx, h.epoch)
}

func (h *Hub) enter(c *conn) bool {
	c.put(clockStream, frame{at: time.Now()})
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped {
		return false
	}
	h.serving.Add(1)
	h.conns[c] = struct{}{}
	if c.who.Desk {
		p := h.agents[c.who.AgentID]
		if p == nil {
			p = &pagesOf{conns: map[*conn]struct{}{}}
			h.agents[c.who.AgentID] = p
		}
		p.conns[c] = struct{}{}
		p.last = frame{} // the new page needs the state even if it is not new
		h.desks.add(c.who.AgentID)
		signal(h.pages)
	}
	if c.who.Floor {
		signal(h.floorDirty)
	}
	return true
}

func (h *Hub) leave(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.conns, c)
	if p := h.agents[c.who.AgentID]; p != nil && c.who.Desk {
		delete(p.conns, c)
		if len(p.conns) == 0 {
			p.goneAt = time.Now()
		}
	}
}

// CloseUser ends all sockets of a user: the account may not be here any more.
func (h *Hub) CloseUser(userID string) {
	h.closeWhere(func(s Subscriber) bool { return s.UserID == userID })
}

// CloseSession ends the sockets of one session: it has signed out.
func (h *Hub) CloseSession(session string) {
	h.closeWhere(func(s Subscriber) bool { return s.Session == session })
}

func (h *Hub) closeWhere(match func(Subscriber) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.conns {
		if match(c.who) {
			c.end(CloseSignedOut)
		}
	}
}

// Pages tells how many sockets are open.
func (h *Hub) Pages() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.conns)
}

// followFeed keeps a subscription. Whoever subscribes anew has missed
// something, so everything is refreshed, and Presence, which may have lost its
// memory together with the feed, is told again who is here.
func (h *Hub) followFeed(ctx context.Context) {
	for attempt := 0; ctx.Err() == nil; attempt++ {
		changes, err := h.feed.Changes(ctx)
		if err == nil {
			attempt = 0
			h.refreshAll(true)
			for change := range changes {
				h.changed(change)
			}
			err = errFeedEnded
		}
		if ctx.Err() != nil {
			return
		}
		h.log.Warn("subscribe to the floor's changes again", err)
		pause := min(maxBackOff, minBackOff<<min(attempt, 8))
		wait(ctx, pause/2+mathrand.N(pause/2)) // #nosec G404 -- spreads reconnects, needs no secrecy
	}
}

func (h *Hub) changed(change agent.Change) {
	if change.CallEnded != "" {
		h.source.CallEnded(change.Agent)
		h.tellCallEnded(change)
	}
	if change.Agent != "" {
		h.refreshDesk(change.Agent)
	}
	signal(h.floorDirty)
}

func (h *Hub) refreshDesk(agentID string) {
	h.mu.Lock()
	_, here := h.agents[agentID]
	h.mu.Unlock()
	if here {
		h.desks.add(agentID)
	}
}

func (h *Hub) refreshAll(feedIsNew bool) {
	h.mu.Lock()
	for id, p := range h.agents {
		h.desks.add(id)
		if feedIsNew {
			p.told = false
		}
	}
	h.mu.Unlock()
	signal(h.floorDirty)
	if feedIsNew {
		signal(h.pages)
	}
}

func (h *Hub) tellCallEnded(change agent.Change) {
	f, err := encode(map[string]string{"call_id": change.CallEnded}, time.Now())
	if err != nil {
		h.log.Warn("tell a call's end", err)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.conns {
		own := c.who.Desk && c.who.AgentID == change.Agent
		if c.who.Floor || own {
			c.put(callsStream, f)
		}
	}
}

func (h *Hub) composeDesks(ctx context.Context) {
	for {
		id, ok := h.desks.next(ctx)
		if !ok {
			return
		}
		if err := h.composeDesk(ctx, id); err != nil && ctx.Err() == nil {
			h.log.Warn("compose a desk", err)
			wait(ctx, clockEvery) // the source has trouble: go slowly
			h.desks.add(id)
		}
		h.desks.done(id)
	}
}

func (h *Hub) composeDesk(ctx context.Context, id string) error {
	h.mu.Lock()
	p := h.agents[id]
	nobody := p == nil || len(p.conns) == 0
	h.mu.Unlock()
	if nobody {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, composeWait)
	defer cancel()
	at := time.Now() // before the state was read: it is not older than this
	state, err := h.source.Desk(ctx, id)
	if err != nil {
		return err
	}
	f, err := encode(state, at)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	p = h.agents[id]
	if p == nil || bytes.Equal(p.last.data, f.data) {
		return nil
	}
	p.last = f
	for c := range p.conns {
		c.put(deskStream, f)
	}
	return nil
}

func (h *Hub) composeFloor(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.floorDirty:
		}
		if err := h.sendFloor(ctx); err != nil && ctx.Err() == nil {
			h.log.Warn("compose the floor", err)
			wait(ctx, clockEvery)
			signal(h.floorDirty)
		}
		wait(ctx, floorEvery)
	}
}

func (h *Hub) sendFloor(ctx context.Context) error {
	if len(h.watchers()) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, composeWait)
	defer cancel()
	at := time.Now()
	state, err := h.source.Floor(ctx)
	if err != nil {
		return err
	}
	f, err := encode(state, at)
	if err != nil {
		return err
	}
	for _, c := range h.watchers() {
		c.put(floorStream, f)
	}
	return nil
}

func (h *Hub) watchers() []*conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []*conn
	for c := range h.conns {
		if c.who.Floor {
			out = append(out, c)
		}
	}
	return out
}

// tick sends the clock, and refreshes what no announcement covers.
func (h *Hub) tick(ctx context.Context) {
	clock, refresh := time.NewTicker(clockEvery), time.NewTicker(refreshEvery)
	defer clock.Stop()
	defer refresh.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-clock.C:
			f := frame{at: time.Now()}
			h.mu.Lock()
			for c := range h.conns {
				c.put(clockStream, f)
			}
			h.mu.Unlock()
		case <-refresh.C:
			h.refreshAll(false)
		}
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// wait returns after d, or when ctx is done.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
