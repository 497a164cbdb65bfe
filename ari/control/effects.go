package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"hotline/ari"
	"hotline/ari/call"
)

// requestTime bounds one request to Asterisk. Requests to a channel wait behind
// its command queue (asterisk/res/stasis/control.c), so this is not short.
const requestTime = 10 * time.Second

// perform does one effect. What comes of it comes back as an event, through the
// mailbox like everything else. 409 on create and 404 on delete are success.
func (a *actor) perform(ctx context.Context, effect call.Effect) {
	switch f := effect.(type) {
	case call.Enqueue, call.Dequeue, call.MarkRinging, call.MarkTalking, call.ReleaseAgent, call.Announce, call.AnnounceEnd:
		a.floorOps.put(floorOp{a.state.ID, f})
		return
	case call.Identify:
		a.background.start(func(ctx context.Context) error {
			a.identify(ctx, f.Number)
			return nil
		})
		return
	}
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	err := a.ask(ctx, effect)
	if err == nil || ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return
	}
	a.log.Warn("effect failed", zap.String("effect", fmt.Sprintf("%T", effect)), zap.Error(err))
	a.Meter.EffectFailed(fmt.Sprintf("%T", effect))
	a.mend(effect)
}

// ask makes the requests of one effect.
func (a *actor) ask(ctx context.Context, effect call.Effect) error {
	channels, bridges := a.ARI.Channels, a.ARI.Bridges
	switch f := effect.(type) {
	case call.Answer:
		return a.onCaller(channels.Answer(ctx, f.Channel))
	case call.Play:
		media := make([]string, len(f.Prompts))
		for i, p := range f.Prompts {
			media[i] = "sound:hotline/" + p
		}
		_, err := channels.Play(ctx, f.Channel, ari.Play{ID: f.ID, Media: media, Lang: f.Language})
		return a.onCaller(made(err))
	case call.StopPlay:
		return gone404(a.ARI.Playbacks.Stop(ctx, f.ID))
	case call.StartMusic:
		return a.onCaller(channels.StartMusic(ctx, f.Channel, ""))
	case call.StopMusic:
		return a.onCaller(channels.StopMusic(ctx, f.Channel))
	case call.RecordMessage:
		_, err := channels.Record(ctx, f.Channel, ari.Record{
			Name: f.Name, Format: "wav", MaxDuration: f.MaxLength, MaxSilence: f.MaxSilence, Beep: true, TerminateOn: "#",
		})
		return a.onCaller(made(err))
	case call.HangUp:
		return a.onCaller(channels.Hangup(ctx, f.Channel, ari.ReasonNormal))
	case call.RingAgent:
		_, err := channels.Create(ctx, ari.CreateChannel{
			ID: f.Leg, Endpoint: "PJSIP/" + f.Endpoint, App: a.app, AppArgs: "agent", Originator: a.state.Channel,
			Variables: a.display(),
		})
		return made(err)
	case call.HangUpLeg:
		return gone404(channels.Hangup(ctx, f.Leg, legReason(f.Reason)))
	case call.Connect:
		return a.connect(ctx, f)
	case call.Hold:
		if err := gone404(bridges.RemoveChannels(ctx, f.Bridge, []string{f.Channel})); err != nil && !errors.Is(err, ari.ErrNotInBridge) {
			return err
		}
		return a.onCaller(channels.StartMusic(ctx, f.Channel, ""))
	case call.Retrieve:
		if err := a.onCaller(channels.StopMusic(ctx, f.Channel)); err != nil {
			return err
		}
		return bridges.AddChannels(ctx, f.Bridge, []string{f.Channel}, ari.AddChannels{InhibitConnectedLine: true})
	case call.DestroyBridge:
		return gone404(bridges.Destroy(ctx, f.Bridge))
	}
	return fmt.Errorf("no way to perform %T", effect)
}

// display is what the agent's phone shows: the number that was dialled, never
// the customer's, which is masked on the page and revealed there with a reason.
// An outbound leg's From is its connected line (asterisk/res/res_pjsip_caller_id.c);
// without one it is "Anonymous". Dial must be given no caller: its number would
// be taken over.
func (a *actor) display() map[string]string {
	return map[string]string{
		"CONNECTEDLINE(num,i)": a.state.Called, "CONNECTEDLINE(name,i)": a.state.Queue,
		"CONNECTEDLINE(num-pres)": "allowed", "CONNECTEDLINE(name-pres)": "allowed",
	}
}

