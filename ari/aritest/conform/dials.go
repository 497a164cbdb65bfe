package conform

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"hotline/ari"
)

var dialCases = []conformCase{
	{"channels/originate", originate},
	{"channels/originate/unreachable", originateUnreachable},
	{"channels/create_duplicate_id", duplicateID},
	{"channels/create_duplicate_id/sticks_to_connection", duplicateSticks},
	{"create_dial_bridge/answer", dialAnswer},
	{"create_dial_bridge/no_answer", dialNoAnswer},
	{"create_dial_bridge/busy", dialBusy},
	{"create_dial_bridge/reject", dialReject},
	{"create_dial_bridge/unreachable", dialUnreachable},
	{"create_dial_bridge/cancelled", dialCancelled},
	{"channels/hangup/cause", hangupCause},
	{"create_dial_bridge/errors", dialErrors},
	{"create_dial_bridge/bridge/bridge_then_dial", bridgeThenDial},
	{"create_dial_bridge/bridge/bridge_while_ringing", bridgeWhileRinging},
	{"create_dial_bridge/hangup_by_phone", phoneHangsUp},
	{"create_dial_bridge/local_without_extension", localWithoutExtension},
	{"glare", glare},
	{"wrong_state", wrongState},
}

// Originate lets the channel into the application only when somebody answered.
func originate(b *bench) {
	b.Phone(0).Answers(300 * time.Millisecond)
	b.status(200, "POST", "/channels/"+b.id("leg"), url.Values{
		"endpoint": {b.Phone(0).Endpoint()}, "app": {b.App()}, "appArgs": {"x"}, "formats": {"alaw"},
	})
	b.tap.inOrder("ChannelStateChange leg Ringing", "ChannelStateChange leg Up", "Dial leg ANSWER", "StasisStart leg x")
	b.ok(b.api.Channels.Hangup(b.ctx, b.id("leg"), ""))
	b.tap.inOrder("StasisStart leg x", "ChannelHangupRequest leg", "StasisEnd leg", "ChannelDestroyed leg 16")
}

// An endpoint that cannot be reached is "Allocation failed", without a reason.
func originateUnreachable(b *bench) {
	query := url.Values{"endpoint": {b.Unreachable()}, "app": {b.App()}, "formats": {"alaw"}}
	if status, words := b.send("POST", "/channels/"+b.id("leg"), query, ""); status != 500 || words != "Allocation failed" {
		b.Errorf("answer is %d %q", status, words)
	}
}

// A taken id is refused. (Each such refusal costs Asterisk 22.10.1 a channel
// that is never destroyed: it is not listed, but a shutdown waits 15 s for it.)
func duplicateID(b *bench) {
	b.create("leg", b.Phone(0).Endpoint())
	_, err := b.api.Channels.Create(b.ctx, ari.CreateChannel{ID: b.id("leg"), Endpoint: b.Phone(0).Endpoint(), App: b.App(), Formats: []string{"alaw"}})
	b.is(err, ari.ErrConflict, 409)
	_, err = b.api.Channels.Create(b.ctx, ari.CreateChannel{ID: b.id("other"), Endpoint: b.Unreachable(), App: b.App(), Formats: []string{"alaw"}})
	b.is(err, ari.ErrAllocation, 500)
	b.ok(b.api.Channels.Hangup(b.ctx, b.id("leg"), ""))
	b.tap.await("StasisEnd leg")
}

// "id exists" sticks to the connection: on it, an endpoint that cannot be
// reached looks like a taken id. The client therefore never creates twice on
// one connection.
func duplicateSticks(b *bench) {
	b.create("leg", b.Phone(0).Endpoint())
	o := b.Options()
	ask := func(id, endpoint string) int {
		query := url.Values{"channelId": {id}, "endpoint": {endpoint}, "app": {b.App()}, "formats": {"alaw"}}
		return b.sendBy(o, http.MethodPost, "/channels/create", query)
	}
	if got := ask(b.id("leg"), b.Phone(0).Endpoint()); got != 409 {
		b.Errorf("taken id: %d", got)
	}
	if got := ask(b.id("other"), b.Unreachable()); got != 409 {
		b.Errorf("unreachable, same connection: %d", got)
	}
	o.HTTP.CloseIdleConnections()
	if got := ask(b.id("other"), b.Unreachable()); got != 500 {
		b.Errorf("unreachable, new connection: %d", got)
	}
	o.HTTP.CloseIdleConnections()
}

