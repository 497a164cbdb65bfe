package conform

import (
	"errors"
	"net/url"
	"time"

	"hotline/ari"
)

var bridgeCases = []conformCase{
	{"bridges/happy", bridgeHappy},
	{"bridges/unhappy", bridgeUnhappy},
	{"bridges/move", bridgeMove},
	{"bridges/hangup", bridgeHangup},
	{"bridges/delete", bridgeDelete},
	{"bridges/not_atomic", bridgeNotAtomic},
	{"bridges/holding", bridgeHolding},
	{"bridges/dtmf", bridgeDTMF},
	{"bridges/dtmf/native_rtp", bridgeNoDTMF},
	{"bridges/add_unanswered", addUnanswered},
	{"races/hangup", hangupRaces},
	{"races/bridge_while_leaving", bridgeWhileLeaving},
}

// Two join at once and leave one after the other. A channel that is added again
// leaves and comes back. An application hears nothing of the bridge itself: it
// is subscribed to it only while one of its channels is inside.
func bridgeHappy(b *bench) {
	_, in := b.caller()
	b.ok(b.api.Channels.Answer(b.ctx, in))
	leg := b.answered("leg", 0)
	br := b.bridge("br", in, leg)
	got, err := b.api.Bridges.Get(b.ctx, br)
	b.ok(err)
	if len(got.Channels) != 2 || got.Class != "stasis" || got.Creator != "Stasis" || got.Type != "mixing" {
		b.Errorf("bridge is %+v", got)
	}
	b.ok(b.api.Bridges.AddChannels(b.ctx, br, []string{in}, ari.AddChannels{}))
	b.ok(b.api.Bridges.RemoveChannels(b.ctx, br, []string{leg}))
	b.ok(b.api.Bridges.RemoveChannels(b.ctx, br, []string{in}))
	b.ok(b.api.Bridges.Destroy(b.ctx, br))
	b.tap.inOrder("ChannelEnteredBridge br in1", "ChannelEnteredBridge br leg", "ChannelLeftBridge br in1",
		"ChannelEnteredBridge br in1", "ChannelLeftBridge br leg", "ChannelLeftBridge br in1")
	b.tap.never("BridgeCreated")
	b.tap.never("BridgeDestroyed")
	b.eventually("the bridge is gone", func() bool { // 409 while it is going
		return errors.Is(b.api.Bridges.Destroy(b.ctx, br), ari.ErrNotFound)
	})
}

// 400 for a channel that is not there, 404 for the bridge, 422 for a channel
// outside Stasis or outside this bridge, 409 for an id that is taken.
func bridgeUnhappy(b *bench) {
	br := b.bridge("br")
	_, in := b.caller()
	add, remove := b.api.Bridges.AddChannels, b.api.Bridges.RemoveChannels
	b.is(add(b.ctx, br, []string{b.id("none")}, ari.AddChannels{}), ari.ErrNotFound, 400)
	b.is(add(b.ctx, b.id("none"), []string{in}, ari.AddChannels{}), ari.ErrNotFound, 404)
	b.is(remove(b.ctx, br, []string{in}), ari.ErrNotInBridge, 422)
	b.is(remove(b.ctx, br, []string{b.id("none")}), ari.ErrNotFound, 400)
	b.is(remove(b.ctx, b.id("none"), []string{in}), ari.ErrNotFound, 404)
	_, err := b.api.Bridges.Create(b.ctx, ari.CreateBridge{ID: br, Type: "mixing"})
	b.is(err, ari.ErrConflict, 409)
	_, err = b.api.Bridges.Get(b.ctx, b.id("none"))
	b.is(err, ari.ErrNotFound, 404)
	b.status(400, "POST", "/bridges/"+br+"/addChannel", nil)
	b.ok(b.api.Channels.Continue(b.ctx, in, "conform", "echo", 1))
	b.tap.await("StasisEnd in1")
	b.eventually("the channel is out of reach", func() bool { // it may be 409 in the moment of leaving
		err = add(b.ctx, br, []string{in}, ari.AddChannels{})
		var answer *ari.Error
		return errors.As(err, &answer) && answer.Status == 422
	})
	b.is(err, ari.ErrNotInStasis, 422)
	b.ok(b.api.Channels.Hangup(b.ctx, in, ""))
}

// A channel that is added elsewhere leaves its bridge first.
func bridgeMove(b *bench) {
	leg := b.answered("leg", 0)
	b.bridge("one", leg)
	b.bridge("two", leg)
	b.tap.inOrder("ChannelEnteredBridge one leg", "ChannelLeftBridge one leg", "ChannelEnteredBridge two leg")
}

// Who hangs up in a bridge leaves it, then the application; the other stays.
func bridgeHangup(b *bench) {
	c, in := b.caller()
	b.ok(b.api.Channels.Answer(b.ctx, in))
	leg := b.answered("leg", 0)
	b.bridge("br", in, leg)
	b.within("answer", c.Answered())
	c.HangUp()
	b.tap.inOrder("ChannelHangupRequest in1", "ChannelLeftBridge br in1", "StasisEnd in1")
	b.tap.never("StasisEnd leg")
	b.tap.never("ChannelLeftBridge br leg")
}

// The channels of a bridge that is destroyed stay in the application.
func bridgeDelete(b *bench) {
	leg := b.answered("leg", 0)
	br := b.bridge("br", leg)
	b.ok(b.api.Bridges.Destroy(b.ctx, br))
	b.tap.await("ChannelLeftBridge br leg")
	b.ok(b.api.Channels.SetVariable(b.ctx, leg, "X", "1"))
	b.tap.never("StasisEnd leg")
	b.bridge("again", leg)
	b.tap.await("ChannelEnteredBridge again leg")
	b.tap.never("BridgeDestroyed")
}

