package web

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// try is a request that succeeds for somebody who may make it.
type try struct {
	path, body string
	who        string // who is asked to succeed, when not everybody with the permission can
	status     int
}

var tries = map[string]try{
	"sign-in":             {"/session", `{"username":"1001","password":"` + password + `"}`, "", 200},
	"sign-out":            {"/session", "", "", 204},
	"get-me":              {"/me", "", "", 200},
	"get-my-phone":        {"/me/phone", "", "", 200},
	"get-my-desk":         {"/me/desk", "", "", 200},
	"desk-ready":          {"/me/desk/actions/ready", `{"version":1,"device":"browser"}`, "", 200},
	"desk-away":           {"/me/desk/actions/away", `{"version":1,"reason":"meal"}`, "", 200},
	"desk-offline":        {"/me/desk/actions/offline", `{"version":1}`, "", 200},
	"desk-finish-wrap-up": {"/me/desk/actions/finish-wrap-up", `{"version":1}`, "", 409},
	"desk-extend-wrap-up": {"/me/desk/actions/extend-wrap-up", `{"version":1}`, "", 409},
	"list-calls":          {"/calls?limit=10", "", "", 200},
	"get-call":            {"/calls/" + talkCall, "", "", 200},
	"get-call-pop":        {"/calls/" + talkCall + "/pop", "", "", 200},
	"call-pop-shown":      {"/calls/" + offerCall + "/actions/pop-shown", `{"attempt":2}`, "1002", 204},
	"call-reject":         {"/calls/" + offerCall + "/actions/reject", `{"attempt":2}`, "1002", 202},
	"call-hang-up":        {"/calls/" + talkCall + "/actions/hang-up", `{}`, "", 202},
	"call-hold":           {"/calls/" + talkCall + "/actions/hold", `{}`, "", 202},
	"call-retrieve":       {"/calls/" + talkCall + "/actions/retrieve", `{}`, "", 202},
	"call-recall":         {"/calls/" + talkCall + "/actions/recall", `{}`, "", 202},
	"call-reveal-number":  {"/calls/" + talkCall + "/actions/reveal-number", `{"reason":"客户要求回电"}`, "", 200},
	"save-call-note":      {"/calls/" + talkCall + "/note", `{"text":"x","revision":0}`, "", 200},
	"list-categories":     {"/categories", "", "", 200},
	"create-ticket":       {"/tickets", `{"category":"R-1","description":"漏水"}`, "", 201},
	"list-tickets":        {"/tickets", "", "", 200},
	"get-ticket":          {"/tickets/" + ticketOne, "", "", 200},
	"get-live":            {"/live", "", "", 200},
	"open-stream":         {"/stream?streams=desk,floor", "", "", 422}, // not an upgrade
}

type described struct{ method, path, id, permission string }

// operations reads the served document.
func operations(t *testing.T, s *site) []described {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			ID         string `json:"operationId"`
			Permission string `json:"x-permission"`
			Security   []any  `json:"security"`
			Responses  map[string]any
		}
	}
	s.anonymous().do("GET", "/api/v1/openapi.json", "").into(t, &doc)
	var out []described
	for path, methods := range doc.Paths {
		for method, op := range methods {
			out = append(out, described{strings.ToUpper(method), path, op.ID, op.Permission})
			if (op.Permission == string(Public)) != (len(op.Security) == 0) {
				t.Errorf("%s: security and x-permission disagree", op.ID)
			}
		}
	}
	slices.SortFunc(out, func(a, b described) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	return out
}

// Every operation × everybody: 401 without a session, 403 without the
// permission that the document names, and neither with it.
func TestMatrix(t *testing.T) {
	everybody := []struct{ name, id string }{{"", ""}, {"1001", agentOne}, {"1002", agentTwo}, {"2001", supervisor}, {"9001", admin}}
	s := newSite(t)
	ops := operations(t, s)
	if len(ops) != len(tries) {
		t.Errorf("%d operations, %d tries: each needs one", len(ops), len(tries))
	}
	for _, op := range ops {
		how, known := tries[op.id]
		if !known {
			t.Errorf("operation %s has no try", op.id)
			continue
		}
		for _, who := range everybody {
			s.reset()
			b := s.anonymous()
			if who.name != "" {
				b = s.signIn(who.name)
			}
			r := b.do(op.method, prefix+how.path, how.body, "Idempotency-Key", "k")
			if r.status >= 500 || strings.Contains(r.body, fullNumber) && op.id != "call-reveal-number" {
				t.Errorf("%s as %q: %d %s", op.id, who.name, r.status, r.body)
			}
			want := how.status
			permitted := op.permission == string(Public)
			for p := range strings.SplitSeq(op.permission, " | ") {
				permitted = permitted || (who.id != "" && may(s.users[who.id], Permission(p)))
			}
			succeeds := who.name == "1001" || who.name == "2001" || who.name == "9001"
			if how.who != "" {
				succeeds = who.name == how.who
			}
			switch {
			case op.permission != string(Public) && who.name == "":
				want = 401
			case !permitted:
				want = 403
			case !succeeds && who.name != "": // permitted, but about somebody else's call: the state refuses
				if r.status == 401 || r.status == 403 {
					t.Errorf("%s as %s: %d although permitted", op.id, who.name, r.status)
				}
				continue
			}
			if r.status != want {
				t.Errorf("%s as %q: %d, want %d: %s", op.id, who.name, r.status, want, r.body)
			}
			if want >= 400 && (r.slug() == "" || r.header.Get("Content-Type") != "application/problem+json") {
				t.Errorf("%s as %q: not a problem document: %s", op.id, who.name, r.body)
			}
			if want == 403 && !strings.Contains(r.body, op.permission) {
				t.Errorf("%s as %q: the missing permission is not named: %s", op.id, who.name, r.body)
			}
		}
	}
}

func TestOperationsGolden(t *testing.T) {
	var out strings.Builder
	for _, op := range operations(t, newSite(t)) {
		fmt.Fprintf(&out, "%-7s%-48s%s\n", op.method, op.path, op.permission)
	}
	golden(t, "testdata/operations.txt", out.String())
}

// The committed description is the served one.
func TestDocument(t *testing.T) {
	s := newSite(t)
	r := s.anonymous().do("GET", "/api/v1/openapi.yaml", "")
	golden(t, "openapi.yaml", strings.Replace(r.body, "version: test", "version: v1", 1))
	if strings.Contains(r.body, "example.com") || strings.Contains(r.body, "$schema") {
		t.Error("the document links elsewhere")
	}
	for _, path := range []string{"/api/v1/docs", "/docs.html", "/api/v1/schemas/Me.json"} {
		if got := s.anonymous().do("GET", path, "").status; got != 404 {
			t.Errorf("%s answers %d", path, got)
		}
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s is not current (UPDATE=1 go test ./web writes it):\n%s", file, d)
	}
}

func TestRegistrationWithoutPermissionPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	s := newSite(t)
	op := describedOperation()
	s.server.describe("", &op)
}
