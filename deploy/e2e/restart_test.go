package e2e

import (
	"context"
	"slices"
	"testing"
	"time"

	"hotline/deploy/local/sipp"
)

// crash kills the controller with -9, and starts it again.
func crash(t *testing.T) {
	t.Helper()
	if err := stack.KillHotline(); err != nil {
		t.Fatal(err)
	}
	startHotline(t)
}

func startHotline(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := stack.StartHotline(ctx); err != nil {
		t.Fatal(err)
	}
}

// A conversation goes on through a crash, and what comes after it is not
// forgotten: the survey is asked and its answer kept.
func TestCrashWhileTalking(t *testing.T) {
	d := openDesk(t, "1001")
	d.phone(sipp.Phone{RingFor: second, TalkFor: 10 * second})
	d.ready()
	caller := dial(t, "13800138007", "4000", sipp.Wait(second), sipp.Key('3'), sipp.Say(15*second), sipp.Key('5'), sipp.AwaitHangUp(30*second))
	v := d.awaitState("talking")
	leg := v.Call.ID + "-a1"
	pause(t.Context(), second)
	if err := stack.KillHotline(); err != nil {
		t.Fatal(err)
	}
	before, err := asterisk.Channels.RTPStatistics(t.Context(), leg)
	if err != nil {
		t.Fatal(err)
	}
	pause(t.Context(), second)
	after, err := asterisk.Channels.RTPStatistics(t.Context(), leg)
	if err != nil {
		t.Fatal(err)
	}
	if after.TxCount <= before.TxCount {
		t.Errorf("no audio to the agent while the controller was gone: %d packets, then %d", before.TxCount, after.TxCount)
	}
	startHotline(t)
	ended(t, caller, "hotline")
	r := callOf(t, "13800138007")
	same(t, "outcome", r.Outcome, "answered")
	is(t, "score", r.Score, 5)
	if !slices.Contains(r.Events, "Resumed") {
		t.Errorf("events %v", r.Events)
	}
	d.awaitState("wrap_up")
	clean(t)
}

// Waiting callers keep their place through a crash.
func TestCrashWhileTwoWait(t *testing.T) {
	d := openDesk(t, "1001")
	d.phone(sipp.Phone{RingFor: second, TalkFor: 2 * second})
	d.ready()
	d.command("away", map[string]any{"reason": "break"})
	early := dial(t, "13800138008", "4000", sipp.Wait(second), sipp.Key('3'), sipp.Say(24*second), sipp.HangUp())
	if _, err := early.Await(t.Context(), 1, "key"); err != nil {
		t.Fatal(err)
	}
	late := dial(t, "13800138009", "4000", sipp.Wait(second), sipp.Key('3'), sipp.Say(24*second), sipp.HangUp())
	if _, err := late.Await(t.Context(), 1, "key"); err != nil {
		t.Fatal(err)
	}
	pause(t.Context(), second)
	crash(t)
	d.command("ready", map[string]any{"device": "desk_phone"})
	for _, number := range []string{"13800138008", "13800138009"} {
		v := d.awaitState("talking")
		var caller string
		if err := database.QueryRow(t.Context(), `select caller from call where id = $1`, v.Call.ID).Scan(&caller); err != nil || caller != number {
			t.Errorf("talking to %s (%v), whose turn was %s", caller, err, number)
		}
		d.awaitState("wrap_up")
		d.command("finish-wrap-up", nil)
		d.await("the end of wrap-up", func(v deskView) bool { return v.Agent.State != "wrap_up" })
	}
	for _, c := range []*sipp.Call{early, late} {
		if _, err := c.Wait(); err != nil {
			t.Error(err)
		}
	}
	same(t, "first outcome", callOf(t, "13800138008").Outcome, "answered")
	same(t, "second outcome", callOf(t, "13800138009").Outcome, "answered")
	clean(t)
}

// A caller who hangs up, and one who arrives, while nobody listens: the one is
// found to be gone, the other is told by the dialplan and not lost in silence.
func TestCallerLeavesWhileTheControllerIsDown(t *testing.T) {
	d := openDesk(t, "1001")
	d.ready()
	d.command("away", map[string]any{"reason": "break"})
	caller := dial(t, "13800138010", "4000", sipp.Wait(second), sipp.Key('3'), sipp.Say(3*second), sipp.HangUp())
	if _, err := caller.Await(t.Context(), 1, "key"); err != nil {
		t.Fatal(err)
	}
	pause(t.Context(), second)
	if err := stack.KillHotline(); err != nil {
		t.Fatal(err)
	}
	ended(t, caller, "caller")
	other := dial(t, "13800138011", "4000", sipp.Say(20*second), sipp.HangUp())
	ended(t, other, "hotline") // "please call later", then hung up by the dialplan
	startHotline(t)
	r := callOf(t, "13800138010")
	same(t, "outcome", r.Outcome, "abandoned")
	clean(t)
}
