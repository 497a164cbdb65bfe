package ari

import (
	"context"
	"net/http"
	"time"
)

// Asterisk is the server itself.
type Asterisk struct{ c *Client }

// Ping is the answer of a living Asterisk.
type Ping struct {
	AsteriskID string
	Timestamp  time.Time
}

// Info describes the server. System.EntityID names the machine;
// Status.StartupTime changes when Asterisk was restarted, after which nothing
// that a client remembers exists any more.
type Info struct {
	Build  BuildInfo
	System SystemInfo
	Config ConfigInfo
	Status StatusInfo
}

// BuildInfo is how Asterisk was built.
type BuildInfo struct {
	OS      string `json:"os"`
	Kernel  string `json:"kernel"`
	Machine string `json:"machine"`
	Options string `json:"options"`
	Date    string `json:"date"`
	User    string `json:"user"`
}

// SystemInfo names the version and the machine.
type SystemInfo struct {
	Version  string `json:"version"`
	EntityID string `json:"entity_id"`
}

// ConfigInfo is part of asterisk.conf; a limit of 0 is none.
type ConfigInfo struct {
	Name            string  `json:"name"`
	DefaultLanguage string  `json:"default_language"`
	MaxChannels     int     `json:"max_channels"`
	MaxOpenFiles    int     `json:"max_open_files"`
	MaxLoad         float64 `json:"max_load"`
}

// StatusInfo holds the times of start and of the last reload.
type StatusInfo struct {
	StartupTime    time.Time
	LastReloadTime time.Time
}

// Ping asks for a sign of life. While Asterisk boots, the answers are first a
// refused connection, then ErrNotFound (the module is not there yet), then
// ErrUnavailable.
func (a *Asterisk) Ping(ctx context.Context) (*Ping, error) {
	var out struct {
		AsteriskID string       `json:"asterisk_id"`
		Timestamp  asteriskTime `json:"timestamp"`
	}
	err := a.c.do(ctx, request{op: "asterisk.ping", method: http.MethodGet, path: []string{"asterisk", "ping"}, out: &out})
	if err != nil {
		return nil, err
	}
	return &Ping{AsteriskID: out.AsteriskID, Timestamp: time.Time(out.Timestamp)}, nil
}

// Info describes the server.
func (a *Asterisk) Info(ctx context.Context) (*Info, error) {
	var out struct {
		Build  BuildInfo  `json:"build"`
		System SystemInfo `json:"system"`
		Config ConfigInfo `json:"config"`
		Status struct {
			StartupTime    asteriskTime `json:"startup_time"`
			LastReloadTime asteriskTime `json:"last_reload_time"`
		} `json:"status"`
	}
	err := a.c.do(ctx, request{op: "asterisk.info", method: http.MethodGet, path: []string{"asterisk", "info"}, out: &out})
	if err != nil {
		return nil, err
	}
	return &Info{Build: out.Build, System: out.System, Config: out.Config, Status: StatusInfo{
		StartupTime:    time.Time(out.Status.StartupTime),
		LastReloadTime: time.Time(out.Status.LastReloadTime),
	}}, nil
}
