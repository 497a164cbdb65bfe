package conform

import (
	"net/url"
	"time"

	"hotline/ari"
)

var mediaCases = []conformCase{
	{"channels/playback/happy", playHappy},
	{"channels/playback/lists/happy", playList},
	{"channels/playback/lists/stop", playListStop},
	{"channels/playback/missing_file", playMissing},
	{"channels/playback/hangup", playHangup},
	{"channels/playback/dtmf", playDTMF},
	{"channels/playback/queue", playQueue},
	{"channels/playback/duplicate_id", playDuplicate},
	{"channels/playback/early", playEarly},
	{"channels/playback/blocks", playBlocks},
	{"channels/playback/to_channel_in_bridge", playInBridge},
	{"channels/playback/control", playControl},
	{"bridges/playback", bridgePlayback},
	{"bridges/playback/to_nobody", bridgePlaybackToNobody},
	{"channels/moh", music},
	{"channels/variables", variables},
	{"channels/hold", holdByPhone},
	{"channels/rtp_statistics/basic", rtpStatistics},
}

// up is a caller who was answered.
func (b *bench) up() (Caller, string) {
	b.Helper()
	c, id := b.caller()
	b.ok(b.api.Channels.Answer(b.ctx, id))
	b.within("answer", c.Answered())
	return c, id
}

func (b *bench) play(channel, name string, d ...time.Duration) {
	b.Helper()
	var media []string
	for _, d := range d {
		media = append(media, b.Sound(d))
	}
	p, err := b.api.Channels.Play(b.ctx, channel, ari.Play{ID: b.id(name), Media: media})
	b.ok(err)
	// It may have begun already.
	if p.ID != b.id(name) || p.State != ari.PlaybackStateQueued && p.State != ari.PlaybackStatePlaying {
		b.Errorf("playback is %+v", p)
	}
}

// waited asserts that something waited for a playback that had just begun.
func (b *bench) waited(what string, began time.Time, least time.Duration) {
	b.Helper()
	if d := time.Since(began); d < least {
		b.Errorf("%s took %v, less than %v", what, d, least)
	}
}

// atOnce asserts that something did not wait for a playback of 5 s.
func (b *bench) atOnce(what string, began time.Time) {
	b.Helper()
	if d := time.Since(began); d > 3*time.Second {
		b.Errorf("%s took %v", what, d)
	}
}

// A playback has a start, a length and an end, and is forgotten then.
func playHappy(b *bench) {
	_, in := b.up()
	began := time.Now()
	b.play(in, "p", 600*time.Millisecond)
	b.tap.await("PlaybackStarted p")
	p, err := b.api.Playbacks.Get(b.ctx, b.id("p"))
	b.ok(err)
	if p.State != ari.PlaybackStatePlaying || p.TargetURI != "channel:"+in {
		b.Errorf("playback is %+v", p)
	}
	b.tap.inOrder("PlaybackStarted p", "PlaybackFinished p done")
	b.waited("the end", began, 500*time.Millisecond)
	b.eventually("the playback is gone", func() bool {
		_, err = b.api.Playbacks.Get(b.ctx, b.id("p"))
		return err != nil
	})
	b.is(err, ari.ErrNotFound, 404)
	b.is(b.api.Playbacks.Stop(b.ctx, b.id("p")), ari.ErrNotFound, 404)
}

// A list is one playback with one end; a start comes for each medium.
func playList(b *bench) {
	_, in := b.up()
	b.play(in, "p", 200*time.Millisecond, 200*time.Millisecond, 200*time.Millisecond)
	b.tap.inOrder("PlaybackStarted p", "PlaybackContinuing p", "PlaybackStarted p", "PlaybackContinuing p", "PlaybackStarted p",
		"PlaybackFinished p done")
}

// Stopping a list stops all of it, and it ends as done.
func playListStop(b *bench) {
	_, in := b.up()
	b.play(in, "p", 5*time.Second, 5*time.Second)
	b.tap.await("PlaybackStarted p")
	b.ok(b.api.Playbacks.Stop(b.ctx, b.id("p")))
	b.tap.inOrder("PlaybackStarted p", "PlaybackFinished p done")
	b.tap.never("PlaybackContinuing")
}

// A file that is not there is accepted and ends as failed.
func playMissing(b *bench) {
	_, in := b.up()
	_, err := b.api.Channels.Play(b.ctx, in, ari.Play{ID: b.id("p"), Media: []string{"sound:/nowhere/at-all"}})
	b.ok(err)
	b.tap.await("PlaybackFinished p failed")
	_, err = b.api.Channels.Play(b.ctx, b.id("none"), ari.Play{Media: []string{b.Sound(time.Second)}})
	b.is(err, ari.ErrNotFound, 404)
}

// A playback ends with its channel.
func playHangup(b *bench) {
	c, in := b.up()
	b.play(in, "p", 5*time.Second)
	b.tap.await("PlaybackStarted p")
	c.HangUp()
	b.tap.inOrder("PlaybackStarted p", "ChannelHangupRequest in1", "PlaybackFinished p failed", "StasisEnd in1")
}

