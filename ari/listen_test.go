package ari

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

// pipeListener is a network of net.Pipe, so that a bubble's clock governs
// deadlines on both sides.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

func (l *pipeListener) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case l.conns <- there:
		return here, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// inBubble runs a test against a server that upgrades every request and hands
// the connection to serve. It returns from serve when the connection is over.
func inBubble(t *testing.T, o Options, serve func(*websocket.Conn), test func(context.Context, *Client)) {
	t.Helper()
	var handlers sync.WaitGroup
	handler := func(w http.ResponseWriter, r *http.Request) {
		handlers.Add(1)
		defer handlers.Done()
		if user, password, _ := r.BasicAuth(); user != testUser || password != testPassword {
			t.Error("wrong credentials")
		}
		if r.URL.Path != "/ari/events" || r.URL.RawQuery != "app=hotline" {
			t.Errorf("address is %s", r.URL)
		}
		upgrader := websocket.Upgrader{}
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			t.Errorf("upgrade: %v", err)
			return
		}
		defer conn.Close()
		serve(conn)
	}
	synctest.Test(t, func(t *testing.T) {
		l := &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
		server := &http.Server{Handler: http.HandlerFunc(handler)}
		var wg sync.WaitGroup
		wg.Go(func() { _ = server.Serve(l) })
		o.URL, o.User, o.Password = "http://asterisk/ari", testUser, testPassword
		o.HTTP = &http.Client{Transport: &http.Transport{DialContext: l.dial}}
		c, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		test(t.Context(), c)
		c.CloseIdleConnections()
		_ = server.Close()
		wg.Wait()
		handlers.Wait()
	})
}

func mustListen(t *testing.T, ctx context.Context, c *Client) *Stream {
	t.Helper()
	s, err := c.Listen(ctx, "hotline")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// untilGone reads, and so answers pings and the goodbye.
func untilGone(conn *websocket.Conn) error {
	for {
		if _, _, err := conn.NextReader(); err != nil {
			return err
		}
	}
}

func numbered(i int) []byte {
	return frame("ChannelVarset", fmt.Sprintf(`"variable":"N","value":"%d"`, i))
}

// A consumer that is far slower than Asterisk loses nothing, does not slow the
// socket down, and is reported.
func TestSlowConsumerLosesNothing(t *testing.T) {
	const events = 3000
	var sentAll time.Time
	var marks []int
	serve := func(conn *websocket.Conn) {
		for i := range events {
			_ = conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)) // as Asterisk does
			if err := conn.WriteMessage(websocket.TextMessage, numbered(i)); err != nil {
				t.Errorf("event %d: %v", i, err)
				return
			}
		}
		sentAll = time.Now()
		_ = untilGone(conn)
	}
	o := Options{HighWaterMark: 500, HighWater: func(n int) { marks = append(marks, n) }}
	inBubble(t, o, serve, func(ctx context.Context, c *Client) {
		start := time.Now()
		s := mustListen(t, ctx, c)
		next := 0
		for event, err := range s.All() {
			if err != nil {
				t.Errorf("after %d events: %v", next, err)
				break
			}
			if got := event.(*ChannelVarset).Value; got != fmt.Sprint(next) {
				t.Errorf("event %d is %s", next, got)
				break
			}
			if next++; next == events {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if next != events {
			t.Errorf("%d events", next)
		}
		if !sentAll.Equal(start) {
			t.Errorf("the consumer held the sender up for %v", sentAll.Sub(start))
		}
		if len(marks) == 0 || marks[0] < 500 || len(marks) > 3 {
			t.Errorf("high-water marks are %v", marks)
		}
		if s.Waiting() != 0 {
			t.Errorf("%d events wait after the loop was left", s.Waiting())
		}
	})
}

// A fault of the connection comes after the events that came before it.
func TestServerCloses(t *testing.T) {
	serve := func(conn *websocket.Conn) {
		for i := range 3 {
			_ = conn.WriteMessage(websocket.TextMessage, numbered(i))
		}
		_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1011, ""), time.Now().Add(time.Second))
		_ = untilGone(conn)
	}
	inBubble(t, Options{}, serve, func(ctx context.Context, c *Client) {
		s := mustListen(t, ctx, c)
		synctest.Wait() // the connection is over before anybody consumes
		events, err := drain(t, s)
		var closed *websocket.CloseError
		if len(events) != 3 || !errors.As(err, &closed) || closed.Code != 1011 {
			t.Errorf("%d events, then %v", len(events), err)
		}
		if again, err2 := drain(t, s); len(again) != 0 || !errors.Is(err2, err) {
			t.Errorf("a second loop gives %d events and %v", len(again), err2)
		}
	})
}

