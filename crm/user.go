// Package crm holds the customer side of the hotline as plain values and their
// rules: people, homes, phone numbers, tickets, and what an agent is shown when
// the phone rings. It knows no store; package crm/pg keeps these in Postgres.
package crm

import "errors"

// Errors that a store returns; what they mean for a person is decided at the edge.
var (
	ErrNotFound = errors.New("not found")
	// ErrBadCredentials never tells whether the user exists.
	ErrBadCredentials = errors.New("user name or password is wrong")
	// ErrStale tells that the value has changed since the revision given.
	ErrStale = errors.New("changed meanwhile")
	// ErrKeyReused tells that an idempotency key came with another request.
	ErrKeyReused = errors.New("idempotency key was used for another request")
)

// Role groups permissions.
type Role string

// The roles of this version.
const (
	RoleAgent         Role = "agent"
	RoleSupervisor    Role = "supervisor"
	RoleAdministrator Role = "administrator"
)

// User is somebody who signs in.
type User struct {
	ID        string
	Username  string
	Name      string
	Roles     []Role
	Extension string   // empty for people without a phone
	SIPSecret string   // of the phones Extension and Extension-web; never shown, but to its owner's browser
	Queues    []string // that the agent serves
	Locale    string   // "zh-CN" or "en"
}
