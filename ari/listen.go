package ari

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const opListen = "events.listen"

// Reasons why a stream ends, besides the error of its context and faults of
// the connection.
var (
	// ErrApplicationReplaced means that another connection took the
	// application over. Do not connect again to win it back. The error is a
	// *ReplacedError, which names the application.
	ErrApplicationReplaced = errors.New("application was taken over by another connection")
	// ErrPeerDead means that nothing came for Options.DeadAfter, not even the
	// answer to a ping. Calls may still be entering the application at
	// Asterisk's side, which notices a dead connection later than we do.
	ErrPeerDead = errors.New("asterisk does not answer pings")
	// ErrClosed means that Stream.Close was called or that the loop over All
	// was left.
	ErrClosed = errors.New("stream is closed")
)

// ReplacedError is the end of a stream whose application was taken over.
type ReplacedError struct{ Application string }

// Error names the application.
func (e *ReplacedError) Error() string {
	return "ari events: application " + e.Application + " was taken over by another connection"
}

// Is makes errors.Is find ErrApplicationReplaced.
func (e *ReplacedError) Is(target error) bool { return target == ErrApplicationReplaced }

type streamSettings struct {
	pingEvery, deadAfter time.Duration
	highWater            func(int)
	mark                 int
}

// maxFrame bounds one event. Asterisk sends an event of any size as one frame.
const maxFrame = 64 << 20

const goodbyeTimeout = time.Second

// Stream is one connection for events. Somebody must range over All or call
// Close, or its goroutines stay.
type Stream struct {
	conn     *websocket.Conn
	settings streamSettings
	box      *mailbox

	once    sync.Once // guards the end
	ended   chan struct{}
	stopCtx func() bool // detaches from the context, exactly once
	wg      sync.WaitGroup
}

// Listen connects the event socket for the applications and returns when they
// are registered: from then on calls may enter them, and no event is lost
// between Asterisk and All, however slow its consumer is.
//
// The context governs the whole stream, not just the connecting. An application
// that is connected elsewhere is taken over from there. The stream does not
// subscribe to all sources; use Applications.Subscribe for endpoints and
// devices.
//
// A refusal is an *Error, any other fault a *TransportError.
func (c *Client) Listen(ctx context.Context, apps ...string) (*Stream, error) {
	if len(apps) == 0 {
		return nil, invalid(opListen, "no application")
	}
	names, err := list(opListen, apps)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, transportError(opListen, err)
	}
	header := http.Header{"Authorization": {
		"Basic " + base64.StdEncoding.EncodeToString([]byte(c.user+":"+c.password)),
	}}
	conn, resp, err := c.dialer().DialContext(ctx, c.socketURL+"/events?"+query{"app": names}.encode(), header)
	if err != nil {
		return nil, handshakeError(ctx, resp, err)
	}

	s := &Stream{conn: conn, settings: c.stream, box: newMailbox(c.stream.mark), ended: make(chan struct{})}
	conn.SetReadLimit(maxFrame)
	s.extend()
	conn.SetPongHandler(func(string) error { s.extend(); return nil })
	conn.SetPingHandler(func(payload string) error {
		// A pong that cannot be sent is no fault yet: the reader decides.
		_ = conn.WriteControl(websocket.PongMessage, []byte(payload), time.Now().Add(goodbyeTimeout))
		s.extend()
		return nil
	})

	s.wg.Add(1)
	stop := context.AfterFunc(ctx, func() {
		defer s.wg.Done()
		s.end(ctx.Err(), false)
	})
	s.stopCtx = sync.OnceValue(func() bool {
		stopped := stop()
		if stopped {
			s.wg.Done()
		}
		return stopped
	})
	s.wg.Go(s.read)
	s.wg.Go(s.keep)
	return s, nil
}