// Adding several is not atomic, but looks for all of them first.
func bridgeNotAtomic(b *bench) {
	leg := b.answered("leg", 0)
	br := b.bridge("br")
	b.is(b.api.Bridges.AddChannels(b.ctx, br, []string{leg, b.id("none")}, ari.AddChannels{}), ari.ErrNotFound, 400)
	got, err := b.api.Bridges.Get(b.ctx, br)
	b.ok(err)
	if len(got.Channels) != 0 {
		b.Errorf("%v joined", got.Channels)
	}
}

// A holding bridge, and its music. Stopping music that does not play is 409.
func bridgeHolding(b *bench) {
	leg := b.answered("leg", 0)
	_, err := b.api.Bridges.Create(b.ctx, ari.CreateBridge{ID: b.id("br"), Type: "holding"})
	b.ok(err)
	b.ok(b.api.Bridges.AddChannels(b.ctx, b.id("br"), []string{leg}, ari.AddChannels{}))
	b.ok(b.api.Bridges.StartMusic(b.ctx, b.id("br"), ""))
	b.ok(b.api.Bridges.StopMusic(b.ctx, b.id("br")))
	b.is(b.api.Bridges.StopMusic(b.ctx, b.id("br")), ari.ErrNotInStasis, 409)
	b.ok(b.api.Bridges.Destroy(b.ctx, b.id("br")))
}

// In a bridge that asks for them keys arrive.
func bridgeDTMF(b *bench) {
	c, in := b.caller()
	b.ok(b.api.Channels.Answer(b.ctx, in))
	leg := b.answered("leg", 0)
	b.bridge("br", in, leg)
	b.within("answer", c.Answered())
	c.Press('5')
	b.tap.await("ChannelDtmfReceived in1 5")
}

// In a plain "mixing" bridge two telephones talk past Asterisk's core, and
// their keys come to nobody.
func bridgeNoDTMF(b *bench) {
	c, in := b.up()
	leg := b.answered("leg", 0)
	_, err := b.api.Bridges.Create(b.ctx, ari.CreateBridge{ID: b.id("br"), Type: "mixing"})
	b.ok(err)
	b.ok(b.api.Bridges.AddChannels(b.ctx, b.id("br"), []string{in, leg}, ari.AddChannels{}))
	b.eventually("the bridge is native", func() bool {
		got, err := b.api.Bridges.Get(b.ctx, b.id("br"))
		b.ok(err)
		return got.Technology == "native_rtp"
	})
	c.Press('5')
	time.Sleep(400 * time.Millisecond)
	b.tap.never("ChannelDtmfReceived")
	b.ok(b.api.Bridges.Destroy(b.ctx, b.id("br")))
}

// Adding a caller to a bridge does not answer the call.
func addUnanswered(b *bench) {
	_, in := b.caller()
	b.bridge("br", in)
	b.tap.await("ChannelEnteredBridge br in1")
	ch, err := b.api.Channels.Get(b.ctx, in)
	b.ok(err)
	if ch.State != ari.StateRing {
		b.Errorf("state is %s", ch.State)
	}
}

// Everything that is asked of a channel around its hang-up is done, or refused
// in one of the ways that a controller knows.
func hangupRaces(b *bench) {
	c, in := b.caller()
	br := b.bridge("br")
	ch := b.api.Channels
	done := make(chan struct{})
	go func() {
		defer close(done)
		time.Sleep(3 * time.Millisecond)
		c.HangUp()
	}()
	for _, ask := range []func() error{
		func() error { return ch.Answer(b.ctx, in) },
		func() error { return ch.StartMusic(b.ctx, in, "") },
		func() error { return ch.SetVariable(b.ctx, in, "X", "1") },
		func() error { return b.api.Bridges.AddChannels(b.ctx, br, []string{in}, ari.AddChannels{}) },
		func() error { return ch.Hangup(b.ctx, in, "") },
	} {
		for _, err := range storm(3, ask) {
			if err != nil && !errors.Is(err, ari.ErrNotFound) && !errors.Is(err, ari.ErrNotInStasis) && !errors.Is(err, ari.ErrBadState) {
				b.Errorf("refused with %v", err)
			}
		}
	}
	<-done
	b.tap.await("StasisEnd in1")
	b.gone("in1")
	b.is(ch.Answer(b.ctx, in), ari.ErrNotFound, 404)
	b.is(ch.Hangup(b.ctx, in, ""), ari.ErrNotFound, 404)
	b.is(b.api.Bridges.AddChannels(b.ctx, br, []string{in}, ari.AddChannels{}), ari.ErrNotFound, 400)
}

// A phone that hangs up at the moment when its leg is bridged.
func bridgeWhileLeaving(b *bench) {
	leg := b.answered("leg", 0)
	br := b.bridge("br")
	go b.Phone(0).HangUp()
	for _, err := range storm(3, func() error {
		return b.api.Bridges.AddChannels(b.ctx, br, []string{leg}, ari.AddChannels{})
	}) {
		if err != nil && !errors.Is(err, ari.ErrNotFound) && !errors.Is(err, ari.ErrNotInStasis) {
			b.Errorf("refused with %v", err)
		}
	}
	b.tap.await("StasisEnd leg")
	b.gone("leg")
	b.status(404, "POST", "/channels/"+b.id("leg")+"/play", url.Values{"media": {b.Sound(time.Second)}})
}
