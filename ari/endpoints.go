package ari

import (
	"context"
	"net/http"
)

// Endpoints are the configured phones and trunks.
type Endpoints struct{ c *Client }

// Values of Endpoint.State.
const (
	EndpointUnknown = "unknown"
	EndpointOffline = "offline"
	EndpointOnline  = "online"
)

// Endpoint is a phone or trunk.
type Endpoint struct {
	Technology string   `json:"technology"` // such as "PJSIP"
	Resource   string   `json:"resource"`   // such as "1001"
	State      string   `json:"state"`
	ChannelIDs []string `json:"channel_ids"`
}

// Get returns one endpoint.
func (e *Endpoints) Get(ctx context.Context, tech, resource string) (*Endpoint, error) {
	return fetch[Endpoint](ctx, e.c, request{
		op: "endpoints.get", method: http.MethodGet, path: []string{"endpoints", tech, resource},
	})
}

// List returns all endpoints.
func (e *Endpoints) List(ctx context.Context) ([]Endpoint, error) {
	var out []Endpoint
	err := e.c.do(ctx, request{op: "endpoints.list", method: http.MethodGet, path: []string{"endpoints"}, out: &out})
	return out, err
}
