package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"hotline/crm"
)

// Me is the user who is signed in.
type Me struct {
	ID          string       `json:"id"`
	Username    string       `json:"username"`
	Name        string       `json:"name"`
	Roles       []crm.Role   `json:"roles"`
	Permissions []Permission `json:"permissions" doc:"What pages and buttons are decided by"`
	Extension   *string      `json:"extension" doc:"Null for people without a phone"`
	Locale      string       `json:"locale" doc:"zh-CN or en"`
}

func me(u crm.User) Me {
	roles := u.Roles
	if roles == nil {
		roles = []crm.Role{}
	}
	return Me{
		ID: u.ID, Username: u.Username, Name: u.Name, Roles: roles, Permissions: permissionsOf(u),
		Extension: given(u.Extension), Locale: localeOf(u),
	}
}

func localeOf(u crm.User) string {
	if u.Locale == english {
		return english
	}
	return chinese
}

// given is nil for an empty text, which JSON shows as null.
func given(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// PhoneAccount is what the browser's phone registers with.
type PhoneAccount struct {
	URI           string `json:"uri"`
	Username      string `json:"username"`
	Password      string `json:"password"`
	Socket        string `json:"socket" doc:"Path of SIP over WebSocket on this server"`
	SessionTimers bool   `json:"session_timers"`
}

type phoneOutput struct{ Body PhoneAccount }

func (s *Server) meRoutes() {
	register(s, SignedIn, huma.Operation{
		OperationID: "get-me", Method: http.MethodGet, Path: "/me", Tags: []string{"me"},
		Summary: "Who is signed in",
	}, func(ctx context.Context, _ *struct{}) (*meOutput, error) {
		return &meOutput{Body: me(user(ctx))}, nil
	})

	register(s, DeskUse, huma.Operation{
		OperationID: "get-my-phone", Method: http.MethodGet, Path: "/me/phone", Tags: []string{"me"},
		Summary:     "Account of the browser's phone",
		Description: "Holds a secret: the answer is not to be kept anywhere.",
	}, func(ctx context.Context, _ *struct{}) (*phoneOutput, error) {
		u := user(ctx)
		if u.Extension == "" {
			return nil, errNoExtension
		}
		name := u.Extension + "-web" // the endpoint's name in deploy/asterisk
		return &phoneOutput{Body: PhoneAccount{
			URI: "sip:" + name + "@hotline", Username: name, Password: u.SIPSecret, Socket: "/phone",
		}}, nil
	})
}
