package aritest

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"
)

type bridge struct {
	w        *world
	id, name string
	types    []string
	created  time.Time
	channels []*channel
	music    bool
	playing  []*playback // one after the other
	live     []*recording
}

func (b *bridge) json() object {
	ids := []string{}
	for _, c := range b.channels {
		ids = append(ids, c.id)
	}
	kind, technology := "mixing", "simple_bridge"
	switch {
	case slices.Contains(b.types, "holding"):
		kind, technology = "holding", "holding_bridge"
	case b.native():
		technology = "native_rtp"
	case len(ids) > 2:
		technology = "softmix"
	}
	return object{
		"id": b.id, "name": b.name, "technology": technology, "bridge_type": kind, "bridge_class": "stasis", "creator": "Stasis",
		"channels": ids, "creationtime": b.created.Format(timeLayout), "video_mode": "none",
	}
}

// native says that two telephones talk past Asterisk, which then hears no keys.
func (b *bridge) native() bool {
	return len(b.channels) == 2 && slices.Equal(b.types, []string{"mixing"}) && len(b.live) == 0 && len(b.playing) == 0 &&
		!slices.ContainsFunc(b.channels, func(c *channel) bool { return !strings.HasPrefix(c.name, "PJSIP/") || c.state != up })
}

// concernedBy are the applications of the channels in a bridge: one is
// subscribed to a bridge while a channel of its own is inside.
func (w *world) concernedBy(b *bridge) []*app {
	var out []*app
	for _, c := range b.channels {
		out = append(out, c.app)
	}
	for _, a := range w.apps {
		if slices.Contains(a.sources, "bridge:"+b.id) {
			out = append(out, a)
		}
	}
	return out
}

func (b *bridge) join(c *channel) {
	c.leaveBridge()
	b.channels = append(b.channels, c)
	c.bridge = b
	b.w.tellAll(append(b.w.concernedBy(b), c.concerned()...), object{"type": "ChannelEnteredBridge", "bridge": b.json(), "channel": c.json()})
}

func (c *channel) leaveBridge() {
	b := c.bridge
	if b == nil {
		return
	}
	concerned := append(c.w.concernedBy(b), c.concerned()...)
	c.bridge = nil
	b.channels = slices.DeleteFunc(b.channels, func(other *channel) bool { return other == c })
	b.w.tellAll(concerned, object{"type": "ChannelLeftBridge", "bridge": b.json(), "channel": c.json()})
	if len(b.channels) == 0 {
		for _, p := range slices.Clone(b.playing) {
			p.hearers = concerned
			c.w.after(0, func() { p.finish("failed") })
		}
	}
}

func (w *world) bridgeOf(r *call) *bridge {
	b := w.bridges.byID[r.id()]
	if b == nil {
		r.refuse(http.StatusNotFound, "Bridge not found")
	}
	return b
}

func (w *world) listBridges(r *call) {
	out := []object{}
	for _, b := range w.bridges.all() {
		out = append(out, b.json())
	}
	r.give(http.StatusOK, out)
}

func (w *world) getBridge(r *call) {
	if b := w.bridgeOf(r); b != nil {
		r.give(http.StatusOK, b.json())
	}
}

func (w *world) createBridge(r *call) {
	id := cmp.Or(r.id(), r.get("bridgeId"), w.newID())
	if w.bridges.byID[id] != nil {
		r.refuse(http.StatusConflict, "Bridge with id '"+id+"' already exists")
		return
	}
	types := r.list("type")
	if len(types) == 0 {
		types = []string{"mixing"}
	}
	b := &bridge{w: w, id: id, name: r.get("name"), types: types, created: time.Now()}
	w.bridges.put(id, b)
	w.tellAll(nil, object{"type": "BridgeCreated", "bridge": b.json()})
	r.give(http.StatusOK, b.json())
}

func (w *world) destroyBridge(r *call) {
	b := w.bridgeOf(r)
	if b == nil {
		return
	}
	concerned := w.concernedBy(b)
	for _, c := range slices.Clone(b.channels) {
		c.leaveBridge()
	}
	w.bridges.drop(b.id)
	// Who is subscribed by its channels alone has lost the bridge by now.
	w.tellAll(w.concernedBy(b), object{"type": "BridgeDestroyed", "bridge": b.json()})
	for _, rec := range slices.Clone(b.live) {
		rec.hearers = concerned
		rec.finish("done")
	}
	r.ok()
}

// members finds the channels of addChannel and removeChannel, or refuses: all
// of them are looked for before any is moved.
func (w *world) members(r *call) []*channel {
	ids := r.list("channel")
	if len(ids) == 0 {
		r.refuse(http.StatusBadRequest, "channel is required")
		return nil
	}
	var out []*channel
	for _, id := range ids {
		c := w.channels.byID[id]
		switch {
		case c == nil:
			r.refuse(http.StatusBadRequest, "Channel not found")
			return nil
		case c.app == nil:
			r.refuse(http.StatusUnprocessableEntity, "Channel not in Stasis application")
			return nil
		}
		out = append(out, c)
	}
	return out
}

func (w *world) addChannel(r *call) {
	b := w.bridgeOf(r)
	if b == nil {
		return
	}
	members := w.members(r)
	if members == nil {
		return
	}
	for _, c := range members {
		if c.recording != nil {
			r.refuse(http.StatusConflict, "Channel "+c.id+" currently recording")
			return
		}
	}
	b.add(r, members)
}

// add moves one channel after the other; each waits for its turn among what the
// channel was told before.
func (b *bridge) add(r *call, members []*channel) {
	if len(members) == 0 {
		r.ok()
		return
	}
	members[0].submit(command{
		run: func(done func()) {
			b.join(members[0])
			done()
			b.add(r, members[1:])
		},
		abort: func() { r.refuse(http.StatusUnprocessableEntity, "Channel not in Stasis application") },
	})
}

func (w *world) removeChannel(r *call) {
	b := w.bridgeOf(r)
	if b == nil {
		return
	}
	members := w.members(r)
	for _, c := range members {
		if c.bridge != b {
			r.refuse(http.StatusUnprocessableEntity, "Channel not in this bridge")
			return
		}
	}
	if members != nil {
		b.remove(r, members)
	}
}

func (b *bridge) remove(r *call, members []*channel) {
	if len(members) == 0 {
		r.ok()
		return
	}
	members[0].submit(command{
		run: func(done func()) {
			members[0].leaveBridge()
			done()
			b.remove(r, members[1:])
		},
		abort: func() { r.refuse(http.StatusUnprocessableEntity, "Channel not in this bridge") },
	})
}

func (w *world) bridgeMusic(r *call) {
	b := w.bridgeOf(r)
	switch {
	case b == nil:
	case r.r.Method == http.MethodDelete && !b.music:
		r.refuse(http.StatusConflict, "Bridge isn't playing music")
	default:
		b.music = r.r.Method == http.MethodPost
		r.ok()
	}
}
