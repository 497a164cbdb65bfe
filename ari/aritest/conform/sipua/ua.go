// Package sipua is a small SIP telephone for tests, driven by hand: it places
// and takes calls, presses keys, holds and transfers, over real UDP and RTP.
// SIPp plays a script that is fixed before the call begins; a conformance case
// decides while the call runs.
//
// It speaks as much of RFC 3261, 3515 and 3891 as Asterisk needs to hear, on
// loopback only: A-law, no authentication, no TCP.
package sipua

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"time"
)

// UA is a telephone with one address. Its methods are safe for concurrent use.
type UA struct {
	user, ip, server string
	conn             *net.UDPConn
	to               *net.UDPAddr
	wg               sync.WaitGroup

	mu       sync.Mutex
	calls    map[string]*Call // by Call-ID
	waiting  map[string]chan *message
	incoming func(*Call) // runs on a goroutine of its own
	closed   bool
}

// New binds a free port of ip. server is Asterisk's host:port.
func New(user, ip string) (*UA, error) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(ip)})
	if err != nil {
		return nil, fmt.Errorf("sip socket: %w", err)
	}
	return &UA{user: user, ip: ip, conn: conn, calls: map[string]*Call{}, waiting: map[string]chan *message{}}, nil
}

// Connect says where Asterisk is (host:port) and begins to listen.
func (u *UA) Connect(server string) error {
	to, err := net.ResolveUDPAddr("udp4", server)
	if err != nil {
		return fmt.Errorf("address of the server: %w", err)
	}
	u.server, u.to = server, to
	u.wg.Go(u.read)
	return nil
}

// Port is the UDP port on which the telephone listens.
func (u *UA) Port() int { return u.conn.LocalAddr().(*net.UDPAddr).Port }

// OnCall says what happens to calls that come in.
func (u *UA) OnCall(f func(*Call)) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.incoming = f
}

// Calls returns the calls that have not ended.
func (u *UA) Calls() []*Call {
	u.mu.Lock()
	defer u.mu.Unlock()
	var out []*Call
	for _, c := range u.calls {
		if !c.over() {
			out = append(out, c)
		}
	}
	return out
}

// Close takes the telephone off the network without a word.
func (u *UA) Close() {
	u.mu.Lock()
	u.closed = true
	calls := u.calls
	u.calls = map[string]*Call{}
	u.mu.Unlock()
	u.conn.Close()
	for _, c := range calls {
		c.finish(0, "")
	}
	u.wg.Wait()
}

func (u *UA) read() {
	b := make([]byte, 65536)
	for {
		n, err := u.conn.Read(b)
		if err != nil {
			return
		}
		m, err := parse(b[:n])
		if err != nil {
			continue // keep-alives
		}
		if m.isResponse() {
			u.mu.Lock()
			ch := u.waiting[transaction(m)]
			u.mu.Unlock()
			if ch != nil {
				select {
				case ch <- m:
				default: // a retransmission that nobody waits for
				}
			}
			continue
		}
		u.request(m)
	}
}

func (u *UA) request(m *message) {
	id := m.get("Call-ID")
	u.mu.Lock()
	c := u.calls[id]
	incoming, closed := u.incoming, u.closed
	if c == nil && m.method() == "INVITE" && incoming != nil && !closed {
		media, err := newMedia(u.ip)
		if err != nil {
			u.mu.Unlock()
			return
		}
		c = &Call{
			ua: u, id: id, local: m.get("To"), remote: m.get("From"), tag: tag(), target: uriOf(m.get("Contact")),
			invite: m, media: media, answered: make(chan struct{}), ended: make(chan struct{}), Called: m.first,
		}
		c.local += ";tag=" + c.tag
		u.calls[id] = c
		u.wg.Go(func() { incoming(c) })
		u.mu.Unlock()
		return
	}
	u.mu.Unlock()
	if c != nil {
		c.receive(m)
		return
	}
	if m.method() != "ACK" {
		u.send(m.reply(481, "Call Does Not Exist", tag()))
	}
}

// send writes a message; on loopback a lost one is sent again by its sender.
func (u *UA) send(m *message) { _, _ = u.conn.WriteToUDP(m.bytes(), u.to) }

// begin registers the wait for the responses to a request.
func (u *UA) begin(m *message) (responses <-chan *message, end func()) {
	ch, key := make(chan *message, 16), transaction(m)
	u.mu.Lock()
	u.waiting[key] = ch
	u.mu.Unlock()
	return ch, func() {
		u.mu.Lock()
		delete(u.waiting, key)
		u.mu.Unlock()
	}
}

func transaction(m *message) string { return m.get("Call-ID") + " " + m.get("CSeq") }

func (u *UA) host() string { return fmt.Sprintf("%s:%d", u.ip, u.Port()) }

func (u *UA) contact() string { return fmt.Sprintf("<sip:%s@%s>", u.user, u.host()) }

func (u *UA) via() string {
	return fmt.Sprintf("SIP/2.0/UDP %s;rport;branch=z9hG4bK%s", u.host(), tag())
}

func tag() string { return fmt.Sprintf("%012x", rand.Uint64()>>16) }

// answerWithin bounds the wait for the response to a request in a call.
const answerWithin = 5 * time.Second

// Dial places a call to a number and returns at once.
func (u *UA) Dial(number string) (*Call, error) {
	media, err := newMedia(u.ip)
	if err != nil {
		return nil, err
	}
	c := &Call{
		ua: u, id: tag() + tag() + "@" + u.ip, tag: tag(), media: media, target: fmt.Sprintf("sip:%s@%s", number, u.server),
		answered: make(chan struct{}), ended: make(chan struct{}), outgoing: true,
	}
	c.local = fmt.Sprintf("<sip:%s@%s>;tag=%s", u.user, u.ip, c.tag)
	c.remote = fmt.Sprintf("<sip:%s@%s>", number, strings.Split(u.server, ":")[0])
	invite := c.request("INVITE")
	invite.add("Content-Type", "application/sdp")
	invite.body = offer(u.ip, media.port(), 1, "sendrecv")
	c.invite = invite
	u.mu.Lock()
	u.calls[c.id] = c
	u.mu.Unlock()
	u.wg.Go(func() { c.await(invite) })
	return c, nil
}
