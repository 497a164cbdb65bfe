package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/alexedwards/scs/v2/memstore"
	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"hotline/agent/desk"
)

// site is a server over real HTTP, with the real hub, over the house.
type site struct {
	*house
	t      *testing.T
	server *Server
	url    string
	admin  string
	hub    *desk.Hub
}

type hubSockets struct{ *desk.Hub }

func (h hubSockets) Serve(ctx context.Context, ws *websocket.Conn, v Viewer) {
	h.Hub.Serve(ctx, ws, desk.Subscriber(v))
}

type hubLog struct{ *zap.Logger }

func (l hubLog) Warn(message string, err error) { l.Logger.Warn(message, zap.Error(err)) }

func newSite(t *testing.T, change ...func(*Deps)) *site {
	t.Helper()
	s := &site{house: newHouse(), t: t}
	views := NewViews(s.house, s.house, s.house)
	s.hub = desk.New(s.house, s.house, views, hubLog{zap.NewNop()})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = s.hub.Run(ctx) }()

	listener := httptest.NewUnstartedServer(nil)
	public, _ := url.Parse("http://" + listener.Listener.Addr().String())
	phone, _ := url.Parse("http://127.0.0.1:1/ws")
	d := Deps{
		Users: s.house, Calls: s.house, Tickets: s.house, Floor: s.house, Views: views, Sockets: hubSockets{s.hub},
		Sessions: memstore.NewWithCleanupInterval(0), Public: public, Phone: phone, Metrics: prometheus.NewRegistry(),
		Log: zaptest.NewLogger(t, zaptest.Level(zap.FatalLevel)), Version: "test",
		Page: fstest.MapFS{
			"index.html":     {Data: []byte("<!doctype html>" + strings.Repeat("the page ", 200))},
			"assets/a-1.js":  {Data: []byte(strings.Repeat("let a = 1;", 200))},
			"favicon.svg":    {Data: []byte("<svg/>")},
			"assets/.secret": {Data: []byte("x")},
		},
		Checks: []Check{
			{"postgres", func(context.Context) error { return nil }},
			{"redis", func(context.Context) error { return s.trouble() }},
		},
	}
	for _, c := range change {
		c(&d)
	}
	server, err := New(d)
	if err != nil {
		t.Fatal(err)
	}
	s.server = server
	listener.Config.Handler = server.Handler()
	listener.Start()
	adminListener := httptest.NewServer(server.AdminHandler())
	s.url, s.admin = listener.URL, adminListener.URL
	t.Cleanup(func() { cancel(); <-done; listener.Close(); adminListener.Close() })
	return s
}

// browser is a client with its own cookies.
type browser struct {
	*site
	client *http.Client
}

func (s *site) anonymous() *browser {
	jar, _ := cookiejar.New(nil)
	return &browser{s, &http.Client{Jar: jar}}
}

func (s *site) signIn(username string) *browser {
	s.t.Helper()
	b := s.anonymous()
	r := b.do("POST", "/api/v1/session", `{"username":"`+username+`","password":"`+password+`"}`)
	if r.status != 200 {
		s.t.Fatalf("sign in %s: %d %s", username, r.status, r.body)
	}
	return b
}

type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) slug() string {
	var p Problem
	if json.Unmarshal([]byte(r.body), &p) != nil {
		return ""
	}
	return strings.TrimPrefix(p.Type, "/problems/")
}

func (r reply) into(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.body), v); err != nil {
		t.Fatalf("answer is not JSON: %v: %s", err, r.body)
	}
}

// do sends one request; headers are given in pairs.
func (b *browser) do(method, path, body string, headers ...string) reply {
	b.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	request, err := http.NewRequest(method, b.url+path, reader)
	if err != nil {
		b.t.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer, err := b.client.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return reply{answer.StatusCode, answer.Header, string(data)}
}

// dial opens a socket with the browser's cookies.
func (b *browser) dial(path, origin string, protocols ...string) (*websocket.Conn, *http.Response, error) {
	at, _ := url.Parse(b.url)
	header := http.Header{}
	for _, c := range b.client.Jar.Cookies(at) {
		header.Add("Cookie", c.String())
	}
	if origin != "" {
		header.Set("Origin", origin)
	}
	d := websocket.Dialer{Subprotocols: protocols}
	return d.Dial(strings.Replace(b.url, "http", "ws", 1)+path, header)
}

var errAway = &net.OpError{Op: "dial", Err: errors.New("store is away")}
