package ari

import (
	"context"
	"net/http"
	"slices"
)

// Applications are the Stasis applications that are, or were, connected.
type Applications struct{ c *Client }

// Application is what Asterisk holds for one application name.
type Application struct {
	Name             string            `json:"name"`
	ChannelIDs       []string          `json:"channel_ids"`
	BridgeIDs        []string          `json:"bridge_ids"`
	EndpointIDs      []string          `json:"endpoint_ids"`
	DeviceNames      []string          `json:"device_names"`
	EventsAllowed    []EventFilterType `json:"events_allowed"`
	EventsDisallowed []EventFilterType `json:"events_disallowed"`
}

// EventFilterType names an event type in a filter.
type EventFilterType struct {
	Type string `json:"type"`
}

// List returns all applications.
func (a *Applications) List(ctx context.Context) ([]Application, error) {
	var out []Application
	err := a.c.do(ctx, request{op: "applications.list", method: http.MethodGet, path: []string{"applications"}, out: &out})
	return out, err
}

// Get returns one application, or ErrNotFound when none of that name is
// connected and none left anything behind.
func (a *Applications) Get(ctx context.Context, app string) (*Application, error) {
	return fetch[Application](ctx, a.c, request{op: "applications.get", method: http.MethodGet, path: []string{"applications", app}})
}

// SetEventFilter lets through only the named event types; an empty list lets
// everything through. ApplicationReplaced is always added to a list, since the
// filter would hold it back too and a replaced stream could not tell.
//
// Asterisk keeps the filter with the application, not with the connection, and
// forgets it when the application disconnects and has no channels left: set it
// after each Listen (since 16.3.0).
func (a *Applications) SetEventFilter(ctx context.Context, app string, allowed []string) error {
	types := make([]EventFilterType, 0, len(allowed)+1)
	for _, name := range allowed {
		types = append(types, EventFilterType{name})
	}
	if replaced := (EventFilterType{typeApplicationReplaced}); len(types) > 0 && !slices.Contains(types, replaced) {
		types = append(types, replaced)
	}
	body := struct {
		Allowed    []EventFilterType `json:"allowed"`
		Disallowed []EventFilterType `json:"disallowed"`
	}{types, []EventFilterType{}}
	return a.c.do(ctx, request{
		op: "applications.setEventFilter", method: http.MethodPut,
		path: []string{"applications", app, "eventFilter"}, body: body,
	})
}

// Subscribe adds a source of events: "channel:ID", "bridge:ID",
// "endpoint:TECH/RESOURCE" or "deviceState:NAME". Subscribing twice to a
// channel, bridge or endpoint counts twice: ask Get first.
func (a *Applications) Subscribe(ctx context.Context, app, source string) error {
	return a.c.do(ctx, request{
		op: "applications.subscribe", method: http.MethodPost,
		path: []string{"applications", app, "subscription"}, query: query{"eventSource": source},
	})
}

// Unsubscribe removes a source of events.
func (a *Applications) Unsubscribe(ctx context.Context, app, source string) error {
	return a.c.do(ctx, request{
		op: "applications.unsubscribe", method: http.MethodDelete,
		path: []string{"applications", app, "subscription"}, query: query{"eventSource": source},
	})
}

// fetch is do for requests that answer with one object.
func fetch[T any](ctx context.Context, c *Client, r request) (*T, error) {
	out := new(T)
	r.out = out
	if err := c.do(ctx, r); err != nil {
		return nil, err
	}
	return out, nil
}
