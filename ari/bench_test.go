package ari

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/gorilla/websocket"
)

// commonEvents are those that a call brings, as Asterisk 22.10.1 sends them.
var commonEvents = []string{
	"StasisStart", "StasisEnd", "ChannelStateChange", "ChannelDtmfReceived", "ChannelDestroyed", "ChannelHangupRequest",
	"Dial", "ChannelEnteredBridge", "ChannelLeftBridge", "PlaybackStarted", "PlaybackFinished", "RecordingFinished", "DeviceStateChanged",
}

// Each event through DecodeEvent and, for comparison, through encoding/json
// into the same struct, whose type is given: without what it costs to find out.
func BenchmarkDecode(b *testing.B) {
	for _, kind := range commonEvents {
		raw := frame(kind, fixtures[kind])
		if kind == "Dial" { // an outgoing leg has no forwarding, as a rule
			raw = frame(kind, `"caller":CH,"peer":CH,"dialstring":"1001","dialstatus":"ANSWER"`)
		}
		if kind == "StasisStart" {
			raw = frame(kind, `"args":["main","4001"],"channel":CH`)
		}
		b.Run(kind+"/ari", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				if _, ok := DecodeEvent(raw).(*UnknownEvent); ok {
					b.Fatal("not decoded")
				}
			}
		})
		b.Run(kind+"/json", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				if err := json.Unmarshal(raw, eventTypes[kind]()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Frames of a real Asterisk in turn: events per second on one core.
func BenchmarkDecodeReal(b *testing.B) {
	raw := realFrames(b)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		DecodeEvent(raw[i%len(raw)])
		i++
	}
	b.ReportMetric(float64(i)/b.Elapsed().Seconds(), "events/s")
}

// One allocation, the copy of the frame, besides what the event is made of.
func TestDecodeAllocations(t *testing.T) {
	const (
		event  = 1
		copied = 1
		vars   = 2 // a map with members
		list   = 1
	)
	for kind, want := range map[string]float64{
		"StasisStart":          event + copied + vars + list + 1 + vars, // with a channel that it replaces
		"StasisEnd":            event + copied + vars,
		"ChannelStateChange":   event + copied + vars,
		"ChannelDtmfReceived":  event + copied + vars,
		"ChannelDestroyed":     event + copied + vars,
		"ChannelHangupRequest": event + copied + vars,
		"ChannelLeftBridge":    event + copied + vars + list,
		"PlaybackFinished":     event + copied,
		"RecordingFinished":    event + copied,
		"DeviceStateChanged":   event + copied,
	} {
		raw := frame(kind, fixtures[kind])
		if got := testing.AllocsPerRun(100, func() { DecodeEvent(raw) }); got > want {
			t.Errorf("%s: %v allocations, want %v", kind, got, want)
		}
	}
}

// A request and its answer over the loopback interface, against a server that
// does nothing.
func BenchmarkRequest(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Method == http.MethodGet {
			_, _ = w.Write([]byte(channelFixture))
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	c, err := New(Options{URL: server.URL + "/ari", User: testUser, Password: testPassword})
	if err != nil {
		b.Fatal(err)
	}
	defer c.CloseIdleConnections()
	b.Run("answer", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := c.Channels.Answer(b.Context(), "a"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("get", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Channels.Get(b.Context(), "a"); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// From the socket to the consumer, sender and kernel included: all of it on
// this machine's cores.
func BenchmarkDelivery(b *testing.B) {
	raw := realFrames(b)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		upgrader := websocket.Upgrader{WriteBufferSize: 64 << 10}
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer conn.Close()
		n, _ := strconv.Atoi(r.URL.Query().Get("app"))
		for i := range n {
			if conn.WriteMessage(websocket.TextMessage, raw[i%len(raw)]) != nil {
				return
			}
		}
		_, _, _ = conn.ReadMessage() // until the client says goodbye
	}))
	defer server.Close()
	c, err := New(Options{URL: server.URL + "/ari", User: testUser, Password: testPassword})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	stream, err := c.Listen(b.Context(), strconv.Itoa(b.N))
	if err != nil {
		b.Fatal(err)
	}
	got := 0
	for _, err := range stream.All() {
		if err != nil {
			b.Fatal(err)
		}
		if got++; got == b.N {
			break
		}
	}
	b.ReportMetric(float64(got)/b.Elapsed().Seconds(), "events/s")
}
