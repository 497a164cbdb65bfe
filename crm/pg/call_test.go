package pg_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/ari/call"
	"hotline/crm"
	"hotline/crm/pg/pgtest"
)

func TestCallPages(t *testing.T) {
	t.Parallel()
	store, users := estate(t)
	now := time.Now()
	for i := range 5 {
		w := newWriter(t, store, callID(200+i), 0, now.Add(-time.Duration(i/2)*time.Minute))
		w.write(w.arrived("13800138001"), line{s, call.CallerGone{}})
	}
	var ids []string
	for f := (crm.CallFilter{Limit: 2}); ; {
		items, next, err := store.Calls(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range items {
			ids = append(ids, c.ID)
		}
		if f.Cursor = next; next == "" {
			break
		}
	}
	if d := cmp.Diff([]string{callID(201), callID(200), callID(203), callID(202), callID(204), callID(1)[:24] + "000000000001"}, ids); d != "" {
		t.Error(d)
	}
	for _, c := range []struct {
		f    crm.CallFilter
		want int
	}{
		{crm.CallFilter{Outcome: "menu_hangup"}, 5}, {crm.CallFilter{Outcome: "answered"}, 1}, {crm.CallFilter{AgentID: users["1001"].ID}, 1},
		{crm.CallFilter{AgentID: users["1002"].ID}, 0}, {crm.CallFilter{AgentID: "x"}, 0}, {crm.CallFilter{AgentID: users["1001"].ID, Outcome: "failed"}, 0},
	} {
		if items, _, err := store.Calls(t.Context(), c.f); err != nil || len(items) != c.want {
			t.Errorf("%+v: %d calls, %v", c.f, len(items), err)
		}
	}
	for _, id := range []string{"x", agentA} {
		if _, err := store.Call(t.Context(), id); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("call %s: %v", id, err)
		}
		if _, err := store.CallLog(t.Context(), id); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("log %s: %v", id, err)
		}
	}
}

func TestToday(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	if err := store.SeedReference(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	// Half past midnight in Shanghai is still the day before in UTC.
	day := time.Date(2026, 11, 23, 16, 30, 0, 0, time.UTC)
	empty, err := store.Today(t.Context(), day)
	if err != nil || empty.SLAll != nil || empty.NSecondsRate != nil || empty.AverageWaitSeconds != nil || empty.Survey.Average != nil || empty.TargetSeconds != 20 {
		t.Errorf("%+v %v", empty, err)
	}
	n := 0
	play := func(at time.Time, lines func(w *writer) []line) {
		n++
		w := newWriter(t, store, callID(n), 0, at)
		w.write(lines(w)...)
	}
	answered := func(after time.Duration) func(w *writer) []line {
		return func(w *writer) []line {
			return append(w.toQueue("13800138000"), offer(1, agentA), line{0, call.PopShown{Attempt: 1}},
				line{after - 3*s, call.AgentAnswered{Attempt: 1}}) // 2 s announcement and 1 s to the offer
		}
	}
	rated := func(after time.Duration, key string) func(w *writer) []line {
		return func(w *writer) []line {
			return append(answered(after)(w), line{60 * s, call.AgentLegEnded{Attempt: 1, Cause: call.LegHungUp}}, line{s, call.Digit{Key: key}}, line{s, call.CallerGone{}})
		}
	}
	abandoned := func(after time.Duration) func(w *writer) []line {
		return func(w *writer) []line { return append(w.toQueue("13800138000"), line{after - 2*s, call.CallerGone{}}) }
	}
	play(day, rated(10*s, "5"))
	play(day, rated(15*s, "2"))
	play(day, answered(20*s))
	play(day, answered(21*s))
	play(day, abandoned(5*s))
	play(day, abandoned(30*s))
	play(day, func(w *writer) []line { return w.toQueue("13800138000") })
	play(day, func(w *writer) []line {
		return append(w.toQueue("13800138000"), line{0, call.QueueUnstaffed{}}, line{8 * s, w.playback(4)}, line{10 * s, call.MessageRecorded{Length: 9 * s}}, line{0, call.CallerGone{}})
	})
	play(day, func(w *writer) []line { return []line{w.arrived("13800138000"), {s, call.CallerGone{}}} })
	play(day.Add(-time.Hour), answered(10*s))   // yesterday
	play(day.Add(24*time.Hour), answered(10*s)) // tomorrow

	got, err := store.Today(t.Context(), day.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	f := func(v float64) *float64 { return &v }
	want := crm.Today{
		Offered: 8, Answered: 4, Abandoned: 2, ShortAbandoned: 1, Voicemail: 1, AnsweredInTarget: 3, TargetSeconds: 20, NSeconds: 15, AnsweredInN: 2,
		SLAll: f(3.0 / 6), NSecondsRate: f(2.0 / 6), AverageWaitSeconds: f(66.0 / 4),
		Survey: crm.Survey{Offered: 2, Answered: 2, Top2: 1, Average: f(3.5)},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if n, err := store.HandledToday(t.Context(), agentA, day); err != nil || n != 4 {
		t.Errorf("handled %d %v", n, err)
	}
	if n, err := store.HandledToday(t.Context(), agentB, day); err != nil || n != 0 {
		t.Errorf("handled %d %v", n, err)
	}
	mustBeClean(t, store)
}
