package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"hotline/agent"
	"hotline/ari/call"
	"hotline/crm"
)

func describedOperation() huma.Operation {
	return huma.Operation{OperationID: "x", Method: "GET", Path: "/x", Summary: "x", Tags: []string{"x"}}
}

func (r reply) want(t *testing.T, what string, status int, slug string) {
	t.Helper()
	if r.status != status || r.slug() != slug {
		t.Errorf("%s: %d %q, want %d %q: %s", what, r.status, r.slug(), status, slug, r.body)
	}
}

func TestSession(t *testing.T) {
	s := newSite(t)
	b := s.signIn("1001")
	at, _ := url.Parse(s.url)
	if cookies := b.client.Jar.Cookies(at); len(cookies) != 1 || cookies[0].Name != "hotline_session" {
		t.Errorf("cookies %v", cookies)
	}
	before := b.client.Jar.Cookies(at)[0].Value
	b.do("POST", "/api/v1/session", `{"username":"1001","password":"`+password+`"}`)
	if b.client.Jar.Cookies(at)[0].Value == before {
		t.Error("signing in again kept the token: fixation")
	}
	stolen := b.client.Jar.Cookies(at)
	if r := b.do("DELETE", "/api/v1/session", ""); r.status != 204 {
		t.Errorf("sign out: %d", r.status)
	}
	b.client.Jar.SetCookies(at, stolen)
	b.do("GET", "/api/v1/me", "").want(t, "the token after signing out", 401, "not-signed-in")

	b = s.signIn("1001")
	s.mu.Lock()
	delete(s.users, agentOne)
	s.mu.Unlock()
	b.do("GET", "/api/v1/me", "").want(t, "a user who is gone", 401, "not-signed-in")

	secure := newSite(t, func(d *Deps) { d.Public = &url.URL{Scheme: "https", Host: "hotline.test"} })
	r := secure.anonymous().do("POST", "/api/v1/session", `{"username":"1001","password":"`+password+`"}`)
	cookie := r.header.Get("Set-Cookie")
	for _, part := range []string{"__Host-hotline_session=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("cookie %q lacks %s", strings.SplitN(cookie, "=", 2)[0], part)
		}
	}
	if !strings.Contains(r.header.Get("Strict-Transport-Security"), "max-age=31536000") {
		t.Error("no HSTS over https")
	}
}

func TestLoginLimiter(t *testing.T) {
	s := newSite(t)
	b := s.anonymous()
	bad := `{"username":"1001","password":"wrong"}`
	for range maxFailures {
		b.do("POST", "/api/v1/session", bad).want(t, "a wrong password", 401, "invalid-credentials")
	}
	r := b.do("POST", "/api/v1/session", `{"username":"1001","password":"`+password+`"}`)
	r.want(t, "the right one, too late", 429, "login-locked")
	if after := r.header.Get("Retry-After"); after != "900" && after != "899" {
		t.Errorf("Retry-After %q", after)
	}
	b.do("POST", "/api/v1/session", `{"username":"1002","password":"wrong"}`).want(t, "another account from the same address", 401, "invalid-credentials")

	l, at := newLimiter(), time.Now()
	for range maxFailures {
		if l.attempt("a", "here", at) > 0 {
			t.Fatal("locked too early")
		}
	}
	if l.attempt("A", "elsewhere", at) == 0 {
		t.Error("the account is not locked from another address")
	}
	for i := range maxFromAddress - maxFailures {
		if l.attempt(fmt.Sprint("guess", i), "here", at) > 0 {
			t.Fatal("the address is locked by one person's mistakes")
		}
	}
	if l.attempt("b", "here", at) == 0 {
		t.Error("the address is not locked for another account")
	}
	if l.attempt("a", "here", at.Add(failureWindow)) > 0 {
		t.Error("locked after the window")
	}
	for i := range 20 { // right passwords lock nobody out
		if l.attempt("c", "office", at.Add(time.Duration(i))) > 0 {
			t.Fatal("locked by signing in")
		}
		l.forgive("c", "office", true)
	}
}

