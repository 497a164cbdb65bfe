package desk

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"hotline/agent"
)

// room is a floor in memory: what the hub asks of Redis and Postgres, answered
// from a map.
type room struct {
	mu       sync.Mutex
	feed     chan agent.Change
	subs     int
	desks    map[string]string // agent → what the desk shows
	floors   int               // how often the floor was composed
	ended    []string
	presence []string // calls, in order
	kept     int
	fail     error // of every presence call
	warnings []string
}

func newRoom() *room { return &room{desks: map[string]string{}} }

func (r *room) Changes(ctx context.Context) (<-chan agent.Change, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.subs++
	feed := make(chan agent.Change, 16)
	r.feed = feed
	context.AfterFunc(ctx, func() { r.loseFeed(feed) })
	return feed, nil
}

func (r *room) loseFeed(feed chan agent.Change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.feed == feed {
		close(feed)
		r.feed = nil
	}
}

func (r *room) change(c agent.Change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.feed != nil {
		r.feed <- c
	}
}

func (r *room) show(id, what string) {
	r.mu.Lock()
	r.desks[id] = what
	r.mu.Unlock()
	r.change(agent.Change{Agent: id})
}

func (r *room) Desk(_ context.Context, id string) (any, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return map[string]string{"agent": id, "shows": r.desks[id]}, nil
}

func (r *room) Floor(context.Context) (any, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.floors++
	return map[string]int{"composed": r.floors}, nil
}

func (r *room) CallEnded(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = append(r.ended, id)
}

func (r *room) told(what string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		return r.fail
	}
	r.presence = append(r.presence, what)
	return nil
}

func (r *room) Opened(_ context.Context, id string) error { return r.told("opened " + id) }
func (r *room) Lost(_ context.Context, id string) error   { return r.told("lost " + id) }
func (r *room) Kept(_ context.Context, ids []string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept += len(ids)
	return nil
}

func (r *room) Warn(message string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.warnings = append(r.warnings, fmt.Sprintf("%s: %v", message, err))
}

func (r *room) calls() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.presence)
}

// start runs a hub until the returned function is called, which waits for it.
func start(r *room) (*Hub, func()) {
	hub := New(r, r, r, r)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = hub.Run(ctx) }()
	return hub, func() { cancel(); <-done }
}

// hijack hands an upgraded connection over, as net/http does.
type hijack struct {
	net.Conn
	rw *bufio.ReadWriter
}

func (hijack) Header() http.Header                            { return http.Header{} }
func (hijack) WriteHeader(int)                                {}
func (h hijack) Hijack() (net.Conn, *bufio.ReadWriter, error) { return h.Conn, h.rw, nil }

// page is a browser at the other end of a pipe. The pipe holds nothing: what
// the page does not read, the hub has not written.
type page struct {
	t    *testing.T
	ws   *websocket.Conn
	mu   sync.Mutex
	got  []map[string]any
	raw  bytes.Buffer
	code int
	done chan struct{}
}

func open(t *testing.T, hub *Hub, who Subscriber) *page {
	t.Helper()
	near, far := net.Pipe()
	go func() {
		rw := bufio.NewReadWriter(bufio.NewReader(far), bufio.NewWriter(far))
		request, err := http.ReadRequest(rw.Reader)
		if err != nil {
			t.Error(err)
			return
		}
		ws, err := (&websocket.Upgrader{}).Upgrade(hijack{far, rw}, request, nil)
		if err != nil {
			t.Error(err)
			return
		}
		hub.Serve(context.Background(), ws, who)
	}()
	dialer := websocket.Dialer{NetDial: func(string, string) (net.Conn, error) { return near, nil }}
	ws, _, err := dialer.Dial("ws://hotline/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	return &page{t: t, ws: ws, done: make(chan struct{})}
}

// read follows the socket to its end.
func (p *page) read() *page {
	go func() {
		defer close(p.done)
		for {
			_, data, err := p.ws.ReadMessage()
			if err != nil {
				if e := (*websocket.CloseError)(nil); errors.As(err, &e) {
					p.mu.Lock()
					p.code = e.Code
					p.mu.Unlock()
				}
				p.ws.Close()
				return
			}
			var m map[string]any
			if err := json.Unmarshal(data, &m); err != nil {
				p.t.Errorf("message is not JSON: %v: %s", err, data)
			}
			p.mu.Lock()
			p.got = append(p.got, m)
			p.raw.Write(data)
			p.mu.Unlock()
		}
	}()
	return p
}

// closed is the code with which the socket was closed, 0 while it is open.
func (p *page) closed() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.code
}

// text is everything received.
func (p *page) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.raw.String()
}

func (p *page) of(stream string) []map[string]any {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []map[string]any
	for _, m := range p.got {
		if m["stream"] == stream {
			out = append(out, m)
		}
	}
	return out
}

