package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/danielgtaylor/huma/v2"

	"hotline/crm"
)

const (
	sessionLife = 12 * time.Hour // absolute: longer than a shift, shorter than two
	sessionUser = "user"
)

// unreachable is trouble of a store that may be over in a moment.
type unreachable struct{ err error }

func (e unreachable) Error() string   { return e.err.Error() }
func (e unreachable) Unwrap() error   { return e.err }
func (e unreachable) Timeout() bool   { return true }
func (e unreachable) Temporary() bool { return true }

func newSessions(store scs.Store, public *url.URL) *scs.SessionManager {
	m := scs.New()
	m.Store = store
	m.Lifetime = sessionLife
	m.HashTokenInStore = true // who reads the store cannot sign in with it
	m.Cookie.Name = "hotline_session"
	if public.Scheme == "https" {
		m.Cookie.Name = "__Host-hotline_session"
		m.Cookie.Secure = true
	}
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Path = "/"
	return m
}

// signedIn is who the session belongs to, as the store knows them now: a role
// that was taken away is gone with the next request.
func (s *Server) signedIn(ctx context.Context) (crm.User, error) {
	id := s.sessions.GetString(ctx, sessionUser)
	if id == "" {
		return crm.User{}, errNotSignedIn
	}
	u, err := s.Users.User(ctx, id)
	if errors.Is(err, crm.ErrNotFound) {
		return crm.User{}, errNotSignedIn
	}
	return u, err
}

// sessionName names a session to the hub without being its secret.
func (s *Server) sessionName(ctx context.Context) string {
	token := s.sessions.Token(ctx)
	if token == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("socket:" + token))
	return hex.EncodeToString(sum[:])
}

type signInInput struct {
	remote string
	Body   struct {
		Username string `json:"username" minLength:"1" maxLength:"64"`
		Password string `json:"password" minLength:"1" maxLength:"256"`
	}
}

// Resolve notes where the request comes from, for the limiter.
func (in *signInInput) Resolve(c huma.Context) []error {
	in.remote = c.RemoteAddr()
	if host, _, err := net.SplitHostPort(in.remote); err == nil {
		in.remote = host
	}
	return nil
}

type meOutput struct{ Body Me }

func (s *Server) sessionRoutes() {
	register(s, Public, huma.Operation{
		OperationID: "sign-in", Method: http.MethodPost, Path: "/session", Tags: []string{"session"},
		Summary:     "Sign in",
		Description: "After 5 failures within 15 minutes, for one account or from one address, attempts are refused with 429 and Retry-After.",
		Errors:      []int{http.StatusUnauthorized, http.StatusTooManyRequests},
	}, func(ctx context.Context, in *signInInput) (*meOutput, error) {
		retry := s.limiter.attempt(in.Body.Username, in.remote, time.Now())
		if retry > 0 {
			return nil, locked{retry}
		}
		u, err := s.Users.Authenticate(ctx, in.Body.Username, in.Body.Password)
		if !errors.Is(err, crm.ErrBadCredentials) {
			s.limiter.forgive(in.Body.Username, in.remote, err == nil)
		}
		if err != nil {
			return nil, err
		}
		// A new token, so that one planted before signing in is worth nothing.
		if err := s.sessions.RenewToken(ctx); err != nil {
			return nil, unreachable{err}
		}
		s.sessions.Put(ctx, sessionUser, u.ID)
		return &meOutput{Body: me(u)}, nil
	})

	register(s, SignedIn, huma.Operation{
		OperationID: "sign-out", Method: http.MethodDelete, Path: "/session", Tags: []string{"session"},
		Summary: "Sign out", Description: "Ends this session and its sockets.", DefaultStatus: http.StatusNoContent,
	}, func(ctx context.Context, _ *struct{}) (*struct{}, error) {
		name := s.sessionName(ctx)
		if err := s.sessions.Destroy(ctx); err != nil {
			return nil, unreachable{err}
		}
		s.Sockets.CloseSession(name)
		return nil, nil
	})
}