func TestForeignOriginIsRefused(t *testing.T) {
	s := newSite(t)
	b := s.signIn("1001")
	for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "http://evil.test"}} {
		b.do("POST", "/api/v1/me/desk/actions/offline", `{"version":1}`, headers...).want(t, headers[0], 403, "forbidden")
	}
	if a := s.agents[agentOne]; a.Version != 1 {
		t.Error("a refused request changed something")
	}
	if r := b.do("POST", "/api/v1/me/desk/actions/offline", `{"version":1}`, "Origin", s.url); r.status != 200 {
		t.Errorf("own origin: %d", r.status)
	}
}

func TestDesk(t *testing.T) {
	s := newSite(t)
	one, two := s.signIn("1001"), s.signIn("1002")
	var d DeskView
	two.do("GET", "/api/v1/me/desk", "").into(t, &d)
	if d.Call == nil || d.Call.Phase != "offered" || d.Call.Attempt != 2 || !d.Call.Emergency || d.Pop == nil || d.Note == nil {
		t.Errorf("desk with an offer: %+v", d)
	}
	if d.Call.Why == nil || !strings.Contains(*d.Call.Why, "number 1 in the queue; of 2 free agents") {
		t.Errorf("why: %v", value(d.Call.Why))
	}
	if d.Queue.Waiting != 3 || d.Queue.LongestSince == nil || d.Today.Handled != 7 {
		t.Errorf("queue %+v, today %+v", d.Queue, d.Today)
	}
	one.do("POST", "/api/v1/me/desk/actions/away", `{"version":99,"reason":"meal"}`).want(t, "another version", 409, "stale-version")
	one.do("POST", "/api/v1/me/desk/actions/finish-wrap-up", `{"version":1}`).want(t, "no wrap-up", 409, "not-allowed-now")
	one.do("POST", "/api/v1/me/desk/actions/away", `{"version":1,"reason":"meal"}`).into(t, &d)
	if d.Agent.State != agent.Talking || d.Agent.Next == nil || *d.Agent.Next.Reason != "meal" {
		t.Errorf("a pause asked for in a call: %+v", d.Agent)
	}
	one.do("POST", "/api/v1/me/desk/actions/away", `{"version":1,"reason":"holiday"}`).want(t, "unknown reason", 422, "invalid-input")
	s.signIn("1009").do("GET", "/api/v1/me/desk", "").want(t, "no extension", 403, "forbidden")
	s.signIn("1009").do("POST", "/api/v1/me/desk/actions/offline", `{"version":0}`).want(t, "no extension", 403, "forbidden")

	r := one.do("GET", "/api/v1/me/phone", "")
	if r.body != `{"uri":"sip:1001-web@hotline","username":"1001-web","password":"`+sipSecret+`","socket":"/phone","session_timers":false}`+"\n" {
		t.Errorf("phone: %s", r.body)
	}
	if r.header.Get("Cache-Control") != "no-store" {
		t.Errorf("phone is cached: %q", r.header.Get("Cache-Control"))
	}

	// The floor is ahead of the log: the offer before is not shown as this one.
	s.place(agentTwo, offerCall, 3, agent.Reserved)
	two.do("GET", "/api/v1/me/desk", "").into(t, &d)
	if d.Call.Attempt != 3 || d.Call.Why != nil || d.Call.RingUntil != nil {
		t.Errorf("desk ahead of the log: %+v", d.Call)
	}
}

func TestWhy(t *testing.T) {
	for stored, want := range map[string]string{
		`{"rule":"longest_idle","position":2,"eligible":["a"]}`:     "来电在队列中排第 2 位；当时只有您可以接听。",
		`{"rule":"longest_idle","position":1,"eligible":["a","b"]}`: "来电在队列中排第 1 位；可接听的坐席有 2 位，其中您空闲时间最长。",
		`{"rule":"by_moon"}`: "", `broken`: "",
	} {
		if got := value(why(&stored, chinese)); got != want {
			t.Errorf("%s: %q", stored, got)
		}
	}
}

