package call

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var t0 = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

func golden(t *testing.T, file, got string) {
	t.Helper()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s is not what the code does (UPDATE=1 writes it anew):\n%s", file, d)
	}
}

// run plays a script: each line is an event, and the seconds before it.
type line struct {
	after time.Duration
	e     Event
}

func run(lines []line) (State, []Effect, string) {
	var s State
	var all []Effect
	var b strings.Builder
	at := t0
	for _, l := range lines {
		at = at.Add(l.after)
		var effects []Effect
		before := s.Phase
		s, effects = Step(s, l.e, at)
		all = append(all, effects...)
		fmt.Fprintf(&b, "%6.1fs  %-18s %s → %s\n", at.Sub(t0).Seconds(), TypeOf(l.e), orStart(before), orStart(s.Phase))
		for _, f := range effects {
			fmt.Fprintf(&b, "             %s\n", strings.TrimPrefix(fmt.Sprintf("%T%+v", f, f), "call."))
		}
	}
	fmt.Fprintf(&b, "         outcome %s, left first %s, wait %s, talk %s, score %d\n", s.Outcome, s.LeftFirst, s.Wait(), s.Talk(), s.Score)
	return s, all, b.String()
}

func orStart(p Phase) string {
	if p == Arriving {
		return "·"
	}
	return string(p)
}

func arrived() Event {
	return Arrived{ID: "c1", Channel: "sip-1", Caller: "13800138000", Called: "4000", Plan: Hotline("zh", "zh")}
}

func reserved(attempt int, agent string) Event {
	return AgentReserved{Agent: agent, Endpoint: "PJSIP/" + agent, Attempt: attempt}
}

const s = time.Second

var toQueue = []line{
	{0, arrived()}, {s, CallerIdentified{Customer: "u9", Matches: 1}}, {5 * s, PromptEnded{"c1-p1"}}, {2 * s, Digit{"3"}},
	{0, PromptEnded{"c1-p2"}}, {2 * s, PromptEnded{"c1-p3"}},
}

func script(more ...line) []line { return append(append([]line(nil), toQueue...), more...) }

var toTalk = script(line{s, reserved(1, "1001")}, line{s / 10, PopShown{1}}, line{s / 10, AgentRinging{Attempt: 1}}, line{4 * s, AgentAnswered{Attempt: 1}})

func talk(more ...line) []line { return append(append([]line(nil), toTalk...), more...) }

var scripts = []struct {
	name  string
	lines []line
}{
	{"answered and rated", talk(line{60 * s, AgentLegEnded{Attempt: 1, Cause: LegHungUp}}, line{5 * s, Digit{"5"}}, line{s, PromptEnded{"c1-p5"}}, line{s, CallerGone{}})},
	{"customer hangs up first", talk(line{60 * s, CallerGone{}})},
	{"agent hangs up from the desk", talk(line{30 * s, HangUpAsked{"1001"}}, line{s, AgentLegEnded{Attempt: 1, Cause: LegHungUp}}, line{2 * s, CallerGone{}})},
	{"abandoned in the queue", script(line{30 * s, CallerGone{}})},
	{"abandoned while ringing", script(line{s, reserved(1, "1001")}, line{s / 10, PopShown{1}}, line{5 * s, CallerGone{}})},
	{"no answer, then the next agent", script(line{s, reserved(1, "1001")}, line{s / 10, PopShown{1}}, line{20 * s, AgentLegEnded{Attempt: 1, Cause: LegNoAnswer}},
		line{s, reserved(2, "1002")}, line{s / 10, PopShown{2}}, line{3 * s, AgentAnswered{Attempt: 2}}, line{10 * s, CallerGone{}})},
	{"the pop is not confirmed in time", script(line{s, reserved(1, "1001")}, line{s, DeadlinePassed{}}, line{s, AgentAnswered{Attempt: 1}}, line{s, CallerGone{}})},
	{"nobody on duty: voicemail", script(line{0, QueueUnstaffed{}}, line{8 * s, PromptEnded{"c1-p4"}}, line{10 * s, MessageRecorded{9 * s}}, line{3 * s, PromptEnded{"c1-p5"}}, line{0, CallerGone{}})},
	{"hangs up in the voicemail", script(line{0, QueueUnstaffed{}}, line{8 * s, PromptEnded{"c1-p4"}}, line{10 * s, CallerGone{}}, line{0, MessageRecorded{9 * s}})},
	{"wrong keys, then the default", []line{{0, arrived()}, {6 * s, PromptEnded{"c1-p1"}}, {s, Digit{"7"}}, {s, Digit{"8"}}, {s, CallerGone{}}}},
	{"says nothing to the survey", talk(line{60 * s, AgentLegEnded{Attempt: 1, Cause: LegHungUp}}, line{5 * s, PromptEnded{"c1-p4"}}, line{7 * s, DeadlinePassed{}},
		line{5 * s, PromptEnded{"c1-p5"}}, line{7 * s, DeadlinePassed{}}, line{2 * s, PromptEnded{"c1-p6"}}, line{0, CallerGone{}})},
	{"hold, retrieve, and the customer leaves on hold", talk(line{10 * s, HoldAsked{"1001"}}, line{5 * s, RetrieveAsked{"1001"}}, line{10 * s, HoldAsked{"1001"}}, line{4 * s, CallerGone{}})},
	{"the page is loaded anew: the same agent is rung again", talk(line{10 * s, RecallAsked{"1001"}}, line{s / 10, AgentLegEnded{Attempt: 1, Cause: LegHungUp}},
		line{s, AgentRinging{Attempt: 1, Ring: 1}}, line{s, AgentAnswered{Attempt: 1, Ring: 1}}, line{20 * s, AgentLegEnded{Attempt: 1, Ring: 1, Cause: LegHungUp}}, line{3 * s, Digit{"4"}}, line{s, CallerGone{}})},
	{"the agent's network is gone for good: the next agent", talk(line{10 * s, AgentLegEnded{Attempt: 1, Cause: LegLost}}, line{23 * s, DeadlinePassed{}},
		line{s, reserved(2, "1002")}, line{s / 10, PopShown{2}}, line{3 * s, AgentAnswered{Attempt: 2}}, line{10 * s, CallerGone{}})},
	{"an emergency told while waiting", script(line{5 * s, Digit{"9"}}, line{s, CallerGone{}})},
}

