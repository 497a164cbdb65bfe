package ari

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"testing"
	"time"
)

// What goes over the wire, call by call.
func TestRequests(t *testing.T) {
	for _, tt := range []struct {
		name   string
		call   func(context.Context, *Client) error
		method string
		path   string // escaped
		query  url.Values
		body   string
	}{
		{"answer", func(ctx context.Context, c *Client) error { return c.Channels.Answer(ctx, "a/b+c d") },
			"POST", "/ari/channels/a%2Fb%2Bc%20d/answer", nil, ""},
		{"hangup", func(ctx context.Context, c *Client) error {
			return c.Channels.Hangup(ctx, "a", ReasonAnsweredElsewhere)
		},
			"DELETE", "/ari/channels/a", url.Values{"reason": {"answered_elsewhere"}}, ""},
		{"create", func(ctx context.Context, c *Client) error {
			return second(c.Channels.Create(ctx, CreateChannel{
				ID: "leg", Endpoint: "PJSIP/1001", App: "x", AppArgs: "a,b", Formats: []string{"alaw", "ulaw"},
				Variables: map[string]string{"N": "1, 2"},
			}))
		}, "POST", "/ari/channels/create", url.Values{
			"channelId": {"leg"}, "endpoint": {"PJSIP/1001"}, "app": {"x"}, "appArgs": {"a,b"}, "formats": {"alaw,ulaw"},
		}, `{"variables":{"N":"1, 2"}}`},
		{"dial", func(ctx context.Context, c *Client) error {
			return c.Channels.Dial(ctx, "a", Dial{Caller: "caller", Timeout: 19200 * time.Millisecond})
		}, "POST", "/ari/channels/a/dial", url.Values{"caller": {"caller"}, "timeout": {"20"}}, ""},
		{"play", func(ctx context.Context, c *Client) error {
			return second(c.Channels.Play(ctx, "a", Play{ID: "p", Media: []string{"sound:x", "digits:12"}, Lang: "zh"}))
		}, "POST", "/ari/channels/a/play", url.Values{"playbackId": {"p"}, "media": {"sound:x,digits:12"}, "lang": {"zh"}}, ""},
		{"mute", func(ctx context.Context, c *Client) error { return c.Channels.Mute(ctx, "a") },
			"POST", "/ari/channels/a/mute", url.Values{"direction": {"both"}}, ""},
		{"record", func(ctx context.Context, c *Client) error {
			return second(c.Bridges.Record(ctx, "b", Record{
				Name: "2026/11/x", Format: "wav", MaxDuration: time.Hour, IfExists: IfExistsAppend, Beep: true, TerminateOn: "#",
			}))
		}, "POST", "/ari/bridges/b/record", url.Values{
			"name": {"2026/11/x"}, "format": {"wav"}, "maxDurationSeconds": {"3600"}, "ifExists": {"append"}, "beep": {"true"}, "terminateOn": {"#"},
		}, ""},
		{"stored", func(ctx context.Context, c *Client) error { return second(c.Recordings.Stored(ctx, "2026/11/x")) },
			"GET", "/ari/recordings/stored/2026%2F11%2Fx", nil, ""},
		{"continue", func(ctx context.Context, c *Client) error { return c.Channels.Continue(ctx, "a", "ctx", "s", 1) },
			"POST", "/ari/channels/a/continue", url.Values{"context": {"ctx"}, "extension": {"s"}, "priority": {"1"}}, ""},
		{"set variable", func(ctx context.Context, c *Client) error { return c.Channels.SetVariable(ctx, "a", "X", "1+1 = 2") },
			"POST", "/ari/channels/a/variable", url.Values{"variable": {"X"}, "value": {"1+1 = 2"}}, ""},
		{"add", func(ctx context.Context, c *Client) error {
			return c.Bridges.AddChannels(ctx, "b", []string{"x", "y"}, AddChannels{InhibitConnectedLine: true})
		}, "POST", "/ari/bridges/b/addChannel", url.Values{"channel": {"x,y"}, "inhibitConnectedLineUpdates": {"true"}}, ""},
		{"filter", func(ctx context.Context, c *Client) error {
			return c.Applications.SetEventFilter(ctx, "x", []string{"StasisStart"})
		}, "PUT", "/ari/applications/x/eventFilter", nil,
			`{"allowed":[{"type":"StasisStart"},{"type":"ApplicationReplaced"}],"disallowed":[]}`},
		{"no filter", func(ctx context.Context, c *Client) error { return c.Applications.SetEventFilter(ctx, "x", nil) },
			"PUT", "/ari/applications/x/eventFilter", nil, `{"allowed":[],"disallowed":[]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := against(t, func(w http.ResponseWriter, r *http.Request) {
				user, password, ok := r.BasicAuth()
				if !ok || user != testUser || password != testPassword {
					t.Error("wrong credentials")
				}
				if r.Method != tt.method || r.URL.EscapedPath() != tt.path {
					t.Errorf("%s %s", r.Method, r.URL.EscapedPath())
				}
				if q := r.URL.Query(); !reflect.DeepEqual(q, tt.query) && len(q)+len(tt.query) > 0 {
					t.Errorf("query is %v", q)
				}
				if body, _ := io.ReadAll(r.Body); string(body) != tt.body {
					t.Errorf("body is %s", body)
				}
				// See Channels.Create.
				if wantClose := tt.name == "create"; r.Close != wantClose {
					t.Errorf("connection closes: %v", r.Close)
				}
				_, _ = w.Write([]byte(`{}`))
			})
			if err := tt.call(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	answers := map[string]string{
		"/ari/asterisk/ping": `{"ping":"pong","timestamp":"2026-11-24T13:32:31.375+0000","asterisk_id":"02:fc"}`,
		"/ari/asterisk/info": `{"build":{"os":"Linux"},"system":{"version":"22.10.1","entity_id":"02:fc"},` +
			`"config":{"name":"pbx","default_language":"en","setid":{"user":"","group":""}},` +
			`"status":{"startup_time":"2026-11-24T21:32:31.129+0800","last_reload_time":"2026-11-24T13:32:31.129+0000"}}`,
		"/ari/channels/a/variable":       `{"value":"allowed"}`,
		"/ari/channels/a/rtp_statistics": `{"txcount":12,"rxcount":11,"txjitter":0.002,"rtt":0.01,"local_ssrc":4294967295,"channel_uniqueid":"a"}`,
		"/ari/recordings/stored/n/file":  "RIFF",
		"/ari/endpoints/PJSIP/1001":      `{"technology":"PJSIP","resource":"1001","state":"online","channel_ids":["a"]}`,
		"/ari/bridges":                   `[` + bridgeFixture + `]`,
	}
	c := against(t, func(w http.ResponseWriter, r *http.Request) {
		body, ok := answers[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write([]byte(body))
	})
	ctx := t.Context()

	if p, err := c.Asterisk.Ping(ctx); err != nil || p.AsteriskID != "02:fc" ||
		!p.Timestamp.Equal(time.Date(2026, 11, 24, 13, 32, 31, 375e6, time.UTC)) {
		t.Errorf("ping is %+v, %v", p, err)
	}
	if i, err := c.Asterisk.Info(ctx); err != nil || i.System.Version != "22.10.1" || i.Config.Name != "pbx" ||
		!i.Status.StartupTime.Equal(i.Status.LastReloadTime) || i.Status.StartupTime.IsZero() {
		t.Errorf("info is %+v, %v", i, err)
	}
	if v, err := c.Channels.Variable(ctx, "a", "CALLERID(num-pres)"); err != nil || v != "allowed" {
		t.Errorf("variable is %q, %v", v, err)
	}
	if s, err := c.Channels.RTPStatistics(ctx, "a"); err != nil || s.TxCount != 12 || s.LocalSSRC != 4294967295 || s.RTT != 0.01 {
		t.Errorf("statistics are %+v, %v", s, err)
	}
	if e, err := c.Endpoints.Get(ctx, "PJSIP", "1001"); err != nil || e.State != EndpointOnline || len(e.ChannelIDs) != 1 {
		t.Errorf("endpoint is %+v, %v", e, err)
	}
	if b, err := c.Bridges.List(ctx); err != nil || len(b) != 1 || b[0].ID != "br-1" || b[0].CreationTime.IsZero() {
		t.Errorf("bridges are %+v, %v", b, err)
	}
	f, err := c.Recordings.StoredFile(ctx, "n")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if b, err := io.ReadAll(f); err != nil || string(b) != "RIFF" {
		t.Errorf("file is %q, %v", b, err)
	}
}

// What the package writes, Asterisk's form included, it reads back.
func TestChannelAndBridgeRoundTrip(t *testing.T) {
	var channel, channel2 Channel
	var bridge, bridge2 Bridge
	roundTrip(t, channelFixture, &channel, &channel2)
	roundTrip(t, bridgeFixture, &bridge, &bridge2)
	if channel.Caller.Number != "02087654321" || channel.CreationTime.IsZero() || channel.Dialplan.AppData != "hotline,main" {
		t.Errorf("channel is %+v", channel)
	}
}

func roundTrip[T any](t *testing.T, fixture string, first, again *T) {
	t.Helper()
	if err := json.Unmarshal([]byte(fixture), first); err != nil {
		t.Fatal(err)
	}
	written, err := json.Marshal(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(written, again); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(first, again) {
		t.Errorf("%+v became %+v", first, again)
	}
}