func TestApplicationReplaced(t *testing.T) {
	for _, closes := range []bool{false, true} {
		serve := func(conn *websocket.Conn) {
			_ = conn.WriteMessage(websocket.TextMessage, numbered(0))
			_ = conn.WriteMessage(websocket.TextMessage, frame("ApplicationReplaced", ""))
			if closes {
				return
			}
			_ = untilGone(conn) // Asterisk leaves the socket open
		}
		inBubble(t, Options{}, serve, func(ctx context.Context, c *Client) {
			s := mustListen(t, ctx, c)
			synctest.Wait()
			events, err := drain(t, s)
			var replaced *ReplacedError
			if len(events) != 2 || !errors.Is(err, ErrApplicationReplaced) || !errors.As(err, &replaced) || replaced.Application != "hotline" {
				t.Errorf("socket closes %v: %d events, then %v", closes, len(events), err)
			}
		})
	}
}

func TestDeadPeer(t *testing.T) {
	for name, serve := range map[string]func(*websocket.Conn){
		"reads but answers nothing": func(conn *websocket.Conn) {
			conn.SetPingHandler(func(string) error { return nil })
			_ = untilGone(conn)
		},
		"does not even read": func(*websocket.Conn) { time.Sleep(time.Minute) },
	} {
		inBubble(t, Options{}, serve, func(ctx context.Context, c *Client) {
			s := mustListen(t, ctx, c)
			start := time.Now()
			events, err := drain(t, s)
			if len(events) != 0 || !errors.Is(err, ErrPeerDead) {
				t.Errorf("peer %s: %d events, then %v", name, len(events), err)
			}
			if d := time.Since(start); d < 10*time.Second || d > 12*time.Second {
				t.Errorf("peer %s: noticed after %v", name, d)
			}
		})
	}
}

// Silence alone is no fault, and the end of the context is the end.
func TestQuietPeerThenContextEnds(t *testing.T) {
	pings := 0
	serve := func(conn *websocket.Conn) {
		answer := conn.PingHandler()
		conn.SetPingHandler(func(s string) error { pings++; return answer(s) })
		_ = untilGone(conn)
	}
	inBubble(t, Options{}, serve, func(ctx context.Context, c *Client) {
		ctx, cancel := context.WithTimeout(ctx, time.Minute+time.Second)
		defer cancel()
		s := mustListen(t, ctx, c)
		start := time.Now()
		_, err := drain(t, s)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Minute+time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		if pings != 12 {
			t.Errorf("%d pings", pings)
		}
	})
}

// Close tells Asterisk, drops what waits, and may be repeated.
func TestClose(t *testing.T) {
	var goodbye error
	serve := func(conn *websocket.Conn) {
		_ = conn.WriteMessage(websocket.TextMessage, numbered(0))
		goodbye = untilGone(conn)
	}
	inBubble(t, Options{}, serve, func(ctx context.Context, c *Client) {
		s := mustListen(t, ctx, c)
		synctest.Wait()
		for range 2 {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
		synctest.Wait()
		if !websocket.IsCloseError(goodbye, websocket.CloseNormalClosure) {
			t.Errorf("the server saw %v", goodbye)
		}
		if events, err := drain(t, s); len(events) != 0 || !errors.Is(err, ErrClosed) {
			t.Errorf("%d events, then %v", len(events), err)
		}
	})
}

// Asterisk sends an event of any size as one frame.
func TestLongFrame(t *testing.T) {
	long := frame("ChannelVarset", `"variable":"N","value":"`+strings.Repeat("x", 3<<20)+`"`)
	serve := func(conn *websocket.Conn) {
		_ = conn.WriteMessage(websocket.TextMessage, long)
		_ = untilGone(conn)
	}
	inBubble(t, Options{}, serve, func(ctx context.Context, c *Client) {
		for event, err := range mustListen(t, ctx, c).All() {
			if e, ok := event.(*ChannelVarset); !ok || len(e.Value) != 3<<20 {
				t.Errorf("%T, %v", event, err)
			}
			break
		}
	})
}

func TestListenRefused(t *testing.T) {
	for status, want := range map[int]error{401: ErrUnauthorized, 404: ErrNotFound, 503: ErrUnavailable} {
		c := against(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(`{"message":"no"}`))
		})
		if _, err := c.Listen(t.Context(), "hotline"); !errors.Is(err, want) {
			t.Errorf("%d is %v", status, err)
		}
	}
	c := against(t, func(w http.ResponseWriter, _ *http.Request) {})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Listen(ctx, "hotline"); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context is %v", err)
	}
	if _, err := c.Listen(t.Context(), "hotline"); err == nil {
		t.Error("a server without WebSocket was accepted")
	}
}

// drain consumes a stream and insists on exactly one error, at the end.
func drain(t *testing.T, s *Stream) (events []Event, end error) {
	t.Helper()
	for event, err := range s.All() {
		if end != nil {
			t.Error("something follows the error")
		}
		if err != nil {
			end = err
			continue
		}
		events = append(events, event)
	}
	if end == nil {
		t.Error("the stream ended without an error")
	}
	return events, end
}
