package ari

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const (
	testUser     = "hotline"
	testPassword = "p4ss-w0rd-of-the-test"
)

// against returns a client of a server with one handler.
func against(t *testing.T, h http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c, err := New(Options{URL: server.URL + "/ari", User: testUser, Password: testPassword})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

var classes = []error{
	ErrInvalid, ErrUnauthorized, ErrForbidden, ErrNotFound, ErrConflict, ErrNotInStasis, ErrNotInBridge,
	ErrBadState, ErrAllocation, ErrUnavailable, ErrClaimed,
}

// The bodies are those of Asterisk 22.10.1.
func TestStatusMeansClass(t *testing.T) {
	answer := func(ctx context.Context, c *Client) error { return c.Channels.Answer(ctx, "a") }
	create := func(ctx context.Context, c *Client) error {
		_, err := c.Channels.Create(ctx, CreateChannel{ID: "a", Endpoint: "PJSIP/1", App: "x"})
		return err
	}
	createBridge := func(ctx context.Context, c *Client) error {
		_, err := c.Bridges.Create(ctx, CreateBridge{ID: "b"})
		return err
	}
	add := func(ctx context.Context, c *Client) error {
		return c.Bridges.AddChannels(ctx, "b", []string{"a"}, AddChannels{})
	}
	remove := func(ctx context.Context, c *Client) error {
		return c.Bridges.RemoveChannels(ctx, "b", []string{"a"})
	}
	dial := func(ctx context.Context, c *Client) error { return c.Channels.Dial(ctx, "a", Dial{}) }
	record := func(ctx context.Context, c *Client) error {
		_, err := c.Bridges.Record(ctx, "b", Record{Name: "n", Format: "wav"})
		return err
	}
	recordChannel := func(ctx context.Context, c *Client) error {
		_, err := c.Channels.Record(ctx, "a", Record{Name: "n", Format: "wav"})
		return err
	}
	statistics := func(ctx context.Context, c *Client) error {
		_, err := c.Channels.RTPStatistics(ctx, "a")
		return err
	}
	originate := func(ctx context.Context, c *Client) error {
		return second(c.Channels.Originate(ctx, Originate{ID: "a", Endpoint: "PJSIP/1", App: "x"}))
	}
	claim := func(ctx context.Context, c *Client) error { return c.Events.Claim(ctx, "a", "x") }
	send := func(ctx context.Context, c *Client) error {
		return c.Events.Send(ctx, "x", "E", UserEvent{Sources: []string{"channel:a"}})
	}
	subscribe := func(ctx context.Context, c *Client) error { return c.Applications.Subscribe(ctx, "x", "bridge:b") }
	unsubscribe := func(ctx context.Context, c *Client) error { return c.Applications.Unsubscribe(ctx, "x", "bridge:b") }
	control := func(ctx context.Context, c *Client) error { return c.Playbacks.Control(ctx, "p", ControlPause) }
	copyStored := func(ctx context.Context, c *Client) error { return second(c.Recordings.CopyStored(ctx, "n", "m")) }
	pause := func(ctx context.Context, c *Client) error { return c.Recordings.PauseLive(ctx, "n") }
	setDevice := func(ctx context.Context, c *Client) error { return c.DeviceStates.Set(ctx, "PJSIP/1", DeviceBusy) }
	unload := func(ctx context.Context, c *Client) error { return c.Asterisk.UnloadModule(ctx, "m.so") }
	redirect := func(ctx context.Context, c *Client) error { return c.Channels.Redirect(ctx, "a", "SIP/1") }
	file := func(ctx context.Context, c *Client) error {
		_, err := c.Recordings.StoredFile(ctx, "n")
		return err
	}
	for _, tt := range []struct {
		name   string
		call   func(context.Context, *Client) error
		status int
		body   string
		want   error
	}{
		{"hang-up reason", answer, 400, `{"message":"Invalid reason for hangup reason provided"}`, ErrInvalid},
		{"wrong password", answer, 401, `{"message":"Authentication required"}`, ErrUnauthorized},
		{"read-only user", createBridge, 403, `{"message":"Write access denied"}`, ErrForbidden},
		{"file not readable", file, 403, `{"message":"Recording could not be opened"}`, ErrForbidden},
		{"no rtp", statistics, 403, `{"message":"Unsupported channel type"}`, ErrNotFound},
		{"channel gone", answer, 404, `{"message":"Channel not found"}`, ErrNotFound},
		{"page instead of json", answer, 404, `<html>Not Found</html>`, ErrNotFound},
		{"channel not in stasis", answer, 409, `{"message":"Channel not in Stasis application"}`, ErrNotInStasis},
		{"409 without words", answer, 409, ``, ErrNotInStasis},
		{"channel id taken", create, 409, `{"message":"Channel with given unique ID already exists"}`, ErrConflict},
		{"create 409 without words", create, 409, ``, ErrConflict},
		{"bridge id taken", createBridge, 409, `{"message":"Bridge with id 'b' already exists"}`, ErrConflict},
		{"dial before stasis", dial, 409, `{"message":"Channel not in Stasis application"}`, ErrNotInStasis},
		{"dialled already", dial, 409, `{"message":"Channel is not in the 'Down' state"}`, ErrBadState},
		{"dial 409 without words", dial, 409, ``, ErrBadState},
		{"recording name taken", record, 409, `{"message":"Recording 'n' already exists and can not be overwritten"}`, ErrConflict},
		{"record bridge not in stasis", record, 409, `{"message":"Bridge not in Stasis application"}`, ErrNotInStasis},
		{"record bridged channel", recordChannel, 409, `{"message":"Channel is currently bridged with other channels"}`, ErrBadState},
		{"recording format", record, 422, `{"message":"specified format is unknown on this system"}`, ErrInvalid},
		{"outbound leg not up", answer, 412, `{"message":"Channel in invalid state"}`, ErrBadState},
		{"add: no channel", add, 400, `{"message":"Channel not found"}`, ErrNotFound},
		{"add: no bridge", add, 404, `{"message":"Bridge not found"}`, ErrNotFound},
		{"add: recording", add, 409, `{"message":"Channel a currently recording"}`, ErrBadState},
		{"add: bridge not in stasis", add, 409, `{"message":"Bridge not in Stasis application"}`, ErrNotInStasis},
		{"add: channel not in stasis", add, 422, `{"message":"Channel not in Stasis application"}`, ErrNotInStasis},
		{"remove: no channel", remove, 400, `{"message":"Channel not found"}`, ErrNotFound},
		{"remove: elsewhere", remove, 422, `{"message":"Channel not in this bridge"}`, ErrNotInBridge},
		{"endpoint unreachable", create, 500, `{"error":"Allocation failed"}`, ErrAllocation},
		{"another 500", create, 500, `{"message":"Internal Server Error"}`, nil},
		{"booting", answer, 503, `{"message":"Asterisk not booted"}`, ErrUnavailable},
		{"redirect", answer, 302, ``, nil},
		{"originate: id taken", originate, 409, ``, ErrConflict},
		{"claim lost", claim, 409, `{"message":"Channel has already been claimed"}`, ErrClaimed},
		{"claim: nothing there", claim, 404, `{"message":"Channel not found or not in broadcast state"}`, ErrNotFound},
		{"user event: no source", send, 422, `{"message":"Invalid event source URI scheme"}`, ErrNotFound},
		{"subscribe: no source", subscribe, 422, `{"message":"Event source does not exist"}`, ErrNotFound},
		{"unsubscribe: not subscribed", unsubscribe, 409, `{"message":"Application not subscribed to event source"}`, ErrNotFound},
		{"playback not begun", control, 409, `{"message":"Channel not in a state"}`, ErrBadState},
		{"copy: name taken", copyStored, 409, ``, ErrConflict},
		{"recording not begun", pause, 409, `{"message":"Recording not in session"}`, ErrBadState},
		{"device of a phone", setDevice, 409, `{"message":"Uncontrolled device specified"}`, ErrInvalid},
		{"device state that there is not", setDevice, 500, `{"message":"Unknown device"}`, ErrInvalid},
		{"module in use", unload, 409, `{"message":"Module could not be unloaded"}`, ErrBadState},
		{"redirect: other technology", redirect, 422, `{"message":"Endpoint is not the same type as the channel"}`, ErrInvalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := against(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.body))
			})
			err := tt.call(t.Context(), c)
			var e *Error
			if !errors.As(err, &e) || e.Status != tt.status || e.Op == "" || e.Message == "" {
				t.Fatalf("error is %#v", err)
			}
			for _, class := range classes {
				if got := errors.Is(err, class); got != (class == tt.want) {
					t.Errorf("errors.Is(%q, %q) = %v", err, class, got)
				}
			}
		})
	}
}

