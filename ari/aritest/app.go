package aritest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// app is a Stasis application. It outlives its socket while it has something
// to be told about (res/stasis/app.c, app_is_finished).
type app struct {
	name                string
	socket              *socket // nil: inactive
	sources             []string
	allowed, disallowed []string
}

// connect registers the applications of a socket, and takes those that are
// connected elsewhere over: the other socket is told, gets nothing more, and
// stays open (app_update).
func (w *world) connect(s *socket) {
	w.sockets[s] = true
	for _, name := range s.apps {
		a := w.apps[name]
		if a == nil {
			a = &app{name: name}
			w.apps[name] = a
		}
		if old := a.socket; old != nil {
			w.tell(a, object{"type": "ApplicationReplaced"})
		}
		a.socket = s
	}
}

// drop is what happens when a socket ends: its applications are inactive, and
// forgotten if nothing is left of them. Channels stay where they are.
func (w *world) drop(s *socket) {
	delete(w.sockets, s)
	for _, name := range s.apps {
		a := w.apps[name]
		if a == nil || a.socket != s {
			continue // taken over
		}
		a.socket = nil
		w.forget(a)
	}
}

// forget removes an application that is inactive and has nothing.
func (w *world) forget(a *app) {
	if a.socket != nil || len(a.sources) > 0 || len(w.channelsOf(a)) > 0 {
		return
	}
	delete(w.apps, a.name)
}

func (w *world) active(name string) *app {
	if a := w.apps[name]; a != nil && a.socket != nil {
		return a
	}
	return nil
}

// tell sends an event to one application, if its filter lets it through. While
// nobody listens events are lost.
func (w *world) tell(a *app, event object) {
	if a == nil || a.socket == nil {
		return
	}
	kind := event["type"].(string)
	if len(a.allowed) > 0 && !slices.Contains(a.allowed, kind) || slices.Contains(a.disallowed, kind) {
		return
	}
	event["application"], event["asterisk_id"], event["timestamp"] = a.name, w.asteriskID, now()
	w.send(a.socket, encode(event))
}

// tellAll sends an event to those who are concerned, each once, and to those
// who asked for everything.
func (w *world) tellAll(concerned []*app, event object) {
	told := map[*app]bool{nil: true}
	for _, a := range concerned {
		if !told[a] {
			told[a] = true
			w.tell(a, event)
		}
	}
	for _, a := range w.apps {
		if !told[a] && a.socket != nil && a.socket.all && event["type"] != "StasisStart" && event["type"] != "StasisEnd" {
			w.tell(a, event)
		}
	}
}

func (w *world) channelsOf(a *app) []string {
	out := []string{}
	for _, c := range w.channels.all() {
		if c.app == a || c.watched(a) {
			out = append(out, c.id)
		}
	}
	return out
}

func (w *world) appJSON(a *app) object {
	bridges, endpoints := []string{}, []string{}
	for _, b := range w.bridges.all() {
		if slices.Contains(w.concernedBy(b), a) {
			bridges = append(bridges, b.id)
		}
	}
	for _, source := range a.sources {
		if name, ok := strings.CutPrefix(source, "endpoint:"); ok {
			endpoints = append(endpoints, name)
		}
	}
	types := func(names []string) []object {
		out := []object{}
		for _, n := range names {
			out = append(out, object{"type": n})
		}
		return out
	}
	return object{
		"name": a.name, "channel_ids": w.channelsOf(a), "bridge_ids": bridges, "endpoint_ids": endpoints, "device_names": []string{},
		"events_allowed": types(a.allowed), "events_disallowed": types(a.disallowed),
	}
}

func (w *world) listApps(c *call) {
	out := []object{}
	for _, a := range w.apps {
		out = append(out, w.appJSON(a))
	}
	c.give(http.StatusOK, out)
}

// appOf finds the application of a request, or refuses.
func (w *world) appOf(c *call) *app {
	a := w.apps[c.id()]
	if a == nil {
		c.refuse(http.StatusNotFound, "Application does not exist")
	}
	return a
}

func (w *world) getApp(c *call) {
	if a := w.appOf(c); a != nil {
		c.give(http.StatusOK, w.appJSON(a))
	}
}

func (w *world) setFilter(c *call) {
	a := w.appOf(c)
	if a == nil {
		return
	}
	for name, to := range map[string]*[]string{"allowed": &a.allowed, "disallowed": &a.disallowed} {
		var types []struct{ Type string }
		if raw, given := c.params[name]; given && json.Unmarshal(raw, &types) == nil {
			*to = nil
			for _, t := range types {
				*to = append(*to, t.Type)
			}
		}
	}
	c.give(http.StatusNoContent, nil)
}

// subscribe serves both directions of /subscription.
func (w *world) subscribe(c *call) {
	a := w.appOf(c)
	if a == nil {
		return
	}
	remove := c.r.Method == http.MethodDelete
	for _, source := range c.list("eventSource") {
		kind, id, _ := strings.Cut(source, ":")
		ch := w.channels.byID[id]
		exists := true
		switch kind {
		case "channel":
			if exists = ch != nil; exists {
				ch.watch(a, !remove)
			}
		case "bridge":
			exists = w.bridges.byID[id] != nil
		case "endpoint":
			exists = w.endpoints.byID[id] != nil || !strings.Contains(id, "/")
		case "deviceState":
		default:
			c.refuse(http.StatusBadRequest, "Invalid parameter: eventSource")
			return
		}
		if !exists {
			c.refuse(http.StatusUnprocessableEntity, "Event source does not exist")
			return
		}
		if i := slices.Index(a.sources, source); remove && i < 0 && kind != "channel" {
			c.refuse(http.StatusConflict, "Application not subscribed to event source")
			return
		} else if remove && i >= 0 {
			a.sources = slices.Delete(a.sources, i, i+1)
		} else if !remove && kind != "channel" {
			a.sources = append(a.sources, source)
		}
	}
	c.give(http.StatusOK, w.appJSON(a))
}

func (w *world) userEvent(c *call) {
	a := w.apps[c.get("application")]
	switch {
	case c.get("application") == "":
		c.refuse(http.StatusBadRequest, "Application name is required")
	case a == nil:
		c.refuse(http.StatusNotFound, "Application not found")
	default:
		w.tell(a, object{"type": "ChannelUserevent", "eventname": c.id(), "userevent": object{"eventname": c.id()}})
		c.ok()
	}
}
