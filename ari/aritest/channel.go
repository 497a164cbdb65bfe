package aritest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// channel is a leg.
type channel struct {
	w         *world
	id, name  string
	state     string
	caller    string
	exten     string
	created   time.Time
	app       *app   // the application that controls it, nil outside Stasis
	appData   string // of the application, as ari shows it
	watchers  []*app // who is told about it wherever it is
	vars      map[string]string
	endpoint  *Endpoint // of a leg to a telephone
	dialled   bool
	pickUp    func()      // of a leg that rings
	ringing   *time.Timer // what the telephone will do
	limit     *time.Timer // of the dial
	bridge    *bridge
	playing   *playback
	recording *recording
	snoopOf   *channel
	peer      *channel // other half of a Local channel
	referTo   string   // number that its telephone asked to transfer to
	told      string   // Reason that the telephone was given

	queue []command
	busy  bool
	dead  bool

	answered, ended chan struct{}
	reachedUp       bool
}

// Channel states that matter here.
const (
	down    = "Down"
	ring    = "Ring"
	ringing = "Ringing"
	up      = "Up"
)

func (w *world) newChannel(id, name, state string) *channel {
	if id == "" {
		id = w.newID()
	}
	c := &channel{
		w: w, id: id, name: name, state: state, created: time.Now(), vars: map[string]string{},
		answered: make(chan struct{}), ended: make(chan struct{}),
	}
	w.channels.put(id, c)
	return c
}

func (c *channel) json() object {
	dialplan := object{"context": "conform", "exten": c.exten, "priority": 1, "app_name": "", "app_data": ""}
	if c.app != nil {
		dialplan["app_name"], dialplan["app_data"] = "Stasis", c.appData
	}
	return object{
		"id": c.id, "name": c.name, "state": c.state, "protocol_id": "", "accountcode": "", "language": "zh",
		"caller": object{"name": "", "number": c.caller}, "connected": object{"name": "", "number": ""},
		"dialplan": dialplan, "creationtime": c.created.Format(timeLayout),
	}
}

func (c *channel) watched(a *app) bool { return slices.Contains(c.watchers, a) }

func (c *channel) watch(a *app, on bool) {
	switch {
	case on && !c.watched(a):
		c.watchers = append(c.watchers, a)
	case !on:
		c.watchers = slices.DeleteFunc(c.watchers, func(other *app) bool { return other == a })
	}
}

// concerned are those who are told about the channel.
func (c *channel) concerned() []*app { return append([]*app{c.app}, c.watchers...) }

func (c *channel) tell(kind string, more object) {
	event := object{"type": kind, "channel": c.json()}
	for k, v := range more {
		event[k] = v
	}
	c.w.tellAll(c.concerned(), event)
}

func (c *channel) setState(state string) {
	if c.state == state || c.dead {
		return
	}
	c.state = state
	if state == up && !c.reachedUp {
		c.reachedUp = true
		close(c.answered)
	}
	c.tell("ChannelStateChange", nil)
}

// enter puts the channel into an application. It is refused when nobody listens
// there (res/res_stasis.c, stasis_app_exec).
func (c *channel) enter(name string, args []string, replaces *channel) bool {
	a := c.w.active(name)
	if a == nil || c.dead {
		return false
	}
	c.app, c.appData = a, strings.Join(append([]string{name}, args...), ",")
	event := object{"type": "StasisStart", "channel": c.json(), "args": append([]string{}, args...)}
	if replaces != nil {
		event["replace_channel"] = replaces.json()
	}
	c.w.tellAll([]*app{a}, event)
	return true
}

// leave takes the channel out of its application, which is told.
func (c *channel) leave() {
	a := c.app
	if a == nil {
		return
	}
	if c.playing != nil {
		c.playing.finish("failed")
	}
	if c.recording != nil {
		c.recording.finish("done")
	}
	c.abort()
	c.leaveBridge()
	event := object{"type": "StasisEnd", "channel": c.json()}
	c.app = nil
	c.w.tellAll([]*app{a}, event)
	c.w.forget(a)
}

// status keeps what the dialplan sees after Stasis.
func (c *channel) status(s string) { c.w.statuses[c.exten] = s }

// goTo sends a channel that is outside Stasis to a number.
func (c *channel) goTo(number string) {
	c.exten = number
	to := c.w.f.o.Dialplan(number)
	switch {
	case to.App != "" && c.enter(to.App, to.Args, nil):
	case to.App != "":
		c.status("FAILED")
		c.hangUp(0)
	case to.Stay:
		c.setState(up)
	default:
		c.hangUp(0)
	}
}

// hangUp ends the channel with a Q.850 cause.
func (c *channel) hangUp(cause int) { c.end(cause, cause) }

// softHangup is the flag that 22.10.1 sends as the cause of a request made
// through ARI (AST_SOFTHANGUP_EXPLICIT, include/asterisk/channel.h).
const softHangup = 32

// end is hangUp with the cause that ChannelHangupRequest names, which is not
// one to rely on.
func (c *channel) end(cause, requested int) {
	if c.dead {
		return
	}
	if c.snoopOf == nil {
		c.tell("ChannelHangupRequest", object{"cause": requested})
	}
	c.dead = true
	for _, t := range []*time.Timer{c.ringing, c.limit} {
		if t != nil {
			t.Stop()
		}
	}
	if cause == 26 { // res/res_pjsip_rfc3326.c
		c.told = `Q.850;cause=26, SIP;cause=200;text="Call completed elsewhere"`
	} else {
		c.told = "Q.850"
	}
	c.leave()
	c.w.channels.drop(c.id)
	c.tell("ChannelDestroyed", object{"cause": cause, "cause_txt": ""})
	watchers := c.watchers
	c.watchers = nil
	for _, a := range watchers {
		c.w.forget(a)
	}
	close(c.ended)
	for _, other := range c.w.channels.all() {
		if other.snoopOf == c || other.peer == c {
			other.hangUp(16)
		}
	}
}

// command is something that the thread of a channel does (res/stasis/control.c):
// one after the other, and a playback or a recording lasts until it has ended.
type command struct {
	run   func(done func())
	abort func() // the channel left before its turn
}

func (c *channel) submit(cmd command) {
	c.queue = append(c.queue, cmd)
	c.next()
}

func (c *channel) next() {
	if c.busy || len(c.queue) == 0 {
		return
	}
	cmd := c.queue[0]
	c.queue = c.queue[1:]
	c.busy = true
	finished := false
	cmd.run(func() {
		if !finished {
			finished = true
			c.busy = false
			c.next()
		}
	})
}

func (c *channel) abort() {
	queue := c.queue
	c.queue, c.busy = nil, false
	for _, cmd := range queue {
		if cmd.abort != nil {
			cmd.abort()
		}
	}
}

// soon is a command that takes no time and whose request waits for it.
func (c *channel) soon(r *call, do func()) {
	c.submit(command{
		run:   func(done func()) { do(); r.ok(); done() },
		abort: func() { r.refuse(http.StatusConflict, "Channel not in Stasis application") },
	})
}
