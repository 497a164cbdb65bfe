package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"go.uber.org/zap"

	"hotline/ari"
	"hotline/ari/call"
)

// reconcile compares what the log says with what Asterisk has, and tells every
// call what it missed. Asterisk keeps no events for us while nobody listens
// (asterisk/res/stasis/app.c, app_send), so looking is the only way.
//
// It works both ways: a call whose channel is gone is told so, and a channel
// without a call is a caller whose first event went to a dead socket.
func (n *session) reconcile(ctx context.Context) error {
	records, err := n.Journal.OpenCalls(ctx, n.number)
	if err != nil {
		return fmt.Errorf("read open calls: %w", err)
	}
	list, err := n.ARI.Channels.List(ctx)
	if err != nil {
		return err
	}
	app, err := n.ARI.Applications.Get(ctx, n.app)
	if err != nil {
		return err
	}
	channels := make(map[string]ari.Channel, len(list))
	for _, c := range list {
		channels[c.ID] = c
	}
	for _, r := range records {
		a := n.start(ctx, r)
		if r.State.Phase == call.Recording || r.State.Phase == call.Filing {
			n.findMessage(ctx, a)
		}
		for _, t := range missed(r.State, channels) {
			a.mail.put(t)
		}
	}
	n.auditAgents(ctx) // before Resumed: an offer that is on its way is not made twice
	for _, r := range records {
		n.calls[r.State.ID].mail.put(told{event: call.Resumed{}})
	}
	for _, c := range list {
		n.adopt(ctx, c, app)
	}
	for _, id := range app.BridgeIDs {
		if callID, ours := callOf(id); ours && n.calls[callID] == nil {
			if err := n.ARI.Bridges.Destroy(ctx, id); err != nil && !errors.Is(err, ari.ErrNotFound) {
				n.Log.Warn("destroy orphaned bridge", zap.String("bridge", id), zap.Error(err))
			}
		}
	}
	return nil
}

// missed is what a call was not told while nobody listened, as far as the
// channels show it.
func missed(s call.State, channels map[string]ari.Channel) []told {
	var out []told
	if s.LegAlive {
		leg, there := channels[s.Leg()]
		switch {
		case !there:
			out = append(out, told{event: call.AgentLegEnded{Attempt: s.Attempt, Ring: s.Ring, Cause: call.LegHungUp}})
		case leg.State == ari.StateUp:
			out = append(out, told{event: call.AgentAnswered{Attempt: s.Attempt, Ring: s.Ring}})
		case leg.State == ari.StateDown:
			out = append(out, told{legEntered: leg.ID, leg: legIn(s)})
		}
	}
	if _, there := channels[s.Channel]; !there {
		out = append(out, told{event: call.CallerGone{}})
	}
	return out
}

// wavHeader and wavRate measure a recording of ours: 8 kHz, 16 bit, mono
// (asterisk/formats/format_wav.c).
const (
	wavHeader = 44
	wavRate   = 16_000 // bytes a second
)

// findMessage tells a call whose message is not being recorded any more that it
// is closed, and how long it is.
func (n *session) findMessage(ctx context.Context, a *actor) {
	name := a.state.MessageRecording()
	if _, err := n.ARI.Recordings.Live(ctx, name); !errors.Is(err, ari.ErrNotFound) {
		return // goes on, or its end will be told; the phase has a deadline
	}
	var length time.Duration
	if file, err := n.ARI.Recordings.StoredFile(ctx, name); err == nil {
		size, err := io.Copy(io.Discard, file)
		file.Close()
		if err == nil && size > wavHeader {
			length = time.Duration(size-wavHeader) * time.Second / wavRate
		}
	}
	a.mail.put(told{event: call.MessageRecorded{Length: length}})
}

func legIn(s call.State) leg { return leg{s.Attempt, s.Ring} }

// adopt looks at one channel that Asterisk has: a caller without a call is
// admitted, a leg without a call is hung up.
func (n *session) adopt(ctx context.Context, c ari.Channel, app *ari.Application) {
	if name, args := appData(c); name == n.app && len(args) >= 2 && args[0] == "in" {
		n.admit(ctx, c, args[1])
		return
	}
	callID, _, isLeg := legOf(c.ID)
	if isLeg && n.calls[callID] == nil && slices.Contains(app.ChannelIDs, c.ID) {
		if err := n.ARI.Channels.Hangup(ctx, c.ID, ari.ReasonNormal); err != nil && !errors.Is(err, ari.ErrNotFound) {
			n.Log.Warn("hang up orphaned leg", zap.String("leg", c.ID), zap.Error(err))
		}
	}
}

// auditEvery is how often bindings of agents are compared with the calls.
const auditEvery = 10 * time.Second

// auditAgents tells every call who is bound to it. A call that knows this
// already ignores it; a call that never heard of the offer takes it; a call to
// which the agent does not belong gives the agent back. So no agent stays stuck
// whatever message was lost.
func (n *session) auditAgents(ctx context.Context) {
	bound, err := n.Floor.Bound(ctx, n.number)
	if err != nil {
		n.Log.Warn("look who is bound", zap.Error(err))
		return
	}
	for _, b := range bound {
		n.deliver(ctx, letter{b.Call, call.AgentReserved{Agent: b.Agent, Endpoint: b.Endpoint, Attempt: b.Attempt}})
	}
}
