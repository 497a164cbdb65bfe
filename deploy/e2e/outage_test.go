package e2e

import (
	"context"
	"net/http"
	"testing"
	"time"

	"hotline/deploy/local/sipp"
)

func startPostgres(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := stack.StartPostgres(ctx); err != nil {
		t.Fatal(err)
	}
}

// awaitReady waits until the hotline says that all its parts are there.
func awaitReady(t *testing.T) {
	t.Helper()
	for range 300 {
		res, err := http.Get(address("/readyz"))
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		pause(t.Context(), 100*time.Millisecond)
	}
	t.Fatal("the hotline does not become ready again")
}

// Nobody lets go of a caller because a database is away: a whole call goes by
// without Postgres, and stands in the log afterwards.
func TestPostgresIsAwayForAWholeCall(t *testing.T) {
	d := openDesk(t, "1001")
	d.phone(sipp.Phone{RingFor: second, TalkFor: 4 * second})
	d.ready()
	if err := stack.StopPostgres(); err != nil {
		t.Fatal(err)
	}
	caller := dial(t, "13800138012", "4000", sipp.Wait(second), sipp.Key('3'), sipp.Say(8*second), sipp.Key('4'), sipp.AwaitHangUp(30*second))
	ended(t, caller, "hotline")
	startPostgres(t)
	r := callOf(t, "13800138012")
	same(t, "outcome", r.Outcome, "answered")
	is(t, "agent", r.Agent, "1001")
	is(t, "score", r.Score, 4)
	if r.TalkMS == nil || *r.TalkMS < 3000 {
		t.Errorf("talked %v ms", r.TalkMS)
	}
	clean(t)
}

// The controller is killed while Postgres is away and a call is going on: what
// it had written down is not lost, and the call goes on when both are back.
func TestKilledWhilePostgresIsAway(t *testing.T) {
	d := openDesk(t, "1001")
	d.phone(sipp.Phone{RingFor: second, TalkFor: 12 * second})
	d.ready()
	caller := dial(t, "13800138013", "4000", sipp.Wait(second), sipp.Key('3'), sipp.Say(17*second), sipp.Key('3'), sipp.AwaitHangUp(40*second))
	if _, err := caller.Await(t.Context(), 1, "answered"); err != nil { // before the key: most of the call is written during the outage
		t.Fatal(err)
	}
	if err := stack.StopPostgres(); err != nil {
		t.Fatal(err)
	}
	pause(t.Context(), 5*second) // queued, offered, answered
	if err := stack.KillHotline(); err != nil {
		t.Fatal(err)
	}
	startPostgres(t)
	startHotline(t)
	ended(t, caller, "hotline")
	r := callOf(t, "13800138013")
	same(t, "outcome", r.Outcome, "answered")
	is(t, "score", r.Score, 3)
	clean(t)
}

// Redis is away while a caller waits: the place is kept, and the offer comes
// when it is back.
func TestRedisIsAwayWhileACallerWaits(t *testing.T) {
	d := openDesk(t, "1001")
	d.phone(sipp.Phone{RingFor: second, TalkFor: 2 * second})
	d.ready()
	d.command("away", map[string]any{"reason": "break"})
	caller := dial(t, "13800138014", "4000", sipp.Wait(second), sipp.Key('3'), sipp.Say(20*second), sipp.HangUp())
	if _, err := caller.Await(t.Context(), 1, "key"); err != nil {
		t.Fatal(err)
	}
	pause(t.Context(), second)
	if err := stack.StopRedis(); err != nil {
		t.Fatal(err)
	}
	pause(t.Context(), 3*second)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := stack.StartRedis(ctx); err != nil {
		t.Fatal(err)
	}
	awaitReady(t) // connections to Redis are opened anew, which takes a second
	d.command("ready", map[string]any{"device": "desk_phone"})
	d.awaitState("talking")
	d.awaitState("wrap_up")
	if _, err := caller.Wait(); err != nil {
		t.Error(err)
	}
	same(t, "outcome", callOf(t, "13800138014").Outcome, "answered")
	clean(t)
}
