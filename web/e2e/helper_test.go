package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hotline/deploy/local/sipp"
)

// helper lets the scenarios dial in and look at Asterisk. It listens on loopback while the test runs.
//
//	POST /calls       {from, to, steps: ["wait 4s", "key 3", "say 2s", "await 60s", "hang-up"]} → {id}
//	GET  /calls/{id}  waits until the call is over → {answered, ended_by, error}
//	GET  /channels    Asterisk's media counters: the text of "pjsip show channelstats"
//	GET  /contacts/{phone}  where a phone is registered: the text of "pjsip show aor"
type helper struct {
	t     *testing.T
	mu    sync.Mutex
	calls []*sipp.Call
}

// startHelper returns the address of a new helper.
func startHelper(t *testing.T) string {
	h := &helper{t: t}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /calls", h.dial)
	mux.HandleFunc("GET /calls/{id}", h.result)
	mux.HandleFunc("GET /channels", func(w http.ResponseWriter, r *http.Request) { asterisk(w, r, "pjsip show channelstats") })
	mux.HandleFunc("GET /contacts/{phone}", func(w http.ResponseWriter, r *http.Request) {
		asterisk(w, r, "pjsip show aor "+r.PathValue("phone"))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func (h *helper) dial(w http.ResponseWriter, r *http.Request) {
	var in struct {
		From, To string
		Steps    []string
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	caller := sipp.Caller{From: in.From, To: in.To, Target: net.JoinHostPort("127.0.0.1", strconv.Itoa(stack.Ports().SIP))}
	for _, text := range in.Steps {
		step, err := parseStep(text)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		caller.Steps = append(caller.Steps, step)
	}
	call, err := caller.Start(h.t.Context()) // not the request's: the call outlives it
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h.mu.Lock()
	h.calls = append(h.calls, call)
	id := len(h.calls) - 1
	h.mu.Unlock()
	answer(w, map[string]int{"id": id})
}

func (h *helper) result(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.PathValue("id"))
	h.mu.Lock()
	if err == nil && (id < 0 || id >= len(h.calls)) {
		err = errors.New("there is no such call")
	}
	if err != nil {
		h.mu.Unlock()
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	call := h.calls[id]
	h.mu.Unlock()
	result, err := call.Wait()
	out := map[string]any{"answered": result.Answered, "ended_by": result.EndedBy, "error": ""}
	if err != nil {
		out["error"] = err.Error()
	}
	answer(w, out)
}

func asterisk(w http.ResponseWriter, r *http.Request, command string) {
	out, err := stack.Asterisk(r.Context(), command)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintln(w, out)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // a scenario that has gone away needs no answer
}

func parseStep(text string) (sipp.Step, error) {
	word, rest, _ := strings.Cut(text, " ")
	if word == "hang-up" {
		return sipp.HangUp(), nil
	}
	if word == "key" && len(rest) == 1 {
		return sipp.Key(rune(rest[0])), nil
	}
	d, err := time.ParseDuration(rest)
	if err != nil {
		return sipp.Step{}, fmt.Errorf("step %q: %w", text, err)
	}
	switch word {
	case "wait":
		return sipp.Wait(d), nil
	case "say":
		return sipp.Say(d), nil
	case "await":
		return sipp.AwaitHangUp(d), nil
	}
	return sipp.Step{}, fmt.Errorf("step %q is unknown", text)
}
