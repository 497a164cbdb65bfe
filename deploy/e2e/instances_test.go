package e2e

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"hotline/deploy/local/sipp"
)

// instance is a second controller beside the stack's own.
type instance struct {
	cmd  *exec.Cmd
	port int
	done chan struct{}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// another starts a second instance; it ends with the test.
func another(t *testing.T) *instance {
	t.Helper()
	i := &instance{port: freePort(t), done: make(chan struct{})}
	dir := t.TempDir()
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	i.cmd = exec.Command(binary, "serve")
	i.cmd.Env = append(append(os.Environ(), stack.Env()...),
		fmt.Sprintf("HOTLINE_LISTEN=127.0.0.1:%d", i.port), fmt.Sprintf("HOTLINE_ADMIN_LISTEN=127.0.0.1:%d", freePort(t)),
		"HOTLINE_INSTANCE=second", "HOTLINE_STATE="+filepath.Join(dir, "state"))
	i.cmd.Stdout, i.cmd.Stderr = log, log
	i.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := i.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = i.cmd.Wait(); close(i.done) }()
	t.Cleanup(func() {
		i.end(t, syscall.SIGTERM)
		if b, err := os.ReadFile(log.Name()); t.Failed() && err == nil {
			t.Logf("the second instance said:\n%s", b[max(0, len(b)-8000):])
		}
	})
	for range 200 {
		res, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/readyz", i.port))
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return i
			}
		}
		pause(t.Context(), 100*time.Millisecond)
	}
	t.Fatal("the second instance does not become ready")
	return nil
}

func (i *instance) end(t *testing.T, signal syscall.Signal) {
	t.Helper()
	select {
	case <-i.done:
		return
	default:
	}
	if err := i.cmd.Process.Signal(signal); err != nil {
		t.Error(err)
	}
	select {
	case <-i.done:
	case <-time.After(20 * time.Second):
		_ = i.cmd.Process.Kill()
		<-i.done
		t.Error("the second instance did not end")
	}
}

// awaitOwners waits until the slots have these owners, and says how long it took.
func awaitOwners(t *testing.T, what string, ok func(second, all int) bool) time.Duration {
	t.Helper()
	began := time.Now()
	for time.Since(began) < 20*time.Second {
		var second, all int
		err := database.QueryRow(t.Context(), `select count(*) filter (where owner = 'second'), count(*) from slot where id < 100`).Scan(&second, &all)
		if err != nil {
			t.Fatal(err)
		}
		if ok(second, all) {
			return time.Since(began)
		}
		pause(t.Context(), 10*time.Millisecond)
	}
	t.Fatal("the slots were never ", what)
	return 0
}

// Two instances share the slots. One is killed: the other takes its calls over,
// a conversation and a waiting caller among them. It comes back: the slots are
// shared again. The other is stopped in order: its slots go over at once.
func TestInstancesShareAndTakeOver(t *testing.T) {
	second := another(t)
	awaitOwners(t, "shared", func(n, all int) bool { return n == all/2 })
	webPort = second.port
	defer func() { webPort = 0 }()

	d := openDesk(t, "1001")
	d.phone(sipp.Phone{RingFor: time.Second, TalkFor: 12 * time.Second})
	d.ready()
	var calls []*sipp.Call
	for i := range 4 { // over the slots of both, as the dialplan's dice fall
		calls = append(calls, dial(t, fmt.Sprintf("1380013802%d", i), "4000", sipp.Wait(time.Second), sipp.Key('3'), sipp.Say(25*time.Second), sipp.HangUp()))
	}
	first := d.awaitState("talking")
	for _, c := range calls {
		if _, err := c.Await(t.Context(), 1, "key"); err != nil {
			t.Fatal(err)
		}
	}
	pause(t.Context(), time.Second)
	if err := stack.KillHotline(); err != nil {
		t.Fatal(err)
	}
	took := awaitOwners(t, "taken over", func(n, all int) bool { return n == all })
	t.Logf("taken over %s after kill -9", took.Round(time.Millisecond))
	d.await("the end of the first conversation", func(v deskView) bool {
		return v.Agent.State == "wrap_up" && v.Call != nil && v.Call.ID == first.Call.ID
	})
	d.command("finish-wrap-up", nil)
	d.awaitState("talking") // to the next one in the queue
	for _, c := range calls {
		if _, err := c.Wait(); err != nil {
			t.Error(err)
		}
	}
	answered := 0
	for i := range calls {
		if callOf(t, fmt.Sprintf("1380013802%d", i)).Outcome == "answered" {
			answered++
		}
	}
	same(t, "answered", answered, 2)

	startHotline(t)
	took = awaitOwners(t, "shared again", func(n, all int) bool { return n == all/2 })
	t.Logf("shared again %s after the instance was ready", took.Round(time.Millisecond))
	d.awaitState("wrap_up")
	d.leave()
	webPort = 0
	began := time.Now()
	if err := second.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	awaitOwners(t, "handed over", func(n, _ int) bool { return n == 0 })
	t.Logf("handed over %s after SIGTERM", time.Since(began).Round(time.Millisecond))
	second.end(t, syscall.SIGTERM)
	clean(t)
}