func TestCallCommandsBelongToTheirAgent(t *testing.T) {
	s := newSite(t)
	one, two := s.signIn("1001"), s.signIn("1002")
	reject := "/api/v1/calls/" + offerCall + "/actions/reject"
	one.do("POST", reject, `{"attempt":2}`).want(t, "reject by another agent", 409, "not-your-call")
	two.do("POST", reject, `{"attempt":1}`).want(t, "reject of an earlier offer", 409, "not-your-call")
	one.do("POST", "/api/v1/calls/"+talkCall+"/actions/reject", `{"attempt":1}`).want(t, "reject while talking", 409, "not-your-call")
	for _, action := range []string{"hang-up", "hold", "retrieve", "recall"} {
		two.do("POST", "/api/v1/calls/"+talkCall+"/actions/"+action, `{}`).want(t, action+" of another's call", 409, "not-your-call")
		two.do("POST", "/api/v1/calls/"+offerCall+"/actions/"+action, `{}`).want(t, action+" of an offer", 409, "not-your-call")
		one.do("POST", "/api/v1/calls/"+oldCall+"/actions/"+action, `{}`).want(t, action+" of an earlier call", 409, "not-your-call")
	}
	if len(s.told) != 0 {
		t.Fatalf("the controller was told %v", s.told)
	}
	two.do("POST", "/api/v1/calls/"+offerCall+"/actions/pop-shown", `{"attempt":2}`)
	two.do("POST", reject, `{"attempt":2}`)
	one.do("POST", "/api/v1/calls/"+talkCall+"/actions/hang-up", ``)
	want := []call.Event{call.PopShown{Attempt: 2}, call.AgentRejected{Attempt: 2}, call.HangUpAsked{Agent: agentOne}}
	if len(s.told) != 3 || s.told[0] != want[0] || s.told[1] != want[1] || s.told[2] != want[2] {
		t.Errorf("the controller was told %v", s.told)
	}
}

