package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"hotline/deploy/local/sipp"
)

// desk is an agent's page as the server sees it: a session, a stream, and a
// confirmation for every pop. What it shows is what the stream said last.
type desk struct {
	t      *testing.T
	http   *http.Client
	cookie *cookiejar.Jar
	user   string

	mu      sync.Mutex
	changed chan struct{} // closed and replaced at each message
	latest  deskView
	seen    []string          // states in order
	popped  map[string]string // call → name on the card when it was first shown
}

type deskView struct {
	Agent struct {
		ID      string
		State   string
		Reason  *string
		Version int64
	}
	Call *struct {
		ID, Phase, Queue string
		Attempt          int
	}
	Pop *struct {
		NumberMasked string `json:"number_masked"`
		Match        string
		Candidates   []struct{ Name string }
		OpenTickets  []struct{ Number int } `json:"open_tickets"`
	}
}

// webPort is that of the instance whose pages the tests open; 0 is the stack's.
var webPort int

func address(path string) string {
	port := webPort
	if port == 0 {
		port = stack.Ports().Web
	}
	return fmt.Sprintf("http://127.0.0.1:%d%s", port, path)
}

// signIn opens a session without a page.
func signIn(t *testing.T, user string) *desk {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, http: &http.Client{Jar: jar, Timeout: 10 * time.Second}, cookie: jar, user: user, changed: make(chan struct{}), popped: map[string]string{}}
	d.post("/api/v1/session", map[string]any{"username": user, "password": stack.Secrets().Demo}, nil)
	return d
}

// openDesk signs an agent in and opens the page.
func openDesk(t *testing.T, user string) *desk {
	t.Helper()
	d := signIn(t, user)
	ctx, cancel := context.WithCancel(context.Background())
	var reading sync.WaitGroup
	t.Cleanup(func() { cancel(); reading.Wait() })
	reading.Go(func() { d.follow(ctx) })
	d.await("the first message", func(v deskView) bool { return v.Agent.ID != "" })
	t.Cleanup(d.leave)
	return d
}

// follow reads the stream, and opens it again when the server went away, as a
// page does.
func (d *desk) follow(ctx context.Context) {
	for ctx.Err() == nil {
		u, _ := url.Parse(address("/api/v1/stream?streams=desk"))
		u.Scheme = "ws"
		dialer := websocket.Dialer{Jar: d.cookie, HandshakeTimeout: 5 * time.Second}
		ws, res, err := dialer.DialContext(ctx, u.String(), http.Header{"Origin": {address("")}})
		if res != nil {
			res.Body.Close()
		}
		if err != nil {
			pause(ctx, 100*time.Millisecond)
			continue
		}
		stop := context.AfterFunc(ctx, func() { ws.Close() })
		for {
			var m struct {
				Stream string
				Data   json.RawMessage
			}
			if err := ws.ReadJSON(&m); err != nil {
				break
			}
			if m.Stream == "desk" {
				d.show(m.Data)
			}
		}
		stop()
		ws.Close()
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func (d *desk) show(data []byte) {
	var v deskView
	if err := json.Unmarshal(data, &v); err != nil {
		d.t.Errorf("desk message: %v", err)
		return
	}
	d.mu.Lock()
	before := d.latest
	d.latest = v
	if v.Agent.State != before.Agent.State {
		d.seen = append(d.seen, v.Agent.State)
	}
	offered := v.Call != nil && v.Call.Phase == "offered" && (before.Call == nil || before.Call.ID != v.Call.ID || before.Call.Attempt != v.Call.Attempt)
	if offered && v.Pop != nil && len(v.Pop.Candidates) > 0 {
		d.popped[v.Call.ID] = v.Pop.Candidates[0].Name
	}
	close(d.changed)
	d.changed = make(chan struct{})
	d.mu.Unlock()
	if offered {
		d.post("/api/v1/calls/"+v.Call.ID+"/actions/pop-shown", map[string]any{"attempt": v.Call.Attempt}, nil)
	}
}

// await waits until the page shows what is wanted.
func (d *desk) await(what string, ok func(deskView) bool) deskView {
	d.t.Helper()
	deadline := time.After(45 * time.Second)
	for {
		d.mu.Lock()
		v, changed := d.latest, d.changed
		d.mu.Unlock()
		if ok(v) {
			return v
		}
		select {
		case <-changed:
		case <-deadline:
			d.t.Fatalf("%s never saw %s; last: %+v, states %v", d.user, what, v, d.seen)
		}
	}
}

func (d *desk) awaitState(state string) deskView {
	d.t.Helper()
	return d.await("state "+state, func(v deskView) bool { return v.Agent.State == state })
}

// command asks for a change of presence, based on what the page shows.
func (d *desk) command(action string, body map[string]any) {
	d.t.Helper()
	var v deskView
	d.get("/api/v1/me/desk", &v)
	if body == nil {
		body = map[string]any{}
	}
	body["version"] = v.Agent.Version
	d.post("/api/v1/me/desk/actions/"+action, body, nil)
}

func (d *desk) ready() {
	d.t.Helper()
	d.command("ready", map[string]any{"device": "desk_phone"})
	d.awaitState("ready")
}

// leave signs off, whatever the agent is doing.
func (d *desk) leave() {
	for range 3 {
		var v deskView
		d.get("/api/v1/me/desk", &v)
		switch v.Agent.State {
		case "offline":
			return
		case "wrap_up":
			d.command("offline", nil)
			d.command("finish-wrap-up", nil)
		default:
			d.command("offline", nil)
		}
	}
}

func (d *desk) get(path string, into any) {
	d.t.Helper()
	d.do(http.MethodGet, path, nil, into)
}

func (d *desk) post(path string, body, into any) {
	d.t.Helper()
	d.do(http.MethodPost, path, body, into)
}

func (d *desk) do(method, path string, body, into any) {
	d.t.Helper()
	var reader io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			d.t.Fatal(err)
		}
		reader = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, address(path), reader)
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if path == "/api/v1/tickets" {
		req.Header.Set("Idempotency-Key", fmt.Sprintf("test-%d", time.Now().UnixNano()))
	}
	res, err := d.http.Do(req)
	if err != nil {
		d.t.Errorf("%s %s: %v", method, path, err)
		return
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		d.t.Errorf("%s %s: %d %s %v", method, path, res.StatusCode, answer, err)
		return
	}
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			d.t.Errorf("%s %s: %v in %s", method, path, err, answer)
		}
	}
}

// phone plugs in the agent's desk phone until the test's end.
func (d *desk) phone(p sipp.Phone) *sipp.Set {
	d.t.Helper()
	var account struct{ Password string }
	d.get("/api/v1/me/phone", &account)
	p.User, p.Password, p.Target = d.user, account.Password, fmt.Sprintf("127.0.0.1:%d", stack.Ports().SIP)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	set, err := p.Start(ctx)
	if err != nil {
		cancel()
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		defer cancel()
		if err := set.Stop(ctx); err != nil {
			d.t.Errorf("phone of %s: %v", d.user, err)
		}
	})
	return set
}
