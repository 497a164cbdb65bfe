package ari

import (
	"context"
	"net/http"
	"slices"
)

// EventFilterType names an event type in a filter.
type EventFilterType struct {
	Type string `json:"type"`
}

// SetEventFilter lets through only the named event types; an empty list lets
// everything through. ApplicationReplaced is always added to a list, since the
// filter would hold it back too and a replaced stream could not tell.
//
// Asterisk keeps the filter with the application, not with the connection, and
// forgets it when the application disconnects and has no channels left: set it
// after each Listen (since 16.3.0).
func (a *Applications) SetEventFilter(ctx context.Context, app string, allowed []string) error {
	return a.FilterEvents(ctx, app, allowed, nil)
}

// FilterEvents is SetEventFilter with a second list of types that are held
// back even if the first one lets them through. ApplicationReplaced is taken
// off it, for the same reason.
func (a *Applications) FilterEvents(ctx context.Context, app string, allowed, disallowed []string) error {
	if len(allowed) > 0 && !slices.Contains(allowed, typeApplicationReplaced) {
		allowed = append(slices.Clip(allowed), typeApplicationReplaced)
	}
	disallowed = slices.DeleteFunc(slices.Clone(disallowed), func(name string) bool { return name == typeApplicationReplaced })
	body := struct {
		Allowed    []EventFilterType `json:"allowed"`
		Disallowed []EventFilterType `json:"disallowed"`
	}{filterTypes(allowed), filterTypes(disallowed)}
	return a.c.do(ctx, request{
		op: "applications.setEventFilter", method: http.MethodPut,
		path: []string{"applications", app, "eventFilter"}, body: body,
	})
}

// filterTypes is never nil: a list that is left out of the request would leave
// the filter as it was.
func filterTypes(names []string) []EventFilterType {
	types := make([]EventFilterType, 0, len(names))
	for _, name := range names {
		types = append(types, EventFilterType{name})
	}
	return types
}
