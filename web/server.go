// Package web is the hotline's face: the HTTP API under /api/v1 with its
// OpenAPI document, the live socket, the proxy of the browser's phone, and the
// page itself.
//
// It knows no driver: what it needs is in ports.go, handed in by Deps.
package web

import (
	"io/fs"
	"net/http"
	"net/url"
	"sync"

	"github.com/alexedwards/scs/v2"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"
)

const (
	prefix  = "/api/v1"
	maxBody = 64 << 10 // bytes; the largest request is a ticket
)

// Deps is what a Server works with. All fields are required.
type Deps struct {
	Users    Users
	Calls    Calls
	Tickets  Tickets
	Floor    Floor
	Views    *Views // made with the same ports, for the hub too
	Sockets  Sockets
	Sessions scs.Store
	Page     fs.FS    // the built front end; see Dist
	Public   *url.URL // where browsers reach us; https makes the cookie Secure
	Phone    *url.URL // Asterisk's SIP over WebSocket, such as http://127.0.0.1:8088/ws
	Checks   []Check
	Metrics  *prometheus.Registry
	Log      *zap.Logger
	Version  string
}

// Server answers requests.
type Server struct {
	Deps
	api      huma.API
	document document
	sessions *scs.SessionManager
	limiter  *limiter
	upgrader *websocket.Upgrader
	metrics  metrics
	handler  http.Handler
	admin    http.Handler
}

// New builds a server; it starts nothing.
func New(d Deps) (*Server, error) {
	adoptFramework()
	s := &Server{Deps: d, sessions: newSessions(d.Sessions, d.Public), limiter: newLimiter(), metrics: newMetrics(d.Metrics)}
	s.upgrader = &websocket.Upgrader{
		ReadBufferSize: 512, WriteBufferSize: 4096, WriteBufferPool: &sync.Pool{},
		CheckOrigin: func(r *http.Request) bool { return s.sameOrigin(r) },
		Error: func(w http.ResponseWriter, r *http.Request, status int, _ error) {
			if status == http.StatusForbidden {
				s.fail(w, r, errOtherOrigin)
				return
			}
			s.fail(w, r, newProblem(r.Context(), invalidInput))
		},
	}
	page, err := newPage(d.Page)
	if err != nil {
		return nil, err
	}
	protection := http.NewCrossOriginProtection()
	if err := protection.AddTrustedOrigin(d.Public.Scheme + "://" + d.Public.Host); err != nil {
		return nil, err
	}
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, errOtherOrigin)
	}))

	api := http.NewServeMux()
	s.api = humago.New(api, apiConfig(d.Version))
	s.routes(api)
	if s.document, err = newDocument(s.api.OpenAPI()); err != nil {
		return nil, err
	}
	api.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.fail(w, r, errNoSuchPath) })
	signedIn := s.sessions.LoadAndSave(api)
	s.sessions.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		s.fail(w, r, unreachable{err}) // the sessions' store
	}

	mux := http.NewServeMux()
	mux.Handle("/api/", s.uncached(protection.Handler(signedIn)))
	mux.Handle("/phone", s.uncached(signedIn))
	s.health(mux)
	mux.Handle("/", s.named("page", page))
	s.handler = s.around(mux)

	admin := http.NewServeMux()
	s.health(admin)
	admin.Handle("GET /metrics", promhttp.HandlerFor(d.Metrics, promhttp.HandlerOpts{}))
	s.admin = admin
	return s, nil
}

// Handler is what the public listener serves.
func (s *Server) Handler() http.Handler { return s.handler }

// AdminHandler is for a listener that only operators reach: metrics and health.
func (s *Server) AdminHandler() http.Handler { return s.admin }

// routes is every path of the API, in one place.
func (s *Server) routes(mux *http.ServeMux) {
	s.sessionRoutes()
	s.meRoutes()
	s.deskRoutes()
	s.callRoutes()
	s.ticketRoutes()
	s.liveRoutes()
	s.streamRoute(mux)
	mux.Handle("GET /phone", s.named("phone", s.phoneProxy()))
	mux.Handle("GET "+prefix+"/openapi.json", s.named("openapi", http.HandlerFunc(s.serveDocumentJSON)))
	mux.Handle("GET "+prefix+"/openapi.yaml", s.named("openapi", http.HandlerFunc(s.serveDocumentYAML)))
}
