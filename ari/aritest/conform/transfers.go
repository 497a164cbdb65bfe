package conform

import (
	"net/url"
	"time"

	"hotline/ari"
)

var transferCases = []conformCase{
	{"external_interaction/blind_transfer/stasis_bridge_to_non_stasis_app", blindCore},
	{"external_interaction/blind_transfer/stasis_bridge_to_stasis_app_ari_only", blindAriOnly},
	{"external_interaction/attended_transfer/stasis_bridge_to_stasis_bridge/same_stasis_app", attendedCore},
}

// Asterisk carries a blind transfer out by itself: a Local channel takes the
// place of the transferer in the bridge, announced by a StasisStart that names
// the channel it replaces and has no arguments. That comes before the
// transferer leaves the bridge.
func blindCore(b *bench) {
	_, in := b.up()
	leg := b.answered("leg", 0)
	b.bridge("br", in, leg)
	b.Phone(0).Transfer("echo")
	b.tap.inOrder("StasisStart in2 replaces leg", "ChannelLeftBridge br leg", "ChannelEnteredBridge br in2",
		"BridgeBlindTransfer leg echo Success")
	b.tap.inOrder("ChannelLeftBridge br leg", "StasisEnd leg")
	b.tap.never("StasisEnd in1")
	b.tap.never("ChannelLeftBridge br in1")
	b.tap.never("ChannelTransfer")
}

// With PJSIP_TRANSFER_HANDLING()=ari-only nothing happens but an event, and the
// phone is told what the application says, which comes back as a second event.
func blindAriOnly(b *bench) {
	_, in := b.up()
	b.Phone(0).Answers(0)
	_, err := b.api.Channels.Create(b.ctx, ari.CreateChannel{
		ID: b.id("leg"), Endpoint: b.Phone(0).Endpoint(), App: b.App(), AppArgs: "leg", Formats: []string{"alaw"},
		Variables: map[string]string{"PJSIP_TRANSFER_HANDLING()": "ari-only"},
	})
	b.ok(err)
	b.tap.await("StasisStart leg leg")
	b.ok(b.api.Channels.Dial(b.ctx, b.id("leg"), ari.Dial{Timeout: 5 * time.Second}))
	b.tap.await("ChannelStateChange leg Up")
	b.bridge("br", in, b.id("leg"))
	b.Phone(0).Transfer("echo")
	event := b.tap.await("ChannelTransfer leg echo").(*ari.ChannelTransfer)
	by := event.ReferredBy
	if by.ConnectedChannel == nil || by.ConnectedChannel.ID != in || by.Bridge == nil || by.Bridge.ID != b.id("br") {
		b.Errorf("transfer is asked for by %+v", by)
	}
	time.Sleep(200 * time.Millisecond)
	b.tap.never("ChannelLeftBridge")
	b.tap.never("BridgeBlindTransfer")
	b.status(204, "POST", "/channels/"+b.id("leg")+"/transfer_progress", url.Values{"states": {"channel_answered"}})
	b.tap.inOrder("ChannelTransfer leg echo", "ChannelTransfer leg echo channel_answered",
		"ChannelLeftBridge br leg", "StasisEnd leg") // the phone left, being told
	b.tap.never("StasisEnd in1")
}

// An attended transfer between two bridges joins them with a pair of Local
// channels, each of which replaces one leg of the transferer. The bridges stay
// two. The second leg goes first.
func attendedCore(b *bench) {
	_, in := b.up()
	leg := b.answered("leg", 0)
	b.bridge("br", in, leg)
	before := len(b.tap.trace())
	b.Phone(0).Consult(b.App())
	in2 := b.long(b.tap.entered(before))
	b.ok(b.api.Channels.Answer(b.ctx, in2))
	other := b.answered("other", 1)
	b.bridge("br2", in2, other)
	b.Phone(0).Connect()
	b.tap.inOrder("StasisStart in3 replaces in2", "ChannelLeftBridge br2 in2", "ChannelEnteredBridge br2 in3",
		"StasisStart in4 replaces leg", "ChannelLeftBridge br leg", "ChannelEnteredBridge br in4",
		"BridgeAttendedTransfer leg link Success")
	b.tap.inOrder("ChannelLeftBridge br leg", "StasisEnd leg")
	b.tap.inOrder("ChannelLeftBridge br2 in2", "StasisEnd in2")
	b.tap.never("StasisEnd in1")
	b.tap.never("StasisEnd other")
}
