package desk

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"hotline/agent"
)

// The same over TCP: many pages, all of them told, within a moment.
func TestOverTCP(t *testing.T) {
	r := newRoom()
	r.desks["a"] = "idle"
	hub, stop := start(r)
	defer stop()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		ws, err := (&websocket.Upgrader{}).Upgrade(w, req, nil)
		if err != nil {
			t.Error(err)
			return
		}
		who := Subscriber{UserID: "s", Floor: true}
		if id := req.URL.Query().Get("agent"); id != "" {
			who = desk(id)
		}
		hub.Serve(req.Context(), ws, who)
	}))
	defer server.Close()
	dial := func(query string) *page {
		ws, _, err := websocket.DefaultDialer.Dial(strings.Replace(server.URL, "http", "ws", 1)+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { ws.Close() })
		return (&page{t: t, ws: ws, done: make(chan struct{})}).read()
	}
	var pages []*page
	for range 20 {
		pages = append(pages, dial("?agent=a"))
	}
	supervisor := dial("")
	eventually(t, "snapshots", func() bool {
		for _, p := range pages {
			if p.shows() != "idle" {
				return false
			}
		}
		return len(supervisor.of(floorStream)) > 0
	})
	r.show("a", "call")
	r.change(agent.Change{CallEnded: "c"})
	eventually(t, "the change", func() bool {
		for _, p := range pages {
			if p.shows() != "call" {
				return false
			}
		}
		return len(supervisor.of(callsStream)) == 1
	})
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 5 s", what)
		}
	}
}