// A key does not interrupt a playback; who wants that stops it.
func playDTMF(b *bench) {
	c, in := b.up()
	b.play(in, "p", 5*time.Second)
	b.tap.await("PlaybackStarted p")
	c.Press('7')
	b.tap.await("ChannelDtmfReceived in1 7")
	b.tap.never("PlaybackFinished")
	b.ok(b.api.Playbacks.Stop(b.ctx, b.id("p")))
	b.tap.inOrder("ChannelDtmfReceived in1 7", "PlaybackFinished p done")
}

// A second playback waits for the first; one that waits can be stopped too, and
// that shows when its turn comes.
func playQueue(b *bench) {
	_, in := b.up()
	b.play(in, "one", 600*time.Millisecond)
	b.play(in, "two", 5*time.Second)
	b.play(in, "three", 200*time.Millisecond)
	b.ok(b.api.Playbacks.Stop(b.ctx, b.id("two")))
	b.tap.inOrder("PlaybackStarted one", "PlaybackFinished one done", "PlaybackFinished two done", "PlaybackStarted three",
		"PlaybackFinished three done")
	b.tap.never("PlaybackStarted two")
}

// Asterisk does not look whether an id of a playback is taken.
func playDuplicate(b *bench) {
	_, in := b.up()
	b.play(in, "p", 300*time.Millisecond)
	_, err := b.api.Channels.Play(b.ctx, in, ari.Play{ID: b.id("p"), Media: []string{b.Sound(300 * time.Millisecond)}})
	b.ok(err)
	b.tap.await("PlaybackFinished p done")
}

// A caller who was not answered hears a playback as early media.
func playEarly(b *bench) {
	c, in := b.caller()
	b.play(in, "p", 300*time.Millisecond)
	b.tap.inOrder("PlaybackStarted p", "PlaybackFinished p done")
	select {
	case <-c.Answered():
		b.Error("the playback answered the call")
	default:
	}
}

// What a channel is told waits behind a playback: answer, setting a variable, joining a bridge. Reading a variable,
// stopping the playback and hanging up do not wait.
func playBlocks(b *bench) {
	_, in := b.caller()
	br := b.bridge("br")
	for _, ask := range []struct {
		name string
		do   func() error
	}{
		{"answer", func() error { return b.api.Channels.Answer(b.ctx, in) }},
		{"setVariable", func() error { return b.api.Channels.SetVariable(b.ctx, in, "X", "1") }},
		{"addChannel", func() error { return b.api.Bridges.AddChannels(b.ctx, br, []string{in}, ari.AddChannels{}) }},
	} {
		p := "before-" + ask.name
		b.play(in, p, 800*time.Millisecond)
		b.tap.await("PlaybackStarted " + p)
		began := time.Now()
		b.ok(ask.do())
		b.waited(ask.name, began, 400*time.Millisecond)
		b.tap.await("PlaybackFinished " + p + " done")
	}
	b.ok(b.api.Bridges.RemoveChannels(b.ctx, br, []string{in}))
	b.play(in, "long", 5*time.Second)
	b.tap.await("PlaybackStarted long")
	began := time.Now()
	_, err := b.api.Channels.Variable(b.ctx, in, "CALLERID(num)")
	b.ok(err)
	b.ok(b.api.Playbacks.Stop(b.ctx, b.id("long")))
	b.ok(b.api.Channels.SetVariable(b.ctx, in, "X", "2"))
	b.play(in, "longer", 5*time.Second)
	b.tap.await("PlaybackStarted longer")
	b.ok(b.api.Channels.Hangup(b.ctx, in, ""))
	b.tap.await("StasisEnd in1")
	b.atOnce("all that", began)
}

// It is the same in a bridge: commands wait until the playback on the channel
// has ended.
func playInBridge(b *bench) {
	_, in := b.up()
	br := b.bridge("br", in)
	b.play(in, "p", 800*time.Millisecond)
	b.tap.await("PlaybackStarted p")
	began := time.Now()
	b.ok(b.api.Channels.SetVariable(b.ctx, in, "X", "1"))
	b.waited("setVariable", began, 400*time.Millisecond)
	b.tap.await("PlaybackFinished p done")
	b.play(in, "q", 5*time.Second)
	b.tap.await("PlaybackStarted q")
	began = time.Now()
	b.ok(b.api.Playbacks.Stop(b.ctx, b.id("q")))
	b.tap.await("PlaybackFinished q done")
	b.atOnce("stop", began)
	b.play(in, "r", 800*time.Millisecond)
	b.tap.await("PlaybackStarted r")
	began = time.Now()
	b.ok(b.api.Bridges.RemoveChannels(b.ctx, br, []string{in}))
	b.waited("removeChannel", began, 400*time.Millisecond)
}

