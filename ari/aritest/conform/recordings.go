package conform

import (
	"io"
	"net/url"
	"time"

	"hotline/ari"
)

var recordingCases = []conformCase{
	{"recording/channel", recordChannel},
	{"recording/discard", recordDiscard},
	{"recording/hangup", recordHangup},
	{"recording/name_exists", recordNameExists},
	{"recording/terminate_on_dtmf", recordTerminate},
	{"recording/max_duration", recordMaxDuration},
	{"recording/channel_in_bridge", recordInBridge},
	{"bridges/bridge_record", bridgeRecord},
	{"bridges/bridge_record/hangup", bridgeRecordHangup},
	{"bridges/add_recording_channel", addRecordingChannel},
	{"channels/snoop", snoop},
}

func (b *bench) record(channel, name string) {
	b.Helper()
	r, err := b.api.Channels.Record(b.ctx, channel, ari.Record{Name: b.id(name), Format: "wav"})
	b.ok(err)
	// It may have begun already.
	if r.State != ari.RecordingStateQueued && r.State != ari.RecordingStateRecording || r.TargetURI != "channel:"+channel {
		b.Errorf("recording is %+v", r)
	}
	b.tap.await("RecordingStarted " + name)
}

// speak lets some sound arrive.
func speak() { time.Sleep(400 * time.Millisecond) }

// A stopped recording is stored, can be fetched and deleted.
func recordChannel(b *bench) {
	_, in := b.up()
	b.record(in, "rec")
	live, err := b.api.Recordings.Live(b.ctx, b.id("rec"))
	b.ok(err)
	if live.State != ari.RecordingStateRecording {
		b.Errorf("recording is %+v", live)
	}
	speak()
	b.ok(b.api.Recordings.StopLive(b.ctx, b.id("rec")))
	b.tap.inOrder("RecordingStarted rec", "RecordingFinished rec done")
	stored, err := b.api.Recordings.Stored(b.ctx, b.id("rec"))
	b.ok(err)
	if stored.Format != "wav" {
		b.Errorf("stored is %+v", stored)
	}
	file, err := b.api.Recordings.StoredFile(b.ctx, b.id("rec"))
	b.ok(err)
	data, err := io.ReadAll(file)
	b.ok(err)
	file.Close()
	if len(data) < 44 || string(data[:4]) != "RIFF" {
		b.Errorf("file of %d bytes is no WAV", len(data))
	}
	b.ok(b.api.Recordings.DeleteStored(b.ctx, b.id("rec")))
	_, err = b.api.Recordings.Stored(b.ctx, b.id("rec"))
	b.is(err, ari.ErrNotFound, 404)
	b.is(b.api.Recordings.StopLive(b.ctx, b.id("rec")), ari.ErrNotFound, 404)
	_, err = b.api.Recordings.Live(b.ctx, b.id("rec"))
	b.is(err, ari.ErrNotFound, 404)
}

// A recording that is thrown away finishes as any other; there is just no file.
func recordDiscard(b *bench) {
	_, in := b.up()
	b.record(in, "rec")
	speak()
	b.ok(b.api.Recordings.DiscardLive(b.ctx, b.id("rec")))
	b.tap.await("RecordingFinished rec done")
	_, err := b.api.Recordings.Stored(b.ctx, b.id("rec"))
	b.is(err, ari.ErrNotFound, 404)
}

// A hang-up in the middle ends a recording well: what was said is kept.
func recordHangup(b *bench) {
	c, in := b.up()
	b.record(in, "rec")
	speak()
	c.HangUp()
	b.tap.inOrder("RecordingStarted rec", "ChannelHangupRequest in1", "RecordingFinished rec done", "StasisEnd in1")
	_, err := b.api.Recordings.Stored(b.ctx, b.id("rec"))
	b.ok(err)
}

// A name that is taken, live or stored, is refused; a format that is not known
// is 422.
func recordNameExists(b *bench) {
	_, in := b.up()
	_, in2 := b.up()
	b.record(in, "rec")
	_, err := b.api.Channels.Record(b.ctx, in2, ari.Record{Name: b.id("rec"), Format: "wav"})
	b.is(err, ari.ErrConflict, 409)
	speak()
	b.ok(b.api.Recordings.StopLive(b.ctx, b.id("rec")))
	b.tap.await("RecordingFinished rec done")
	_, err = b.api.Channels.Record(b.ctx, in2, ari.Record{Name: b.id("rec"), Format: "wav"})
	b.is(err, ari.ErrConflict, 409)
	_, err = b.api.Channels.Record(b.ctx, in2, ari.Record{Name: b.id("rec"), Format: "wav", IfExists: ari.IfExistsOverwrite})
	b.ok(err)
	_, err = b.api.Channels.Record(b.ctx, in2, ari.Record{Name: b.id("rec3"), Format: "nonsense"})
	b.is(err, ari.ErrInvalid, 422)
	_, err = b.api.Channels.Record(b.ctx, b.id("none"), ari.Record{Name: b.id("rec4"), Format: "wav"})
	b.is(err, ari.ErrNotFound, 404)
}

