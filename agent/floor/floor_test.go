package floor

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"hotline/agent"
	"hotline/ari/call"
)

func signIn(t *testing.T, f *Floor, ids ...string) {
	t.Helper()
	ctx := t.Context()
	for i, id := range ids {
		err := f.Register(ctx, []agent.Agent{agent.New(id, "name "+id, fmt.Sprintf("10%02d", i), []string{"repair"}, time.Now().UTC())})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Desks("test").Opened(ctx, id); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Command(ctx, id, -1, agent.GoReady{Device: agent.Browser}); err != nil {
			t.Fatal(err)
		}
	}
}

func runMatchers(t *testing.T, f *Floor, n int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			m := NewMatcher(f, func(err error) {
				if ctx.Err() == nil {
					t.Error(err)
				}
			})
			_ = m.Run(ctx)
		})
	}
	t.Cleanup(func() { cancel(); wg.Wait() })
}

func place(id string, entered time.Time) Place {
	return Place{Call: id, Slot: 1, Queue: "repair", EnteredAt: entered, Attempt: 1}
}

// next waits for a message to the slot.
func next(t *testing.T, f *Floor) (string, call.Event) {
	t.Helper()
	for range 50 {
		id, e, ok, err := f.Next(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			return id, e
		}
	}
	t.Fatal("no message came")
	return "", nil
}

func TestCallersAreServedInOrderByTheLongestIdle(t *testing.T) {
	f, _ := newFloor(t)
	signIn(t, f, "a", "b")
	now := time.Now().UTC()
	for i, id := range []string{"first", "second", "third"} {
		if err := f.Enqueue(t.Context(), place(id, now.Add(time.Duration(i)*time.Second))); err != nil {
			t.Fatal(err)
		}
	}
	runMatchers(t, f, 1)
	for _, want := range []struct{ call, agent, phone string }{{"first", "a", "1000-web"}, {"second", "b", "1001-web"}} {
		id, e := next(t, f)
		r, ok := e.(call.AgentReserved)
		if !ok || id != want.call || r.Agent != want.agent || r.Endpoint != want.phone || r.Attempt != 1 {
			t.Fatalf("want %+v, got %s %+v", want, id, e)
		}
	}
	// The third waits until somebody is free again.
	if _, err := f.Command(t.Context(), "b", -1, agent.Release{Call: "second", Attempt: 1, Why: agent.OfferVoid}); err != nil {
		t.Fatal(err)
	}
	if id, e := next(t, f); id != "third" {
		t.Fatalf("got %s %+v", id, e)
	}
	waiting, err := f.Waiting(t.Context())
	if err != nil || len(waiting) != 3 || waiting[0].Call != "first" || !waiting[0].Offered {
		t.Fatalf("waiting %+v, %v", waiting, err)
	}
}

func TestNobodyOnDutyIsTold(t *testing.T) {
	f, _ := newFloor(t)
	if err := f.Enqueue(t.Context(), place("lonely", time.Now().UTC())); err != nil {
		t.Fatal(err)
	}
	runMatchers(t, f, 1)
	if id, e := next(t, f); id != "lonely" || e != (call.QueueUnstaffed{}) {
		t.Fatalf("got %s %+v", id, e)
	}
}