func TestScripts(t *testing.T) {
	var b strings.Builder
	for _, sc := range scripts {
		end, _, text := run(sc.lines)
		fmt.Fprintf(&b, "== %s\n%s\n", sc.name, text)
		if end.Phase != Ended {
			t.Errorf("%s: phase %s at the end", sc.name, end.Phase)
		}
	}
	golden(t, "testdata/scripts.txt", b.String())
}

// The whole transition table, drawn from one sample state of each phase.
func TestTransitionTable(t *testing.T) {
	samples := map[Phase]State{}
	collect := func(lines []line) {
		var st State
		at := t0
		for _, l := range lines {
			at = at.Add(l.after)
			st, _ = Step(st, l.e, at)
			if _, ok := samples[st.Phase]; !ok {
				samples[st.Phase] = st
			}
		}
	}
	for _, sc := range scripts {
		collect(sc.lines)
	}
	phases := []Phase{Greeting, InMenu, Waiting, Offering, Ringing, Talking, Recalling, Surveying, Voicemail, Recording, Filing, Closing, Ended}
	var b strings.Builder
	for _, p := range phases {
		st, ok := samples[p]
		if !ok {
			t.Fatalf("no script reaches phase %s", p)
		}
		for _, e := range []Event{
			CallerIdentified{}, PromptEnded{st.Playing}, Digit{"3"}, Digit{"9"}, Digit{"#"}, QueueUnstaffed{}, reserved(st.Attempt+1, "1002"),
			PopShown{st.Attempt}, AgentRinging{Attempt: st.Attempt}, AgentAnswered{Attempt: st.Attempt}, AgentRejected{st.Attempt}, AgentLegEnded{Attempt: st.Attempt, Ring: st.Ring, Cause: LegNoAnswer},
			AgentLegEnded{Attempt: st.Attempt, Ring: st.Ring, Cause: LegLost}, HoldAsked{st.AgentID}, RetrieveAsked{st.AgentID}, RecallAsked{st.AgentID}, HangUpAsked{st.AgentID}, MessageRecorded{5 * s}, DeadlinePassed{}, CallerGone{}, Resumed{},
		} {
			after, effects := Step(st, e, t0.Add(24*time.Hour))
			var names []string
			for _, f := range effects {
				names = append(names, strings.TrimPrefix(fmt.Sprintf("%T", f), "call."))
			}
			name := TypeOf(e)
			if d, ok := e.(Digit); ok {
				name += " " + d.Key
			}
			fmt.Fprintf(&b, "%-10s %-17s %-10s %s\n", p, name, after.Phase, strings.Join(names, " "))
		}
	}
	golden(t, "testdata/transitions.txt", b.String())
}

