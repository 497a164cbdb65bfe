package aritest

import "time"

type behaviour int

const (
	ringsOut behaviour = iota
	answers
	busy
	rejects
	unreachable
)

// Endpoint is a telephone. What it was told holds for all calls that are
// dialled to it later. A new one rings out.
type Endpoint struct {
	w         *world
	name      string
	behaviour behaviour
	after     time.Duration
	last      *channel
}

// Endpoint returns the telephone of that name, such as "PJSIP/1001", and makes
// it if it was not there. A name that was never mentioned cannot be reached.
func (f *Fake) Endpoint(name string) *Endpoint {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := f.w.endpoints.byID[name]
	if e == nil {
		e = &Endpoint{w: f.w, name: name}
		f.w.endpoints.put(name, e)
	}
	return e
}

func (e *Endpoint) set(b behaviour, after time.Duration) {
	e.w.f.mu.Lock()
	defer e.w.f.mu.Unlock()
	e.behaviour, e.after = b, after
}

// Answers is picked up after it has rung that long.
func (e *Endpoint) Answers(after time.Duration) { e.set(answers, after) }

// RingsOut is never picked up.
func (e *Endpoint) RingsOut() { e.set(ringsOut, 0) }

// Busy refuses at once (486).
func (e *Endpoint) Busy() { e.set(busy, 0) }

// Rejects refuses after it has rung that long (603).
func (e *Endpoint) Rejects(after time.Duration) { e.set(rejects, after) }

// Unreachable is not registered: a leg to it cannot be created.
func (e *Endpoint) Unreachable() { e.set(unreachable, 0) }

// Channel is the leg that was created last to this telephone, or nil.
func (e *Endpoint) Channel() *Channel {
	e.w.f.mu.Lock()
	defer e.w.f.mu.Unlock()
	if e.last == nil {
		return nil
	}
	return &Channel{e.last}
}

// Call lets the telephone call a number, as the dialplan says.
func (e *Endpoint) Call(number string) *Channel {
	e.w.f.mu.Lock()
	defer e.w.f.mu.Unlock()
	c := e.w.newChannel("", e.name+"-out", ring)
	c.endpoint, c.caller = e, e.name
	c.goTo(number)
	return &Channel{c}
}

// Channel is a leg as the person or the telephone at its end has it.
type Channel struct{ c *channel }

// Call lets a caller arrive at a number of a Stasis application, with the
// arguments "in" and the number. If nobody listens there the call ends at once
// and its Status is FAILED.
func (f *Fake) Call(app, caller, called string) *Channel {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.w.newChannel("", "", ring)
	c.name = "PJSIP/caller-" + c.id
	c.caller, c.exten = caller, called
	if !c.enter(app, []string{"in", called}, nil) {
		c.status("FAILED")
		c.hangUp(0)
	}
	return &Channel{c}
}

// ID is the channel's id.
func (ch *Channel) ID() string { return ch.c.id }

// Answered is closed when the call was answered.
func (ch *Channel) Answered() <-chan struct{} { return ch.c.answered }

// Ended is closed when the call has ended.
func (ch *Channel) Ended() <-chan struct{} { return ch.c.ended }

// State is ARI's name of the state, or "" when the call has ended.
func (ch *Channel) State() string {
	defer ch.lock()()
	if ch.c.dead {
		return ""
	}
	return ch.c.state
}

// Variable is a channel variable that was set through ARI.
func (ch *Channel) Variable(name string) string {
	defer ch.lock()()
	return ch.c.vars[name]
}

// Reason is what the telephone was told when Asterisk ended the call: the
// Reason header of RFC 3326.
func (ch *Channel) Reason() string {
	defer ch.lock()()
	return ch.c.told
}

func (ch *Channel) lock() (unlock func()) {
	ch.c.w.f.mu.Lock()
	return ch.c.w.f.mu.Unlock
}

