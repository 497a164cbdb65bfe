package agent

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var t0 = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

func sample(s State) Agent {
	a := New("u1", "王芳", "1001", []string{"repair"}, t0)
	a.Connected = true
	a.State, a.IdleSince = s, t0
	if a.Busy() {
		a.Call, a.Attempt = "c1", 1
	}
	if s == WrapUp {
		a.WrapUntil = t0.Add(30 * time.Second)
	}
	if s == Away {
		a.Reason = Break
	}
	return a
}

var everyState = []State{Offline, Away, Ready, Reserved, Ringing, Talking, WrapUp}

var everyEvent = []Event{
	GoReady{Browser}, GoAway{Meal}, GoOffline{}, FinishWrapUp{}, ExtendWrapUp{time.Minute},
	Reserve{"c1", 1, 0}, Ring{"c1", 1}, Connect{"c1", 1},
	Release{"c1", 1, Finished, 30 * time.Second}, Release{"c1", 1, OfferMissed, 0}, Release{"c1", 1, OfferVoid, 0},
	Tick{}, DeskLost{}, DeskOpened{},
}

// The whole transition table stands in testdata/transitions.txt: a change of
// behaviour is a change of that file, and is reviewed as one.
func TestTransitionTable(t *testing.T) {
	var b strings.Builder
	for _, s := range everyState {
		for _, e := range everyEvent {
			after, err := Step(sample(s), e, t0.Add(time.Minute))
			to := string(after.State)
			if after.Reason != "" {
				to += "(" + after.Reason + ")"
			}
			if after.Next != nil {
				to += " then " + string(after.Next.State)
			}
			if err != nil {
				to = "refused"
			}
			fmt.Fprintf(&b, "%-9s %-40s %s\n", s, strings.TrimPrefix(fmt.Sprintf("%T%v", e, e), "agent."), to)
		}
	}
	const file = "testdata/transitions.txt"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), b.String()); d != "" {
		t.Errorf("transitions changed (UPDATE=1 go test ./agent writes them):\n%s", d)
	}
}

// An agent under any order of events: bound to at most one call, wrap-up left
// only by its own end, and never free with a call still named.
func TestInvariantsUnderAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := New("u1", "n", "1001", nil, t0)
		now := t0
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "seconds")) * time.Second)
			call := rapid.SampledFrom([]string{"c1", "c2"}).Draw(t, "call")
			attempt := rapid.IntRange(1, 2).Draw(t, "attempt")
			e := rapid.SampledFrom([]Event{
				GoReady{Browser}, GoReady{DeskPhone}, GoAway{Break}, GoOffline{}, FinishWrapUp{}, ExtendWrapUp{time.Minute},
				Reserve{call, attempt, 0}, Ring{call, attempt}, Connect{call, attempt},
				Release{call, attempt, Finished, 30 * time.Second}, Release{call, attempt, OfferMissed, 0},
				Release{call, attempt, OfferVoid, 0}, Release{call, attempt, OfferRejected, 0},
				Tick{}, DeskLost{}, DeskOpened{},
			}).Draw(t, "event")
			before := a
			after, err := Step(a, e, now)
			if err != nil {
				if d := cmp.Diff(before, after); d != "" {
					t.Fatalf("refused event changed the agent: %s", d)
				}
			}
			if after.Busy() != (after.Call != "") {
				t.Fatalf("%T: state %s with call %q", e, after.State, after.Call)
			}
			if before.Busy() && after.Busy() && before.Call != after.Call {
				t.Fatalf("%T: moved from call %q to %q without release", e, before.Call, after.Call)
			}
			if before.State == WrapUp && after.State != WrapUp {
				switch e.(type) {
				case FinishWrapUp, GoReady:
				case Tick:
					if now.Before(before.WrapUntil) {
						t.Fatalf("wrap-up until %s ended at %s", before.WrapUntil, now)
					}
				default:
					t.Fatalf("wrap-up left by %T", e)
				}
			}
			if after.State == Reserved && before.State != Reserved && !before.Available() {
				t.Fatalf("reserved while %s, connected %t", before.State, before.Connected)
			}
			a = after
		}
	})
}

func TestPendingPauseIsObeyedAfterWrapUp(t *testing.T) {
	a := sample(Talking)
	a, _ = Step(a, GoAway{Meal}, t0)
	if a.State != Talking || a.Next == nil {
		t.Fatalf("pause during a call: state %s, next %v", a.State, a.Next)
	}
	a, _ = Step(a, Release{"c1", 1, Finished, time.Minute}, t0)
	if a.State != WrapUp {
		t.Fatalf("after the call: %s", a.State)
	}
	a, _ = Step(a, FinishWrapUp{}, t0)
	if a.State != Away || a.Reason != Meal || a.Next != nil {
		t.Fatalf("after wrap-up: %s(%s), next %v", a.State, a.Reason, a.Next)
	}
}

func TestVoidOfferKeepsThePlaceAmongTheIdle(t *testing.T) {
	a := sample(Ready)
	a, _ = Step(a, Reserve{"c1", 1, 0}, t0.Add(time.Minute))
	a, _ = Step(a, Release{"c1", 1, OfferVoid, 0}, t0.Add(2*time.Minute))
	if a.State != Ready || !a.IdleSince.Equal(t0) {
		t.Fatalf("state %s, idle since %s", a.State, a.IdleSince)
	}
}

func TestRefusalsSayNotNow(t *testing.T) {
	if _, err := Step(sample(Away), Reserve{"c1", 1, 0}, t0); !errors.Is(err, ErrNotNow) {
		t.Fatalf("reserve while away: %v", err)
	}
	lost := sample(Ready)
	lost.Connected = false
	if _, err := Step(lost, Reserve{"c1", 1, 0}, t0); !errors.Is(err, ErrNotNow) {
		t.Fatalf("reserve without a desk page: %v", err)
	}
}
