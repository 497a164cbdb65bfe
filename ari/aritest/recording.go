package aritest

import (
	"encoding/binary"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// recording is one that is being written.
type recording struct {
	w            *world
	name, format string
	state        string // queued, recording, paused, done, failed
	terminateOn  string
	limit        time.Duration
	began        time.Time
	seconds      int
	cause        string
	discarded    bool // no file is kept
	channel      *channel
	bridge       *bridge
	timer        *time.Timer
	ended        func()
	hearers      []*app // of a bridge that is gone by now
}

// formats that can be written, those of the modules that are loaded.
var formats = []string{"wav", "gsm", "ulaw", "alaw", "sln", "sln16", "wav16", "pcm", "ogg"}

func (rec *recording) json() object {
	var target string
	if rec.channel != nil {
		target = "channel:" + rec.channel.id
	} else {
		target = "bridge:" + rec.bridge.id
	}
	o := object{"name": rec.name, "format": rec.format, "target_uri": target, "state": rec.state}
	if rec.state == "done" {
		o["duration"], o["talking_duration"], o["silence_duration"] = rec.seconds, rec.seconds, 0
	}
	if rec.cause != "" {
		o["cause"] = rec.cause
	}
	return o
}

func (rec *recording) tell(kind string) {
	concerned := rec.hearers
	if rec.channel != nil {
		concerned = rec.channel.concerned()
	} else {
		concerned = append(concerned, rec.w.concernedBy(rec.bridge)...)
	}
	rec.w.tellAll(concerned, object{"type": kind, "recording": rec.json()})
}

// newRecording reads the request: nil after a refusal.
func (w *world) newRecording(r *call) *recording {
	rec := &recording{w: w, name: r.get("name"), format: r.get("format"), state: "queued", terminateOn: r.get("terminateOn")}
	seconds, _ := strconv.Atoi(r.get("maxDurationSeconds")) // none is no limit
	rec.limit = time.Duration(seconds) * time.Second
	_, stored := w.stored[rec.name]
	switch {
	case rec.name == "":
		r.refuse(http.StatusBadRequest, "Invalid recording name")
	case !slices.Contains(formats, rec.format):
		r.refuse(http.StatusUnprocessableEntity, "Unsupported format")
	case w.recordings[rec.name] != nil, stored && (r.get("ifExists") == "" || r.get("ifExists") == "fail"):
		r.refuse(http.StatusConflict, "Recording '"+rec.name+"' already exists and can not be overwritten")
	default:
		w.recordings[rec.name] = rec
		return rec
	}
	return nil
}

// recordChannel accepts, and fails afterwards for a channel in a bridge. It
// answers the channel.
func (w *world) recordChannel(r *call) {
	c := w.control(r)
	if c == nil {
		return
	}
	rec := w.newRecording(r)
	if rec == nil {
		return
	}
	rec.channel = c
	r.give(http.StatusCreated, rec.json())
	c.submit(command{
		run: func(done func()) {
			if c.bridge != nil || c.state == down || c.state == ringing {
				rec.cause = "Cannot record channel while in bridge"
				rec.finish("failed")
				done()
				return
			}
			c.setState(up)
			c.recording, rec.ended = rec, done
			rec.begin()
		},
		abort: func() { rec.finish("failed") },
	})
}

func (w *world) recordBridge(r *call) {
	b := w.bridgeOf(r)
	if b == nil {
		return
	}
	rec := w.newRecording(r)
	if rec == nil {
		return
	}
	rec.bridge = b
	b.live = append(b.live, rec)
	r.give(http.StatusCreated, rec.json())
	rec.begin()
}

func (rec *recording) begin() {
	rec.state, rec.began = "recording", time.Now()
	rec.tell("RecordingStarted")
	if rec.limit > 0 {
		rec.timer = rec.w.after(rec.limit, func() { rec.finish("done") })
	}
}

func (rec *recording) finish(state string) {
	if rec.state == "done" || rec.state == "failed" {
		return
	}
	if rec.timer != nil {
		rec.timer.Stop()
	}
	rec.state = state
	if !rec.began.IsZero() {
		rec.seconds = int(time.Since(rec.began).Seconds())
	}
	delete(rec.w.recordings, rec.name)
	if state == "done" && !rec.discarded {
		rec.w.stored[rec.name] = rec.format
	}
	if state == "failed" {
		rec.tell("RecordingFailed")
	} else {
		rec.tell("RecordingFinished")
	}
	if rec.channel != nil && rec.channel.recording == rec {
		rec.channel.recording = nil
	}
	if b := rec.bridge; b != nil {
		b.live = slices.DeleteFunc(b.live, func(other *recording) bool { return other == rec })
	}
	if rec.ended != nil {
		rec.ended()
	}
}

// key ends a recording that waits for it.
func (rec *recording) key(digit string) {
	if rec.terminateOn == digit || rec.terminateOn == "any" {
		rec.finish("done")
	}
}

func (w *world) liveOf(r *call) *recording {
	rec := w.recordings[r.id()]
	if rec == nil {
		r.refuse(http.StatusNotFound, "Recording not found")
	}
	return rec
}

func (w *world) getLive(r *call) {
	if rec := w.liveOf(r); rec != nil {
		r.give(http.StatusOK, rec.json())
	}
}

func (w *world) stopLive(r *call) {
	if rec := w.liveOf(r); rec != nil {
		r.ok()
		rec.finish("done")
	}
}

func (w *world) discardLive(r *call) {
	if rec := w.liveOf(r); rec != nil {
		r.ok()
		rec.discarded = true
		rec.finish("done")
	}
}

func (w *world) pauseLive(r *call) {
	rec := w.liveOf(r)
	switch {
	case rec == nil:
	case rec.state != "recording" && rec.state != "paused":
		r.refuse(http.StatusConflict, "Recording not in session")
	default:
		r.ok()
		if strings.HasSuffix(r.r.URL.Path, "/pause") {
			rec.state = "paused"
			if r.r.Method == http.MethodDelete {
				rec.state = "recording"
			}
		}
	}
}

func (w *world) storedOf(r *call) (format string, ok bool) {
	format, ok = w.stored[r.id()]
	if !ok {
		r.refuse(http.StatusNotFound, "Recording not found")
	}
	return format, ok
}

func (w *world) listStored(r *call) {
	out := []object{}
	for name, format := range w.stored {
		out = append(out, object{"name": name, "format": format})
	}
	r.give(http.StatusOK, out)
}

func (w *world) getStored(r *call) {
	if format, ok := w.storedOf(r); ok {
		r.give(http.StatusOK, object{"name": r.id(), "format": format})
	}
}

func (w *world) deleteStored(r *call) {
	if _, ok := w.storedOf(r); ok {
		delete(w.stored, r.id())
		r.ok()
	}
}

// storedFile gives a tenth of a second of silence, as WAV.
func (w *world) storedFile(r *call) {
	if _, ok := w.storedOf(r); !ok {
		return
	}
	const rate, bytes = 8000, 1600
	b := []byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x10\x00data\x00\x00\x00\x00")
	binary.LittleEndian.PutUint32(b[4:], 36+bytes)
	binary.LittleEndian.PutUint32(b[24:], rate)
	binary.LittleEndian.PutUint32(b[28:], 2*rate)
	binary.LittleEndian.PutUint32(b[40:], bytes)
	r.give(http.StatusOK, append(b, make([]byte, bytes)...))
}
