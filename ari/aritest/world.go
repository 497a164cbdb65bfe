package aritest

import (
	"fmt"
	"time"
)

// world is the state of the fake. All of it is guarded by Fake.mu; its methods
// are called with the lock held and never wait.
type world struct {
	f          *Fake
	closed     bool
	asteriskID string
	started    time.Time
	bootUntil  time.Time
	bootTook   time.Duration
	serial     int

	apps       map[string]*app
	sockets    map[*socket]bool
	channels   ordered[*channel]
	bridges    ordered[*bridge]
	playbacks  map[string]*playback
	recordings map[string]*recording // live
	stored     map[string]string     // name → format
	endpoints  ordered[*Endpoint]
	statuses   map[string]string // number → last STASISSTATUS

	faults faults
}

func newWorld(f *Fake) *world {
	w := &world{f: f, asteriskID: "02:00:00:00:00:01", sockets: map[*socket]bool{}}
	w.boot(0)
	return w
}

// boot forgets everything but the telephones.
func (w *world) boot(took time.Duration) {
	w.apps, w.playbacks, w.recordings = map[string]*app{}, map[string]*playback{}, map[string]*recording{}
	w.channels, w.bridges = ordered[*channel]{}, ordered[*bridge]{}
	if w.stored == nil {
		w.stored, w.statuses = map[string]string{}, map[string]string{}
	}
	if last := w.started; !last.Before(time.Now()) { // in a bubble no time may have passed
		w.started = last.Add(time.Millisecond)
	} else {
		w.started = time.Now()
	}
	w.bootUntil, w.bootTook = w.started.Add(took), took
}

// Phases of a boot as a client sees them (res/res_ari.c, and main/http.c
// before its module is there).
type bootPhase int

const (
	bootDone bootPhase = iota
	bootRefused
	bootNoModule
	bootNotReady
)

func (w *world) booting() bootPhase {
	left := time.Until(w.bootUntil)
	switch {
	case left <= 0:
		return bootDone
	case left > w.bootTook*2/3:
		return bootRefused
	case left > w.bootTook/3:
		return bootNoModule
	}
	return bootNotReady
}

// after runs do later, unless it is stopped or the fake is closed or restarted.
func (w *world) after(d time.Duration, do func()) *time.Timer {
	life := w.started
	return time.AfterFunc(d, func() {
		w.f.mu.Lock()
		defer w.f.mu.Unlock()
		if !w.closed && w.started.Equal(life) {
			do()
		}
	})
}

// cut ends all event sockets.
func (w *world) cut() {
	for s := range w.sockets {
		w.drop(s)
		s.stop()
	}
}

// newID is a name such as Asterisk gives.
func (w *world) newID() string {
	w.serial++
	return fmt.Sprintf("fake-%d.%d", w.started.Unix(), w.serial)
}

type object = map[string]any

const timeLayout = "2006-01-02T15:04:05.000-0700"

func now() string { return time.Now().Format(timeLayout) }

// ordered is a map that is listed in the order of creation.
type ordered[T comparable] struct {
	byID map[string]T
	ids  []string
}

func (o *ordered[T]) put(id string, v T) {
	if o.byID == nil {
		o.byID = map[string]T{}
	}
	o.byID[id] = v
	o.ids = append(o.ids, id)
}

func (o *ordered[T]) drop(id string) {
	delete(o.byID, id)
	for i, other := range o.ids {
		if other == id {
			o.ids = append(o.ids[:i], o.ids[i+1:]...)
			return
		}
	}
}

func (o *ordered[T]) all() []T {
	out := make([]T, 0, len(o.ids))
	for _, id := range o.ids {
		out = append(out, o.byID[id])
	}
	return out
}
