package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"hotline/ari/call"
)

// shelf is a store in memory with the log's own rules: entries of a call in
// turn, under the slot's epoch. It can be away and it can hang.
type shelf struct {
	mu     sync.Mutex
	away   bool
	hang   bool
	epochs map[int]int64
	log    map[string][]call.Entry
	trips  int
	most   int // entries in one round trip
}

func newShelf() *shelf { return &shelf{epochs: map[int]int64{}, log: map[string][]call.Entry{}} }

func (s *shelf) set(away, hang bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away, s.hang = away, hang
}

func (s *shelf) state() (away, hang bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.away, s.hang
}

func (s *shelf) TakeSlot(_ context.Context, slot int, _ string) (int64, error) {
	if away, _ := s.state(); away {
		return 0, call.ErrAway
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.epochs[slot]++
	return s.epochs[slot], nil
}

func (s *shelf) OpenCalls(context.Context, int) ([]call.Record, error) { return nil, nil }

func (s *shelf) Append(ctx context.Context, e call.Entry, after call.State) error {
	return s.AppendAll(ctx, []call.Transition{{Entry: e, After: after}})[0]
}

func (s *shelf) AppendAll(ctx context.Context, all []call.Transition) []error {
	answers := make([]error, len(all))
	away, hang := s.state()
	if hang {
		<-ctx.Done()
		away = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trips++
	s.most = max(s.most, len(all))
	for i, t := range all {
		have := s.log[t.Entry.Call]
		switch next := int64(len(have)) + 1; {
		case away:
			answers[i] = call.ErrAway
		case s.epochs[t.Entry.Slot] != t.Entry.Epoch:
			answers[i] = call.ErrFenced
		case t.Entry.Seq == next:
			s.log[t.Entry.Call] = append(have, t.Entry)
		case t.Entry.Seq < next && have[t.Entry.Seq-1].At.Equal(t.Entry.At): // given again
		default:
			answers[i] = call.ErrFenced
		}
	}
	return answers
}

func (s *shelf) count(id string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.log[id])
}

// start opens and runs a journal until stop is called.
func start(t *testing.T, s Store, dir string) (j *Journal, stop func()) {
	t.Helper()
	j, err := Open(s, dir, func(message string, err error) { t.Log(message, err) })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = j.Run(ctx) })
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			running.Wait()
			if err := j.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(stop)
	return j, stop
}

func entry(id string, epoch, seq int64) call.Entry {
	return call.Entry{Call: id, Slot: 1, Epoch: epoch, Seq: seq, At: time.Unix(seq, 0).UTC(), Event: call.Digit{Key: "3"}}
}

func add(t *testing.T, j *Journal, id string, epoch, seq int64) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return j.Append(ctx, entry(id, epoch, seq), call.State{ID: id, Phase: call.Waiting})
}

func take(t *testing.T, j *Journal) int64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	epoch, err := j.TakeSlot(ctx, 1, "test")
	if err != nil {
		t.Fatal(err)
	}
	return epoch
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 1000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("never: ", what)
}

func TestManyCallsShareARoundTrip(t *testing.T) {
	s := newShelf()
	j, _ := start(t, s, t.TempDir())
	epoch := take(t, j)
	var calls sync.WaitGroup
	const n, each = 50, 20
	for i := range n {
		calls.Go(func() {
			for seq := range int64(each) {
				if err := add(t, j, fmt.Sprint(i), epoch, seq+1); err != nil {
					t.Error(err)
				}
			}
		})
	}
	calls.Wait()
	for i := range n {
		if got := s.count(fmt.Sprint(i)); got != each {
			t.Errorf("call %d has %d entries", i, got)
		}
	}
	if s.most < 2 {
		t.Errorf("%d round trips, never two entries in one", s.trips)
	}
	t.Logf("%d entries in %d round trips, at most %d in one", n*each, s.trips, s.most)
}

func TestAwayThenBackInOrder(t *testing.T) {
	for _, how := range []struct {
		name       string
		away, hang bool
	}{{"refuses", true, false}, {"hangs", false, true}} {
		t.Run(how.name, func(t *testing.T) {
			s := newShelf()
			j, _ := start(t, s, t.TempDir())
			epoch := take(t, j)
			seq := int64(0)
			write := func(n int) {
				for range n {
					seq++
					if err := add(t, j, "c", epoch, seq); err != nil {
						t.Fatal(err)
					}
				}
			}
			write(3)
			s.set(how.away, how.hang)
			write(5)
			if s.count("c") != 3 || j.Backlog() != 5 {
				t.Fatalf("%d in the store, %d in the spool", s.count("c"), j.Backlog())
			}
			s.set(false, false)
			write(4)
			eventually(t, "all in the store", func() bool { return s.count("c") == 12 && j.Backlog() == 0 })
			write(2)
			if s.count("c") != 14 {
				t.Fatalf("%d in the store", s.count("c"))
			}
			if next := take(t, j); next != epoch+1 {
				t.Fatalf("epoch %d", next)
			}
		})
	}
}

// A process killed during an outage has lost nothing that was acknowledged, and
// the next one writes it before it takes the slot.
func TestKilledDuringAnOutage(t *testing.T) {
	s, dir := newShelf(), t.TempDir()
	j, stop := start(t, s, dir)
	epoch := take(t, j)
	s.set(true, false)
	for seq := range int64(4) {
		if err := add(t, j, "c", epoch, seq+1); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	// The last line of a fifth entry was being written.
	f, err := os.OpenFile(filepath.Join(dir, "log.spool"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`0badcafe {"call":"c","seq":5,`); err != nil {
		t.Fatal(err)
	}
	f.Close()

	j, _ = start(t, s, dir)
	if j.Backlog() != 4 {
		t.Fatalf("%d entries were found in the spool", j.Backlog())
	}
	s.set(false, false)
	if next := take(t, j); next != epoch+1 {
		t.Fatalf("epoch %d", next)
	}
	if s.count("c") != 4 {
		t.Fatalf("%d entries in the store when the slot was taken", s.count("c"))
	}
}

// The store was away for us only, and another instance took the slot: what we
// wrote meanwhile is refused, kept, and our calls are told to stop.
func TestFencedDuringAnOutage(t *testing.T) {
	s, dir := newShelf(), t.TempDir()
	j, _ := start(t, s, dir)
	epoch := take(t, j)
	if err := add(t, j, "c", epoch, 1); err != nil {
		t.Fatal(err)
	}
	s.set(true, false)
	if err := add(t, j, "c", epoch, 2); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	s.epochs[1]++
	s.away = false
	s.mu.Unlock()
	eventually(t, "the spool is empty", func() bool { return j.Backlog() == 0 })
	if err := add(t, j, "c", epoch, 3); !errors.Is(err, call.ErrFenced) {
		t.Fatalf("a fenced writer: %v", err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "log.refused")); err != nil || len(b) == 0 {
		t.Fatalf("the refused entry is lost: %v", err)
	}
	if s.count("c") != 1 {
		t.Fatalf("%d entries in the store", s.count("c"))
	}
}

func TestOneProcessAFolder(t *testing.T) {
	dir := t.TempDir()
	start(t, newShelf(), dir)
	if _, err := Open(newShelf(), dir, func(string, error) {}); err == nil {
		t.Fatal("two journals share a spool")
	}
}
