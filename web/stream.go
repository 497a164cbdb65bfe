package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gorilla/websocket"

	"hotline/crm"
)

const validWait = 5 * time.Second // to ask the stores whether a session is still good

// sameOrigin tells whether a socket was opened by our own page. A request
// without Origin was made by no page at all.
func (s *Server) sameOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil {
		return false
	}
	return strings.EqualFold(u.Host, r.Host) || (u.Scheme == s.Public.Scheme && strings.EqualFold(u.Host, s.Public.Host))
}

func (s *Server) streamRoute(mux *http.ServeMux) {
	op := huma.Operation{
		OperationID: "open-stream", Method: http.MethodGet, Path: "/stream", Tags: []string{"live"},
		Summary: "Live states over WebSocket",
		Description: "One text frame for each message: {stream, epoch, offset, at, data}. Streams: clock (every second), desk (the " +
			"agent's own, with desk:use), floor (with live:view) and calls (a call has ended). desk and floor carry the whole state; " +
			"offset grows by one for each message of a stream on a connection. The page sends nothing. Close codes: 4000 too slow, " +
			"4001 the server stops, 4002 internal (connect again, with a jittered pause); 4500 session over, 4503 not permitted (do not).",
		Parameters: []*huma.Param{{
			Name: "streams", In: "query", Required: true, Description: "desk, floor or both, with a comma",
			Schema: &huma.Schema{Type: huma.TypeString},
		}},
		Responses: map[string]*huma.Response{"101": {Description: "The socket is open"}},
	}
	s.describe(DeskUse+" | "+LiveView, &op)
	document := op
	for _, status := range op.Errors {
		document.Responses[statusText(status)] = problemResponse(status)
	}
	s.api.OpenAPI().AddOperation(&document)
	mux.Handle("GET "+op.Path, s.named(op.OperationID, http.HandlerFunc(s.stream)))
}

// stream checks who asks and hands the socket over. A page learns from a failed
// upgrade only that it failed; so those of our own pages that may not see
// anything are upgraded and then told by the close code.
func (s *Server) stream(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	viewer, err := s.viewer(ctx, strings.Split(r.URL.Query().Get("streams"), ","))
	var denied forbidden
	refused := errors.Is(err, errNotSignedIn) || errors.As(err, &denied)
	if err != nil && (!refused || !websocket.IsWebSocketUpgrade(r)) {
		s.fail(w, r, err)
		return
	}
	ws, err := s.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	s.Sockets.Serve(ctx, ws, viewer)
}

// viewer is who may see which of the streams. It is filled as far as possible
// when the error is errNotSignedIn or forbidden.
func (s *Server) viewer(ctx context.Context, streams []string) (Viewer, error) {
	u, err := s.authorize(ctx, DeskUse+" | "+LiveView)
	if err != nil {
		var denied forbidden
		if errors.As(err, &denied) {
			return Viewer{UserID: s.sessions.GetString(ctx, sessionUser)}, err
		}
		return Viewer{}, err
	}
	v := Viewer{UserID: u.ID, Session: s.sessionName(ctx)}
	v.Desk = slices.Contains(streams, "desk") && may(u, DeskUse) && u.Extension != ""
	v.Floor = slices.Contains(streams, "floor") && may(u, LiveView)
	if v.Desk {
		v.AgentID = u.ID
	}
	if !v.Desk && !v.Floor {
		return Viewer{UserID: u.ID}, forbidden{DeskUse + " | " + LiveView}
	}
	token := s.sessions.Token(ctx)
	v.Valid = func(ctx context.Context) bool { return s.stillValid(ctx, token, u, v.Desk, v.Floor) }
	return v, nil
}

// stillValid asks the stores again. A store that does not answer ends no
// session: a socket that is open shows nothing that it could not show before.
func (s *Server) stillValid(ctx context.Context, token string, was crm.User, desk, floor bool) bool {
	// Load must not find the session that the request's context carries.
	fresh, cancel := context.WithTimeout(detach(ctx), validWait)
	defer cancel()
	loaded, err := s.sessions.Load(fresh, token)
	if err != nil {
		return true
	}
	u, err := s.signedIn(loaded)
	if err != nil {
		return !errors.Is(err, errNotSignedIn)
	}
	return u.ID == was.ID && (!desk || may(u, DeskUse)) && (!floor || may(u, LiveView))
}

// detached keeps a context's end but none of its values.
type detached struct{ context.Context }

func (detached) Value(any) any { return nil }

func detach(ctx context.Context) context.Context { return detached{ctx} }
