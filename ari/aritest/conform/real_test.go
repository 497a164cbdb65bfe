package conform

import (
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"math"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hotline/ari"
	"hotline/ari/aritest/conform/sipua"
	"hotline/deploy/local"
)

const (
	lanes    = 8 // cases at a time; they mostly wait
	callerIP = "127.0.0.4"
	phoneIP  = "127.0.0.5"
)

// dialplan leads every number to the application of that name, and keeps how
// it left.
const dialplan = `
[conform]
exten => _c.,1,Set(GLOBAL(status${EXTEN})=)
 same => n,Stasis(${EXTEN},in,${EXTEN})
 same => n,Set(GLOBAL(status${EXTEN})=${STASISSTATUS})
 same => n,Hangup()
; where a transfer leads that no application takes
exten => echo,1,Answer()
 same => n,Echo()
; what a dialplan function says after an application gave the channel back
exten => inhibited,1,Set(GLOBAL(said)=${SHELL(printf yes)})
 same => n,Hangup()
`

// real is a private Asterisk with telephones.
type real struct {
	stack  *local.Stack
	phones [lanes][2]*realPhone
	lanes  chan int
	sounds string

	mu   sync.Mutex
	apps int
}

// TestReal runs the suite, and what only the real one has.
func TestReal(t *testing.T) {
	if err := flag.Set("test.parallel", fmt.Sprint(lanes)); err != nil {
		t.Fatal(err)
	}
	r := startReal(t)
	t.Run("cases", func(t *testing.T) { Run(t, r) })
	t.Run("only", func(t *testing.T) { runCases(t, r, r.only()) })
	t.Run("nothing is left", r.nothingLeft)
	t.Run("restart", func(t *testing.T) {
		r.one(t, func(t *testing.T, s Site) { restart(newBench(t, t.Context(), s), r.restart) })
	})
}