func TestHoldAndRecall(t *testing.T) {
	s := newSite(t)
	one := s.signIn("1001")
	action := func(name string) reply { return one.do("POST", "/api/v1/calls/"+talkCall+"/actions/"+name, `{}`) }
	desk := func() DeskCall {
		var d DeskView
		one.do("GET", "/api/v1/me/desk", "").into(t, &d)
		return *d.Call
	}
	change := func(f func(*crm.Call)) {
		s.mu.Lock()
		defer s.mu.Unlock()
		c := s.calls[talkCall]
		f(&c)
		s.calls[talkCall] = c
	}
	if d := desk(); d.Phase != "talking" || d.Held || d.HeldSince != nil {
		t.Errorf("desk while talking: %+v", d)
	}
	since := time.Now().UTC()
	change(func(c *crm.Call) { c.Phase, c.HeldSince = string(call.Talking), &since })
	if d := desk(); d.Phase != "talking" || !d.Held || d.HeldSince == nil || !d.HeldSince.Equal(since) {
		t.Errorf("desk while the customer is on hold: %+v", d)
	}
	change(func(c *crm.Call) { c.Phase, c.HeldSince = string(call.Recalling), nil })
	if d := desk(); d.Phase != "recalling" || d.Held {
		t.Errorf("desk while the agent is rung again: %+v", d)
	}
	for _, name := range []string{"hold", "retrieve", "recall", "hang-up"} { // the last one while the voice is away
		if r := action(name); r.status != 202 {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	want := []call.Event{
		call.HoldAsked{Agent: agentOne}, call.RetrieveAsked{Agent: agentOne}, call.RecallAsked{Agent: agentOne}, call.HangUpAsked{Agent: agentOne},
	}
	if d := cmp.Diff(want, s.told); d != "" {
		t.Errorf("the controller was told:\n%s", d)
	}
	a := s.agents[agentOne]
	a.Device = agent.DeskPhone
	s.agents[agentOne] = a
	action("recall").want(t, "recall on a desk phone", 409, "not-allowed-now")
	// The floor is ahead of the log, or the call is over: the presence decides.
	s.place(agentOne, talkCall, 1, agent.WrapUp)
	if d := desk(); d.Phase != "ended" {
		t.Errorf("desk in wrap-up: %+v", d)
	}
}

func TestCallsAreOwn(t *testing.T) {
	s := newSite(t)
	one, two, boss := s.signIn("1001"), s.signIn("1002"), s.signIn("2001")
	for path, visible := range map[string]map[*browser]int{
		"/calls/" + oldCall: {one: 200, two: 404, boss: 200}, "/calls/" + oldCall + "/pop": {one: 200, two: 404, boss: 200},
		"/calls/" + offerCall: {one: 404, two: 200, boss: 200}, "/calls/" + "00000000-0000-4000-8000-00000000ffff": {one: 404, boss: 404},
		"/calls/" + "not-an-id": {one: 422},
	} {
		for b, status := range visible {
			if r := b.do("GET", "/api/v1"+path, ""); r.status != status {
				t.Errorf("%s: %d, want %d", path, r.status, status)
			}
		}
	}
	two.do("POST", "/api/v1/calls/"+oldCall+"/actions/reveal-number", `{"reason":"abc"}`).want(t, "reveal of another's call", 404, "not-found")
	var page struct {
		Items []struct{ ID string }
		Next  *string
	}
	one.do("GET", "/api/v1/calls", "").into(t, &page)
	if len(page.Items) != 2 {
		t.Errorf("agent's list: %+v", page)
	}
	boss.do("GET", "/api/v1/calls", "").into(t, &page)
	if len(page.Items) != 3 || page.Next != nil {
		t.Errorf("supervisor's list: %+v", page)
	}
	// Offered now, though the log has not caught up yet.
	s.place(agentTwo, talkCall, 2, agent.Reserved)
	if r := two.do("GET", "/api/v1/calls/"+talkCall+"/pop", ""); r.status != 200 {
		t.Errorf("pop of the call that is offered: %d", r.status)
	}
}

func TestCallDetailHasNoNumber(t *testing.T) {
	s := newSite(t)
	for lang, phrase := range map[string]string{"zh-CN": "客户按键 3", "en-GB": "The caller pressed 3"} {
		r := s.signIn("1001").do("GET", "/api/v1/calls/"+talkCall, "", "Accept-Language", lang)
		if strings.Contains(r.body, fullNumber) || !strings.Contains(r.body, phrase) {
			t.Errorf("%s: %s", lang, r.body)
		}
		var d CallDetail
		r.into(t, &d)
		for _, e := range d.Events {
			if e.Summary == "" || e.Summary == "通话事件" || e.Summary == "An event of the call" {
				t.Errorf("%s has no sentence of its own", e.Type)
			}
		}
		if d.Note != nil || d.Tickets == nil {
			t.Errorf("note %v, tickets %v", d.Note, d.Tickets)
		}
	}
}

func TestRevealNumber(t *testing.T) {
	s := newSite(t)
	b := s.signIn("1001")
	path := "/api/v1/calls/" + talkCall + "/actions/reveal-number"
	b.do("POST", path, `{"reason":"x"}`).want(t, "a reason too short", 422, "invalid-input")
	b.do("POST", path, `{"reason":"     "}`).want(t, "an empty reason", 422, "invalid-input")
	if len(s.reveals) != 0 {
		t.Errorf("revealed without a reason: %v", s.reveals)
	}
	r := b.do("POST", path, `{"reason":"客户要求回电"}`)
	if r.status != 200 || !strings.Contains(r.body, fullNumber) || r.header.Get("Cache-Control") != "no-store" {
		t.Errorf("reveal: %d %s %q", r.status, r.body, r.header.Get("Cache-Control"))
	}
	if len(s.reveals) != 1 || s.reveals[0] != agentOne+" "+talkCall+" 客户要求回电" {
		t.Errorf("written down: %v", s.reveals)
	}
}

func TestNote(t *testing.T) {
	s := newSite(t)
	one, two := s.signIn("1001"), s.signIn("1002")
	path := "/api/v1/calls/" + talkCall + "/note"
	if r := one.do("PUT", path, `{"text":"漏水","revision":0}`); r.status != 200 || !strings.Contains(r.body, `"revision":1`) {
		t.Errorf("first save: %d %s", r.status, r.body)
	}
	one.do("PUT", path, `{"text":"晚到","revision":0}`).want(t, "stale revision", 409, "stale-version")
	two.do("PUT", path, `{"text":"x","revision":1}`).want(t, "another agent's note", 404, "not-found")
	one.do("PUT", path, `{"text":"`+strings.Repeat("长", 4001)+`","revision":1}`).want(t, "too long", 422, "invalid-input")
	if r := two.do("PUT", "/api/v1/calls/"+offerCall+"/note", `{"text":"已知","revision":0}`); r.status != 200 {
		t.Errorf("note while it is offered: %d %s", r.status, r.body)
	}
}

func TestTickets(t *testing.T) {
	s := newSite(t)
	b := s.signIn("1001")
	body := `{"category":"R-1","severity":2,"description":"厨房漏水","call_id":"` + talkCall + `"}`
	b.do("POST", "/api/v1/tickets", body).want(t, "no key", 400, "idempotency-key-missing")
	b.do("POST", "/api/v1/tickets", body, "Idempotency-Key", strings.Repeat("k", 201)).want(t, "a long key", 400, "idempotency-key-missing")
	first := b.do("POST", "/api/v1/tickets", body, "Idempotency-Key", "k1")
	again := b.do("POST", "/api/v1/tickets", body, "Idempotency-Key", "k1")
	if first.status != 201 || again.status != 201 || first.body != again.body || len(s.tickets) != 2 {
		t.Errorf("retry: %d and %d, %d tickets", first.status, again.status, len(s.tickets))
	}
	b.do("POST", "/api/v1/tickets", strings.Replace(body, "厨房", "客厅", 1), "Idempotency-Key", "k1").want(t, "another content", 422, "idempotency-key-reused")
	r := b.do("POST", "/api/v1/tickets", `{"category":"R-1","description":" ","promise":{"due_on":"2020-01-01","text":"回访"}}`, "Idempotency-Key", "k2")
	r.want(t, "two faults", 422, "invalid-input")
	for _, where := range []string{"body.description", "body.promise.due_on"} {
		if !strings.Contains(r.body, where) {
			t.Errorf("%s is not named: %s", where, r.body)
		}
	}
	s.signIn("1002").do("POST", "/api/v1/tickets", body, "Idempotency-Key", "k3").want(t, "another agent's call", 422, "invalid-input")
	r = b.do("GET", "/api/v1/tickets/"+ticketOne, "")
	if got := b.do("GET", "/api/v1/tickets/"+ticketOne, "", "If-None-Match", r.header.Get("Etag")); got.status != 304 || got.body != "" {
		t.Errorf("unchanged ticket: %d %s", got.status, got.body)
	}
	r = b.do("GET", "/api/v1/categories", "")
	if got := b.do("GET", "/api/v1/categories", "", "If-None-Match", "W/"+r.header.Get("Etag")); got.status != 304 {
		t.Errorf("unchanged categories: %d", got.status)
	}
	if r := b.do("GET", "/api/v1/tickets?status=all&customer_id="+agentOne, ""); !strings.Contains(r.body, `"next":"next page"`) {
		t.Errorf("list: %s", r.body)
	}
}

func TestProblemsEchoNothing(t *testing.T) {
	s := newSite(t)
	b := s.signIn("1001")
	for _, body := range []string{
		`{"version":"EVIL-INPUT"}`, `{"version":1,"device":"EVIL-INPUT"}`, `EVIL-INPUT`, `{"version":1,"device":"browser","x":"EVIL-INPUT"}`, `[`,
	} {
		r := b.do("POST", "/api/v1/me/desk/actions/ready", body)
		r.want(t, body, 422, "invalid-input")
		if strings.Contains(r.body, "EVIL") {
			t.Errorf("%s is echoed: %s", body, r.body)
		}
	}
	r := b.do("POST", "/api/v1/me/desk/actions/ready", `{}`, "Accept-Language", "en")
	if !strings.Contains(r.body, "Some of the input is not valid") {
		t.Errorf("English: %s", r.body)
	}
	r = b.do("POST", "/api/v1/me/desk/actions/ready", `{}`, "Accept-Language", "fr")
	if !strings.Contains(r.body, "提交的内容有误") {
		t.Errorf("the default language: %s", r.body)
	}
	b.do("POST", "/api/v1/me/desk/actions/ready", `{"version":1,"device":"`+strings.Repeat("x", maxBody)+`"}`).want(t, "a large body", 413, "too-large")
	b.do("GET", "/api/v1/nothing", "").want(t, "an unknown path", 404, "not-found")
	s.mu.Lock()
	s.fail = errAway
	s.mu.Unlock()
	r = b.do("GET", "/api/v1/me", "")
	r.want(t, "the store is away", 503, "unavailable")
	s.mu.Lock()
	s.fail = json.Unmarshal([]byte("{"), new(int))
	s.mu.Unlock()
	r = b.do("GET", "/api/v1/me", "")
	r.want(t, "an unknown error", 500, "internal")
	if strings.Contains(r.body, "JSON") || !strings.Contains(r.body, "urn:request:"+r.header.Get("X-Request-Id")) {
		t.Errorf("internal: %s", r.body)
	}
}

func TestLive(t *testing.T) {
	s := newSite(t)
	b := s.signIn("2001")
	var f FloorView
	b.do("GET", "/api/v1/live", "").into(t, &f)
	var order []string
	for _, w := range f.Waiting {
		order = append(order, w.CallID)
	}
	if strings.Join(order, " ") != offerCall+" elsewhere sooner later" {
		t.Errorf("waiting in the order %v", order)
	}
	if f.Waiting[0].OfferedTo == nil || *f.Waiting[0].OfferedTo != "刘洋" || f.Waiting[0].NumberMasked != "138****8000" {
		t.Errorf("first: %+v", f.Waiting[0])
	}
	if f.Waiting[3].Position != 2 || f.Queues[0].Waiting != 2 || f.Queues[0].Talking != 1 {
		t.Errorf("position %d, queue %+v", f.Waiting[3].Position, f.Queues[0])
	}
	if f.Agents[0].Extension != "1001" || f.Agents[0].Call == nil || f.Agents[0].Call.ID != talkCall {
		t.Errorf("agents: %+v", f.Agents)
	}
	b.do("GET", "/api/v1/live", "").into(t, &f)
	if f.Today.Offered != 1 {
		t.Error("the day was counted twice within 5 s")
	}
	s.server.Views.CallEnded("")
	b.do("GET", "/api/v1/live", "").into(t, &f)
	if f.Today.Offered != 2 {
		t.Error("the day was not counted again after a call's end")
	}
}

func TestStream(t *testing.T) {
	s := newSite(t)
	b := s.signIn("1001")
	ws, _, err := b.dial("/api/v1/stream?streams=desk", s.url)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	next := func(stream string) map[string]any {
		t.Helper()
		if err := ws.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		for {
			var m map[string]any
			if err := ws.ReadJSON(&m); err != nil {
				t.Fatalf("waiting for %s: %v", stream, err)
			}
			if m["stream"] == stream {
				return m
			}
		}
	}
	first := next("desk")
	if first["data"].(map[string]any)["call"].(map[string]any)["id"] != talkCall {
		t.Errorf("first desk: %v", first)
	}
	b.do("POST", "/api/v1/me/desk/actions/away", `{"version":1,"reason":"meal"}`)
	changed := next("desk")
	if n := changed["data"].(map[string]any)["agent"].(map[string]any)["next"]; n == nil {
		t.Errorf("desk after a change: %v", changed)
	}
	if r := b.do("DELETE", "/api/v1/session", ""); r.status != 204 {
		t.Fatal(r)
	}
	for {
		_, _, err = ws.ReadMessage()
		if err != nil {
			break
		}
	}
	if !websocket.IsCloseError(err, desk4500) {
		t.Errorf("after signing out: %v", err)
	}

	figures := `hotline_http_requests_total{operation="open-stream",status="101"} 1`
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		w := httptest.NewRecorder()
		s.server.AdminHandler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		if strings.Contains(w.Body.String(), figures) {
			break
		}
		if time.Now().After(deadline) {
			t.Error("the socket is not counted")
			break
		}
	}

	_, r, err := s.signIn("1001").dial("/api/v1/stream?streams=desk", "http://evil.test")
	if err == nil || r == nil || r.StatusCode != 403 {
		t.Errorf("foreign origin: %v %v", r, err)
	}
	s.anonymous().do("GET", "/api/v1/stream?streams=desk", "").want(t, "no session", 401, "not-signed-in")
	for who, code := range map[*browser]int{s.anonymous(): desk4500, s.signIn("2001"): desk4503, s.signIn("1009"): desk4503} {
		ws, _, err := who.dial("/api/v1/stream?streams=desk", s.url)
		if err != nil {
			t.Errorf("code %d: not upgraded: %v", code, err)
			continue
		}
		if _, _, err = ws.ReadMessage(); !websocket.IsCloseError(err, code) {
			t.Errorf("closed with %v, want %d", err, code)
		}
		ws.Close()
	}
}

const desk4500, desk4503 = 4500, 4503 // of the API

func TestStillValid(t *testing.T) {
	s := newSite(t)
	b := s.signIn("1001")
	at, _ := url.Parse(s.url)
	token := b.client.Jar.Cookies(at)[0].Value
	u := s.users[agentOne]
	ask := func() bool { return s.server.stillValid(t.Context(), token, u, true, false) }
	if !ask() {
		t.Error("a good session is not valid")
	}
	s.mu.Lock()
	s.fail = errAway
	s.mu.Unlock()
	if !ask() {
		t.Error("a store that is away ended the session")
	}
	s.mu.Lock()
	s.fail = nil
	u.Roles = nil
	s.users[agentOne] = u
	s.mu.Unlock()
	if ask() {
		t.Error("valid without the role")
	}
	b.do("DELETE", "/api/v1/session", "")
	if s.server.stillValid(t.Context(), token, u, false, false) {
		t.Error("valid after signing out")
	}
}

// The proxy carries the phone's frames and none of the page's secrets.
func TestPhone(t *testing.T) {
	var seen http.Header
	asterisk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header.Clone()
		if r.URL.Path != "/ws" {
			t.Errorf("path %s", r.URL.Path)
		}
		up := websocket.Upgrader{Subprotocols: []string{"sip"}, CheckOrigin: func(*http.Request) bool { return true }}
		ws, err := up.Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer ws.Close()
		for {
			kind, data, err := ws.ReadMessage()
			if err != nil {
				return
			}
			if ws.WriteMessage(kind, append([]byte("echo "), data...)) != nil {
				return
			}
		}
	}))
	defer asterisk.Close()
	s := newSite(t, func(d *Deps) {
		d.Phone, _ = url.Parse(asterisk.URL + "/ws")
	})
	ws, _, err := s.signIn("1001").dial("/phone", s.url, "sip")
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	if err := ws.WriteMessage(websocket.TextMessage, []byte("REGISTER")); err != nil {
		t.Fatal(err)
	}
	if _, data, err := ws.ReadMessage(); err != nil || string(data) != "echo REGISTER" {
		t.Errorf("%s %v", data, err)
	}
	if ws.Subprotocol() != "sip" || seen.Get("Cookie") != "" || seen.Get("Origin") != "" || seen.Get("Sec-Websocket-Key") == "" {
		t.Errorf("protocol %q, headers %v", ws.Subprotocol(), seen)
	}
	for what, dial := range map[string]func() (*websocket.Conn, *http.Response, error){
		"401": func() (*websocket.Conn, *http.Response, error) { return s.anonymous().dial("/phone", s.url, "sip") },
		"403": func() (*websocket.Conn, *http.Response, error) { return s.signIn("2001").dial("/phone", s.url, "sip") },
		"403 ": func() (*websocket.Conn, *http.Response, error) {
			return s.signIn("1001").dial("/phone", "http://evil.test", "sip")
		},
		"422": func() (*websocket.Conn, *http.Response, error) { return s.signIn("1001").dial("/phone", s.url) },
	} {
		_, r, err := dial()
		if err == nil || r == nil || !strings.HasPrefix(r.Status, strings.TrimSpace(what)) {
			t.Errorf("want %s: %v %v", what, r, err)
		}
	}
	asterisk.Close()
	_, r, _ := newSite(t).signIn("1001").dial("/phone", "", "sip")
	if r == nil || r.StatusCode != 503 {
		t.Errorf("Asterisk is away: %v", r)
	}
}

