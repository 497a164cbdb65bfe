package pg_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/ari/call"
	"hotline/crm/pg"
	"hotline/crm/pg/pgtest"
)

const (
	agentA = "aaaaaaaa-0000-4000-8000-00000000000a"
	agentB = "bbbbbbbb-0000-4000-8000-00000000000b"
	some   = "cccccccc-0000-4000-8000-00000000000c" // a customer
)

// 09:00 in the hotline's zone; the nanoseconds are what a real clock gives.
var t0 = time.Date(2026, 11, 24, 1, 0, 0, 123456789, time.UTC)

// A line of a script: an event, and the time since the one before.
type line struct {
	after time.Duration
	e     call.Event
}

func callID(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// writer is a small controller: it steps a call and appends.
type writer struct {
	t     testing.TB
	store *pg.Store
	id    string
	slot  int
	epoch int64
	seq   int64
	at    time.Time
	state call.State
}

func newWriter(t testing.TB, s *pg.Store, id string, slot int, at time.Time) *writer {
	t.Helper()
	epoch, err := s.TakeSlot(t.Context(), slot, "test")
	if err != nil {
		t.Fatal(err)
	}
	return &writer{t: t, store: s, id: id, slot: slot, epoch: epoch, at: at}
}

func (w *writer) next(l line) (call.Entry, call.State) {
	w.at = w.at.Add(l.after)
	after, _ := call.Step(w.state, l.e, w.at)
	return call.Entry{Call: w.id, Slot: w.slot, Epoch: w.epoch, Seq: w.seq + 1, At: w.at, Event: l.e}, after
}

func (w *writer) write(lines ...line) {
	w.t.Helper()
	for _, l := range lines {
		e, after := w.next(l)
		if err := w.store.Append(context.Background(), e, after); err != nil {
			w.t.Fatalf("entry %d (%s): %v", e.Seq, call.TypeOf(l.e), err)
		}
		w.state, w.seq = after, e.Seq
	}
}

func (w *writer) playback(n int) call.Event {
	return call.PromptEnded{Playback: fmt.Sprintf("%s-p%d", w.id, n)}
}

const s = time.Second

func (w *writer) arrived(number string) line {
	return line{0, call.Arrived{ID: w.id, Channel: "sip-" + w.id, Caller: number, Called: "4000", Plan: call.Hotline("zh", "zh")}}
}

func (w *writer) toQueue(number string) []line {
	return []line{
		w.arrived(number), {s, call.CallerIdentified{Customer: some, Matches: 1}}, {5 * s, w.playback(1)}, {2 * s, call.Digit{Key: "3"}},
		{2 * s, w.playback(3)},
	}
}

func offer(attempt int, agent string) line {
	why := fmt.Sprintf(`{"rule":"longest_idle", "position":%d, "eligible":["%s"]}`, attempt, agent)
	return line{s, call.AgentReserved{Agent: agent, Endpoint: "PJSIP/1001", Attempt: attempt, Why: json.RawMessage(why)}}
}

// missedThenAnswered offers to A, who does not answer, then to B, who does.
func (w *writer) missedThenAnswered(number string) []line {
	return append(w.toQueue(number),
		offer(1, agentA), line{s / 10, call.PopShown{Attempt: 1}}, line{s / 10, call.AgentRinging{Attempt: 1}},
		line{20 * s, call.AgentLegEnded{Attempt: 1, Cause: call.LegNoAnswer}},
		offer(2, agentB), line{s / 10, call.PopShown{Attempt: 2}}, line{3 * s, call.AgentAnswered{Attempt: 2}})
}

func (w *writer) rated(key string) []line {
	return []line{
		{60 * s, call.AgentLegEnded{Attempt: 2, Cause: call.LegHungUp}}, {2 * s, call.Digit{Key: "8"}}, {3 * s, call.Digit{Key: key}},
		{s, call.Digit{Key: "1"}}, {s, w.playback(5)}, {s, call.CallerGone{}},
	}
}

func problems(t testing.TB, store *pg.Store) (calls int, found []string) {
	t.Helper()
	calls, err := store.CheckLog(t.Context(), func(p string) { found = append(found, p) })
	if err != nil {
		t.Fatal(err)
	}
	return calls, found
}

func mustBeClean(t testing.TB, store *pg.Store) {
	t.Helper()
	if _, found := problems(t, store); len(found) > 0 {
		t.Errorf("the log is not clean: %s", strings.Join(found, "; "))
	}
}

// truncated is a state as it must come back: JSON has the same words for it.
func truncated(t testing.TB, state call.State) string {
	t.Helper()
	for _, at := range []*time.Time{&state.Deadline, &state.ArrivedAt, &state.QueuedAt, &state.WaitEndAt, &state.OfferedAt, &state.RungAt, &state.AnsweredAt, &state.TalkEndAt, &state.BridgedAt, &state.HeldAt, &state.EndedAt} {
		*at = at.Truncate(time.Microsecond)
	}
	b, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestWholeCallThroughTheLog(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	w := newWriter(t, store, callID(1), 2, t0)
	for _, l := range append(w.missedThenAnswered("13800138000"), w.rated("5")...) {
		w.write(l)
		open, err := store.OpenCalls(t.Context(), 2)
		if err != nil {
			t.Fatal(err)
		}
		if w.state.Phase == call.Ended {
			if len(open) != 0 {
				t.Fatalf("%d calls are open after the end", len(open))
			}
			continue
		}
		if len(open) != 1 || open[0].Seq != w.seq {
			t.Fatalf("after entry %d the open calls are %+v", w.seq, open)
		}
		if d := cmp.Diff(truncated(t, w.state), truncated(t, open[0].State)); d != "" {
			t.Fatalf("after %s the state came back another: %s", call.TypeOf(l.e), d)
		}
	}
	if w.state.Phase != call.Ended {
		t.Fatalf("the script ends in phase %s", w.state.Phase)
	}
	if calls, found := problems(t, store); calls != 1 || len(found) > 0 {
		t.Errorf("%d calls checked: %v", calls, found)
	}
	c, err := store.Call(t.Context(), callID(1))
	if err != nil {
		t.Fatal(err)
	}
	// 2 s announcement, 1 s to the offer, 20.2 s of A's phone, 1 s to B's offer, 3.1 s.
	if c.Outcome != "answered" || *c.WaitSeconds != 27.3 || *c.TalkSeconds != 60 || *c.Score != 5 || c.Attempt != 2 || *c.AgentID != agentB || !c.Recorded {
		t.Errorf("the call is %+v", c)
	}
	if c.ArrivedAt.Location() != time.UTC || !c.ArrivedAt.Equal(t0.Truncate(time.Microsecond)) {
		t.Errorf("arrived at %v", c.ArrivedAt)
	}
	var why struct{ Position int }
	if err := json.Unmarshal([]byte(*c.Why), &why); err != nil || why.Position != 2 {
		t.Errorf("the reason is %s: %v", *c.Why, err)
	}
	log, err := store.CallLog(t.Context(), callID(1))
	if err != nil || len(log) != int(w.seq) || log[0].Type != "Arrived" || log[len(log)-1].Type != "CallerGone" {
		t.Errorf("log: %v %v", log, err)
	}
	var score, rows int
	var queue, agent string
	var wait time.Duration
	err = store.Pool().QueryRow(t.Context(), `select score, queue, agent_id::text, answered_at - asked_at, (select count(*) from survey_answer) from survey_answer`).Scan(&score, &queue, &agent, &wait, &rows)
	if err != nil || score != 5 || queue != "repair" || agent != agentB || wait != 5*s || rows != 1 {
		t.Errorf("survey answer: score %d, queue %s, agent %s, after %s, %d rows: %v", score, queue, agent, wait, rows, err)
	}
	var name, kind string
	if err := store.Pool().QueryRow(t.Context(), `select name, kind from recording`).Scan(&name, &kind); err != nil || name != callID(1)+"/talk-2" || kind != "talk" {
		t.Errorf("recording %s %s: %v", name, kind, err)
	}
}

func TestOutcomesOfScripts(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	for i, c := range []struct {
		name, outcome string
		lines         func(w *writer) []line
	}{
		{"abandoned", "abandoned", func(w *writer) []line { return append(w.toQueue("13800138001"), line{30 * s, call.CallerGone{}}) }},
		{"menu", "menu_hangup", func(w *writer) []line { return []line{w.arrived("anonymous"), {3 * s, call.CallerGone{}}} }},
		{"voicemail", "voicemail", func(w *writer) []line {
			return append(w.toQueue("057187654321"), line{0, call.QueueUnstaffed{}}, line{8 * s, w.playback(4)},
				line{10 * s, call.MessageRecorded{Length: 9 * s}}, line{3 * s, w.playback(5)}, line{0, call.CallerGone{}})
		}},
		{"not rated", "answered", func(w *writer) []line {
			return append(w.missedThenAnswered("95588"), line{60 * s, call.HangUpAsked{Agent: agentB}}, line{s, call.CallerGone{}})
		}},
		{"customer first", "answered", func(w *writer) []line { return append(w.missedThenAnswered("95588"), line{60 * s, call.CallerGone{}}) }},
		{"open", "in_progress", func(w *writer) []line { return w.toQueue("alice") }},
	} {
		w := newWriter(t, store, callID(i+1), i, t0)
		w.write(c.lines(w)...)
		got, err := store.Call(t.Context(), w.id)
		if err != nil || got.Outcome != c.outcome {
			t.Errorf("%s: outcome %q %v, want %q", c.name, got.Outcome, err, c.outcome)
		}
	}
	mustBeClean(t, store)
	var asked, scored, messages int
	err := store.Pool().QueryRow(t.Context(), `select count(*), count(score), (select count(*) from recording where kind = 'message') from survey_answer`).Scan(&asked, &scored, &messages)
	if err != nil || asked != 1 || scored != 0 || messages != 1 {
		t.Errorf("%d asked, %d scored, %d messages: %v", asked, scored, messages, err)
	}
}

func TestAppendIsFenced(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	w := newWriter(t, store, callID(1), 0, t0)
	refused := func(what string, e call.Entry, after call.State) {
		t.Helper()
		if err := store.Append(t.Context(), e, after); !errors.Is(err, call.ErrFenced) {
			t.Errorf("%s: %v", what, err)
		}
	}
	first, after := w.next(w.arrived("13800138000"))
	late := first
	late.Seq = 2
	refused("a call that begins with entry 2", late, after)
	w.write(w.arrived("13800138000"))
	if err := store.Append(t.Context(), first, after); err != nil {
		t.Errorf("the first entry again, its answer was lost: %v", err)
	}
	w.write(line{s, call.CallerIdentified{}})

	e, after := w.next(line{5 * s, w.playback(1)})
	skipped := e
	skipped.Seq = 4
	refused("a gap", skipped, after)
	other := e
	other.Seq, other.Event = 2, call.Digit{Key: "1"}
	refused("another event under a number that is taken", other, after)
	wrongSlot := e
	wrongSlot.Slot = 1
	refused("a slot that nobody has", wrongSlot, after)
	if _, err := store.TakeSlot(t.Context(), 1, "test"); err != nil {
		t.Fatal(err)
	}
	refused("a slot that does not hold the call", wrongSlot, after)

	if err := store.Append(t.Context(), e, after); err != nil {
		t.Fatal(err)
	}
	if err := store.Append(t.Context(), e, after); err != nil {
		t.Errorf("the same entry again: %v", err)
	}
	w.state, w.seq = after, e.Seq

	epoch, err := store.TakeSlot(t.Context(), 0, "another")
	if err != nil || epoch != w.epoch+1 {
		t.Fatalf("epoch %d after %d: %v", epoch, w.epoch, err)
	}
	refused("the same entry again after the slot was taken", e, after)
	e, after = w.next(line{s, call.Digit{Key: "1"}})
	refused("an entry of the former owner", e, after)
	e.Epoch = epoch
	if err := store.Append(t.Context(), e, after); err != nil {
		t.Errorf("an entry of the new owner: %v", err)
	}
	mustBeClean(t, store)
}

// An append that has begun when the slot is taken is seen by the new owner:
// TakeSlot waits for it. One that begins later is refused.
func TestTakeSlotWaitsForAppends(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	w := newWriter(t, store, callID(1), 0, t0)
	w.write(w.arrived("13800138000"))

	// Somebody holds the call's row, so that the append stops in its middle.
	hold, err := store.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Rollback(context.Background())
	if _, err := hold.Exec(t.Context(), `select from call for update`); err != nil {
		t.Fatal(err)
	}
	e, after := w.next(line{s, call.CallerIdentified{Customer: some, Matches: 1}})
	appended := make(chan error, 1)
	go func() { appended <- store.Append(context.Background(), e, after) }()
	waiting(t, store, 1)

	type taken struct {
		open []call.Record
		err  error
	}
	took := make(chan taken, 1)
	go func() {
		if _, err := store.TakeSlot(context.Background(), 0, "another"); err != nil {
			took <- taken{err: err}
			return
		}
		open, err := store.OpenCalls(context.Background(), 0)
		took <- taken{open, err}
	}()
	waiting(t, store, 2)
	if err := hold.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-appended; err != nil {
		t.Errorf("the append that had begun: %v", err)
	}
	got := <-took
	if got.err != nil || len(got.open) != 1 || got.open[0].Seq != 2 {
		t.Errorf("the new owner reads %+v: %v", got.open, got.err)
	}
	w.state, w.seq = after, e.Seq
	e, after = w.next(line{s, call.CallerGone{}})
	if err := store.Append(t.Context(), e, after); !errors.Is(err, call.ErrFenced) {
		t.Errorf("an append that began later: %v", err)
	}
	mustBeClean(t, store)
}

// waiting waits until n statements of this database wait for a lock.
func waiting(t *testing.T, store *pg.Store, n int) {
	t.Helper()
	var have int
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		err := store.Pool().QueryRow(t.Context(), `
select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`).Scan(&have)
		if err != nil {
			t.Fatal(err)
		}
		if have == n {
			return
		}
	}
	t.Fatalf("%d statements wait for a lock, not %d", have, n)
}

func TestTheLogCannotBeChanged(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	w := newWriter(t, store, callID(1), 0, t0)
	w.write(w.arrived("13800138000"))
	for _, table := range []string{"call_event", "ticket_event", "audit_event"} {
		for _, sql := range []string{"delete from " + table, "truncate " + table, "update " + table + " set at = now()"} {
			if _, err := store.Pool().Exec(t.Context(), sql); err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: %v", sql, err)
			}
		}
	}
}

