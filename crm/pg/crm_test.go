package pg_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/ari/call"
	"hotline/crm"
	"hotline/crm/pg"
	"hotline/crm/pg/pgtest"
)

const password = "a demo password"

// estate is a store with the reference data and the demo estate.
func estate(t testing.TB) (*pg.Store, map[string]crm.User) {
	t.Helper()
	store := pgtest.New(t)
	if err := store.SeedReference(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := store.SeedDemo(t.Context(), password, time.Now()); err != nil {
		t.Fatal(err)
	}
	users := map[string]crm.User{}
	for _, name := range []string{"1001", "1002", "2001", "9001"} {
		u, err := store.Authenticate(t.Context(), name, password)
		if err != nil {
			t.Fatal(err)
		}
		users[name] = u
	}
	return store, users
}

// incoming is an open call of a number, identified as the controller does it.
func incoming(t testing.TB, store *pg.Store, n int, number string) string {
	t.Helper()
	w := newWriter(t, store, callID(100+n), 0, time.Now())
	customer, matches, err := store.Identify(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	w.write(w.arrived(number), line{s, call.CallerIdentified{Customer: customer, Matches: matches}})
	return w.id
}

func TestSeedTwice(t *testing.T) {
	t.Parallel()
	store, _ := estate(t)
	snapshot := func() string {
		var out string
		err := store.Pool().QueryRow(t.Context(), `
select md5(string_agg(r, '' order by r)) from (
  select t::text r from user_account t union all select t::text from customer t union all select t::text from customer_phone t
  union all select t::text from property t union all select t::text from customer_property t union all select t::text from category t
  union all select t::text from queue t union all select t::text from ticket t union all select t::text from call t
  union all select t::text from call_event t union all select t::text from slot t union all select t::text from user_queue t
) x`).Scan(&out)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	before := snapshot()
	if err := store.SeedReference(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	second, err := store.SeedDemo(t.Context(), "another password", time.Now().Add(26*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if snapshot() != before {
		t.Error("a second run changed something")
	}
	want := pg.DemoSummary{Homes: 44, Customers: 31, Tickets: 1, Calls: 1, Users: second.Users}
	if d := cmp.Diff(want, second); d != "" {
		t.Error(d)
	}
	mustBeClean(t, store)
	categories, err := store.Categories(t.Context())
	if err != nil || len(categories) != 200 || categories[0].Code != "ZX.HT.01" || categories[0].DefaultSeverity != crm.Normal {
		t.Errorf("%d categories, %v", len(categories), err)
	}
	queues, err := store.Queues(t.Context())
	if err != nil || len(queues) != 4 || queues[1] != (crm.Queue{ID: "consult", NameZh: "咨询", NameEn: "Consultation", TargetSeconds: 20}) {
		t.Errorf("queues %+v, %v", queues, err)
	}
	// A leaf that is missing is retired, not deleted; its tickets stay.
	head := "code,type,level1,level2,level3,default_severity,default_department,emergency,typical_responsible,warranty_key,en\n"
	if err := store.SeedReference(t.Context(), strings.NewReader(head+"ZX.HT.01,咨询,合同与备案,合同备案,备案进度查询,一般,客户关系组,0,,,progress\n")); err != nil {
		t.Fatal(err)
	}
	categories, err = store.Categories(t.Context())
	if err != nil || len(categories) != 1 || categories[0].En != "progress" {
		t.Errorf("after retiring: %+v, %v", categories, err)
	}
	if tickets, _, err := store.Tickets(t.Context(), crm.TicketFilter{}); err != nil || len(tickets) != 1 {
		t.Errorf("%d tickets, %v", len(tickets), err)
	}
	for _, bad := range []string{"", "code\n", head, head + "A,咨询,a,b,c,严重,d,0,,,e\n", head + "A,咨询,a,b,c,一般,d,是,,,e\n"} {
		if err := store.SeedReference(t.Context(), strings.NewReader(bad)); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	store, users := estate(t)
	u := users["1001"]
	if u.Name != "王芳" || u.Extension != "1001" || len(u.SIPSecret) < 20 || len(u.Queues) != 4 || u.Locale != "zh-CN" || len(u.Roles) != 1 || u.Roles[0] != crm.RoleAgent {
		t.Errorf("%+v", u)
	}
	if u.SIPSecret == users["1002"].SIPSecret {
		t.Error("two agents have one secret")
	}
	if s := users["2001"]; s.Extension != "" || s.SIPSecret != "" || len(s.Queues) != 0 || s.Roles[0] != crm.RoleSupervisor {
		t.Errorf("%+v", s)
	}
	for _, c := range [][2]string{{"1001", "wrong"}, {"1001", ""}, {"nobody", password}, {"", ""}} {
		if _, err := store.Authenticate(t.Context(), c[0], c[1]); !errors.Is(err, crm.ErrBadCredentials) {
			t.Errorf("%q: %v", c, err)
		}
	}
	agents, err := store.Agents(t.Context())
	if err != nil || len(agents) != 2 || agents[0].Username != "1001" || agents[1].Username != "1002" {
		t.Errorf("%+v %v", agents, err)
	}
	if again, err := store.User(t.Context(), u.ID); err != nil || cmp.Diff(u, again) != "" {
		t.Errorf("%+v %v", again, err)
	}
	if _, err := store.Pool().Exec(t.Context(), `update user_account set disabled_at = now() where username = '1001'`); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Authenticate(t.Context(), "1001", password); !errors.Is(err, crm.ErrBadCredentials) {
		t.Errorf("a disabled user: %v", err)
	}
	for _, id := range []string{u.ID, "nobody", agentA} {
		if _, err := store.User(t.Context(), id); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("user %s: %v", id, err)
		}
	}
}

func TestPopOfEachMatch(t *testing.T) {
	t.Parallel()
	store, _ := estate(t)
	today := time.Now().In(crm.Zone).Format(time.DateOnly)

	one, err := store.Pop(t.Context(), incoming(t, store, 1, "+86 138-0013-8000"))
	if err != nil {
		t.Fatal(err)
	}
	if one.Match != crm.MatchOne || one.NumberMasked != "138****8000" || one.NumberKind != crm.Mobile || len(one.Candidates) != 2 {
		t.Errorf("%+v", one)
	}
	zhang, li := one.Candidates[0], one.Candidates[1]
	if zhang.Name != "张伟" || zhang.Reason != "number" || *zhang.Tier != "金卡" || *zhang.Role != "owner" || cmp.Diff(zhang.Tags, []string{"老人独居"}) != "" {
		t.Errorf("first: %+v", zhang)
	}
	if li.Name != "李娜" || li.Reason != "household" || *li.Role != "family" || li.Tier != nil || len(li.Tags) != 0 {
		t.Errorf("second: %+v", li)
	}
	p := zhang.Properties[0]
	if len(zhang.Properties) != 1 || p.Label != "云和府 3号楼1单元 1702" || *p.DeliveredOn != "2025-12-20" || p.Role != "owner" || *p.ContractNo == "" {
		t.Errorf("properties: %+v", zhang.Properties)
	}
	if len(li.Properties) != 1 || li.Properties[0].ID != p.ID || li.Properties[0].Role != "family" {
		t.Errorf("properties: %+v", li.Properties)
	}
	if len(one.OpenTickets) != 1 || !one.OpenTickets[0].Overdue || one.OpenTickets[0].Number != 20001 || *one.OpenTickets[0].PropertyLabel != p.Label ||
		one.OpenTickets[0].CategoryLabel != "室内厅房·防水·外墙/窗边渗水" || one.OpenTickets[0].Type != "报修" {
		t.Errorf("tickets: %+v", one.OpenTickets)
	}
	if len(one.Promises) != 1 || one.Promises[0].DueOn != today || one.Promises[0].Overdue || one.Promises[0].TicketNumber != 20001 {
		t.Errorf("promises: %+v", one.Promises)
	}
	if len(one.RecentCalls) != 1 || *one.RecentCalls[0].Score != 4 || one.RecentCalls[0].Outcome != "answered" || *one.RecentCalls[0].AgentName != "王芳" ||
		cmp.Diff(one.RecentCalls[0].TicketNumbers, []int64{20001}) != "" || *one.RecentCalls[0].CustomerName != "张伟" || *one.RecentCalls[0].QueueName != "报修" {
		t.Errorf("calls: %+v", one.RecentCalls)
	}
	// The wife's own number: her husband is of her household, and so is his ticket.
	wife, err := store.Pop(t.Context(), incoming(t, store, 2, "13800138027"))
	if err != nil || wife.Match != crm.MatchOne || wife.Candidates[0].Name != "李娜" || wife.Candidates[1].Name != "张伟" || len(wife.OpenTickets) != 1 {
		t.Errorf("%+v %v", wife, err)
	}
	several, err := store.Pop(t.Context(), incoming(t, store, 3, "8613800138029"))
	if err != nil || several.Match != crm.MatchSeveral || len(several.Candidates) != 2 || several.Candidates[0].Reason != "number" || several.Candidates[1].Reason != "number" {
		t.Errorf("%+v %v", several, err)
	}
	if tenant, err := store.Pop(t.Context(), incoming(t, store, 4, "13800138028")); err != nil || *tenant.Candidates[0].Role != "tenant" || tenant.Candidates[1].Name != "程思远" {
		t.Errorf("%+v %v", tenant, err)
	}
	for i, c := range []struct {
		number, masked string
		kind           crm.NumberKind
	}{{"13900000000", "139****0000", crm.Mobile}, {"anonymous", "", crm.Anonymous}, {"95588", "95588", crm.Short}, {"057187654321", "0571****4321", crm.Fixed}} {
		none, err := store.Pop(t.Context(), incoming(t, store, 10+i, c.number))
		if err != nil || none.Match != crm.MatchNone || none.NumberMasked != c.masked || none.NumberKind != c.kind {
			t.Errorf("%s: %+v %v", c.number, none, err)
		}
		b, err := json.Marshal(none)
		if err != nil || strings.Contains(string(b), `"candidates":null`) || strings.Contains(string(b), `s":null`) {
			t.Errorf("lists must be lists: %s %v", b, err)
		}
	}
	// A stranger who called before is known by the number.
	again, err := store.Pop(t.Context(), incoming(t, store, 20, "+8613900000000"))
	if err != nil || len(again.RecentCalls) != 1 {
		t.Errorf("%+v %v", again.RecentCalls, err)
	}
	if anonymous, err := store.Pop(t.Context(), incoming(t, store, 21, "unknown")); err != nil || len(anonymous.RecentCalls) != 0 {
		t.Errorf("an anonymous caller was known again: %+v %v", anonymous.RecentCalls, err)
	}
	for _, id := range []string{"x", agentA} {
		if _, err := store.Pop(t.Context(), id); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("pop of %s: %v", id, err)
		}
	}
}

func TestNoNumberLeavesUnmasked(t *testing.T) {
	t.Parallel()
	store, users := estate(t)
	id := incoming(t, store, 1, "13800138000")
	pop, err := store.Pop(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	calls, _, err := store.Calls(t.Context(), crm.CallFilter{})
	if err != nil {
		t.Fatal(err)
	}
	live, err := store.LiveCalls(t.Context())
	if err != nil || len(live) != 1 || live[0].ID != id {
		t.Fatalf("%+v %v", live, err)
	}
	b, err := json.Marshal([]any{pop, calls, live})
	if err != nil || strings.Contains(string(b), "13800138000") || !strings.Contains(string(b), "138****8000") {
		t.Errorf("%s %v", b, err)
	}
	number, err := store.RevealNumber(t.Context(), users["1001"].ID, id, "客户要求回拨")
	if err != nil || number != "13800138000" {
		t.Errorf("%s %v", number, err)
	}
	var who, action, object, reason string
	err = store.Pool().QueryRow(t.Context(), `select user_id::text, action, object, reason from audit_event`).Scan(&who, &action, &object, &reason)
	if err != nil || who != users["1001"].ID || action != "number.reveal" || object != "call/"+id || reason != "客户要求回拨" {
		t.Errorf("audit: %s %s %s %s %v", who, action, object, reason, err)
	}
	if _, err := store.RevealNumber(t.Context(), users["1001"].ID, agentA, "x"); !errors.Is(err, crm.ErrNotFound) {
		t.Error(err)
	}
	if number, err := store.RevealNumber(t.Context(), agentA, id, "x"); err == nil || number != "" {
		t.Errorf("revealed to a user who does not exist: %v", err)
	}
}