// A created leg is in the application, Down, before anything rings; it answers
// by ChannelStateChange, and Dial says so too. The Dial events before the answer
// come in any order among themselves and to the changes of state.
func dialAnswer(b *bench) {
	b.Phone(0).Answers(200 * time.Millisecond)
	id := b.create("leg", b.Phone(0).Endpoint())
	ch, err := b.api.Channels.Get(b.ctx, id)
	b.ok(err)
	if ch.State != ari.StateDown {
		b.Errorf("state is %s", ch.State)
	}
	b.ok(b.api.Channels.Dial(b.ctx, id, ari.Dial{Timeout: 5 * time.Second, Caller: "nobody"}))
	b.tap.inOrder("StasisStart leg leg", "ChannelStateChange leg Ringing", "ChannelStateChange leg Up", "Dial leg ANSWER")
	b.tap.await("Dial leg ", "Dial leg RINGING")
	b.ok(b.api.Channels.Hangup(b.ctx, id, ari.ReasonNormal))
	b.tap.inOrder("Dial leg ANSWER", "ChannelHangupRequest leg", "StasisEnd leg", "ChannelDestroyed leg 16")
}

// Nobody picks up before the limit. As for every leg that is not answered, the
// application hears of the end by the cause in ChannelDestroyed, never by a
// Dial event: it has left the channel when that is made.
func dialNoAnswer(b *bench) {
	b.leg("leg", b.Phone(0).Endpoint(), time.Second)
	b.tap.inOrder("Dial leg RINGING", "ChannelHangupRequest leg", "StasisEnd leg", "ChannelDestroyed leg 19")
	b.tap.never("Dial leg NOANSWER")
}

// A phone that says 486.
func dialBusy(b *bench) {
	b.Phone(0).Busy()
	b.leg("leg", b.Phone(0).Endpoint(), 5*time.Second)
	b.tap.inOrder("ChannelHangupRequest leg", "StasisEnd leg", "ChannelDestroyed leg 17")
}

// A phone that rings and then says 603.
func dialReject(b *bench) {
	b.Phone(0).Reject()
	b.leg("leg", b.Phone(0).Endpoint(), 5*time.Second)
	b.tap.inOrder("Dial leg RINGING", "ChannelHangupRequest leg", "StasisEnd leg", "ChannelDestroyed leg 21")
}

// A phone that is not registered cannot be created at all, and the reason is
// not said. A phone that went away is the same to the caller.
func dialUnreachable(b *bench) {
	_, err := b.api.Channels.Create(b.ctx, ari.CreateChannel{ID: b.id("leg"), Endpoint: b.Unreachable(), App: b.App(), Formats: []string{"alaw"}})
	b.is(err, ari.ErrAllocation, 500)
	_, err = b.api.Channels.Get(b.ctx, b.id("leg"))
	b.is(err, ari.ErrNotFound, 404)
	b.tap.never("StasisStart")
	tech, resource, _ := strings.Cut(b.Unreachable(), "/")
	e, err := b.api.Endpoints.Get(b.ctx, tech, resource)
	b.ok(err)
	if e.State != ari.EndpointOffline {
		b.Errorf("state is %q", e.State)
	}
	_, err = b.api.Endpoints.Get(b.ctx, tech, "nobody")
	b.is(err, ari.ErrNotFound, 404)
	_, resource, _ = strings.Cut(b.Phone(0).Endpoint(), "/")
	e, err = b.api.Endpoints.Get(b.ctx, tech, resource)
	b.ok(err)
	if e.State != ari.EndpointOnline {
		b.Errorf("state of the telephone is %q", e.State)
	}
}

// Hanging up a ringing leg stops its ringing; "answered elsewhere" reaches the
// phone, so that it shows no missed call.
func dialCancelled(b *bench) {
	id := b.leg("leg", b.Phone(0).Endpoint(), 10*time.Second)
	b.tap.await("Dial leg RINGING")
	b.ok(b.api.Channels.Hangup(b.ctx, id, ari.ReasonAnsweredElsewhere))
	b.tap.inOrder("Dial leg RINGING", "ChannelHangupRequest leg", "StasisEnd leg", "ChannelDestroyed leg 26")
	time.Sleep(200 * time.Millisecond)
	if r := b.Phone(0).Reason(); !strings.Contains(r, "cause=26") && !strings.Contains(r, "elsewhere") {
		b.Errorf("the phone was told %q", r)
	}
}

// The cause of a hang-up through ARI is in ChannelDestroyed. In the request
// event stands the number of a flag instead.
func hangupCause(b *bench) {
	id := b.create("leg", b.Phone(0).Endpoint())
	b.ok(b.api.Channels.Hangup(b.ctx, id, ari.ReasonBusy))
	request := b.tap.await("ChannelHangupRequest leg").(*ari.ChannelHangupRequest)
	if request.Cause != 32 {
		b.Errorf("cause of the request is %d", request.Cause)
	}
	b.tap.await("ChannelDestroyed leg 17")
}

