package web

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

// request is what one request gathers for its log line and its figures.
type request struct {
	id        string
	language  string
	operation string
	cause     error
}

type requestKey struct{}

func requestOf(ctx context.Context) *request {
	r, _ := ctx.Value(requestKey{}).(*request)
	return r
}

func requestID(ctx context.Context) string {
	if r := requestOf(ctx); r != nil {
		return r.id
	}
	return ""
}

func setOperation(ctx context.Context, id string) {
	if r := requestOf(ctx); r != nil {
		r.operation = id
	}
}

func setCause(ctx context.Context, err error) {
	if r := requestOf(ctx); r != nil {
		r.cause = err
	}
}

func (s *Server) named(operation string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setOperation(r.Context(), operation)
		next.ServeHTTP(w, r)
	})
}

// uncached keeps answers that depend on who asks out of every cache.
func (s *Server) uncached(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Add("Vary", "Accept-Language")
		next.ServeHTTP(w, r)
	})
}

// contentPolicy: everything comes from here. Inline styles are allowed because
// the components set them on elements; nothing may frame the page.
const contentPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self' ws: wss:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; " +
	"form-action 'self'; frame-ancestors 'none'"

// around is what every request passes first and last: an id, the headers, the
// log line, the figures, and a panic turned into an answer.
func (s *Server) around(next http.Handler) http.Handler {
	secure := s.Public.Scheme == "https"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		info := &request{id: rand.Text()[:16], language: chooseLanguage(r.Header.Get("Accept-Language")), operation: "none"}
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, info))
		h := w.Header()
		h.Set("X-Request-Id", info.id)
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "microphone=(self), camera=(), geolocation=()")
		if secure {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		answer := &answer{ResponseWriter: w}
		defer func() {
			if v := recover(); v != nil && v != any(http.ErrAbortHandler) {
				info.cause = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
				if answer.status == 0 {
					s.fail(answer, r, info.cause)
				}
			}
			s.account(r, info, answer.status, time.Since(began))
		}()
		next.ServeHTTP(answer, r)
	})
}

// account writes the log line and the figures. Paths hold ids, never numbers or
// names; queries may, so they are left out.
func (s *Server) account(r *http.Request, info *request, status int, took time.Duration) {
	if status == 0 {
		status = http.StatusOK
	}
	s.metrics.requests.WithLabelValues(info.operation, strconv.Itoa(status)).Inc()
	if status != http.StatusSwitchingProtocols {
		s.metrics.durations.WithLabelValues(info.operation).Observe(took.Seconds())
	}
	fields := []zap.Field{
		zap.String("request", info.id), zap.String("operation", info.operation), zap.String("method", r.Method),
		zap.Int("status", status), zap.Duration("took", took),
	}
	switch {
	case info.cause != nil && !errors.Is(info.cause, context.Canceled):
		s.Log.Error("request failed", append(fields, zap.Error(info.cause))...)
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		s.Log.Debug("request", fields...)
	default:
		s.Log.Info("request", fields...)
	}
}

// answer remembers the status.
type answer struct {
	http.ResponseWriter
	status int
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(p)
}

// Hijack notes that the connection is a socket now.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(a.ResponseWriter).Hijack()
	if err == nil {
		a.status = http.StatusSwitchingProtocols
	}
	return conn, rw, err
}

// Unwrap lets http.ResponseController reach deadlines.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

type metrics struct {
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
}

func newMetrics(registry *prometheus.Registry) metrics {
	m := metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hotline_http_requests_total", Help: "Requests answered, by operation and status.",
		}, []string{"operation", "status"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "hotline_http_request_seconds", Help: "Time to answer, by operation; sockets are left out.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"operation"}),
	}
	registry.MustRegister(m.requests, m.durations)
	return m
}