// Press presses and releases keys. Nobody hears them in a bridge that two
// telephones use past Asterisk (a plain "mixing" bridge).
func (ch *Channel) Press(digits ...rune) {
	defer ch.lock()()
	for _, digit := range digits {
		c := ch.c
		if c.dead || c.bridge != nil && c.bridge.native() {
			continue
		}
		c.tell("ChannelDtmfReceived", object{"digit": string(digit), "duration_ms": 160})
		if c.recording != nil {
			c.recording.key(string(digit))
		}
	}
}

// HangUp puts the receiver down: a cause of 16 for a leg and for a caller who
// was answered, 127 for one who was not (a CANCEL counts as that).
func (ch *Channel) HangUp() {
	defer ch.lock()()
	switch {
	case ch.c.endpoint == nil && ch.c.state != up:
		ch.c.hangUp(127)
	case ch.c.endpoint == nil:
		ch.c.hangUp(0)
	default:
		ch.c.hangUp(16)
	}
}

// Answer picks a ringing leg up now, whatever the telephone was told.
func (ch *Channel) Answer() {
	defer ch.lock()()
	if ch.c.state == ringing && !ch.c.dead {
		ch.c.pickUp()
	}
}

// Hold is the hold key of the telephone.
func (ch *Channel) Hold() {
	defer ch.lock()()
	ch.c.tell("ChannelHold", nil)
}

// Unhold ends Hold.
func (ch *Channel) Unhold() {
	defer ch.lock()()
	ch.c.tell("ChannelUnhold", nil)
}

// Transfer sends the other party to a number (REFER).
func (ch *Channel) Transfer(number string) {
	defer ch.lock()()
	ch.c.transfer(number)
}

// TransferTo connects the other parties of two calls of one telephone (REFER
// with Replaces).
func (ch *Channel) TransferTo(second *Channel) {
	defer ch.lock()()
	ch.c.transferTo(second.c)
}

// Status is the STASISSTATUS that the dialplan saw last for a number: SUCCESS,
// FAILED, or "" while no call to it has left Stasis.
func (f *Fake) Status(number string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.w.statuses[number]
}

// Channels returns the ids of the channels that are there.
func (f *Fake) Channels() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.w.channels.ids...)
}

// Channel returns a channel that is there, or nil.
func (f *Fake) Channel(id string) *Channel {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c := f.w.channels.byID[id]; c != nil {
		return &Channel{c}
	}
	return nil
}

// Bridges returns the bridges that are there with the ids of their channels.
func (f *Fake) Bridges() map[string][]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := map[string][]string{}
	for _, b := range f.w.bridges.all() {
		out[b.id] = b.json()["channels"].([]string)
	}
	return out
}

// Cut ends all event sockets without a word, as a broken network does.
// Channels stay.
func (f *Fake) Cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.w.cut()
}

// Deafen switches an application off while its socket stays open and answers
// pings: calls go on as if nobody listened, and no event comes. 22.10.1 can get
// there when a client connects again while the end of its old socket is not
// noticed yet.
func (f *Fake) Deafen(app string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if a := f.w.apps[app]; a != nil {
		a.socket = nil
		f.w.forget(a)
	}
}

// Restart is a crash and a new start: sockets are cut, channels and bridges are
// gone, stored recordings stay. For the time of the boot clients are first
// refused, then told 404, then 503.
func (f *Fake) Restart(boot time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.w.cut()
	for _, c := range f.w.channels.all() {
		c.dead = true
		close(c.ended)
	}
	f.w.boot(boot)
}

// Lose throws the next n events away.
func (f *Fake) Lose(n int) { f.fault(func(t *faults) { t.lose = n }) }

// Repeat sends the next n events twice.
func (f *Fake) Repeat(n int) { f.fault(func(t *faults) { t.repeat = n }) }

// Delay holds events back for d from now on; 0 ends it. Their order stays.
func (f *Fake) Delay(d time.Duration) { f.fault(func(t *faults) { t.delay = d }) }

func (f *Fake) fault(set func(*faults)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	set(&f.w.faults)
}