// The key that was named ends a recording, others do not.
func recordTerminate(b *bench) {
	c, in := b.up()
	_, err := b.api.Channels.Record(b.ctx, in, ari.Record{Name: b.id("rec"), Format: "wav", TerminateOn: "#", Beep: true})
	b.ok(err)
	b.tap.await("RecordingStarted rec")
	speak()
	c.Press('1')
	c.Press('#')
	b.tap.await("RecordingFinished rec done")
}

// A recording ends at its limit.
func recordMaxDuration(b *bench) {
	_, in := b.up()
	began := time.Now()
	_, err := b.api.Channels.Record(b.ctx, in, ari.Record{Name: b.id("rec"), Format: "wav", MaxDuration: time.Second})
	b.ok(err)
	b.tap.await("RecordingFinished rec done")
	b.waited("the end", began, 800*time.Millisecond)
}

// A channel in a bridge is not recorded: accepted, and then failed.
func recordInBridge(b *bench) {
	_, in := b.up()
	b.bridge("br", in)
	_, err := b.api.Channels.Record(b.ctx, in, ari.Record{Name: b.id("rec"), Format: "wav"})
	b.ok(err)
	b.tap.await("RecordingFailed rec failed")
}

// The mix of a bridge is recorded until it is stopped.
func bridgeRecord(b *bench) {
	_, in := b.up()
	br := b.bridge("br", in)
	_, err := b.api.Bridges.Record(b.ctx, br, ari.Record{Name: b.id("rec"), Format: "wav"})
	b.ok(err)
	b.tap.await("RecordingStarted rec")
	_, err = b.api.Bridges.Record(b.ctx, br, ari.Record{Name: b.id("rec"), Format: "wav"})
	b.is(err, ari.ErrConflict, 409)
	_, err = b.api.Bridges.Record(b.ctx, b.id("none"), ari.Record{Name: b.id("rec2"), Format: "wav"})
	b.is(err, ari.ErrNotFound, 404)
	speak()
	b.ok(b.api.Recordings.StopLive(b.ctx, b.id("rec")))
	b.tap.await("RecordingFinished rec done")
	_, err = b.api.Recordings.Stored(b.ctx, b.id("rec"))
	b.ok(err)
}

// The recording of a bridge ends with the bridge, not with a channel that
// leaves it. Nobody may wait for RecordingFinished then: it comes or not,
// because the application loses the bridge at the same time. Who needs the
// event stops the recording first.
func bridgeRecordHangup(b *bench) {
	c, in := b.up()
	leg := b.answered("leg", 0)
	br := b.bridge("br", in, leg)
	_, err := b.api.Bridges.Record(b.ctx, br, ari.Record{Name: b.id("rec"), Format: "wav"})
	b.ok(err)
	b.tap.await("RecordingStarted rec")
	speak()
	c.HangUp()
	b.tap.await("StasisEnd in1")
	time.Sleep(300 * time.Millisecond)
	b.tap.never("RecordingFinished")
	b.ok(b.api.Bridges.Destroy(b.ctx, br))
	b.eventually("the recording is stored", func() bool {
		_, err := b.api.Recordings.Stored(b.ctx, b.id("rec"))
		return err == nil
	})
}

// A channel that is being recorded cannot join a bridge.
func addRecordingChannel(b *bench) {
	_, in := b.up()
	br := b.bridge("br")
	b.record(in, "rec")
	b.is(b.api.Bridges.AddChannels(b.ctx, br, []string{in}, ari.AddChannels{}), ari.ErrBadState, 409)
	b.ok(b.api.Recordings.StopLive(b.ctx, b.id("rec")))
	b.tap.await("RecordingFinished rec done")
}

// A snoop channel enters the application and ends with the one it listens to.
func snoop(b *bench) {
	c, in := b.up()
	b.status(200, "POST", "/channels/"+in+"/snoop/"+b.id("spy"), url.Values{"spy": {"in"}, "app": {b.App()}, "appArgs": {"spy"}})
	b.tap.await("StasisStart spy spy")
	ch, err := b.api.Channels.Get(b.ctx, b.id("spy"))
	b.ok(err)
	if ch.State != ari.StateUp {
		b.Errorf("state is %s", ch.State)
	}
	b.record(b.id("spy"), "rec")
	b.status(404, "POST", "/channels/"+b.id("none")+"/snoop/"+b.id("x"), url.Values{"spy": {"in"}, "app": {b.App()}})
	b.status(400, "POST", "/channels/"+in+"/snoop/"+b.id("x"), url.Values{"app": {b.App()}})
	speak()
	c.HangUp()
	b.tap.await("StasisEnd in1", "StasisEnd spy", "RecordingFinished rec done")
}