// A paused playback does not end; when it goes on a second start is told.
func playControl(b *bench) {
	_, in := b.up()
	b.play(in, "p", 600*time.Millisecond)
	b.tap.await("PlaybackStarted p")
	b.status(204, "POST", "/playbacks/"+b.id("p")+"/control", url.Values{"operation": {"pause"}})
	began := time.Now()
	time.Sleep(900 * time.Millisecond)
	b.tap.never("PlaybackFinished")
	b.status(204, "POST", "/playbacks/"+b.id("p")+"/control", url.Values{"operation": {"unpause"}})
	b.tap.await("PlaybackFinished p done")
	b.waited("the rest", began, time.Second)
	b.status(404, "POST", "/playbacks/"+b.id("p")+"/control", url.Values{"operation": {"pause"}})
}

// Everybody in the bridge hears it; channel commands do not wait for it.
func bridgePlayback(b *bench) {
	_, in := b.up()
	br := b.bridge("br", in)
	p, err := b.api.Bridges.Play(b.ctx, br, ari.Play{ID: b.id("p"), Media: []string{b.Sound(5 * time.Second)}})
	b.ok(err)
	if p.TargetURI != "bridge:"+br {
		b.Errorf("target is %q", p.TargetURI)
	}
	b.tap.await("PlaybackStarted p")
	began := time.Now()
	b.ok(b.api.Channels.SetVariable(b.ctx, in, "X", "1"))
	b.atOnce("setVariable", began)
	b.ok(b.api.Playbacks.Stop(b.ctx, b.id("p")))
	b.tap.inOrder("PlaybackStarted p", "PlaybackFinished p done")
	_, err = b.api.Bridges.Play(b.ctx, b.id("none"), ari.Play{Media: []string{b.Sound(time.Second)}})
	b.is(err, ari.ErrNotFound, 404)
}

// It fails when nobody is left to hear it. Whether the application is told is
// not promised: it loses the bridge at the same time.
func bridgePlaybackToNobody(b *bench) {
	c, in := b.up()
	br := b.bridge("br", in)
	_, err := b.api.Bridges.Play(b.ctx, br, ari.Play{ID: b.id("p"), Media: []string{b.Sound(20 * time.Second)}})
	b.ok(err)
	b.tap.await("PlaybackStarted p")
	c.HangUp()
	b.tap.await("StasisEnd in1")
	b.eventually("the playback has ended", func() bool {
		_, err := b.api.Playbacks.Get(b.ctx, b.id("p"))
		return err != nil
	})
}

// Music is heard until it is stopped; a playback may be started while it is on.
func music(b *bench) {
	_, in := b.up()
	b.ok(b.api.Channels.StartMusic(b.ctx, in, ""))
	b.play(in, "p", 200*time.Millisecond)
	b.tap.await("PlaybackFinished p done")
	b.ok(b.api.Channels.StopMusic(b.ctx, in))
	b.ok(b.api.Channels.StopMusic(b.ctx, in)) // nothing to stop is no error
	b.status(204, "POST", "/channels/"+in+"/silence", nil)
	b.status(204, "DELETE", "/channels/"+in+"/silence", nil)
	b.ok(b.api.Channels.Mute(b.ctx, in))
	b.ok(b.api.Channels.Unmute(b.ctx, in))
	b.ok(b.api.Channels.Hold(b.ctx, in))
	b.ok(b.api.Channels.Unhold(b.ctx, in))
}

// A variable that was never set is 404; a function is read by its name.
func variables(b *bench) {
	_, in := b.caller()
	b.ok(b.api.Channels.SetVariable(b.ctx, in, "COLOUR", "blue"))
	got, err := b.api.Channels.Variable(b.ctx, in, "COLOUR")
	b.ok(err)
	if got != "blue" {
		b.Errorf("variable is %q", got)
	}
	got, err = b.api.Channels.Variable(b.ctx, in, "CALLERID(num)")
	b.ok(err)
	if got != "13800138000" {
		b.Errorf("caller is %q", got)
	}
	_, err = b.api.Channels.Variable(b.ctx, in, "NEVER_SET")
	b.is(err, ari.ErrNotFound, 404)
	_, err = b.api.Channels.Variable(b.ctx, b.id("none"), "COLOUR")
	b.is(err, ari.ErrNotFound, 404)
	b.status(400, "POST", "/channels/"+in+"/variable", nil)
}

// A telephone puts the call on hold: an event, nothing else changes.
func holdByPhone(b *bench) {
	_, in := b.up()
	leg := b.answered("leg", 0)
	b.bridge("br", in, leg)
	b.Phone(0).Hold()
	b.tap.await("ChannelHold leg")
	b.Phone(0).Unhold()
	b.tap.inOrder("ChannelHold leg", "ChannelUnhold leg")
	b.tap.never("ChannelLeftBridge")
}

// A channel with RTP has statistics.
func rtpStatistics(b *bench) {
	_, in := b.up()
	if _, err := b.api.Channels.RTPStatistics(b.ctx, in); err != nil {
		b.Error(err)
	}
	_, err := b.api.Channels.RTPStatistics(b.ctx, b.id("none"))
	b.is(err, ari.ErrNotFound, 404)
}