func TestHeadersEverywhere(t *testing.T) {
	s := newSite(t)
	b := s.signIn("1001")
	for _, path := range []string{
		"/", "/desk", "/assets/a-1.js", "/missing.js", "/healthz", "/readyz", "/phone",
		"/api/v1/me", "/api/v1/nothing", "/api/v1/live", "/api/v1/openapi.json",
	} {
		h := b.do("GET", path, "").header
		for name, want := range map[string]string{
			"Content-Security-Policy": contentPolicy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
		if strings.HasPrefix(path, "/api") && !strings.Contains(path, "openapi") && h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept: %q", path, h.Get("Cache-Control"))
		}
	}
}

func TestPage(t *testing.T) {
	s := newSite(t)
	b := s.anonymous()
	for path, want := range map[string]struct {
		status        int
		begins, cache string
	}{
		"/":                 {200, "<!doctype html>", "no-cache"},
		"/desk":             {200, "<!doctype html>", "no-cache"},
		"/calls/x/y":        {200, "<!doctype html>", "no-cache"},
		"/assets/a-1.js":    {200, "let a", "public, max-age=31536000, immutable"},
		"/favicon.svg":      {200, "<svg", "no-cache"},
		"/assets/gone.js":   {404, "not found", ""},
		"/assets/.secret":   {404, "not found", ""},
		"/../../etc/passwd": {200, "<!doctype html>", "no-cache"}, // cleaned, and then the page's own path
	} {
		r := b.do("GET", path, "")
		if r.status != want.status || !strings.HasPrefix(r.body, want.begins) || r.header.Get("Cache-Control") != want.cache {
			t.Errorf("%s: %d %q %.20s", path, r.status, r.header.Get("Cache-Control"), r.body)
		}
	}
	r := b.do("GET", "/assets/a-1.js", "", "Accept-Encoding", "br, gzip;q=0.8")
	if r.header.Get("Content-Encoding") != "gzip" || r.header.Get("Content-Type") != "text/javascript; charset=utf-8" || len(r.body) > 200 {
		t.Errorf("packed: %v, %d bytes", r.header, len(r.body))
	}
	if again := b.do("GET", "/", "", "If-None-Match", b.do("GET", "/", "", "Accept-Encoding", "identity").header.Get("Etag"), "Accept-Encoding", "identity"); again.status != 304 {
		t.Errorf("unchanged page: %d", again.status)
	}
	if r := b.do("POST", "/", "x"); r.status != 405 {
		t.Errorf("POST: %d", r.status)
	}
	empty := newSite(t, func(d *Deps) { d.Page = fstest.MapFS{} })
	if r := empty.anonymous().do("GET", "/", ""); r.status != 503 || !strings.Contains(r.body, "make build") {
		t.Errorf("not built: %d %s", r.status, r.body)
	}
	if _, err := newPage(Dist()); err != nil {
		t.Error(err)
	}
}