func TestStaleAndImpossibleCommandsAreRefused(t *testing.T) {
	f, _ := newFloor(t)
	signIn(t, f, "a")
	a, err := f.Agent(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Command(t.Context(), "a", a.Version-1, agent.GoAway{Reason: agent.Break}); !errors.Is(err, agent.ErrStale) {
		t.Errorf("old version: %v", err)
	}
	if _, err := f.Command(t.Context(), "a", a.Version, agent.FinishWrapUp{}); !errors.Is(err, agent.ErrNotNow) {
		t.Errorf("finish wrap-up while ready: %v", err)
	}
	if _, err := f.Command(t.Context(), "nobody", -1, agent.GoOffline{}); !errors.Is(err, ErrUnknownAgent) {
		t.Errorf("unknown agent: %v", err)
	}
	after, err := f.Agent(t.Context(), "a")
	if err != nil || after.Version != a.Version {
		t.Errorf("refused commands changed the agent: %+v, %v", after, err)
	}
}

func TestWrapUpEndsByItself(t *testing.T) {
	f, _ := newFloor(t)
	signIn(t, f, "a")
	ctx := t.Context()
	for _, e := range []agent.Event{
		agent.Reserve{Call: "c", Attempt: 1}, agent.Connect{Call: "c", Attempt: 1},
		agent.Release{Call: "c", Attempt: 1, Why: agent.Finished, WrapUp: 10 * time.Millisecond},
	} {
		if _, err := f.Command(ctx, "a", -1, e); err != nil {
			t.Fatal(err)
		}
	}
	changes, err := f.Changes(ctx)
	if err != nil {
		t.Fatal(err)
	}
	runMatchers(t, f, 1)
	timeout := time.After(10 * time.Second)
	for {
		a, err := f.Agent(ctx, "a")
		if err != nil {
			t.Fatal(err)
		}
		if a.State == agent.Ready {
			return
		}
		select {
		case <-changes:
		case <-timeout:
			t.Fatalf("still %s", a.State)
		}
	}
}

// Four matchers at once on one floor: every call is offered once per attempt,
// and no agent is bound to two.
func TestFourMatchersAreHarmless(t *testing.T) {
	f, _ := newFloor(t)
	agents := []string{"a", "b", "c", "d", "e"}
	signIn(t, f, agents...)
	runMatchers(t, f, 4)
	ctx := t.Context()
	const calls = 200
	go func() {
		for i := range calls {
			if f.Enqueue(ctx, place(fmt.Sprintf("call-%03d", i), time.Now().UTC())) != nil {
				return // the test has failed already
			}
		}
	}()
	busy := map[string]string{}
	served := map[string]bool{}
	var mu sync.Mutex
	var ending sync.WaitGroup
	defer ending.Wait()
	for len(served) < calls {
		id, e := next(t, f)
		r, ok := e.(call.AgentReserved)
		if !ok {
			t.Fatalf("unexpected %T", e)
		}
		mu.Lock()
		if served[id] {
			t.Fatalf("%s was offered twice", id)
		}
		if other, ok := busy[r.Agent]; ok {
			t.Fatalf("%s has %s and was offered %s", r.Agent, other, id)
		}
		served[id], busy[r.Agent] = true, id
		mu.Unlock()
		ending.Go(func() {
			if err := f.Dequeue(ctx, id); err != nil {
				t.Error(err)
			}
			mu.Lock()
			delete(busy, r.Agent) // before the floor knows: from then on a new offer is right
			mu.Unlock()
			if _, err := f.Command(ctx, r.Agent, -1, agent.Release{Call: id, Attempt: 1, Why: agent.OfferVoid}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestDeskThatNobodyConfirmsIsLost(t *testing.T) {
	f, db := newFloor(t)
	signIn(t, f, "a")
	if err := db.Del(t.Context(), f.deskKey("a")).Err(); err != nil { // as its expiry would
		t.Fatal(err)
	}
	all, err := f.Agents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := f.sweepDesks(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	if a, err := f.Agent(t.Context(), "a"); err != nil || a.Connected || a.Available() {
		t.Fatalf("%+v, %v", a, err)
	}
}

func TestChangesEndWithTheContext(t *testing.T) {
	f, _ := newFloor(t)
	ctx, cancel := context.WithCancel(t.Context())
	changes, err := f.Changes(ctx)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	select {
	case _, open := <-changes:
		if open {
			t.Error("a change that nobody made")
		}
	case <-time.After(5 * time.Second):
		t.Fatal("the subscription outlives its context")
	}
}

// A page moves from one instance to another: the late goodbye of the first must
// not take the agent off the floor.
func TestPagesOnTwoInstances(t *testing.T) {
	f, _ := newFloor(t)
	signIn(t, f, "a")
	ctx := t.Context()
	other, first := f.Desks("other"), f.Desks("test")
	connected := func(want bool) {
		t.Helper()
		if a, err := f.Agent(ctx, "a"); err != nil || a.Connected != want {
			t.Fatalf("connected %t (%v), want %t", a.Connected, err, want)
		}
	}
	for _, step := range []struct {
		do   func() error
		want bool
	}{
		{func() error { return other.Opened(ctx, "a") }, true},
		{func() error { return first.Lost(ctx, "a") }, true},
		{func() error { return other.Lost(ctx, "a") }, false},
		{func() error { return other.Kept(ctx, []string{"a"}) }, true},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		connected(step.want)
	}
}

func TestALeaseHasOneHolder(t *testing.T) {
	f, db := newFloor(t)
	ctx := t.Context()
	a, b := f.Leases("a"), f.Leases("b")
	held := func(l *Leases, want bool) {
		t.Helper()
		if got, err := l.Hold(ctx, 1); err != nil || got != want {
			t.Fatalf("held %t (%v), want %t", got, err, want)
		}
	}
	held(a, true)
	held(a, true)
	held(b, false)
	if err := b.Drop(ctx, 1); err != nil { // not b's to give
		t.Fatal(err)
	}
	held(b, false)
	if err := a.Drop(ctx, 1); err != nil {
		t.Fatal(err)
	}
	held(b, true)
	if err := db.Del(ctx, b.key(1)).Err(); err != nil { // as its expiry would
		t.Fatal(err)
	}
	held(a, true)
	held(b, false)
	for _, l := range []*Leases{a, b} {
		if _, err := l.Peers(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := a.Peers(ctx); err != nil || n != 2 {
		t.Fatalf("%d peers (%v)", n, err)
	}
	if err := b.Leave(ctx); err != nil {
		t.Fatal(err)
	}
	if n, err := a.Peers(ctx); err != nil || n != 1 {
		t.Fatalf("%d peers (%v)", n, err)
	}
}