func (p *page) shows() string {
	all := p.of(deskStream)
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1]["data"].(map[string]any)["shows"].(string)
}

func desk(id string) Subscriber {
	return Subscriber{UserID: id, Session: "s-" + id, AgentID: id, Desk: true}
}

func TestSnapshotThenChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom()
		r.desks["a"] = "idle"
		hub, stop := start(r)
		defer stop()
		p := open(t, hub, desk("a")).read()
		synctest.Wait()
		if p.shows() != "idle" {
			t.Fatalf("on connect the page shows %q", p.shows())
		}
		if !strings.HasPrefix(p.text(), `{"stream":"clock"`) {
			t.Errorf("the first message is not the clock: %s", p.text())
		}
		r.show("a", "call")
		synctest.Wait()
		if p.shows() != "call" {
			t.Errorf("after a change the page shows %q", p.shows())
		}
		for i, m := range p.of(deskStream) {
			if m["offset"] != float64(i+1) || m["epoch"] != hub.epoch || m["at"] == nil {
				t.Errorf("message %d has offset %v, epoch %v, at %v", i, m["offset"], m["epoch"], m["at"])
			}
		}
		time.Sleep(10*time.Second + time.Millisecond)
		if n := len(p.of(clockStream)); n != 11 {
			t.Errorf("%d clock messages in 10 s, 11 expected", n)
		}
		if n := len(p.of(deskStream)); n != 2 {
			t.Errorf("%d desk messages, but only 2 states", n)
		}
		stop()
		<-p.done
		if p.closed() != CloseStopping {
			t.Errorf("closed with %d when the hub stops", p.closed())
		}
	})
}

// Every page sees its own agent's call and not one byte of another's.
func TestNoByteOfAnotherAgentsCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom()
		hub, stop := start(r)
		defer stop()
		own := []*page{open(t, hub, desk("a")).read(), open(t, hub, desk("a")).read()}
		other := open(t, hub, desk("b")).read()
		synctest.Wait()
		before := len(other.text())
		r.show("a", "SECRET-OF-A")
		r.change(agent.Change{Agent: "a", CallEnded: "CALL-OF-A"})
		synctest.Wait()
		for i, p := range own {
			if p.shows() != "SECRET-OF-A" || len(p.of(callsStream)) != 1 {
				t.Errorf("page %d of the agent shows %q and %d call ends", i, p.shows(), len(p.of(callsStream)))
			}
		}
		if len(other.text()) != before {
			t.Errorf("another agent's page received %d bytes", len(other.text())-before)
		}
		time.Sleep(20 * time.Second) // refreshes and clocks
		if s := other.text(); strings.Contains(s, "SECRET") || strings.Contains(s, "OF-A") {
			t.Error("another agent's page received something about the call")
		}
	})
}

func TestFloorIsComposedOnceForAllAndAtMostFourTimesASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom()
		hub, stop := start(r)
		defer stop()
		watch := Subscriber{UserID: "s", Floor: true}
		one, two := open(t, hub, watch).read(), open(t, hub, watch).read()
		time.Sleep(time.Second)
		r.mu.Lock()
		before := r.floors
		r.mu.Unlock()
		for range 200 { // 2 s of changes, 100 a second
			r.change(agent.Change{Agent: "a"})
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(time.Second)
		r.mu.Lock()
		composed := r.floors - before
		r.mu.Unlock()
		if composed < 7 || composed > 9 {
			t.Errorf("floor composed %d times in 2 s of changes", composed)
		}
		if len(one.of(floorStream)) < composed || len(one.of(floorStream)) != len(two.of(floorStream)) {
			t.Errorf("supervisors received %d and %d floors, composed %d", len(one.of(floorStream)), len(two.of(floorStream)), composed)
		}
		r.change(agent.Change{CallEnded: "c1"})
		time.Sleep(time.Second)
		if len(one.of(callsStream)) != 1 || len(r.ended) != 1 {
			t.Errorf("call's end told %d times, source told %d times", len(one.of(callsStream)), len(r.ended))
		}
		if len(one.of(deskStream)) != 0 {
			t.Error("a supervisor's page received a desk")
		}
	})
}

// A page that does not read is cut off after the write deadline; until then it
// holds one message of each kind, and nobody else waits for it.
func TestSlowReaderNeitherGrowsNorBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom()
		hub, stop := start(r)
		defer stop()
		slow := open(t, hub, desk("a")) // never reads
		quick := open(t, hub, desk("a")).read()
		synctest.Wait()
		for i := range 1000 {
			r.show("a", fmt.Sprint("state ", i))
			r.change(agent.Change{Agent: "a", CallEnded: fmt.Sprint("call ", i)})
			synctest.Wait()
			if quick.shows() != fmt.Sprint("state ", i) {
				t.Fatalf("the quick page shows %q at state %d", quick.shows(), i)
			}
		}
		var waiting []message
		for c := range hub.conns {
			if left, _ := c.take(nil); len(left) > 0 {
				waiting = left
			}
		}
		if n := len(waiting); n == 0 || n > 2+maxCalls {
			t.Errorf("%d messages wait for the slow page", n)
		}
		time.Sleep(writeWait + 2*byeWait)
		if n := hub.Pages(); n != 1 {
			t.Errorf("%d pages are open after the slow one's deadline", n)
		}
		slow.ws.Close()
	})
}

func TestSilentPageIsClosedAsTooSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, stop := start(newRoom())
		defer stop()
		p := open(t, hub, desk("a"))
		p.ws.SetPingHandler(func(string) error { return nil }) // reads, but never answers
		p.read()
		time.Sleep(readWait - time.Second)
		if hub.Pages() != 1 {
			t.Error("closed too early")
		}
		time.Sleep(2 * time.Second)
		<-p.done
		if p.closed() != CloseTooSlow {
			t.Errorf("closed with %d", p.closed())
		}
		answering := open(t, hub, desk("a")).read()
		time.Sleep(time.Minute)
		if answering.closed() != 0 || hub.Pages() != 1 {
			t.Errorf("a page that answers pings was closed with %d", answering.closed())
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, stop := start(newRoom())
		defer stop()
		var over atomic.Bool
		checked := desk("c")
		checked.Valid = func(context.Context) bool { return !over.Load() }
		a, b, c := open(t, hub, desk("a")).read(), open(t, hub, desk("b")).read(), open(t, hub, checked).read()
		synctest.Wait()
		hub.CloseSession("s-a")
		hub.CloseUser("b")
		synctest.Wait()
		if a.closed() != CloseSignedOut || b.closed() != CloseSignedOut || c.closed() != 0 {
			t.Errorf("codes %d, %d, %d", a.closed(), b.closed(), c.closed())
		}
		time.Sleep(checkEvery + time.Second)
		if c.closed() != 0 {
			t.Errorf("a valid session was closed with %d", c.closed())
		}
		over.Store(true)
		time.Sleep(checkEvery)
		if c.closed() != CloseSignedOut {
			t.Errorf("a session that is over was closed with %d", c.closed())
		}
		nobody, nothing := open(t, hub, Subscriber{}).read(), open(t, hub, Subscriber{UserID: "x", Desk: true}).read()
		synctest.Wait()
		if nobody.closed() != CloseSignedOut || nothing.closed() != CloseForbidden {
			t.Errorf("refused with %d and %d", nobody.closed(), nothing.closed())
		}
	})
}

func TestPresence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom()
		hub, stop := start(r)
		defer stop()
		one, two := open(t, hub, desk("a")).read(), open(t, hub, desk("a")).read()
		supervisor := open(t, hub, Subscriber{UserID: "s", Floor: true}).read()
		time.Sleep(11 * time.Second)
		if got := r.calls(); !slices.Equal(got, []string{"opened a"}) {
			t.Errorf("two pages of one agent: %v", got)
		}
		if r.kept != 2 {
			t.Errorf("kept %d times in 11 s", r.kept)
		}
		one.ws.Close()
		time.Sleep(10 * time.Second)
		two.ws.Close()
		time.Sleep(2 * time.Second) // a reload
		again := open(t, hub, desk("a")).read()
		time.Sleep(10 * time.Second)
		if got := r.calls(); !slices.Equal(got, []string{"opened a"}) {
			t.Errorf("after a reload: %v", got)
		}
		again.ws.Close()
		time.Sleep(5 * time.Second)
		if got := r.calls(); !slices.Equal(got, []string{"opened a", "lost a"}) {
			t.Errorf("after the last page is gone: %v", got)
		}
		r.mu.Lock()
		r.fail = errors.New("store is away")
		r.mu.Unlock()
		open(t, hub, desk("a")).read()
		time.Sleep(5 * time.Second)
		r.mu.Lock()
		r.fail = nil
		r.mu.Unlock()
		time.Sleep(2 * time.Second)
		if got := r.calls(); !slices.Equal(got, []string{"opened a", "lost a", "opened a"}) {
			t.Errorf("after the store is back: %v", got)
		}
		_ = supervisor
	})
}

func TestLostFeedIsFollowedAnewAndEverythingRefreshed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom()
		hub, stop := start(r)
		defer stop()
		p := open(t, hub, desk("a")).read()
		synctest.Wait()
		r.mu.Lock()
		feed := r.feed
		r.mu.Unlock()
		r.loseFeed(feed)
		r.show("a", "changed unheard")
		time.Sleep(time.Second)
		if p.shows() != "changed unheard" || r.subs != 2 {
			t.Errorf("shows %q after %d subscriptions", p.shows(), r.subs)
		}
		if got := r.calls(); !slices.Equal(got, []string{"opened a", "opened a"}) {
			t.Errorf("presence was told %v", got)
		}
	})
}