func TestHealthAndMetrics(t *testing.T) {
	s := newSite(t)
	b := s.anonymous()
	if r := b.do("GET", "/healthz", ""); r.status != 200 {
		t.Errorf("healthz %d", r.status)
	}
	if r := b.do("GET", "/readyz", ""); r.status != 200 || !strings.Contains(r.body, `{"name":"redis","state":"ok"}`) {
		t.Errorf("readyz %d %s", r.status, r.body)
	}
	s.mu.Lock()
	s.fail = errAway
	s.mu.Unlock()
	r := b.do("GET", "/readyz", "")
	if r.status != 503 || !strings.Contains(r.body, `{"name":"redis","state":"fault"}`) || !strings.Contains(r.body, `{"name":"postgres","state":"ok"}`) {
		t.Errorf("readyz with a fault: %d %s", r.status, r.body)
	}
	if r := b.do("GET", "/metrics", ""); strings.Contains(r.body, "hotline_http") {
		t.Error("figures on the public listener")
	}
	s.url = s.admin
	r = s.anonymous().do("GET", "/metrics", "")
	if r.status != 200 || !strings.Contains(r.body, `hotline_http_requests_total{operation="readyz",status="503"} 1`) {
		t.Errorf("metrics %d %.2000s", r.status, r.body)
	}
}

func TestPanicIsAnAnswer(t *testing.T) {
	s := newSite(t)
	w := httptest.NewRecorder()
	h := s.server.around(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret of the code") }))
	h.ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/x", nil))
	if w.Code != 500 || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
