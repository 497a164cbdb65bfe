package control

import (
	"context"
	"errors"
	"time"

	"hotline/ari"
)

// A socket can be open and its application inactive all the same: one that is
// opened right after another was closed may find its registration undone by the
// late end of the first (seen on 22.10.1, under load). No event comes then, and
// new callers are refused, while everything looks well. So the slot sends itself
// an event, and hears it or begins anew.
const (
	probeName  = "hotline-probe"
	probeAgain = 300 * time.Millisecond
	probeWait  = 3 * time.Second
)

var errDeaf = errors.New("the event socket is open and no event comes")

func isProbe(ev ari.Event) bool {
	e, ok := ev.(*ari.ChannelUserevent)
	return ok && e.Name == probeName
}

// prove returns when a probe was heard, with the events that came before it.
func (n *session) prove(ctx context.Context, events <-chan ari.Event) (early []ari.Event, err error) {
	again := time.NewTicker(probeAgain)
	defer again.Stop()
	limit := time.NewTimer(probeWait)
	defer limit.Stop()
	// An error means that there is no such application: heard of, or rather not, below.
	_ = n.ARI.Events.Send(ctx, n.app, probeName, ari.UserEvent{})
	for {
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-limit.C:
			return nil, errDeaf
		case <-again.C:
			_ = n.ARI.Events.Send(ctx, n.app, probeName, ari.UserEvent{}) // as above
		case ev := <-events:
			if isProbe(ev) {
				return early, nil
			}
			early = append(early, ev)
		}
	}
}

// probe asks again, now and then; a probe that was not heard by the next time
// ends the session.
func (n *session) probe(ctx context.Context) error {
	if n.probing {
		return errDeaf
	}
	n.probing = true
	_ = n.ARI.Events.Send(ctx, n.app, probeName, ari.UserEvent{}) // not heard is what counts
	return nil
}