// nothingLeft asserts that no case left a channel behind.
func (r *real) nothingLeft(t *testing.T) {
	var out string
	for range 20 {
		var err error
		if out, err = r.stack.Asterisk(t.Context(), "core show channels concise"); err != nil {
			t.Fatal(err)
		}
		if out == "" {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("channels are left:\n%s", out)
}

// restart kills Asterisk and starts it again.
func (r *real) restart(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := errors.Join(r.stack.KillAsterisk(), r.stack.StartAsterisk(ctx)); err != nil {
		t.Fatal(err)
	}
}

func startReal(t *testing.T) *real {
	t.Helper()
	r := &real{lanes: make(chan int, lanes)}
	dir, err := os.MkdirTemp("", "hotline-conform-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	var pjsip strings.Builder
	fmt.Fprintf(&pjsip, "[caller](leg)\ncontext=conform\ntransport=transport-udp\nallow=alaw\n\n[caller]\ntype=identify\nendpoint=caller\nmatch=%s\n", callerIP)
	for lane := range lanes {
		r.lanes <- lane
		for n := range 2 {
			name := fmt.Sprintf("%d", 1000+10*lane+n)
			ua, err := sipua.New(name, phoneIP)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(ua.Close)
			r.phones[lane][n] = &realPhone{t: t, name: name, ua: ua}
			fmt.Fprintf(&pjsip, "\n[%s](leg)\ncontext=conform\ntransport=transport-udp\nallow=alaw\naors=%s\n\n[%s]\ntype=aor\ncontact=sip:%s@%s:%d\n",
				name, name, name, name, phoneIP, ua.Port())
		}
	}
	pjsip.WriteString("\n[9999](leg)\ncontext=conform\nallow=alaw\naors=9999\n\n[9999]\ntype=aor\nmax_contacts=1\n")
	r.sounds = filepath.Join(dir, "sounds")
	for _, d := range []string{r.sounds, filepath.Join(dir, "asterisk", "data", "moh"), filepath.Join(dir, "asterisk", "data", "sounds")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	writeTone(t, filepath.Join(dir, "asterisk", "data", "moh", "tone.wav"), 10*time.Second)
	writeTone(t, filepath.Join(dir, "asterisk", "data", "sounds", "beep.wav"), 200*time.Millisecond)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r.stack, err = local.Start(ctx, local.Options{
		Dir: dir, Root: filepath.Join("..", "..", ".."),
		Alone: &local.Alone{Phones: []byte(pjsip.String()), Dialplan: []byte(dialplan)},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			b, _ := os.ReadFile(filepath.Join(dir, "asterisk", "log", "messages.log"))
			t.Logf("Asterisk's log:\n%s", b[max(0, len(b)-8000):])
		}
		// Asked to end, it would wait 15 s for a channel that does not exist any
		// more: see duplicateID.
		if err := errors.Join(r.stack.KillAsterisk(), r.stack.Stop()); err != nil {
			t.Error(err)
		}
	})
	for _, pair := range r.phones {
		for _, p := range pair {
			p.server = r.sip()
			if err := p.ua.Connect(p.server); err != nil {
				t.Fatal(err)
			}
		}
	}
	return r
}

func (r *real) sip() string { return fmt.Sprintf("127.0.0.1:%d", r.stack.Ports().SIP) }

// Do runs the case on one of the lanes.
func (r *real) Do(t *testing.T, run func(*testing.T, Site)) {
	t.Parallel()
	r.one(t, run)
}

func (r *real) one(t *testing.T, run func(*testing.T, Site)) {
	lane := <-r.lanes
	defer func() { r.lanes <- lane }()
	r.mu.Lock()
	r.apps++
	s := &realSite{t: t, real: r, lane: lane, app: fmt.Sprintf("c%d", r.apps)}
	r.mu.Unlock()
	for _, p := range r.phones[lane] {
		p.begin(t)
	}
	defer s.tidy()
	run(t, s)
}

// tidy ends what the case left, as long as its own.
func (s *realSite) tidy() {
	for _, ua := range s.callers {
		for _, c := range ua.Calls() {
			_ = c.HangUp() // it may be over
		}
		ua.Close()
	}
	for _, p := range s.real.phones[s.lane] {
		for _, c := range p.ua.Calls() {
			_ = c.HangUp()
		}
	}
}

type realSite struct {
	t       *testing.T
	real    *real
	lane    int
	app     string
	mu      sync.Mutex
	callers []*sipua.UA
}

func (s *realSite) App() string { return s.app }

func (s *realSite) Options() ari.Options {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	return ari.Options{
		URL:  fmt.Sprintf("http://127.0.0.1:%d/ari", s.real.stack.Ports().HTTP),
		User: "hotline", Password: s.real.stack.Secrets().ARI,
		HTTP: &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}},
	}
}

func (s *realSite) Call(number string) Caller {
	ua, err := sipua.New("13800138000", callerIP)
	if err != nil {
		s.t.Fatal(err)
	}
	s.mu.Lock()
	s.callers = append(s.callers, ua)
	s.mu.Unlock()
	if err := ua.Connect(s.real.sip()); err != nil {
		s.t.Fatal(err)
	}
	c, err := ua.Dial(number)
	if err != nil {
		s.t.Fatal(err)
	}
	return realCaller{s.t, c}
}

func (s *realSite) Phone(n int) Phone { return s.real.phones[s.lane][n] }

func (s *realSite) Unreachable() string { return "PJSIP/9999" }

func (s *realSite) Sound(d time.Duration) string {
	name := filepath.Join(s.real.sounds, fmt.Sprintf("%dms", d.Milliseconds()))
	s.real.mu.Lock()
	defer s.real.mu.Unlock()
	if _, err := os.Stat(name + ".wav"); err != nil {
		writeTone(s.t, name+".wav", d)
	}
	return "sound:" + name
}

func (s *realSite) Status(number string) string { return s.real.global(s.t, "status"+number) }

// global is a global variable of the dialplan.
func (r *real) global(t *testing.T, name string) string {
	out, err := r.stack.Asterisk(t.Context(), "dialplan show globals")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out) {
		if n, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && n == name {
			return value
		}
	}
	return ""
}

type realCaller struct {
	t *testing.T
	*sipua.Call
}

func (c realCaller) HangUp() {
	if err := c.Call.HangUp(); err != nil {
		c.t.Error(err)
	}
}

// writeTone writes d of a tone as 8 kHz 16-bit mono WAV.
func writeTone(t *testing.T, path string, d time.Duration) {
	t.Helper()
	n := int(d.Seconds() * 8000)
	b := []byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data\x00\x00\x00\x00")
	binary.LittleEndian.PutUint32(b[4:], uint32(36+2*n))
	binary.LittleEndian.PutUint32(b[40:], uint32(2*n))
	for i := range n {
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(8000*math.Sin(2*math.Pi*440*float64(i)/8000))))
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}
