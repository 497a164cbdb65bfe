package ari

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// answers are requests, one for each type of result.
var answers = map[string]func(context.Context, *Client) (any, error){
	"applications": func(ctx context.Context, c *Client) (any, error) { return c.Applications.List(ctx) },
	"application":  func(ctx context.Context, c *Client) (any, error) { return c.Applications.Get(ctx, "x") },
	"ping":         func(ctx context.Context, c *Client) (any, error) { return c.Asterisk.Ping(ctx) },
	"info":         func(ctx context.Context, c *Client) (any, error) { return c.Asterisk.Info(ctx) },
	"modules":      func(ctx context.Context, c *Client) (any, error) { return c.Asterisk.Modules(ctx) },
	"module":       func(ctx context.Context, c *Client) (any, error) { return c.Asterisk.Module(ctx, "x") },
	"log channels": func(ctx context.Context, c *Client) (any, error) { return c.Asterisk.LogChannels(ctx) },
	"bridges":      func(ctx context.Context, c *Client) (any, error) { return c.Bridges.List(ctx) },
	"bridge":       func(ctx context.Context, c *Client) (any, error) { return c.Bridges.Get(ctx, "x") },
	"channels":     func(ctx context.Context, c *Client) (any, error) { return c.Channels.List(ctx) },
	"channel":      func(ctx context.Context, c *Client) (any, error) { return c.Channels.Get(ctx, "x") },
	"variable":     func(ctx context.Context, c *Client) (any, error) { return c.Channels.Variable(ctx, "x", "y") },
	"variables": func(ctx context.Context, c *Client) (any, error) {
		return c.Channels.Variables(ctx, "x", []string{"y"})
	},
	"statistics": func(ctx context.Context, c *Client) (any, error) { return c.Channels.RTPStatistics(ctx, "x") },
	"playback": func(ctx context.Context, c *Client) (any, error) {
		return c.Channels.Play(ctx, "x", Play{Media: []string{"sound:x"}})
	},
	"recording": func(ctx context.Context, c *Client) (any, error) {
		return c.Channels.Record(ctx, "x", Record{Name: "x", Format: "wav"})
	},
	"device states":     func(ctx context.Context, c *Client) (any, error) { return c.DeviceStates.List(ctx) },
	"device state":      func(ctx context.Context, c *Client) (any, error) { return c.DeviceStates.Get(ctx, "x") },
	"endpoints":         func(ctx context.Context, c *Client) (any, error) { return c.Endpoints.List(ctx) },
	"endpoint":          func(ctx context.Context, c *Client) (any, error) { return c.Endpoints.Get(ctx, "x", "y") },
	"mailboxes":         func(ctx context.Context, c *Client) (any, error) { return c.Mailboxes.List(ctx) },
	"mailbox":           func(ctx context.Context, c *Client) (any, error) { return c.Mailboxes.Get(ctx, "x") },
	"stored recordings": func(ctx context.Context, c *Client) (any, error) { return c.Recordings.ListStored(ctx) },
	"stored recording":  func(ctx context.Context, c *Client) (any, error) { return c.Recordings.Stored(ctx, "x") },
	"sounds":            func(ctx context.Context, c *Client) (any, error) { return c.Sounds.List(ctx, "", "") },
	"sound":             func(ctx context.Context, c *Client) (any, error) { return c.Sounds.Get(ctx, "x") },
}

// canned answers every request with one status and body, without a network.
type canned struct {
	status int
	body   io.Reader
}

func (a canned) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: a.status, Header: http.Header{}, Body: io.NopCloser(a.body)}, nil
}