// world is just enough of floor and telephony to give a random order meaning:
// it remembers which agents are bound and which legs exist.
func TestInvariantsUnderAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var st State
		at := t0
		type entry struct {
			at time.Time
			e  Event
		}
		var log []entry
		bound := map[int]string{} // attempt → agent not yet released
		legs := map[string]int{}  // rung minus hung up
		ended, offers, dequeued, enqueued := 0, 0, 0, 0
		apply := func(e Event) {
			before := st
			var effects []Effect
			st, effects = Step(st, e, at)
			log = append(log, entry{at, e})
			if before.Phase == Ended {
				for _, f := range effects {
					if _, ok := f.(ReleaseAgent); !ok {
						t.Fatalf("after the end: %T", f)
					}
				}
			}
			if before.Phase != Ended && st.Phase == Ended {
				ended++
			}
			if r, ok := e.(AgentReserved); ok && st.Phase == Offering && before.Phase == Waiting {
				bound[r.Attempt] = r.Agent
				offers++
			}
			for _, f := range effects {
				switch f := f.(type) {
				case ReleaseAgent:
					if a, ok := bound[f.Attempt]; ok && a == f.Agent {
						delete(bound, f.Attempt)
					} else if _, isOffer := e.(AgentReserved); !isOffer {
						t.Fatalf("%T: released %s of attempt %d, who is not bound", e, f.Agent, f.Attempt)
					}
				case RingAgent:
					legs[f.Leg]++
					if legs[f.Leg] > 1 {
						t.Fatalf("leg %s rung twice", f.Leg)
					}
				case Enqueue:
					enqueued++
					if f.EnteredAt != st.QueuedAt {
						t.Fatal("the place in the queue moved")
					}
				case Dequeue:
					dequeued++
				}
			}
			if len(bound) > 1 {
				t.Fatalf("two agents bound: %v", bound)
			}
			if st.Open() && st.Phase != Arriving && st.Phase != Talking && st.Deadline.IsZero() {
				t.Fatalf("%T left phase %s without a deadline: it could last for ever", e, st.Phase)
			}
			if st.Phase == Talking && st.AnsweredAt.IsZero() {
				t.Fatal("talking without an answer")
			}
		}
		apply(arrived())
		for range rapid.IntRange(1, 50).Draw(t, "steps") {
			at = at.Add(time.Duration(rapid.IntRange(0, 30000).Draw(t, "ms")) * time.Millisecond)
			n := st.Attempt + rapid.IntRange(-1, 1).Draw(t, "attempt offset")
			apply(rapid.SampledFrom([]Event{
				CallerIdentified{Customer: "u", Matches: 1}, PromptEnded{st.Playing}, PromptEnded{"c1-p1"}, PromptEnded{st.Playing},
				Digit{"3"}, Digit{"5"}, Digit{"9"}, Digit{"#"}, QueueUnstaffed{}, reserved(n, "1001"), reserved(st.Attempt+1, "1002"), reserved(st.Attempt+1, "1001"),
				PopShown{n}, PopShown{st.Attempt}, AgentRinging{Attempt: n}, AgentAnswered{Attempt: st.Attempt}, AgentAnswered{Attempt: n}, AgentRejected{n}, AgentLegEnded{Attempt: n, Cause: LegNoAnswer}, AgentLegEnded{Attempt: st.Attempt, Cause: LegHungUp},
				HoldAsked{st.AgentID}, RetrieveAsked{st.AgentID}, RecallAsked{st.AgentID}, AgentAnswered{Attempt: st.Attempt, Ring: st.Ring},
				AgentLegEnded{Attempt: st.Attempt, Ring: st.Ring, Cause: LegLost}, AgentLegEnded{Attempt: st.Attempt, Ring: st.Ring, Cause: LegHungUp},
				HangUpAsked{"1001"}, MessageRecorded{3 * s}, DeadlinePassed{}, Resumed{}, CallerGone{},
			}).Draw(t, "event"))
		}
		at = at.Add(s)
		apply(CallerGone{})
		at = at.Add(time.Minute)
		apply(DeadlinePassed{}) // a message that nobody closed
		if st.Phase != Ended || ended != 1 {
			t.Fatalf("phase %s, ended %d times", st.Phase, ended)
		}
		if len(bound) != 0 {
			t.Fatalf("never released: %v", bound)
		}
		if enqueued > 0 && dequeued == 0 {
			t.Fatal("still in the queue after the end")
		}
		if st.Outcome == InProgress {
			t.Fatal("ended without an outcome")
		}
		if w, k := st.Wait(), st.Talk(); w < 0 || k < 0 || w+k > st.EndedAt.Sub(st.ArrivedAt) {
			t.Fatalf("wait %s and talk %s do not fit into the call", w, k)
		}

		// The log, written and read back, gives the same state.
		var again State
		for _, l := range log {
			data, err := json.Marshal(l.e)
			if err != nil {
				t.Fatal(err)
			}
			e, err := Decode(TypeOf(l.e), data)
			if err != nil {
				t.Fatal(err)
			}
			again, _ = Step(again, e, l.at)
		}
		if d := cmp.Diff(st, again); d != "" {
			t.Fatalf("replay differs: %s", d)
		}
	})
}
