package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/deploy/local/sipp"
)

// dial places a call; the caller speaks by steps.
func dial(t *testing.T, from, to string, steps ...sipp.Step) *sipp.Call {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	c, err := sipp.Caller{From: from, To: to, Target: fmt.Sprintf("127.0.0.1:%d", stack.Ports().SIP), Steps: steps}.Start(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ended(t *testing.T, c *sipp.Call, by string) {
	t.Helper()
	r, err := c.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if r.EndedBy != by {
		t.Errorf("the call was ended by %s, not by %s", r.EndedBy, by)
	}
}

// row is what Postgres has of a call.
type row struct {
	ID, Phase, Outcome, Language string
	MenuKey, Queue, LeftFirst    *string
	Agent, Customer              *string
	Attempt                      int
	WaitMS, TalkMS, MessageMS    *int64
	Score                        *int
	SurveyAsked, Recorded        bool
	Events                       []string
}

// callOf is the latest call of a number, once it has ended.
func callOf(t *testing.T, number string) row {
	t.Helper()
	var r row
	for range 100 {
		err := database.QueryRow(t.Context(), `
			select c.id, c.phase, c.outcome, c.language, c.menu_key, c.queue, c.left_first, u.username, cu.name, c.attempt,
			       c.wait_ms, c.talk_ms, c.message_ms, c.score, c.survey_asked, c.recorded,
			       (select array_agg(type order by seq) from call_event where call_id = c.id)
			from call c left join user_account u on u.id = c.agent_id left join customer cu on cu.id = c.customer_id
			where c.caller = $1 order by c.arrived_at desc limit 1`, number).Scan(
			&r.ID, &r.Phase, &r.Outcome, &r.Language, &r.MenuKey, &r.Queue, &r.LeftFirst, &r.Agent, &r.Customer, &r.Attempt,
			&r.WaitMS, &r.TalkMS, &r.MessageMS, &r.Score, &r.SurveyAsked, &r.Recorded, &r.Events)
		if err == nil && r.Phase == "ended" {
			return r
		}
		pause(t.Context(), 100*time.Millisecond)
	}
	t.Fatalf("no ended call of %s: %+v", number, r)
	return r
}

func is[T comparable](t *testing.T, what string, have *T, want T) {
	t.Helper()
	if have == nil {
		t.Errorf("%s is missing, not %v", what, want)
	} else if *have != want {
		t.Errorf("%s is %v, not %v", what, *have, want)
	}
}

func same[T comparable](t *testing.T, what string, have, want T) {
	t.Helper()
	is(t, what, &have, want)
}

// clean asserts what must hold after every test: nothing is left in Asterisk,
// nobody is bound without a call, the queue is empty, and a replay of the log
// gives what is stored.
func clean(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	for i := 0; ; i++ {
		channels, err := asterisk.Channels.List(ctx)
		if err != nil {
			t.Fatal(err)
		}
		bridges, err := asterisk.Bridges.List(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if len(channels) == 0 && len(bridges) == 0 {
			break
		}
		if i == 50 {
			t.Errorf("left in Asterisk: %d channels %+v, %d bridges %+v", len(channels), channels, len(bridges), bridges)
			break
		}
		pause(ctx, 100*time.Millisecond)
	}
	cmd := exec.CommandContext(ctx, binary, "check")
	cmd.Env = append(os.Environ(), stack.Env()...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("hotline check: %v\n%s", err, out)
	}
	var live struct {
		Waiting []struct{}
		Agents  []struct {
			Name, State string
			Call        *struct{ ID string }
		}
	}
	signIn(t, "2001").get("/api/v1/live", &live)
	if len(live.Waiting) != 0 {
		t.Errorf("%d callers still wait", len(live.Waiting))
	}
	for _, a := range live.Agents {
		if a.State == "reserved" || a.State == "ringing" || a.State == "talking" {
			t.Errorf("%s is still %s", a.Name, a.State)
		}
	}
	var twice int
	err := database.QueryRow(ctx, `select count(*) from (select call_id from call_event where type = 'CallerGone' group by call_id having count(*) > 1) x`).Scan(&twice)
	if err != nil || twice != 0 {
		t.Errorf("%d calls ended twice (%v)", twice, err)
	}
}

// summary is a call as the API lists it.
type summary struct {
	ID, Outcome   string
	NumberMasked  string   `json:"number_masked"`
	AgentName     *string  `json:"agent_name"`
	WaitSeconds   *float64 `json:"wait_seconds"`
	TalkSeconds   *float64 `json:"talk_seconds"`
	Score         *int
	Recorded      bool
	TicketNumbers []int `json:"ticket_numbers"`
}

func listed(t *testing.T, id string) summary {
	t.Helper()
	var page struct{ Items []summary }
	signIn(t, "2001").get("/api/v1/calls?limit=20", &page)
	i := slices.IndexFunc(page.Items, func(s summary) bool { return s.ID == id })
	if i < 0 {
		t.Fatalf("call %s is not in the list", id)
	}
	return page.Items[i]
}

func recording(t *testing.T, name string) time.Duration {
	t.Helper()
	info, err := os.Stat(filepath.Join(stack.Recordings(), name+".wav"))
	if err != nil {
		t.Errorf("recording: %v", err)
		return 0
	}
	return time.Duration(info.Size()-44) * time.Second / 16_000 // 8 kHz, 16 bit
}

const second = time.Second

func TestAnsweredAndRated(t *testing.T) {
	d := openDesk(t, "1001")
	phone := d.phone(sipp.Phone{RingFor: second, TalkFor: 5 * second})
	d.ready()
	caller := dial(t, "13800138000", "4000", sipp.Wait(second), sipp.Key('3'), sipp.Say(10*second), sipp.Key('5'), sipp.AwaitHangUp(30*second))
	v := d.awaitState("talking")
	if v.Pop == nil || v.Pop.Match != "one" || v.Pop.NumberMasked != "138****8000" || len(v.Pop.OpenTickets) == 0 {
		t.Errorf("pop %+v", v.Pop)
	}
	var ticket struct{ Number int }
	d.post("/api/v1/tickets", map[string]any{
		"call_id": v.Call.ID, "category": "BX.WSJ.FS.03", "description": "卫生间顶部渗水", "promise": map[string]any{"due_on": time.Now().AddDate(0, 0, 3).Format(time.DateOnly), "text": "三日内回复"},
	}, &ticket)
	d.awaitState("wrap_up")
	d.command("finish-wrap-up", nil)
	d.awaitState("ready")
	ended(t, caller, "hotline")

	r := callOf(t, "13800138000")
	same(t, "outcome", r.Outcome, "answered")
	is(t, "menu key", r.MenuKey, "3")
	is(t, "queue", r.Queue, "repair")
	is(t, "agent", r.Agent, "1001")
	is(t, "customer", r.Customer, "张伟")
	is(t, "left first", r.LeftFirst, "agent")
	is(t, "score", r.Score, 5)
	if d.popped[r.ID] != "张伟" {
		t.Errorf("the pop showed %q", d.popped[r.ID])
	}
	shown, ringing := slices.Index(r.Events, "PopShown"), slices.Index(r.Events, "AgentRinging")
	if shown < 0 || ringing < 0 || shown > ringing {
		t.Errorf("the pop was not on the page before the phone rang: %v", r.Events)
	}
	for _, e := range phone.Events() {
		if e.Word == "ringing" && strings.Contains(e.Detail, "138001") {
			t.Errorf("the phone shows the customer's number: %s", e.Detail)
		}
	}
	s := listed(t, r.ID)
	if s.Outcome != "answered" || s.Score == nil || *s.Score != 5 || s.NumberMasked != "138****8000" || !s.Recorded || !slices.Equal(s.TicketNumbers, []int{ticket.Number}) {
		t.Errorf("listed as %+v, ticket %d", s, ticket.Number)
	}
	var answers int
	if err := database.QueryRow(t.Context(), `select count(*) from survey_answer where call_id = $1 and score = 5`, r.ID).Scan(&answers); err != nil || answers != 1 {
		t.Errorf("%d survey answers (%v)", answers, err)
	}
	if length := recording(t, r.ID+"/talk-1"); r.TalkMS == nil || length < time.Duration(*r.TalkMS)*time.Millisecond-second {
		t.Errorf("recorded %s of a conversation of %d ms", length, *r.TalkMS)
	}
	clean(t)
}

func TestAbandonedInTheQueue(t *testing.T) {
	d := openDesk(t, "1001")
	d.ready()
	d.command("away", map[string]any{"reason": "break"}) // on duty, but not to be had
	caller := dial(t, "13800138001", "4000", sipp.Wait(second), sipp.Key('1'), sipp.Wait(3*second), sipp.HangUp())
	ended(t, caller, "caller")
	r := callOf(t, "13800138001")
	same(t, "outcome", r.Outcome, "abandoned")
	is(t, "left first", r.LeftFirst, "customer")
	is(t, "queue", r.Queue, "consult")
	if r.WaitMS == nil || *r.WaitMS < 2500 || *r.WaitMS > 10_000 {
		t.Errorf("waited %v ms", r.WaitMS)
	}
	same(t, "listed outcome", listed(t, r.ID).Outcome, "abandoned")
	clean(t)
}

func TestAbandonedWhileRinging(t *testing.T) {
	d := openDesk(t, "1001")
	phone := d.phone(sipp.Phone{Never: true})
	d.ready()
	caller := dial(t, "13800138002", "4000", sipp.Wait(second), sipp.Key('2'), sipp.Wait(2*second), sipp.HangUp())
	rang, err := phone.Await(t.Context(), 1, "ringing")
	if err != nil {
		t.Fatal(err)
	}
	cancelled, err := phone.Await(t.Context(), 1, "cancelled")
	if err != nil {
		t.Fatal(err)
	}
	ended(t, caller, "caller")
	hungUp, err := caller.Await(t.Context(), 1, "hung-up")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("rang for %s; the phone fell silent %s after the caller hung up", cancelled.At.Sub(rang.At), cancelled.At.Sub(hungUp.At))
	d.awaitState("ready")
	r := callOf(t, "13800138002")
	same(t, "outcome", r.Outcome, "abandoned")
	is(t, "queue", r.Queue, "complaint")
	same(t, "attempts", r.Attempt, 1)
	if slices.Contains(r.Events, "AgentAnswered") {
		t.Errorf("events %v", r.Events)
	}
	clean(t)
}

func TestNoAnswerThenTheNextAgent(t *testing.T) {
	first, next := openDesk(t, "1001"), openDesk(t, "1002")
	first.phone(sipp.Phone{Never: true})
	next.phone(sipp.Phone{LocalIP: "127.0.0.4", RingFor: second})
	first.ready() // idle for longer: offered first
	next.ready()
	caller := dial(t, "13800138003", "4000", sipp.Wait(second), sipp.Key('3'), sipp.Say(12*second), sipp.HangUp())
	v := first.awaitState("away")
	is(t, "reason", v.Agent.Reason, "missed")
	next.awaitState("talking")
	ended(t, caller, "caller")
	next.awaitState("wrap_up")
	r := callOf(t, "13800138003")
	same(t, "outcome", r.Outcome, "answered")
	same(t, "attempts", r.Attempt, 2)
	is(t, "agent", r.Agent, "1002")
	is(t, "left first", r.LeftFirst, "customer")
	same(t, "survey asked", r.SurveyAsked, false)
	clean(t)
}

func TestTwoCallersOneAgentInOrderOfArrival(t *testing.T) {
	d := openDesk(t, "1001")
	d.phone(sipp.Phone{RingFor: second, TalkFor: 3 * second})
	d.ready()
	d.command("away", map[string]any{"reason": "break"})
	early := dial(t, "13800138004", "4000", sipp.Wait(second), sipp.Key('3'), sipp.Say(12*second), sipp.Key('4'), sipp.AwaitHangUp(60*second))
	if _, err := early.Await(t.Context(), 1, "key"); err != nil {
		t.Fatal(err)
	}
	late := dial(t, "13800138005", "4000", sipp.Wait(second), sipp.Key('3'), sipp.Say(18*second), sipp.Key('2'), sipp.AwaitHangUp(60*second))
	if _, err := late.Await(t.Context(), 1, "key"); err != nil {
		t.Fatal(err)
	}
	d.command("ready", map[string]any{"device": "desk_phone"}) // offered at once
	for _, number := range []string{"13800138004", "13800138005"} {
		v := d.awaitState("talking")
		var caller string
		if err := database.QueryRow(t.Context(), `select caller from call where id = $1`, v.Call.ID).Scan(&caller); err != nil || caller != number {
			t.Errorf("talking to %s (%v), whose turn was %s", caller, err, number)
		}
		d.awaitState("wrap_up")
		d.command("finish-wrap-up", nil)
		d.await("the end of wrap-up", func(v deskView) bool { return v.Agent.State != "wrap_up" })
	}
	ended(t, early, "hotline")
	ended(t, late, "hotline")
	a, b := callOf(t, "13800138004"), callOf(t, "13800138005")
	same(t, "first outcome", a.Outcome, "answered")
	same(t, "second outcome", b.Outcome, "answered")
	is(t, "first score", a.Score, 4)
	is(t, "second score", b.Score, 2)
	if b.WaitMS == nil || a.WaitMS == nil || *b.WaitMS <= *a.WaitMS {
		t.Errorf("waits %v and %v ms", a.WaitMS, b.WaitMS)
	}
	clean(t)
}

func TestNobodyOnDutyTakesAMessage(t *testing.T) {
	// A telephone sends audio all the time. Without any for four seconds Asterisk
	// gives a recording up (asterisk/main/app.c, __ast_play_and_record).
	caller := dial(t, "13800138006", "4000", sipp.Wait(second), sipp.Key('3'), sipp.Say(15*second), sipp.Key('#'), sipp.AwaitHangUp(30*second))
	ended(t, caller, "hotline")
	r := callOf(t, "13800138006")
	same(t, "outcome", r.Outcome, "voicemail")
	if r.MessageMS == nil || *r.MessageMS < 3000 {
		t.Errorf("message of %v ms", r.MessageMS)
	}
	if length := recording(t, r.ID+"/message"); length < 3*second {
		t.Errorf("recorded %s", length)
	}
	if !slices.Contains(r.Events, "QueueUnstaffed") {
		t.Errorf("events %v", r.Events)
	}
	same(t, "listed outcome", listed(t, r.ID).Outcome, "voicemail")
	clean(t)
}

func TestEnglishLineAndUnknownCaller(t *testing.T) {
	d := openDesk(t, "1002")
	d.phone(sipp.Phone{RingFor: second, TalkFor: 2 * second})
	d.ready()
	caller := dial(t, "02087654321", "4001", sipp.Wait(second), sipp.Key('9'), sipp.Say(12*second), sipp.HangUp())
	v := d.awaitState("talking")
	if v.Pop == nil || v.Pop.Match != "none" || v.Call.Queue != "emergency" {
		t.Errorf("pop %+v, call %+v", v.Pop, v.Call)
	}
	ended(t, caller, "caller") // hangs up when the survey begins
	r := callOf(t, "02087654321")
	same(t, "language", r.Language, "en")
	same(t, "outcome", r.Outcome, "answered")
	if r.Score != nil {
		t.Errorf("scored %d without a key", *r.Score)
	}
	clean(t)
}

// A phone that says "busy" makes the agent away with that reason; the caller
// keeps waiting at the old place.
func TestPhoneRejects(t *testing.T) {
	d := openDesk(t, "1001")
	d.phone(sipp.Phone{RingFor: second / 2, Reject: true})
	d.ready()
	caller := dial(t, "13800138015", "4000", sipp.Wait(second), sipp.Key('3'), sipp.Say(4*second), sipp.HangUp())
	v := d.awaitState("away")
	is(t, "reason", v.Agent.Reason, "rejected")
	ended(t, caller, "caller")
	r := callOf(t, "13800138015")
	same(t, "outcome", r.Outcome, "abandoned")
	same(t, "attempts", r.Attempt, 1)
	clean(t)
}
