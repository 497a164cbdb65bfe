package web

import (
	"net/http"
	"net/http/httputil"
	"slices"
	"strings"

	"github.com/gorilla/websocket"
)

// phoneProxy passes the browser's SIP over WebSocket (RFC 7118) on to Asterisk,
// so that the page talks to one host only and Asterisk's HTTP server need not
// be reachable by browsers. Who is registered there is decided by the phone's
// own secret; the session only decides who may try.
func (s *Server) phoneProxy() http.Handler {
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			target := *s.Phone
			r.Out.URL = &target
			r.Out.Host = target.Host
			for _, name := range []string{"Cookie", "Authorization", "Origin", "Referer"} {
				r.Out.Header.Del(name)
			}
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) { s.fail(w, r, unreachable{err}) },
		ModifyResponse: func(r *http.Response) error {
			r.Header.Del("Set-Cookie")
			return nil
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, err := s.authorize(r.Context(), DeskUse)
		switch {
		case err != nil:
			s.fail(w, r, err)
		case u.Extension == "":
			s.fail(w, r, errNoExtension)
		case !s.sameOrigin(r):
			s.fail(w, r, errOtherOrigin)
		case !websocket.IsWebSocketUpgrade(r) || !slices.ContainsFunc(websocket.Subprotocols(r), isSIP):
			s.fail(w, r, newProblem(r.Context(), invalidInput))
		default:
			proxy.ServeHTTP(w, r)
		}
	})
}

func isSIP(protocol string) bool { return strings.EqualFold(protocol, "sip") }