func (a *actor) connect(ctx context.Context, f call.Connect) error {
	if _, err := a.ARI.Bridges.Create(ctx, ari.CreateBridge{ID: f.Bridge, Type: "mixing", Name: "conversation"}); made(err) != nil {
		return err
	}
	err := a.ARI.Bridges.AddChannels(ctx, f.Bridge, []string{f.Channel, f.Leg}, ari.AddChannels{InhibitConnectedLine: true})
	if err != nil {
		a.look(ctx, f) // one of them is gone, or never came
		return err
	}
	_, err = a.ARI.Bridges.Record(ctx, f.Bridge, ari.Record{Name: f.Recording, Format: "wav", IfExists: "fail"})
	return made(err)
}

// look finds out which of the two parties is not there any more. Joining a
// bridge fails in many ways around a hang-up, and the event of it may be lost.
func (a *actor) look(ctx context.Context, f call.Connect) {
	if _, err := a.ARI.Channels.Get(ctx, f.Leg); errors.Is(err, ari.ErrNotFound) {
		a.mail.put(told{event: call.AgentLegEnded{Attempt: f.Attempt, Ring: f.Ring, Cause: call.LegHungUp}})
	}
	if _, err := a.ARI.Channels.Get(ctx, f.Channel); errors.Is(err, ari.ErrNotFound) {
		a.mail.put(told{event: call.CallerGone{}})
	}
}

// dial calls the agent's phone, once the leg has entered the application: before
// that Asterisk answers 409.
func (a *actor) dial(ctx context.Context, channel string, l leg) {
	if l != legIn(a.state) || a.state.Phase != call.Ringing && a.state.Phase != call.Recalling {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	err := a.ARI.Channels.Dial(ctx, channel, ari.Dial{Timeout: a.state.Plan.RingFor})
	if err == nil || errors.Is(err, ari.ErrNotFound) || errors.Is(err, ari.ErrBadState) || errors.Is(err, ari.ErrConflict) {
		return // gone, which its own event tells; or dialled already
	}
	a.log.Warn("dial failed", zap.Error(err))
	a.mend(call.RingAgent{Attempt: l.attempt, Ring: l.ring})
}

// mend makes an event of an effect that failed, where the call would wait for
// one in vain. Everything else is caught by the phase's deadline.
func (a *actor) mend(effect call.Effect) {
	switch f := effect.(type) {
	case call.RingAgent:
		a.mail.put(told{event: call.AgentLegEnded{Attempt: f.Attempt, Ring: f.Ring, Cause: call.LegUnreachable}})
	case call.Play:
		a.mail.put(told{event: call.PromptEnded{Playback: f.ID}})
	case call.RecordMessage:
		a.mail.put(told{event: call.MessageRecorded{}})
	}
}

// onCaller turns "no such channel" into the event that was missed.
func (a *actor) onCaller(err error) error {
	if errors.Is(err, ari.ErrNotFound) {
		a.mail.put(told{event: call.CallerGone{}})
		return nil
	}
	if errors.Is(err, ari.ErrNotInStasis) {
		return nil // just leaving: its end is on the way
	}
	return err
}

// made is the answer to a create that may have been done before.
func made(err error) error {
	if errors.Is(err, ari.ErrConflict) {
		return nil
	}
	return err
}

// gone404 is the answer to a delete of something that may be gone already.
func gone404(err error) error {
	if errors.Is(err, ari.ErrNotFound) {
		return nil
	}
	return err
}

func legReason(end call.LegEnd) ari.Reason {
	switch end {
	case call.EndElsewhere, call.EndCallerLeft:
		return ari.ReasonAnsweredElsewhere
	case call.EndUnanswered:
		return ari.ReasonNoAnswer
	}
	return ari.ReasonNormal
}

func (a *actor) identify(ctx context.Context, number string) {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	customer, matches, err := a.Directory.Identify(ctx, number)
	if err != nil {
		if ctx.Err() == nil {
			a.log.Warn("identify caller", zap.Error(err)) // the pop shows the number alone
		}
		return
	}
	a.mail.put(told{event: call.CallerIdentified{Customer: customer, Matches: matches}})
}
