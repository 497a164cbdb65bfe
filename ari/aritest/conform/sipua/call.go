package sipua

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Call is one dialog.
type Call struct {
	Called string // request line of an incoming call

	ua       *UA
	id, tag  string
	local    string // our address with our tag
	invite   *message
	outgoing bool
	media    *media
	answered chan struct{}
	ended    chan struct{}
	seqLock  sync.Mutex // one request in the call at a time

	mu       sync.Mutex
	remote   string // their address, with their tag once it is known
	target   string // where requests in the call go
	seq      int
	version  int
	status   int      // of the response that ended the setup, 0 if none did
	reason   string   // Reason header of the CANCEL or BYE that ended it
	sent     *message // last response to the INVITE, for its retransmission
	isUp     bool
	done     bool
	notified []string // status lines in the NOTIFYs of a transfer
}

// Answered is closed when the call is up.
func (c *Call) Answered() <-chan struct{} { return c.answered }

// Ended is closed when the call is over.
func (c *Call) Ended() <-chan struct{} { return c.ended }

// Status is the SIP status that refused the call, or 0.
func (c *Call) Status() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status
}

// Reason is the Reason header of the CANCEL or BYE that ended the call.
func (c *Call) Reason() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reason
}

// Notified returns what Asterisk told about a transfer, such as "SIP/2.0 200 OK".
func (c *Call) Notified() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.notified...)
}

// Ring says 180 to an incoming call.
func (c *Call) Ring() { c.respond(180, "Ringing", "") }

// Answer takes an incoming call.
func (c *Call) Answer() {
	c.respond(200, "OK", offer(c.ua.ip, c.media.port(), 1, "sendrecv"))
	c.media.send(c.invite.body)
	c.up()
}

// Refuse ends an incoming call with a status such as 486.
func (c *Call) Refuse(status int, words string) {
	c.respond(status, words, "")
	c.finish(status, "")
}

// respond answers the INVITE, unless that was done finally before.
func (c *Call) respond(status int, words, body string) {
	c.mu.Lock()
	if c.done || c.isUp {
		c.mu.Unlock()
		return
	}
	r := c.invite.reply(status, words, c.tag)
	r.add("Contact", c.ua.contact())
	if body != "" {
		r.add("Content-Type", "application/sdp")
		r.body = body
	}
	c.sent = r
	c.mu.Unlock()
	c.ua.send(r)
}

// Press sends one key.
func (c *Call) Press(digit rune) { c.media.press(digit) }

// HangUp ends the call in the way that its state asks for: CANCEL, BYE or 480.
func (c *Call) HangUp() error {
	c.mu.Lock()
	up, done := c.isUp, c.done
	c.mu.Unlock()
	switch {
	case done:
		return nil
	case up:
		c.finish(0, "")
		_, err := c.do(c.request("BYE"))
		return err
	case !c.outgoing:
		c.Refuse(480, "Temporarily Unavailable")
		return nil
	}
	cancel := &message{first: "CANCEL " + c.target + " SIP/2.0"}
	for _, h := range c.invite.headers {
		switch h[0] {
		case "Via", "From", "To", "Call-ID", "Max-Forwards":
			cancel.headers = append(cancel.headers, h)
		}
	}
	cancel.add("CSeq", fmt.Sprintf("%d CANCEL", c.invite.seq()))
	_, err := c.do(cancel)
	return err
}

// Hold and Unhold offer a new direction (RFC 3264, 8.4).
func (c *Call) Hold() error { return c.reinvite("sendonly") }

// Unhold ends Hold.
func (c *Call) Unhold() error { return c.reinvite("sendrecv") }

func (c *Call) reinvite(direction string) error {
	c.mu.Lock()
	c.version++
	version := c.version + 1
	c.mu.Unlock()
	m := c.request("INVITE")
	m.add("Content-Type", "application/sdp")
	m.body = offer(c.ua.ip, c.media.port(), version, direction)
	r, err := c.do(m)
	if err != nil {
		return err
	}
	c.ack(m, r)
	if r.status() != 200 {
		return fmt.Errorf("re-invite: %s", r.first)
	}
	return nil
}

// Refer asks Asterisk to send the other party to a number (RFC 3515) and
// returns the status of its answer, 202 if it accepts.
func (c *Call) Refer(number string) (int, error) {
	return c.refer(fmt.Sprintf("<sip:%s@%s>", number, c.ua.server))
}

// ReferTo asks Asterisk to connect the other parties of two calls (RFC 3891).
func (c *Call) ReferTo(second *Call) (int, error) {
	second.mu.Lock()
	theirs := tagOf(second.remote)
	second.mu.Unlock()
	replaces := url.QueryEscape(second.id + ";to-tag=" + theirs + ";from-tag=" + second.tag)
	return c.refer(fmt.Sprintf("<sip:replaced@%s?Replaces=%s>", c.ua.server, replaces))
}

