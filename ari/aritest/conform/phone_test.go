package conform

import (
	"sync"
	"testing"
	"time"

	"hotline/ari/aritest/conform/sipua"
)

// realPhone is a telephone at the real Asterisk.
type realPhone struct {
	name, server string
	ua           *sipua.UA

	mu   sync.Mutex
	t    *testing.T
	last *sipua.Call
	// second is the call to whom a transfer goes
	second *sipua.Call
}

// begin gives the telephone to a case.
func (p *realPhone) begin(t *testing.T) {
	p.mu.Lock()
	p.t, p.last = t, nil
	p.mu.Unlock()
	p.RingsOut()
}

func (p *realPhone) Endpoint() string { return "PJSIP/" + p.name }

func (p *realPhone) on(f func(*sipua.Call)) {
	p.ua.OnCall(func(c *sipua.Call) {
		p.mu.Lock()
		p.last = c
		p.mu.Unlock()
		f(c)
	})
}

func (p *realPhone) Answers(after time.Duration) {
	p.on(func(c *sipua.Call) {
		c.Ring()
		select {
		case <-time.After(after):
			c.Answer()
		case <-c.Ended():
		}
	})
}

func (p *realPhone) RingsOut() { p.on(func(c *sipua.Call) { c.Ring() }) }

func (p *realPhone) Busy() { p.on(func(c *sipua.Call) { c.Refuse(486, "Busy Here") }) }

func (p *realPhone) Reject() {
	p.on(func(c *sipua.Call) {
		c.Ring()
		time.Sleep(100 * time.Millisecond)
		c.Refuse(603, "Decline")
	})
}

// call is the one that is up.
func (p *realPhone) call() *sipua.Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last == nil {
		p.t.Fatalf("phone %s has had no call", p.name)
	}
	return p.last
}

func (p *realPhone) done(err error) {
	if err != nil {
		p.t.Errorf("phone %s: %v", p.name, err)
	}
}

func (p *realPhone) HangUp() { p.done(p.call().HangUp()) }
func (p *realPhone) Hold()   { p.done(p.call().Hold()) }
func (p *realPhone) Unhold() { p.done(p.call().Unhold()) }

func (p *realPhone) Transfer(number string) {
	status, err := p.call().Refer(number)
	p.done(err)
	if status != 202 {
		p.t.Errorf("phone %s: transfer was answered with %d", p.name, status)
	}
}

func (p *realPhone) Consult(number string) {
	second, err := p.ua.Dial(number)
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	p.second = second
	p.mu.Unlock()
}

func (p *realPhone) Connect() {
	p.mu.Lock()
	second := p.second
	p.mu.Unlock()
	select {
	case <-second.Answered():
	case <-second.Ended():
		p.t.Fatalf("phone %s: second call ended with %d", p.name, second.Status())
	}
	status, err := p.call().ReferTo(second)
	p.done(err)
	if status != 202 {
		p.t.Errorf("phone %s: attended transfer was answered with %d", p.name, status)
	}
}

func (p *realPhone) Reason() string { return p.call().Reason() }
