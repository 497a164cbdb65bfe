package conform

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hotline/ari"
	"hotline/ari/aritest"
)

// fake runs each case in a bubble with a fake of its own: a case of seconds
// takes milliseconds, and nothing of it may be left running.
type fake struct{}

func TestFake(t *testing.T) { Run(t, fake{}) }

func TestFakeRestart(t *testing.T) {
	fake{}.Do(t, func(t *testing.T, s Site) {
		restart(newBench(t, t.Context(), s), func(*testing.T) { s.(*fakeSite).f.Restart(3 * time.Second) })
	})
}

func (fake) Do(t *testing.T, run func(*testing.T, Site)) {
	synctest.Test(t, func(t *testing.T) {
		f := aritest.New(aritest.Options{
			Length: func(media string) (time.Duration, bool) {
				ms, ok := strings.CutPrefix(media, "sound:fake/")
				n, err := strconv.Atoi(ms)
				return time.Duration(n) * time.Millisecond, ok && err == nil
			},
			Dialplan: func(number string) aritest.Destination {
				switch {
				case strings.HasPrefix(number, "c"):
					return aritest.Destination{App: number, Args: []string{"in", number}}
				case number == "echo":
					return aritest.Destination{Stay: true}
				}
				return aritest.Destination{}
			},
		})
		t.Cleanup(f.Close)
		f.Endpoint("PJSIP/9999").Unreachable()
		s := &fakeSite{f: f}
		for n := range s.phones {
			s.phones[n] = &fakePhone{f: f, name: fmt.Sprintf("PJSIP/100%d", n)}
			s.phones[n].RingsOut()
		}
		run(t, s)
	})
}

type fakeSite struct {
	f      *aritest.Fake
	phones [2]*fakePhone
}

func (s *fakeSite) App() string          { return "c1" }
func (s *fakeSite) Options() ari.Options { return s.f.ARI() }
func (s *fakeSite) Call(number string) Caller {
	return fakeCaller{s.f.Call(number, "13800138000", number)}
}
func (s *fakeSite) Phone(n int) Phone           { return s.phones[n] }
func (s *fakeSite) Unreachable() string         { return "PJSIP/9999" }
func (s *fakeSite) Status(number string) string { return s.f.Status(number) }
func (s *fakeSite) Sound(d time.Duration) string {
	return fmt.Sprintf("sound:fake/%d", d.Milliseconds())
}

type fakeCaller struct{ *aritest.Channel }

func (c fakeCaller) Press(digit rune) { c.Channel.Press(digit) }

type fakePhone struct {
	f      *aritest.Fake
	name   string
	second *aritest.Channel
}

func (p *fakePhone) Endpoint() string            { return p.name }
func (p *fakePhone) Answers(after time.Duration) { p.f.Endpoint(p.name).Answers(after) }
func (p *fakePhone) RingsOut()                   { p.f.Endpoint(p.name).RingsOut() }
func (p *fakePhone) Busy()                       { p.f.Endpoint(p.name).Busy() }
func (p *fakePhone) Reject()                     { p.f.Endpoint(p.name).Rejects(100 * time.Millisecond) }
func (p *fakePhone) channel() *aritest.Channel   { return p.f.Endpoint(p.name).Channel() }
func (p *fakePhone) HangUp()                     { p.channel().HangUp() }
func (p *fakePhone) Hold()                       { p.channel().Hold() }
func (p *fakePhone) Unhold()                     { p.channel().Unhold() }
func (p *fakePhone) Transfer(number string)      { p.channel().Transfer(number) }
func (p *fakePhone) Consult(number string)       { p.second = p.f.Endpoint(p.name).Call(number) }
func (p *fakePhone) Connect()                    { p.channel().TransferTo(p.second) }
func (p *fakePhone) Reason() string              { return p.channel().Reason() }