func (c *Call) refer(to string) (int, error) {
	m := c.request("REFER")
	m.add("Refer-To", to)
	m.add("Referred-By", "<"+uriOf(c.local)+">")
	r, err := c.do(m)
	if err != nil {
		return 0, err
	}
	return r.status(), nil
}

// request begins a request in the call.
func (c *Call) request(method string) *message {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seq++
	m := &message{first: method + " " + c.target + " SIP/2.0"}
	m.add("Via", c.ua.via())
	m.add("From", c.local)
	m.add("To", c.remote)
	m.add("Call-ID", c.id)
	m.add("CSeq", fmt.Sprintf("%d %s", c.seq, method))
	m.add("Max-Forwards", "70")
	m.add("Contact", c.ua.contact())
	m.add("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, REFER, NOTIFY")
	return m
}

// do sends a request, again each half second, until its final response comes.
func (c *Call) do(m *message) (*message, error) {
	c.seqLock.Lock()
	defer c.seqLock.Unlock()
	responses, end := c.ua.begin(m)
	defer end()
	deadline := time.After(answerWithin)
	for {
		c.ua.send(m)
		select {
		case r := <-responses:
			if r.status() >= 200 {
				return r, nil
			}
		case <-time.After(500 * time.Millisecond):
		case <-deadline:
			return nil, fmt.Errorf("no answer to %s: %w", m.method(), errors.ErrUnsupported)
		}
	}
}

// await follows the setup of an outgoing call.
func (c *Call) await(invite *message) {
	responses, end := c.ua.begin(invite)
	defer end()
	c.ua.send(invite)
	for {
		select {
		case <-c.ended: // Close
			return
		case r := <-responses:
			if r.status() < 200 {
				continue
			}
			c.mu.Lock()
			c.remote = r.get("To")
			if r.status() < 300 {
				c.target = uriOf(r.get("Contact"))
			}
			c.mu.Unlock()
			c.ack(invite, r)
			if r.status() >= 300 {
				c.finish(r.status(), "")
				return
			}
			c.media.send(r.body)
			c.up()
			return
		}
	}
}

func (c *Call) ack(invite, response *message) {
	m := &message{first: "ACK " + c.target + " SIP/2.0"}
	if response.status() >= 300 { // part of the same transaction
		m.first = "ACK " + strings.Fields(invite.first)[1] + " SIP/2.0"
		m.add("Via", invite.get("Via"))
	} else {
		m.add("Via", c.ua.via())
	}
	m.add("From", c.local)
	m.add("To", response.get("To"))
	m.add("Call-ID", c.id)
	m.add("CSeq", fmt.Sprintf("%d ACK", invite.seq()))
	m.add("Max-Forwards", "70")
	c.ua.send(m)
}

// receive takes a request inside the call.
func (c *Call) receive(m *message) {
	switch m.method() {
	case "ACK":
	case "INVITE":
		c.mu.Lock()
		again := c.sent
		isNew := c.outgoing || m.seq() != c.invite.seq()
		c.mu.Unlock()
		if isNew {
			r := m.reply(200, "OK", c.tag)
			r.add("Contact", c.ua.contact())
			r.add("Content-Type", "application/sdp")
			r.body = offer(c.ua.ip, c.media.port(), 1, "sendrecv")
			c.ua.send(r)
		} else if again != nil {
			c.ua.send(again)
		}
	case "CANCEL":
		c.ua.send(m.reply(200, "OK", c.tag))
		c.respond(487, "Request Terminated", "")
		c.finish(487, m.get("Reason"))
	case "BYE":
		c.ua.send(m.reply(200, "OK", c.tag))
		c.finish(0, m.get("Reason"))
	case "NOTIFY":
		c.mu.Lock()
		c.notified = append(c.notified, strings.TrimSpace(m.body))
		c.mu.Unlock()
		c.ua.send(m.reply(200, "OK", c.tag))
		if strings.HasPrefix(m.body, "SIP/2.0 2") { // transferred: a telephone leaves then
			c.ua.wg.Go(func() { _ = c.HangUp() }) // it may be over
		}
	default:
		c.ua.send(m.reply(200, "OK", c.tag))
	}
}

func (c *Call) up() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.isUp && !c.done {
		c.isUp = true
		close(c.answered)
	}
}

func (c *Call) finish(status int, reason string) {
	c.mu.Lock()
	first := !c.done
	if first {
		c.done, c.status, c.reason = true, status, reason
		close(c.ended)
	}
	c.mu.Unlock()
	if first {
		c.media.close()
	}
}

func (c *Call) over() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}
