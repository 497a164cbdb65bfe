package web

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"go.uber.org/zap"
)

const checkWait = 2 * time.Second

// checked is one line of /readyz.
type checked struct {
	Name  string `json:"name"`
	State string `json:"state"` // ok or fault; the reason is in the log
}

// health adds /healthz (the process answers) and /readyz (what it needs works).
func (s *Server) health(mux *http.ServeMux) {
	mux.Handle("GET /healthz", s.named("healthz", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answerHealth(w, http.StatusOK, map[string]any{"status": "ok"})
	})))
	mux.Handle("GET /readyz", s.named("readyz", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		checks, ok := s.runChecks(r.Context())
		status, word := http.StatusOK, "ok"
		if !ok {
			status, word = http.StatusServiceUnavailable, "fault"
		}
		answerHealth(w, status, map[string]any{"status": word, "checks": checks})
	})))
}

func answerHealth(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // an error means that the asker is gone
}

// runChecks runs all checks at the same time.
func (s *Server) runChecks(ctx context.Context) ([]checked, bool) {
	ctx, cancel := context.WithTimeout(ctx, checkWait)
	defer cancel()
	out := make([]checked, len(s.Checks))
	errs := make([]error, len(s.Checks))
	var running sync.WaitGroup
	for i, c := range s.Checks {
		running.Go(func() { errs[i] = c.Run(ctx) })
	}
	running.Wait()
	ready := true
	for i, c := range s.Checks {
		out[i] = checked{c.Name, "ok"}
		if errs[i] != nil {
			out[i].State, ready = "fault", false
			s.Log.Warn("not ready", zap.String("check", c.Name), zap.Error(errs[i]))
		}
	}
	return out, ready
}
