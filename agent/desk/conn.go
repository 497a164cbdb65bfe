package desk

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	writeWait  = 5 * time.Second  // for one frame; a page that reads slower is cut off
	pingEvery  = 5 * time.Second  // the server's heart beat; pages need no timer of their own
	readWait   = 15 * time.Second // three pings without an answer
	readLimit  = 512              // bytes; pages have nothing to say
	checkEvery = time.Minute      // for Subscriber.Valid
	byeWait    = time.Second      // for the close frame, and for its echo
	maxCalls   = 32               // call ends kept for a slow page; it reloads its lists on any of them
)

// Subscriber is who sits at the other end, as the HTTP layer has found out.
type Subscriber struct {
	UserID  string // empty: nobody is signed in, and the page is told so
	Session string // names the session, but is not its secret
	AgentID string // whose desk it is; required for Desk
	Desk    bool   // the agent's own desk is wanted and permitted
	Floor   bool   // the supervisor's view is; also tells of every call's end
	// Valid tells whether the session still permits the streams; asked once a
	// minute, false ends the socket with CloseSignedOut. It may be nil.
	Valid func(context.Context) bool
}

// conn is one page. Everything that waits to be written is whole state, the
// newest of each stream, so its memory is bounded however slowly it reads.
type conn struct {
	who  Subscriber
	ws   *websocket.Conn
	wake chan struct{} // capacity 1

	mu      sync.Mutex
	clock   *frame
	desk    *frame
	floor   *frame
	calls   []frame
	goodbye int // close code, once it is to end
}

func newConn(ws *websocket.Conn, who Subscriber) *conn {
	return &conn{who: who, ws: ws, wake: make(chan struct{}, 1)}
}

// put queues a message; for whole-state streams it replaces one that waits.
func (c *conn) put(stream string, f frame) {
	c.mu.Lock()
	switch stream {
	case clockStream:
		c.clock = &f
	case deskStream:
		c.desk = &f
	case floorStream:
		c.floor = &f
	case callsStream:
		if len(c.calls) == maxCalls {
			c.calls = c.calls[1:]
		}
		c.calls = append(c.calls, f)
	}
	c.mu.Unlock()
	c.signal()
}

// end asks the writer to say goodbye; the first code given counts.
func (c *conn) end(code int) {
	c.mu.Lock()
	if c.goodbye == 0 {
		c.goodbye = code
	}
	c.mu.Unlock()
	c.signal()
}

func (c *conn) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

type message struct {
	stream string
	frame  frame
}

// take empties the queue. The clock comes first: the page needs the server's
// time to show any other.
func (c *conn) take(into []message) ([]message, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	into = into[:0]
	if c.clock != nil {
		into = append(into, message{clockStream, *c.clock})
	}
	if c.desk != nil {
		into = append(into, message{deskStream, *c.desk})
	}
	if c.floor != nil {
		into = append(into, message{floorStream, *c.floor})
	}
	for _, f := range c.calls {
		into = append(into, message{callsStream, f})
	}
	c.clock, c.desk, c.floor, c.calls = nil, nil, nil, nil
	return into, c.goodbye
}

// serve writes until the page or the server ends the socket. It is the only
// writer; a second goroutine reads (pongs and the close frame), a third asks
// Valid. Both are gone when serve returns.
func (c *conn) serve(ctx context.Context, epoch string) {
	ctx, cancel := context.WithCancel(ctx)
	var others sync.WaitGroup
	reader := make(chan struct{})
	others.Go(func() { defer close(reader); c.read() })
	if c.who.Valid != nil {
		others.Go(func() { c.check(ctx) })
	}
	code := c.write(ctx, epoch, reader)
	cancel()
	if code != 0 {
		bye := websocket.FormatCloseMessage(code, "")
		if c.ws.WriteControl(websocket.CloseMessage, bye, time.Now().Add(byeWait)) == nil {
			// Closing at once could destroy the frame on its way when the page
			// has sent something meanwhile; so its echo is awaited.
			select {
			case <-reader:
			case <-time.After(byeWait):
			}
		}
	}
	c.ws.Close()
	others.Wait()
}

// write returns the close code to send, or 0 when the socket is gone already.
func (c *conn) write(ctx context.Context, epoch string, reader <-chan struct{}) int {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	offsets := map[string]uint64{}
	var pending []message
	var buffer []byte
	for {
		select {
		case <-reader:
			c.mu.Lock()
			defer c.mu.Unlock()
			return c.goodbye
		case <-ctx.Done():
			return CloseStopping
		case <-ping.C:
			if c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait)) != nil {
				return 0
			}
			continue
		case <-c.wake:
		}
		var code int
		pending, code = c.take(pending)
		if code != 0 {
			return code
		}
		for _, m := range pending {
			offsets[m.stream]++
			buffer = envelope(buffer[:0], m.stream, epoch, offsets[m.stream], m.frame)
			if c.ws.SetWriteDeadline(time.Now().Add(writeWait)) != nil ||
				c.ws.WriteMessage(websocket.TextMessage, buffer) != nil {
				return 0
			}
		}
	}
}

// read drops what a page sends: commands are ordinary requests. It ends with
// the socket, or when three pings have gone unanswered.
func (c *conn) read() {
	c.ws.SetReadLimit(readLimit)
	alive := func(string) error { return c.ws.SetReadDeadline(time.Now().Add(readWait)) }
	if alive("") != nil {
		return
	}
	c.ws.SetPongHandler(alive)
	for {
		if _, _, err := c.ws.ReadMessage(); err != nil {
			if e := (net.Error)(nil); errors.As(err, &e) && e.Timeout() {
				c.end(CloseTooSlow)
			}
			return
		}
	}
}

func (c *conn) check(ctx context.Context) {
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if !c.who.Valid(ctx) && ctx.Err() == nil {
				c.end(CloseSignedOut)
				return
			}
		}
	}
}
