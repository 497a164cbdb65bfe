package aritest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// allocationFailed is what Asterisk says for an endpoint that it cannot reach.
// After "id exists" on the same connection it says 409 instead: it remembers
// the reason with the thread (main/channel.c, ast_channel_error).
func (r *call) allocationFailed() {
	if r.conn != nil && r.conn.idExists {
		r.refuse(http.StatusConflict, "Channel with given unique ID already exists")
		return
	}
	r.give(http.StatusInternalServerError, object{"error": "Allocation failed"})
}

// newLeg serves the part that create and originate share: nil after a refusal.
func (w *world) newLeg(r *call, id string) *channel {
	endpoint := r.get("endpoint")
	tech, resource, _ := strings.Cut(endpoint, "/")
	switch {
	case endpoint == "" || resource == "":
		r.refuse(http.StatusBadRequest, "Endpoint must be specified")
		return nil
	case r.get("originator") != "" && r.get("formats") != "":
		r.refuse(http.StatusBadRequest, "Originator and formats can't both be specified")
		return nil
	case r.get("originator") != "" && w.channels.byID[r.get("originator")] == nil:
		r.refuse(http.StatusBadRequest, "Provided originator channel was not found")
		return nil
	case id != "" && w.channels.byID[id] != nil:
		if r.conn != nil {
			r.conn.idExists = true
		}
		r.refuse(http.StatusConflict, "Channel with given unique ID already exists")
		return nil
	}
	e := w.endpoints.byID[endpoint]
	if tech != "Local" && (e == nil || e.behaviour == unreachable) {
		r.allocationFailed()
		return nil
	}
	w.serial++
	c := w.newChannel(id, fmt.Sprintf("%s-%08x", endpoint, w.serial), down)
	c.endpoint = e
	for name, value := range r.variables() {
		c.vars[name] = value
	}
	if e != nil {
		e.last = c
	}
	if a := w.active(r.get("app")); a != nil {
		c.watch(a, true)
	}
	return c
}

func (w *world) create(r *call) {
	if r.get("app") == "" {
		r.refuse(http.StatusBadRequest, "Application must be specified")
		return
	}
	c := w.newLeg(r, r.get("channelId"))
	if c == nil {
		return
	}
	if !c.enter(r.get("app"), r.list("appArgs"), nil) {
		c.hangUp(16)
	}
	r.give(http.StatusOK, c.json())
}

// originate dials at once; the channel enters the application when it is
// answered.
func (w *world) originate(r *call) {
	id := r.id()
	if id == "" {
		id = r.get("channelId")
	}
	app, args := r.get("app"), r.list("appArgs")
	if app == "" && r.get("extension") == "" {
		r.refuse(http.StatusBadRequest, "Application or extension must be specified")
		return
	}
	exten, timeout := r.get("extension"), 30*time.Second
	if n, err := strconv.Atoi(r.get("timeout")); err == nil {
		timeout = time.Duration(n) * time.Second
	}
	c := w.newLeg(r, id)
	if c == nil {
		return
	}
	r.give(http.StatusOK, c.json())
	c.dial(timeout, func() {
		if app == "" {
			c.goTo(exten)
		} else if !c.enter(app, args, nil) {
			c.hangUp(16)
		}
	})
}

func (w *world) dial(r *call) {
	c := w.channels.byID[r.id()]
	switch {
	case c == nil:
		r.refuse(http.StatusNotFound, "Channel not found")
	case c.app == nil:
		r.refuse(http.StatusConflict, "Channel not in Stasis application")
	case c.state != down || c.dialled:
		r.refuse(http.StatusConflict, "Channel is not in the 'Down' state")
	default:
		seconds, _ := strconv.Atoi(r.get("timeout")) // none is no limit
		r.ok()
		c.dial(time.Duration(seconds)*time.Second, nil)
	}
}

// dial lets the telephone do what it was told to. An unanswered leg that ends
// gives no last Dial event: its application has left it by then.
func (c *channel) dial(timeout time.Duration, answered func()) {
	c.dialled = true
	c.tellDial("")
	if timeout > 0 {
		c.limit = c.w.after(timeout, func() {
			if c.state != up {
				c.hangUp(19) // since 22.4.0
			}
		})
	}
	c.pickUp = func() {
		for _, t := range []*time.Timer{c.ringing, c.limit} {
			if t != nil {
				t.Stop()
			}
		}
		c.setState(up)
		c.tellDial("ANSWER")
		if answered != nil {
			answered()
		}
	}
	if c.endpoint == nil { // Local: the other half is in the dialplan
		c.pickUp()
		return
	}
	e := *c.endpoint // as it is now
	if e.behaviour == busy {
		c.hangUp(17)
		return
	}
	c.setState(ringing)
	c.tellDial("RINGING")
	switch e.behaviour {
	case answers:
		if e.after <= 0 {
			c.pickUp()
			return
		}
		c.ringing = c.w.after(e.after, c.pickUp)
	case rejects:
		c.ringing = c.w.after(e.after, func() { c.hangUp(21) })
	}
}

func (c *channel) tellDial(status string) {
	c.w.tellAll(c.concerned(), object{"type": "Dial", "peer": c.json(), "dialstring": "", "dialstatus": status})
}
