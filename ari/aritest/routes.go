package aritest

import (
	"net/http"
	"strings"
)

// routes is the part of the API that the fake has. net/http answers 404 to the
// rest, and 405 to another method.
func (f *Fake) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, do := range map[string]func(*world, *call){
		"GET /applications":                      (*world).listApps,
		"GET /applications/{id}":                 (*world).getApp,
		"PUT /applications/{id}/eventFilter":     (*world).setFilter,
		"POST /applications/{id}/subscription":   (*world).subscribe,
		"DELETE /applications/{id}/subscription": (*world).subscribe,
		"POST /events/user/{id}":                 (*world).userEvent,
		"GET /asterisk/ping":                     (*world).ping,
		"GET /asterisk/info":                     (*world).info,
		"GET /endpoints":                         (*world).listEndpoints,
		"GET /endpoints/{tech}/{id}":             (*world).getEndpoint,

		"GET /channels":                         (*world).listChannels,
		"POST /channels":                        (*world).originate,
		"POST /channels/create":                 (*world).create,
		"GET /channels/{id}":                    (*world).getChannel,
		"POST /channels/{id}":                   (*world).originate,
		"DELETE /channels/{id}":                 (*world).hangUp,
		"POST /channels/{id}/dial":              (*world).dial,
		"POST /channels/{id}/answer":            (*world).answer,
		"POST /channels/{id}/continue":          (*world).continueDialplan,
		"POST /channels/{id}/move":              (*world).move,
		"GET /channels/{id}/variable":           (*world).getVariable,
		"POST /channels/{id}/variable":          (*world).setVariable,
		"POST /channels/{id}/mute":              (*world).mute,
		"DELETE /channels/{id}/mute":            (*world).mute,
		"POST /channels/{id}/play":              (*world).playChannel,
		"POST /channels/{id}/play/{playback}":   (*world).playChannel,
		"POST /channels/{id}/record":            (*world).recordChannel,
		"GET /channels/{id}/rtp_statistics":     (*world).rtpStatistics,
		"POST /channels/{id}/snoop":             (*world).snoop,
		"POST /channels/{id}/snoop/{snoop}":     (*world).snoop,
		"POST /channels/{id}/transfer_progress": (*world).transferProgress,

		"GET /bridges":                       (*world).listBridges,
		"POST /bridges":                      (*world).createBridge,
		"GET /bridges/{id}":                  (*world).getBridge,
		"POST /bridges/{id}":                 (*world).createBridge,
		"DELETE /bridges/{id}":               (*world).destroyBridge,
		"POST /bridges/{id}/addChannel":      (*world).addChannel,
		"POST /bridges/{id}/removeChannel":   (*world).removeChannel,
		"POST /bridges/{id}/moh":             (*world).bridgeMusic,
		"DELETE /bridges/{id}/moh":           (*world).bridgeMusic,
		"POST /bridges/{id}/play":            (*world).playBridge,
		"POST /bridges/{id}/play/{playback}": (*world).playBridge,
		"POST /bridges/{id}/record":          (*world).recordBridge,

		"GET /playbacks/{id}":          (*world).getPlayback,
		"DELETE /playbacks/{id}":       (*world).stopPlayback,
		"POST /playbacks/{id}/control": (*world).controlPlayback,

		"GET /recordings/live/{id}":          (*world).getLive,
		"DELETE /recordings/live/{id}":       (*world).discardLive,
		"POST /recordings/live/{id}/stop":    (*world).stopLive,
		"POST /recordings/live/{id}/pause":   (*world).pauseLive,
		"DELETE /recordings/live/{id}/pause": (*world).pauseLive,
		"POST /recordings/live/{id}/mute":    (*world).pauseLive,
		"DELETE /recordings/live/{id}/mute":  (*world).pauseLive,
		"GET /recordings/stored":             (*world).listStored,
		"GET /recordings/stored/{id}":        (*world).getStored,
		"DELETE /recordings/stored/{id}":     (*world).deleteStored,
		"GET /recordings/stored/{id}/file":   (*world).storedFile,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" /ari"+path, f.op(do))
	}
	for _, verb := range []string{"ring", "hold", "moh", "silence"} {
		mux.HandleFunc("POST /ari/channels/{id}/"+verb, f.op((*world).accept))
		mux.HandleFunc("DELETE /ari/channels/{id}/"+verb, f.op((*world).accept))
	}
	mux.HandleFunc("POST /ari/channels/{id}/progress", f.op((*world).accept))
	mux.HandleFunc("POST /ari/channels/{id}/dtmf", f.op((*world).accept))
	mux.HandleFunc("GET /ari/events", f.events)
	return mux
}

func (w *world) ping(r *call) {
	r.give(http.StatusOK, object{"asterisk_id": w.asteriskID, "ping": "pong", "timestamp": now()})
}

func (w *world) info(r *call) {
	started := w.started.Format(timeLayout)
	r.give(http.StatusOK, object{
		"build":  object{"os": "Linux", "kernel": "", "machine": "", "options": "", "date": "", "user": ""},
		"system": object{"version": "22.10.1", "entity_id": w.asteriskID},
		"config": object{"name": "fake", "default_language": "zh"},
		"status": object{"startup_time": started, "last_reload_time": started},
	})
}

func (e *Endpoint) json() object {
	tech, resource, _ := strings.Cut(e.name, "/")
	state, ids := "online", []string{}
	if e.behaviour == unreachable {
		state = "offline"
	}
	for _, c := range e.w.channels.all() {
		if c.endpoint == e {
			ids = append(ids, c.id)
		}
	}
	return object{"technology": tech, "resource": resource, "state": state, "channel_ids": ids}
}

func (w *world) listEndpoints(r *call) {
	out := []object{}
	for _, e := range w.endpoints.all() {
		out = append(out, e.json())
	}
	r.give(http.StatusOK, out)
}

func (w *world) getEndpoint(r *call) {
	if e := w.endpoints.byID[r.r.PathValue("tech")+"/"+r.id()]; e != nil {
		r.give(http.StatusOK, e.json())
		return
	}
	r.refuse(http.StatusNotFound, "Endpoint not found")
}
