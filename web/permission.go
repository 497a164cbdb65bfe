package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"hotline/crm"
)

// Permission is what a user must have to be let in. Operations name one; roles
// are sets of them.
type Permission string

// The permissions. Public and SignedIn are not given by roles.
const (
	Public   Permission = "public"
	SignedIn Permission = "signed-in"

	DeskUse      Permission = "desk:use"
	TicketRead   Permission = "ticket:read"
	TicketWrite  Permission = "ticket:write"
	CallRead     Permission = "call:read"
	CallReadAll  Permission = "call:read-all" // also other people's calls
	CustomerRead Permission = "customer:read"
	NumberReveal Permission = "number:reveal"
	LiveView     Permission = "live:view"
	UserAdmin    Permission = "user:admin"
)

// rolePermissions is the table of who may do what. Administrators look after
// the system and see no customers.
var rolePermissions = map[crm.Role][]Permission{
	crm.RoleAgent:         {DeskUse, TicketRead, TicketWrite, CallRead, CustomerRead, NumberReveal},
	crm.RoleSupervisor:    {LiveView, CallRead, CallReadAll, TicketRead, TicketWrite, CustomerRead, NumberReveal},
	crm.RoleAdministrator: {UserAdmin, LiveView},
}

// permissionsOf lists a user's permissions, sorted.
func permissionsOf(u crm.User) []Permission {
	out := []Permission{}
	for _, role := range u.Roles {
		for _, p := range rolePermissions[role] {
			if !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	slices.Sort(out)
	return out
}

func may(u crm.User, p Permission) bool {
	switch p {
	case Public, SignedIn:
		return true
	}
	for _, role := range u.Roles {
		if slices.Contains(rolePermissions[role], p) {
			return true
		}
	}
	return false
}

type userKey struct{}

// user is who asks. Only operations that are not public have one.
func user(ctx context.Context) crm.User {
	u, _ := ctx.Value(userKey{}).(crm.User)
	return u
}

// permissionExtension is where the OpenAPI document names an operation's permission.
const permissionExtension = "x-permission"

// register adds an operation. Without a permission it panics: nothing is open
// by being forgotten. What a handler returns as an error becomes an answer in
// one place, problemOf.
func register[I, O any](s *Server, p Permission, op huma.Operation, handler func(context.Context, *I) (*O, error)) {
	s.describe(p, &op)
	op.MaxBodyBytes = maxBody
	op.Middlewares = append(op.Middlewares, func(c huma.Context, next func(huma.Context)) {
		setOperation(c.Context(), op.OperationID)
		if p == Public {
			next(c)
			return
		}
		u, err := s.authorize(c.Context(), p)
		if err != nil {
			s.refuse(c, err)
			return
		}
		next(huma.WithValue(c, userKey{}, u))
	})
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handler(ctx, in)
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return out, nil
	})
}

// describe completes an operation's description: permission, security, errors.
func (s *Server) describe(p Permission, op *huma.Operation) {
	if p == "" {
		panic("operation " + op.OperationID + " has no permission")
	}
	if op.OperationID == "" || op.Summary == "" || len(op.Tags) == 0 {
		panic("operation " + op.Method + " " + op.Path + " needs an id, a summary and a tag")
	}
	if op.Extensions == nil {
		op.Extensions = map[string]any{}
	}
	op.Extensions[permissionExtension] = string(p)
	op.Path = prefix + op.Path
	op.Security = []map[string][]string{}
	if p != Public {
		op.Security = []map[string][]string{{"session": {}}}
		op.Errors = append(op.Errors, http.StatusUnauthorized)
		if p != SignedIn {
			op.Errors = append(op.Errors, http.StatusForbidden)
		}
	}
	op.Errors = append(op.Errors, http.StatusServiceUnavailable)
	slices.Sort(op.Errors)
	op.Errors = slices.Compact(op.Errors)
}

// authorize finds out who asks and whether they may. A permission written as
// "a | b" is had with either.
func (s *Server) authorize(ctx context.Context, p Permission) (crm.User, error) {
	u, err := s.signedIn(ctx)
	if err != nil {
		return crm.User{}, err
	}
	for one := range strings.SplitSeq(string(p), " | ") {
		if may(u, Permission(one)) {
			return u, nil
		}
	}
	return crm.User{}, forbidden{p}
}