func withAnswer(t *testing.T, status int, body io.Reader) *Client {
	t.Helper()
	c, err := New(Options{
		URL: "http://asterisk/ari", User: testUser, Password: testPassword, HTTP: &http.Client{Transport: canned{status, body}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Every result type of the methods has its request above.
func TestAnswersCoverEveryType(t *testing.T) {
	covered := map[reflect.Type]bool{}
	c := withAnswer(t, 200, strings.NewReader("{"))
	for name, call := range answers {
		result, err := call(t.Context(), c)
		if err == nil {
			t.Errorf("%s: half an answer is no error", name)
		}
		covered[reflect.TypeOf(result)] = true
	}
	client := reflect.TypeFor[Client]()
	for i := range client.NumField() {
		resource := client.Field(i)
		if !resource.IsExported() {
			continue
		}
		for j := range resource.Type.NumMethod() {
			m := resource.Type.Method(j)
			if m.Type.NumOut() == 2 && m.Name != "StoredFile" && !covered[m.Type.Out(0)] {
				t.Errorf("%s.%s: no request with an answer of type %s", resource.Name, m.Name, m.Type.Out(0))
			}
		}
	}
}

// Whatever Asterisk, or somebody in its place, answers: a value or an error.
func FuzzAnswers(f *testing.F) {
	for _, body := range []string{
		"", "null", "{}", "[]", `{"id":7}`, `[{"id":"a","creationtime":5}]`, `[1,null]`, `{"value":{}}`, `{"variables":{"a":1}}`,
		channelFixture, bridgeFixture, endpointFixture, playbackFixture, recordingFixture, "[" + channelFixture + "]", channelFixture[:100],
		`{"message":"Channel not in Stasis application"}`, `{"error":"Allocation failed"}`, `{"message":1}`,
		`{"txcount":1e400,"rtt":"x"}`, strings.Repeat("[", 20000),
	} {
		f.Add(200, body)
		f.Add(409, body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		for name, call := range answers {
			_, err := call(t.Context(), withAnswer(t, status, strings.NewReader(body)))
			var refusal *Error
			var lost *TransportError
			switch {
			case err == nil:
				if status < 200 || status > 299 || !json.Valid([]byte(body)) {
					t.Errorf("%s: status %d with %q is a success", name, status, body)
				}
			case errors.As(err, &refusal):
				if status >= 200 && status <= 299 || refusal.Status != status || refusal.Message == "" && http.StatusText(status) != "" {
					t.Errorf("%s: status %d became %v", name, status, err)
				}
				for _, class := range classes {
					_ = errors.Is(err, class)
				}
			case errors.As(err, &lost):
				if status < 200 || status > 299 {
					t.Errorf("%s: status %d became %v", name, status, err)
				}
			default:
				t.Errorf("%s: error is a %T", name, err)
			}
		}
	})
}

// endless gives bytes for ever and counts how many were taken.
type endless struct{ taken int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.taken += len(p)
	return len(p), nil
}

func TestEndlessAnswers(t *testing.T) {
	get := func(c *Client) error { return second(c.Channels.Get(t.Context(), "x")) }
	answer := func(c *Client) error { return c.Channels.Answer(t.Context(), "x") }
	for _, tt := range []struct {
		name   string
		call   func(*Client) error
		status int
		most   int
		want   string
	}{
		{"answer with an object", get, 200, maxAnswer + 1<<20, "longer than"},
		{"answer without one", answer, 204, maxComplain + 64<<10, ""},
		{"complaint", get, 404, maxComplain + 64<<10, "Not Found"},
	} {
		body := new(endless)
		err := tt.call(withAnswer(t, tt.status, body))
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: error is %v", tt.name, err)
		}
		if body.taken > tt.most {
			t.Errorf("%s: %d bytes were read", tt.name, body.taken)
		}
	}
}

// The file of a recording has no limit of its own.
func TestStoredFileIsStreamed(t *testing.T) {
	c := withAnswer(t, 200, io.LimitReader(new(endless), maxAnswer+5))
	file, err := c.Recordings.StoredFile(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if n, err := io.Copy(io.Discard, file); n != maxAnswer+5 || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
}

// A frame of 64 MiB is the longest that is read, a longer one ends the stream,
// and neither takes much more memory than it is long.
func TestLongestFrame(t *testing.T) {
	head := `{"type":"ChannelVarset","variable":"N","value":"`
	fitting := head + strings.Repeat("x", maxFrame-len(head)-2) + `"}`
	for _, tt := range []struct {
		name  string
		frame string
		fits  bool
	}{{"64 MiB", fitting, true}, {"a byte more", fitting + " ", false}} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			upgrader := websocket.Upgrader{WriteBufferSize: 1 << 20}
			conn, err := upgrader.Upgrade(w, r, nil)
			if err != nil {
				return
			}
			defer conn.Close()
			// In one frame, as Asterisk does it, but without a copy of ours.
			prepared, err := websocket.NewPreparedMessage(websocket.TextMessage, []byte(tt.frame))
			if err == nil {
				_ = conn.WritePreparedMessage(prepared)
			}
			_, _, _ = conn.ReadMessage()
		}))
		c, err := New(Options{URL: server.URL + "/ari", User: testUser, Password: testPassword})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		stream, err := c.Listen(ctx, "x")
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for event, err := range stream.All() {
			if tt.fits {
				if e, ok := event.(*ChannelVarset); !ok || len(e.Value) != maxFrame-len(head)-2 {
					t.Errorf("%s: %T, %v", tt.name, event, err)
				}
			} else if !errors.Is(err, websocket.ErrReadLimit) {
				t.Errorf("%s: %T, %v", tt.name, event, err)
			}
			break
		}
		runtime.ReadMemStats(&after)
		if used := after.Sys - before.Sys; used > 10*maxFrame {
			t.Errorf("%s: took %d MiB from the system", tt.name, used>>20)
		}
		cancel()
		server.Close()
	}
}

// Wrong types in frames of every type are no event of that type, and no panic.
func TestWrongTypes(t *testing.T) {
	for kind, fields := range fixtures {
		if fields == "" {
			continue
		}
		name, _, _ := strings.Cut(fields[1:], `"`)
		for _, wrong := range []string{`7`, `"x"`, `[[]]`, `{"id":{}}`, `true`} {
			raw := fmt.Sprintf(`{"type":%q,%q:%s}`, kind, name, wrong)
			requireAgreement(t, []byte(raw))
		}
	}
}
