package e2e

import (
	"slices"
	"testing"
	"time"

	"hotline/deploy/local/sipp"
)

// awaitPhase waits until the log says that a number's latest call is in a phase.
func awaitPhase(t *testing.T, number, phase string) {
	t.Helper()
	var have string
	for range 600 {
		err := database.QueryRow(t.Context(), `select phase from call where caller = $1 order by arrived_at desc limit 1`, number).Scan(&have)
		if err == nil && have == phase {
			return
		}
		pause(t.Context(), 50*time.Millisecond)
	}
	t.Fatalf("the call of %s never came to %s; it is in %s", number, phase, have)
}

// The controller is killed in each phase of a call, and started again: the call
// goes on where it stands and ends once, as if nothing had happened.
func TestCrashInEveryPhase(t *testing.T) {
	key, say, wait := sipp.Key, sipp.Say, sipp.Wait
	tests := []struct {
		phase  string
		agent  func(d *desk) // before the call
		steps  []sipp.Step
		check  func(t *testing.T, r row)
		number string
	}{
		{
			phase: "greeting", number: "13800138030",
			agent: func(d *desk) { d.ready(); d.command("away", map[string]any{"reason": "break"}) },
			steps: []sipp.Step{wait(9 * time.Second), key('2'), wait(2 * time.Second), sipp.HangUp()},
			check: func(t *testing.T, r row) {
				same(t, "outcome", r.Outcome, "abandoned")
				is(t, "menu key", r.MenuKey, "2")
			},
		},
		{
			phase: "menu", number: "13800138031",
			agent: func(d *desk) { d.ready(); d.command("away", map[string]any{"reason": "break"}) },
			steps: []sipp.Step{wait(22 * time.Second), key('1'), wait(2 * time.Second), sipp.HangUp()},
			check: func(t *testing.T, r row) {
				same(t, "outcome", r.Outcome, "abandoned")
				is(t, "menu key", r.MenuKey, "1")
			},
		},
		{
			phase: "ringing", number: "13800138032",
			agent: func(d *desk) {
				d.phone(sipp.Phone{RingFor: 3500 * time.Millisecond, TalkFor: 2 * time.Second})
				d.ready()
			},
			steps: []sipp.Step{wait(time.Second), key('3'), say(12 * time.Second), sipp.HangUp()},
			check: func(t *testing.T, r row) {
				same(t, "outcome", r.Outcome, "answered")
				same(t, "attempts", r.Attempt, 1)
			},
		},
		{
			phase: "surveying", number: "13800138033",
			agent: func(d *desk) {
				d.phone(sipp.Phone{RingFor: time.Second, TalkFor: time.Second})
				d.ready()
			},
			steps: []sipp.Step{wait(time.Second), key('3'), say(8 * time.Second), key('5'), sipp.AwaitHangUp(20 * time.Second)},
			check: func(t *testing.T, r row) {
				same(t, "outcome", r.Outcome, "answered")
				is(t, "score", r.Score, 5)
			},
		},
		{
			phase: "voicemail", number: "13800138034",
			steps: []sipp.Step{wait(time.Second), key('3'), say(18 * time.Second), key('#'), sipp.AwaitHangUp(20 * time.Second)},
			check: func(t *testing.T, r row) { same(t, "outcome", r.Outcome, "voicemail") },
		},
		{
			// The message ends, and the caller leaves, while nobody listens.
			phase: "recording", number: "13800138035",
			steps: []sipp.Step{wait(time.Second), key('3'), say(14 * time.Second), sipp.HangUp()},
			check: func(t *testing.T, r row) {
				same(t, "outcome", r.Outcome, "voicemail")
				if r.MessageMS == nil || *r.MessageMS < 1000 {
					t.Errorf("message of %v ms", r.MessageMS)
				}
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.phase, func(t *testing.T) {
			if tt.agent != nil {
				tt.agent(openDesk(t, "1001"))
			}
			caller := dial(t, tt.number, "4000", tt.steps...)
			awaitPhase(t, tt.number, tt.phase)
			pause(t.Context(), 300*time.Millisecond)
			if tt.phase == "recording" {
				if err := stack.KillHotline(); err != nil {
					t.Fatal(err)
				}
				if _, err := caller.Wait(); err != nil {
					t.Fatal(err)
				}
				startHotline(t)
			} else {
				crash(t)
				if _, err := caller.Wait(); err != nil {
					t.Error(err)
				}
			}
			r := callOf(t, tt.number)
			tt.check(t, r)
			if tt.phase != "recording" && !slices.Contains(r.Events, "Resumed") {
				t.Errorf("events %v", r.Events)
			}
			clean(t)
		})
	}
}
