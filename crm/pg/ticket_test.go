package pg_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/crm"
)

func TestTicketIsMadeOnce(t *testing.T) {
	t.Parallel()
	store, users := estate(t)
	agent, now := users["1001"].ID, time.Now()
	id := incoming(t, store, 1, "13800138000")
	pop, err := store.Pop(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	zhang := pop.Candidates[0]
	in := crm.NewTicket{
		CallID: id, CustomerID: zhang.CustomerID, PropertyID: zhang.Properties[0].ID, Category: "BX.CF.RQ.01", Description: "厨房有燃气味",
		Promise: &crm.Promise{DueOn: now.In(crm.Zone).Format(time.DateOnly), Text: "立即派人"},
	}
	const tries = 8
	tickets := make([]crm.Ticket, tries)
	var wg sync.WaitGroup
	for i := range tries {
		wg.Go(func() {
			var err error
			if tickets[i], err = store.CreateTicket(t.Context(), agent, "key-1", in, now); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, other := range tickets {
		if d := cmp.Diff(tickets[0], other); d != "" {
			t.Fatalf("two answers to one request: %s", d)
		}
	}
	made := tickets[0]
	if made.Severity != crm.Emergency || made.Department != "物业公司" || made.Status != "open" || !made.DueAt.Equal(now.Add(30*time.Minute).Truncate(time.Microsecond)) ||
		made.CreatedByName != "王芳" || *made.CustomerName != "张伟" || made.Promise == nil || *made.CallID != id || made.Revision != 1 || made.Overdue {
		t.Errorf("%+v", made)
	}
	var events, all int
	if err := store.Pool().QueryRow(t.Context(), `select (select count(*) from ticket_event where ticket_id = $1), (select count(*) from ticket)`, made.ID).Scan(&events, &all); err != nil || events != 1 || all != 2 {
		t.Errorf("%d events, %d tickets, %v", events, all, err)
	}
	// A day later the promise is in the past, and the same request still has the same answer.
	if again, err := store.CreateTicket(t.Context(), agent, "key-1", in, now.Add(48*time.Hour)); err != nil || again.ID != made.ID {
		t.Errorf("%+v %v", again, err)
	}
	changed := in
	changed.Description = "卫生间有燃气味"
	if _, err := store.CreateTicket(t.Context(), agent, "key-1", changed, now); !errors.Is(err, crm.ErrKeyReused) {
		t.Errorf("another request under the key: %v", err)
	}
	if other, err := store.CreateTicket(t.Context(), users["1002"].ID, "key-1", changed, now); err != nil || other.ID == made.ID {
		t.Errorf("another user's key: %+v %v", other, err)
	}
	read, err := store.Ticket(t.Context(), made.ID)
	if err != nil || cmp.Diff(made, read) != "" {
		t.Errorf("%+v %v", read, err)
	}
	if c, err := store.Call(t.Context(), id); err != nil || len(c.TicketNumbers) != 2 {
		t.Errorf("%+v %v", c, err)
	}
}

func TestTicketFaultsComeAtOnce(t *testing.T) {
	t.Parallel()
	store, users := estate(t)
	agent, now := users["1001"].ID, time.Now()
	bad := crm.NewTicket{
		CallID: agentA, CustomerID: "x", PropertyID: agentB, Category: "XX", Severity: 9, Description: " ",
		Promise: &crm.Promise{DueOn: "2020-01-01", Text: ""},
	}
	_, err := store.CreateTicket(t.Context(), agent, "k", bad, now)
	faults, ok := crm.AsInvalidInput(err)
	want := crm.InvalidInput{
		{Field: "description", Reason: crm.ReasonEmpty}, {Field: "promise.due_on", Reason: crm.ReasonPast}, {Field: "promise.text", Reason: crm.ReasonEmpty},
		{Field: "customer_id", Reason: crm.ReasonUnknown}, {Field: "category", Reason: crm.ReasonUnknown}, {Field: "call_id", Reason: crm.ReasonUnknown},
		{Field: "property_id", Reason: crm.ReasonUnknown}, {Field: "severity", Reason: crm.ReasonUnknown},
	}
	if d := cmp.Diff(want, faults); !ok || d != "" {
		t.Errorf("%v %s", err, d)
	}
	pop, err := store.Pop(t.Context(), incoming(t, store, 1, "13800138001"))
	if err != nil {
		t.Fatal(err)
	}
	zhang, err := store.Pop(t.Context(), incoming(t, store, 2, "13800138000"))
	if err != nil {
		t.Fatal(err)
	}
	mismatch := crm.NewTicket{CustomerID: pop.Candidates[0].CustomerID, PropertyID: zhang.Candidates[0].Properties[0].ID, Category: "ZX.HT.01", Description: "问"}
	_, err = store.CreateTicket(t.Context(), agent, "k", mismatch, now)
	if faults, _ := crm.AsInvalidInput(err); cmp.Diff(crm.InvalidInput{{Field: "property_id", Reason: crm.ReasonMismatch}}, faults) != "" {
		t.Errorf("another's property: %v", err)
	}
	// The faults used the key up not.
	if _, err := store.CreateTicket(t.Context(), agent, "k", crm.NewTicket{Category: "ZX.HT.01", Description: "问"}, now); err != nil {
		t.Error(err)
	}
}

func TestTicketPages(t *testing.T) {
	t.Parallel()
	store, users := estate(t)
	now := time.Now()
	for i := range 7 {
		at := now.Add(-time.Duration(i/2) * time.Hour) // some at one moment
		if _, err := store.CreateTicket(t.Context(), users["1001"].ID, fmt.Sprint(i), crm.NewTicket{Category: "ZX.HT.01", Description: "问"}, at); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.Pool().Exec(t.Context(), `update ticket set status = 'closed' where number = 20003`); err != nil {
		t.Fatal(err)
	}
	for status, want := range map[string]int{"": 8, "all": 8, "open": 7} {
		seen := map[string]bool{}
		for f := (crm.TicketFilter{Status: status, Limit: 3}); ; {
			items, next, err := store.Tickets(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range items {
				seen[i.ID] = true
			}
			if f.Cursor = next; next == "" {
				break
			}
		}
		if len(seen) != want {
			t.Errorf("status %q: %d tickets, want %d", status, len(seen), want)
		}
	}
	for _, cursor := range []string{"x", "AAAA", "!!"} {
		if _, _, err := store.Tickets(t.Context(), crm.TicketFilter{Cursor: cursor}); err == nil {
			t.Errorf("cursor %q was taken", cursor)
		}
	}
	for _, id := range []string{"x", agentA} {
		if items, _, err := store.Tickets(t.Context(), crm.TicketFilter{CustomerID: id}); err != nil || len(items) != 0 {
			t.Errorf("%v %v", items, err)
		}
		if _, err := store.Ticket(t.Context(), id); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("ticket %s: %v", id, err)
		}
	}
}

func TestNoteRevisions(t *testing.T) {
	t.Parallel()
	store, users := estate(t)
	agent := users["1001"].ID
	id := incoming(t, store, 1, "13800138000")
	if n, err := store.Note(t.Context(), id); err != nil || n != (crm.Note{}) {
		t.Errorf("%+v %v", n, err)
	}
	save := func(text string, revision, want int, wantErr error) {
		t.Helper()
		n, err := store.SaveNote(t.Context(), agent, id, text, revision)
		if !errors.Is(err, wantErr) || n.Revision != want {
			t.Errorf("save %q on revision %d: %+v %v", text, revision, n, err)
		}
	}
	save("早", 1, 0, crm.ErrStale)
	save("业主反映", 0, 1, nil)
	save("业主反映", 0, 1, nil) // the answer was lost
	save("别的", 0, 0, crm.ErrStale)
	save("业主反映渗水", 1, 2, nil)
	save("旧", 1, 0, crm.ErrStale)
	save("", 2, 3, nil)
	if n, err := store.Note(t.Context(), id); err != nil || n.Text != "" || n.Revision != 3 || n.SavedAt == nil {
		t.Errorf("%+v %v", n, err)
	}
	for _, unknown := range []string{"x", agentA} {
		if _, err := store.SaveNote(t.Context(), agent, unknown, "x", 0); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("a note on %s: %v", unknown, err)
		}
	}
}