// What a dial and a hang-up refuse.
func dialErrors(b *bench) {
	id := b.leg("leg", b.Phone(0).Endpoint(), 10*time.Second)
	b.tap.await("Dial leg RINGING")
	b.is(b.api.Channels.Dial(b.ctx, id, ari.Dial{}), ari.ErrBadState, 409)
	b.is(b.api.Channels.Dial(b.ctx, b.id("none"), ari.Dial{}), ari.ErrNotFound, 404)
	_, in := b.caller()
	b.is(b.api.Channels.Dial(b.ctx, in, ari.Dial{}), ari.ErrBadState, 409)
	b.status(400, "POST", "/channels/create", url.Values{"app": {b.App()}})
	b.status(400, "DELETE", "/channels/"+id, url.Values{"reason": {"nonsense"}})
	b.status(400, "DELETE", "/channels/"+id, url.Values{"reason": {"busy"}, "reason_code": {"17"}})
	b.status(400, "POST", "/channels/"+b.id("both"), url.Values{
		"app": {b.App()}, "endpoint": {b.Phone(1).Endpoint()}, "formats": {"alaw"}, "originator": {in},
	})
	b.status(204, "DELETE", "/channels/"+id, url.Values{"reason_code": {"17"}})
	b.tap.await("ChannelDestroyed leg 17")
}

// A leg may be in a bridge before it is dialled: early media is heard there.
func bridgeThenDial(b *bench) {
	b.Phone(0).Answers(200 * time.Millisecond)
	id := b.create("leg", b.Phone(0).Endpoint())
	b.bridge("br", id)
	b.ok(b.api.Channels.Dial(b.ctx, id, ari.Dial{Timeout: 5 * time.Second}))
	b.tap.inOrder("ChannelEnteredBridge br leg", "ChannelStateChange leg Up", "Dial leg ANSWER")
}

// A ringing leg may join, and goes on ringing.
func bridgeWhileRinging(b *bench) {
	b.Phone(0).Answers(600 * time.Millisecond)
	id := b.leg("leg", b.Phone(0).Endpoint(), 5*time.Second)
	b.tap.await("Dial leg RINGING")
	b.bridge("br", id)
	b.tap.inOrder("Dial leg RINGING", "ChannelEnteredBridge br leg", "ChannelStateChange leg Up", "Dial leg ANSWER")
}

// A phone's BYE counts as a normal end, whoever ended it.
func phoneHangsUp(b *bench) {
	b.answered("leg", 0)
	b.Phone(0).HangUp()
	b.tap.inOrder("ChannelStateChange leg Up", "ChannelHangupRequest leg", "StasisEnd leg", "ChannelDestroyed leg 16")
}

// A Local channel to an extension that does not exist is created all the same.
func localWithoutExtension(b *bench) {
	_, err := b.api.Channels.Create(b.ctx, ari.CreateChannel{ID: b.id("leg"), Endpoint: "Local/none@conform", App: b.App(), AppArgs: "leg", Formats: []string{"alaw"}})
	b.ok(err)
	b.tap.await("StasisStart leg leg")
	b.ok(b.api.Channels.Hangup(b.ctx, b.id("leg"), ""))
}

// Two phones answer at the same time: both legs are up, and only a controller
// can say which one lost.
func glare(b *bench) {
	b.Phone(0).Answers(300 * time.Millisecond)
	b.Phone(1).Answers(300 * time.Millisecond)
	b.leg("one", b.Phone(0).Endpoint(), 5*time.Second)
	b.leg("two", b.Phone(1).Endpoint(), 5*time.Second)
	b.tap.await("ChannelStateChange one Up", "ChannelStateChange two Up")
	b.ok(b.api.Channels.Hangup(b.ctx, b.id("two"), ari.ReasonAnsweredElsewhere))
	b.tap.await("StasisEnd two", "ChannelDestroyed two 26")
	b.tap.never("StasisEnd one")
}

// Requests that a ringing or undialled outgoing leg refuses (412).
func wrongState(b *bench) {
	id := b.create("leg", b.Phone(0).Endpoint())
	for _, verb := range []string{"answer", "ring", "hold", "moh", "silence"} {
		b.status(412, "POST", "/channels/"+id+"/"+verb, nil)
	}
	b.status(412, "POST", "/channels/"+id+"/play", url.Values{"media": {b.Sound(time.Second)}})
	b.status(412, "POST", "/channels/"+id+"/mute", url.Values{"direction": {"both"}})
	b.status(412, "POST", "/channels/"+id+"/dtmf", url.Values{"dtmf": {"1"}})
	_, in := b.caller()
	b.status(400, "POST", "/channels/"+in+"/mute", nil)
}

// storm asks the same from many sides and returns the errors.
func storm(n int, ask func() error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = ask() })
	}
	wg.Wait()
	return errs
}
