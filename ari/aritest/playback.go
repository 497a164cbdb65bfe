package aritest

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

// playback is a list of media on a channel or a bridge.
type playback struct {
	w       *world
	id      string
	media   []string
	at      int
	state   string // queued, playing, continuing, paused, done, failed
	channel *channel
	bridge  *bridge
	timer   *time.Timer
	until   time.Time
	left    time.Duration // while it is paused
	ended   func()        // lets what waits go on
	stopped bool          // before its turn
	hearers []*app        // of a bridge that is empty by now
}

func (p *playback) json() object {
	var target string
	if p.channel != nil {
		target = "channel:" + p.channel.id
	} else {
		target = "bridge:" + p.bridge.id
	}
	o := object{"id": p.id, "media_uri": p.media[p.at], "target_uri": target, "language": "zh", "state": p.state}
	if p.at+1 < len(p.media) {
		o["next_media_uri"] = p.media[p.at+1]
	}
	return o
}

func (p *playback) tell(kind string) {
	concerned := p.hearers
	if p.channel != nil {
		concerned = p.channel.concerned()
	} else {
		concerned = append(concerned, p.w.concernedBy(p.bridge)...)
	}
	p.w.tellAll(concerned, object{"type": kind, "playback": p.json()})
}

// newPlayback reads the request: nil after a refusal. Asterisk does not look
// whether the id is taken.
func (w *world) newPlayback(r *call) *playback {
	media := r.list("media")
	if len(media) == 0 {
		r.refuse(http.StatusBadRequest, "media is required")
		return nil
	}
	p := &playback{w: w, id: cmp.Or(r.r.PathValue("playback"), r.get("playbackId"), w.newID()), media: media, state: "queued"}
	w.playbacks[p.id] = p
	return p
}

func (w *world) playChannel(r *call) {
	c := w.controlReady(r)
	if c == nil {
		return
	}
	p := w.newPlayback(r)
	if p == nil {
		return
	}
	p.channel = c
	r.give(http.StatusCreated, p.json())
	c.submit(command{
		run: func(done func()) {
			c.playing, p.ended = p, done
			if p.stopped {
				p.finish("done")
				return
			}
			p.begin()
		},
		abort: func() { p.finish("failed") },
	})
}

func (w *world) playBridge(r *call) {
	b := w.bridgeOf(r)
	if b == nil {
		return
	}
	p := w.newPlayback(r)
	if p == nil {
		return
	}
	p.bridge = b
	r.give(http.StatusCreated, p.json())
	b.playing = append(b.playing, p)
	if len(b.playing) == 1 {
		p.begin()
	}
}

// begin plays the medium at p.at. PlaybackStarted comes for each one.
func (p *playback) begin() {
	if p.at > 0 {
		p.state = "continuing"
		p.tell("PlaybackContinuing")
	}
	p.state = "playing"
	p.tell("PlaybackStarted")
	d, exists := p.w.f.o.Length(p.media[p.at])
	if !exists {
		p.finish("failed")
		return
	}
	p.run(d)
}

func (p *playback) run(d time.Duration) {
	p.until = time.Now().Add(d)
	p.timer = p.w.after(d, func() {
		if p.at+1 < len(p.media) {
			p.at++
			p.begin()
			return
		}
		p.finish("done")
	})
}

func (p *playback) finish(state string) {
	if p.state == "done" || p.state == "failed" {
		return
	}
	if p.timer != nil {
		p.timer.Stop()
	}
	p.state = state
	delete(p.w.playbacks, p.id)
	p.tell("PlaybackFinished")
	if c := p.channel; c != nil && c.playing == p {
		c.playing = nil
	}
	if b := p.bridge; b != nil {
		b.playing = slices.DeleteFunc(b.playing, func(other *playback) bool { return other == p })
		if len(b.playing) > 0 && b.playing[0].state == "queued" {
			b.playing[0].begin()
		}
	}
	if p.ended != nil {
		p.ended()
	}
}

func (w *world) playbackOf(r *call) *playback {
	p := w.playbacks[r.id()]
	if p == nil {
		r.refuse(http.StatusNotFound, "Playback not found")
	}
	return p
}

func (w *world) getPlayback(r *call) {
	if p := w.playbackOf(r); p != nil {
		r.give(http.StatusOK, p.json())
	}
}

func (w *world) stopPlayback(r *call) {
	p := w.playbackOf(r)
	switch {
	case p == nil:
		return
	case p.state == "queued" && p.channel != nil:
		p.stopped = true // which is told when its turn comes
	default:
		p.finish("done")
	}
	r.ok()
}

func (w *world) controlPlayback(r *call) {
	p := w.playbackOf(r)
	if p == nil {
		return
	}
	switch r.get("operation") {
	case "pause":
		if p.state == "playing" {
			p.timer.Stop()
			p.state, p.left = "paused", time.Until(p.until)
		}
	case "unpause":
		if p.state == "paused" {
			p.state = "playing"
			p.tell("PlaybackStarted")
			p.run(p.left)
		}
	case "restart", "reverse", "forward": // no media, nothing to move in
	default:
		r.refuse(http.StatusBadRequest, "Invalid operation")
		return
	}
	r.ok()
}