func TestMadeAndGone(t *testing.T) {
	taken := &Error{Op: opCreateBridge, Status: 409, Message: "Bridge with id 'b' already exists"}
	missing := &Error{Op: "bridges.destroy", Status: 404, Message: "Bridge not found"}
	leaving := &Error{Op: "channels.answer", Status: 409, Message: "Channel not in Stasis application"}
	wrapped := fmt.Errorf("make the bridge: %w", taken)
	for _, tt := range []struct {
		name      string
		got, want error
	}{
		{"nothing made", Made(nil), nil},
		{"made before", Made(taken), nil},
		{"made before, wrapped", Made(wrapped), nil},
		{"not made", Made(missing), missing},
		{"made: not in stasis", Made(leaving), leaving},
		{"nothing gone", Gone(nil), nil},
		{"gone before", Gone(missing), nil},
		{"not gone", Gone(taken), taken},
		{"gone: still there", Gone(leaving), leaving},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, tt.got, tt.want)
		}
	}
}

func TestEmptyIDIsNotSent(t *testing.T) {
	c := against(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s %s was sent", r.Method, r.URL.Path) })
	for name, err := range map[string]error{
		"hang up":     c.Channels.Hangup(t.Context(), "", ReasonNormal),
		"destroy":     c.Bridges.Destroy(t.Context(), ""),
		"comma in id": c.Bridges.AddChannels(t.Context(), "b", []string{"a,b"}, AddChannels{}),
		"no media":    second(c.Channels.Play(t.Context(), "a", Play{})),
		"no name":     second(c.Channels.Record(t.Context(), "a", Record{Format: "wav"})),
		"no app":      second(c.Listen(t.Context())),
	} {
		if !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// No error may repeat credentials, addresses with queries, or variables.
func TestErrorsKeepSecrets(t *testing.T) {
	const secret = "13800138000"
	hang := make(chan struct{})
	slow := against(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	})
	defer close(hang)
	refused := against(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	broken := against(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"id":`)) })
	cut := against(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	gone, err := New(Options{URL: "http://127.0.0.1:1/ari", User: testUser, Password: testPassword})
	if err != nil {
		t.Fatal(err)
	}

	var all []error
	for _, c := range []*Client{slow, refused, broken, cut, gone} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		_, getErr := c.Channels.Get(ctx, secret)
		_, createErr := c.Channels.Create(ctx, CreateChannel{ID: "a", Endpoint: "PJSIP/" + secret, App: "x"})
		_, variableErr := c.Channels.Variable(ctx, "a", secret)
		_, listenErr := c.Listen(ctx, "app-"+secret)
		cancel()
		all = append(all, getErr, createErr, variableErr, listenErr)
	}
	for _, o := range []Options{
		{URL: "http://" + testUser + ":" + testPassword + "@h/ari", User: "u", Password: testPassword},
		{URL: "http://h:" + testPassword + "/ari", User: "u", Password: testPassword},
		{URL: "ftp://h/" + testPassword, User: "u:" + secret, Password: testPassword},
		{},
	} {
		_, err := New(o)
		all = append(all, err)
	}
	basic := base64.StdEncoding.EncodeToString([]byte(testUser + ":" + testPassword))
	for _, err := range all {
		if err == nil {
			t.Error("a call succeeded that could not")
			continue
		}
		for _, word := range []string{testPassword, basic, secret, "?", "Basic"} {
			if strings.Contains(err.Error(), word) {
				t.Errorf("error %q contains %q", err, word)
			}
		}
	}
	if _, err := gone.Asterisk.Ping(t.Context()); !errors.As(err, new(*TransportError)) {
		t.Errorf("refused connection is %T", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := slow.Asterisk.Ping(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("deadline is %v", err)
	}
}

func TestOptionsNameEveryProblem(t *testing.T) {
	_, err := New(Options{URL: "ftp://?x", PingEvery: time.Minute})
	if err == nil {
		t.Fatal("no error")
	}
	for _, word := range []string{"http://", "no host", "query", "user is empty", "password is empty", "dead after 10s"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error %q does not say %q", err, word)
		}
	}
}
