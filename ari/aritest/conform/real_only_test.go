package conform

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"
)

// only are the cases about what the fake does not have: the dialplan's
// language, and requests over the event socket.
func (r *real) only() []conformCase {
	return []conformCase{
		{"setvar_inhibits_dialplan_functions", r.setvarInhibits},
		{"websocket/rest_over_websocket/filtered", restResponseFiltered},
	}
}

// A variable set through ARI leaves the channel's thread restricted: functions
// such as SHELL() are refused in the dialplan after the application gave the
// call back (res/stasis/control.c, app_control_set_channel_var).
func (r *real) setvarInhibits(b *bench) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if out, err := r.stack.Asterisk(ctx, "module load func_shell.so"); err != nil || !strings.Contains(out, "Loaded") {
		b.Fatalf("load the function: %v: %s", err, out)
	}
	for _, set := range []bool{false, true} {
		c, id := b.caller()
		if set {
			b.ok(b.api.Channels.SetVariable(b.ctx, id, "X", "1"))
		}
		b.ok(b.api.Channels.Continue(b.ctx, id, "conform", "inhibited", 1))
		b.within("end", c.Ended())
		want := map[bool]string{false: "yes", true: ""}[set]
		if said := r.global(b.T, "said"); said != want {
			b.Errorf("variable set: %v; the function said %q, not %q", set, said, want)
		}
	}
}

// An allowed list holds back the answers to requests over the socket as well.
func restResponseFiltered(b *bench) {
	app := b.App() + "ws"
	conn := b.socket(url.Values{"app": {app}})
	ask := func(id string) (answered bool) {
		err := conn.WriteJSON(map[string]string{
			"type": "RESTRequest", "request_id": id, "transaction_id": id, "method": "GET", "uri": "asterisk/ping",
		})
		b.ok(err)
		b.ok(conn.SetReadDeadline(time.Now().Add(time.Second)))
		for {
			_, frame, err := conn.ReadMessage()
			if err != nil {
				return false
			}
			var answer struct {
				Type      string
				RequestID string `json:"request_id"`
			}
			if json.Unmarshal(frame, &answer) == nil && answer.Type == "RESTResponse" && answer.RequestID == id {
				return true
			}
		}
	}
	if !ask("free") {
		b.Error("no answer without a filter")
	}
	b.ok(b.api.Applications.SetEventFilter(b.ctx, app, []string{"StasisStart"}))
	if ask("filtered") {
		b.Error("answered in spite of the filter")
	}
}
