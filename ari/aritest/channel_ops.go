package aritest

import (
	"net/http"
	"strconv"
	"strings"
)

// control finds the channel of a request in an application: 404 if there is
// none, 409 outside Stasis (res/ari/resource_channels.c, find_control).
func (w *world) control(r *call) *channel {
	c := w.channels.byID[r.id()]
	switch {
	case c == nil:
		r.refuse(http.StatusNotFound, "Channel not found")
		return nil
	case c.app == nil:
		r.refuse(http.StatusConflict, "Channel not in Stasis application")
		return nil
	}
	return c
}

// controlReady is control for what a leg that nobody answered refuses.
func (w *world) controlReady(r *call) *channel {
	c := w.control(r)
	if c != nil && (c.state == down || c.state == ringing) {
		r.refuse(http.StatusPreconditionFailed, "Channel in invalid state")
		return nil
	}
	return c
}

func (w *world) listChannels(r *call) {
	out := []object{}
	for _, c := range w.channels.all() {
		out = append(out, c.json())
	}
	r.give(http.StatusOK, out)
}

func (w *world) getChannel(r *call) {
	if c := w.channels.byID[r.id()]; c != nil {
		r.give(http.StatusOK, c.json())
		return
	}
	r.refuse(http.StatusNotFound, "Channel not found")
}

// causes of the reasons (resource_channels.c, ast_ari_channels_hangup).
var causes = map[string]int{
	"": 16, "normal": 16, "busy": 17, "congestion": 34, "no_answer": 19, "timeout": 18, "rejected": 21, "unallocated": 1,
	"normal_unspecified": 31, "number_incomplete": 28, "codec_mismatch": 127, "interworking": 127, "failure": 38, "answered_elsewhere": 26,
}

func (w *world) hangUp(r *call) {
	c := w.channels.byID[r.id()]
	if c == nil {
		r.refuse(http.StatusNotFound, "Channel not found")
		return
	}
	cause, known := causes[r.get("reason")]
	if code := r.get("reason_code"); code != "" {
		n, err := strconv.Atoi(code)
		cause, known = n, err == nil && r.get("reason") == ""
	}
	if !known {
		r.refuse(http.StatusBadRequest, "Invalid Reason")
		return
	}
	r.ok()
	c.end(cause, softHangup)
}

func (w *world) answer(r *call) {
	if c := w.controlReady(r); c != nil {
		c.soon(r, func() { c.setState(up) })
	}
}

// accept serves what only has to be possible: there is no media here.
func (w *world) accept(r *call) {
	if w.controlReady(r) != nil {
		r.ok()
	}
}

func (w *world) mute(r *call) {
	switch r.get("direction") {
	case "both", "in", "out":
		w.accept(r)
	default:
		if w.controlReady(r) != nil {
			r.refuse(http.StatusBadRequest, "Invalid direction specified")
		}
	}
}

func (w *world) continueDialplan(r *call) {
	c := w.control(r)
	if c == nil {
		return
	}
	exten := r.get("extension")
	r.ok()
	c.submit(command{run: func(done func()) {
		c.leave()
		c.status("SUCCESS")
		if exten == "" {
			c.hangUp(0)
			return
		}
		c.goTo(exten)
		done()
	}})
}

func (w *world) move(r *call) {
	c := w.control(r)
	if c == nil {
		return
	}
	to, args := r.get("app"), r.list("appArgs")
	r.ok()
	c.submit(command{run: func(done func()) {
		if w.active(to) == nil {
			c.tell("ApplicationMoveFailed", object{"destination": to, "args": args})
			done()
			return
		}
		c.leave()
		c.enter(to, args, nil)
		done()
	}})
}

func (w *world) getVariable(r *call) {
	c := w.channels.byID[r.id()]
	if c == nil {
		r.refuse(http.StatusNotFound, "Channel not found")
		return
	}
	name := r.get("variable")
	value, set := c.vars[name]
	if name == "CALLERID(num)" {
		value, set = c.caller, true
	}
	if !set && !strings.Contains(name, "(") { // a function without a value is empty
		r.refuse(http.StatusNotFound, "Provided variable was not found")
		return
	}
	r.give(http.StatusOK, object{"value": value})
}

func (w *world) setVariable(r *call) {
	name, value := r.get("variable"), r.get("value")
	if name == "" {
		r.refuse(http.StatusBadRequest, "Variable name is required")
		return
	}
	if c := w.control(r); c != nil {
		c.soon(r, func() { c.vars[name] = value })
	}
}

func (w *world) rtpStatistics(r *call) {
	c := w.channels.byID[r.id()]
	switch {
	case c == nil:
		r.refuse(http.StatusNotFound, "Channel not found")
	case !strings.HasPrefix(c.name, "PJSIP/"):
		r.refuse(http.StatusForbidden, "Unsupported channel type")
	default:
		r.give(http.StatusOK, object{"txcount": 50, "rxcount": 50, "channel_uniqueid": c.id})
	}
}

// snoop makes a channel that hears another and ends with it.
func (w *world) snoop(r *call) {
	c := w.channels.byID[r.id()]
	spy, whisper := r.get("spy"), r.get("whisper")
	switch {
	case c == nil:
		r.refuse(http.StatusNotFound, "Channel not found")
		return
	case (spy == "" || spy == "none") && (whisper == "" || whisper == "none"):
		r.refuse(http.StatusBadRequest, "Direction must be specified for at least one of spy or whisper")
		return
	case r.get("app") == "":
		r.refuse(http.StatusBadRequest, "Application name is required")
		return
	}
	id := r.r.PathValue("snoop")
	if id == "" {
		id = r.get("snoopId")
	}
	s := w.newChannel(id, "Snoop/"+c.id, up)
	s.snoopOf = c
	r.give(http.StatusOK, s.json())
	if !s.enter(r.get("app"), r.list("appArgs"), nil) {
		s.hangUp(16)
	}
}