func TestCheckLogFindsDifferences(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	w := newWriter(t, store, callID(1), 0, t0)
	w.write(append(w.missedThenAnswered("13800138000"), w.rated("4")...)...)
	mustBeClean(t, store)
	for _, c := range []struct{ change, undo, tells string }{
		{`update call set wait_ms = wait_ms + 1`, `update call set wait_ms = wait_ms - 1`, "WaitMS"},
		{`update call set outcome = 'abandoned'`, `update call set outcome = 'answered'`, "Outcome"},
		{`update call set caller_key = '+8613800138001'`, `update call set caller_key = '+8613800138000'`, "CallerKey"},
		{`update call set why = '{}'`, `update call set why = '{"rule":"longest_idle","position":2,"eligible":["` + agentB + `"]}'`, "Why"},
		{`update call set state = jsonb_set(state, '{tries}', '7')`, `update call set state = state - 'tries'`, "state differs"},
		{`update survey_answer set score = 5`, `update survey_answer set score = 4`, "survey answer Score"},
		{`update recording set kind = 'message'`, `update recording set kind = 'talk'`, "recordings"},
		{`insert into call (id, slot, seq, channel_id, caller, caller_key, called, plan_id, plan_version, language, phase, outcome, priority, attempt, arrived_at, ended_at, recorded, survey_asked, state)
		  select gen_random_uuid(), slot, 3, 'x', '', '', '', 'zh', 1, 'zh', phase, outcome, 0, 0, arrived_at, ended_at, false, false, state from call`,
			`delete from call where seq = 3`, "without a log"},
	} {
		if _, err := store.Pool().Exec(t.Context(), c.change); err != nil {
			t.Fatalf("%s: %v", c.change, err)
		}
		if _, found := problems(t, store); len(found) != 1 || !strings.Contains(found[0], c.tells) {
			t.Errorf("after %q CheckLog tells %q", c.change, found)
		} else if strings.Contains(found[0], "13800138") {
			t.Errorf("a number stands in %q", found[0])
		}
		if _, err := store.Pool().Exec(t.Context(), c.undo); err != nil {
			t.Fatalf("%s: %v", c.undo, err)
		}
		mustBeClean(t, store)
	}
}

// Append may be called for any agent id that the floor knows; one that is no
// UUID is a fault of the program and is told before the server is asked.
func TestAppendRefusesOtherIDs(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	w := newWriter(t, store, callID(1), 0, t0)
	w.write(w.toQueue("13800138000")...)
	e, after := w.next(offer(1, "1001"))
	if err := store.Append(t.Context(), e, after); err == nil || errors.Is(err, call.ErrFenced) {
		t.Errorf("an agent named 1001: %v", err)
	}
}

func BenchmarkAppend(b *testing.B) {
	store := pgtest.New(b)
	w := newWriter(b, store, callID(0), 0, t0)
	var statements int
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		if w.state.Phase == call.Ended || i == 0 {
			w.id, w.state, w.seq = callID(i+1), call.State{}, 0
			w.write(w.arrived("13800138000"))
			statements++
			for _, l := range append(w.missedThenAnswered("13800138000")[1:], w.rated("5")...) {
				w.write(l)
				statements++
			}
		}
	}
	b.ReportMetric(float64(statements)/float64(b.N), "appends/call")
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(statements), "µs/append")
}