// dialer uses what the HTTP client uses, as far as it can be known.
func (c *Client) dialer() *websocket.Dialer {
	d := &websocket.Dialer{HandshakeTimeout: defaultAnswerTimeout}
	transport := c.http.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	if t, ok := transport.(*http.Transport); ok {
		d.NetDialContext, d.Proxy = t.DialContext, t.Proxy
		if t.TLSClientConfig != nil {
			d.TLSClientConfig = t.TLSClientConfig.Clone()
			d.TLSClientConfig.NextProtos = nil // a WebSocket upgrade needs HTTP/1.1
		}
	}
	return d
}

func handshakeError(ctx context.Context, resp *http.Response, err error) error {
	if resp == nil || resp.StatusCode == http.StatusSwitchingProtocols {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return transportError(opListen, err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxComplain))
	return answerError(opListen, resp.StatusCode, body)
}

// All delivers the events in the order in which Asterisk sent them and ends
// with exactly one error, the reason. What had arrived before a fault of the
// connection is still delivered; after Close and after the end of the context
// it is not. All is for one consumer. It returns when the connection is closed
// and its goroutines have ended, also when the loop is left early: a stream
// cannot be resumed.
func (s *Stream) All() iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		defer s.Close()
		for {
			frame, err := s.box.take()
			if err != nil {
				_ = s.Close()
				yield(nil, err)
				return
			}
			event := DecodeEvent(frame)
			if !yield(event, nil) {
				return
			}
			if replaced, ok := event.(*ApplicationReplaced); ok {
				reason := &ReplacedError{replaced.Application}
				s.end(reason, false)
				s.box.close(reason, false) // also where the connection ended in the meantime
			}
		}
	}
}

// Waiting returns how many events have arrived and were not delivered yet.
func (s *Stream) Waiting() int { return s.box.waiting() }

// Close says goodbye, closes the connection and waits for the goroutines. It
// may be called more than once and always returns nil.
func (s *Stream) Close() error {
	s.end(ErrClosed, false)
	s.stopCtx()
	s.wg.Wait()
	return nil
}

// end closes the connection; the first reason counts.
func (s *Stream) end(reason error, drain bool) {
	s.once.Do(func() {
		s.box.close(reason, drain)
		close(s.ended)
		if !drain {
			// We leave, so Asterisk is told. It is closed whether it heard it or not.
			_ = s.conn.WriteControl(websocket.CloseMessage,
				websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(goodbyeTimeout))
		}
		_ = s.conn.Close()
	})
}

// extend moves the time at which the peer counts as dead. It is refused only
// when the connection is gone, which the reader finds out after it has read
// what had arrived.
func (s *Stream) extend() {
	_ = s.conn.SetReadDeadline(time.Now().Add(s.settings.deadAfter))
}

// read only reads and queues: see mailbox.
func (s *Stream) read() {
	for {
		kind, r, err := s.conn.NextReader()
		var frame []byte
		if err == nil {
			frame, err = io.ReadAll(alive{r, s})
		}
		if err != nil {
			s.end(s.readFault(err), true)
			return
		}
		if kind == websocket.TextMessage {
			s.box.put(frame)
		}
	}
}

// alive counts each part of a long frame as a sign of life.
type alive struct {
	r io.Reader
	s *Stream
}

func (a alive) Read(p []byte) (int, error) {
	n, err := a.r.Read(p)
	if n > 0 {
		a.s.extend()
	}
	return n, err
}

func (s *Stream) readFault(err error) error {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return fmt.Errorf("ari events: nothing came for %v: %w", s.settings.deadAfter, ErrPeerDead)
	}
	if errors.Is(err, websocket.ErrReadLimit) {
		return fmt.Errorf("ari events: an event is longer than %d bytes: %w", maxFrame, err)
	}
	return fmt.Errorf("ari events: connection ended: %w", err)
}

// keep sends the pings and reports the high-water mark. A ping that cannot be
// sent ends nothing: the silence that follows does.
func (s *Stream) keep() {
	ticker := time.NewTicker(s.settings.pingEvery)
	defer ticker.Stop()
	for {
		select {
		case <-s.ended:
			return
		case <-s.box.high:
			if s.settings.highWater != nil {
				s.settings.highWater(s.box.waiting())
			}
		case <-ticker.C:
			_ = s.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(s.settings.pingEvery))
		}
	}
}
