package sipua

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	packetTime   = 20 * time.Millisecond
	samples      = 160
	payloadPCMA  = 8
	payloadEvent = 101 // telephone-event, as our SDP says
)

// media sends sound, 50 packets a second, and keys in between (RFC 4733). One
// goroutine owns the sending; what arrives is thrown away by another.
type media struct {
	conn *net.UDPConn
	keys chan byte
	stop chan struct{}
	wg   sync.WaitGroup
	once sync.Once
}

func newMedia(ip string) (*media, error) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(ip)})
	if err != nil {
		return nil, fmt.Errorf("media socket: %w", err)
	}
	m := &media{conn: conn, keys: make(chan byte, 32), stop: make(chan struct{})}
	m.wg.Go(func() {
		b := make([]byte, 2048)
		for {
			if _, err := conn.Read(b); err != nil {
				return
			}
		}
	})
	return m, nil
}

func (m *media) port() int { return m.conn.LocalAddr().(*net.UDPAddr).Port }

// send begins the sound towards the address in the other side's SDP.
func (m *media) send(sdp string) {
	to := target(sdp)
	if to == nil {
		return
	}
	m.once.Do(func() { m.wg.Go(func() { m.run(to) }) })
}

func (m *media) run(to *net.UDPAddr) {
	ssrc, seq, ts := rand.Uint32(), uint16(1), uint32(0)
	packet := func(payloadType byte, payload []byte) {
		b := make([]byte, 12, 12+len(payload))
		b[0], b[1] = 0x80, payloadType
		binary.BigEndian.PutUint16(b[2:], seq)
		binary.BigEndian.PutUint32(b[4:], ts)
		binary.BigEndian.PutUint32(b[8:], ssrc)
		seq++
		// A packet that cannot be sent is a lost packet.
		_, _ = m.conn.WriteToUDP(append(b, payload...), to)
	}
	sound := make([]byte, samples)
	for i := range sound {
		sound[i] = 0x55 ^ byte(i*7%64) // not silence
	}
	tick := time.NewTicker(packetTime)
	defer tick.Stop()
	for {
		select {
		case <-m.stop:
			return
		case key := <-m.keys:
			const volume, end, packets = 10, 0x80, 5
			for i := 1; i <= packets+3; i++ {
				flags, length := byte(volume), uint16(min(i, packets)*samples)
				if i > packets {
					flags |= end
				}
				packet(payloadEvent, binary.BigEndian.AppendUint16([]byte{key, flags}, length))
				<-tick.C
			}
			ts += (packets + 3) * samples
		case <-tick.C:
			packet(payloadPCMA, sound)
			ts += samples
		}
	}
}

func (m *media) press(digit rune) {
	select {
	case m.keys <- byte(strings.IndexRune("0123456789*#", digit)):
	case <-m.stop:
	}
}

func (m *media) close() {
	close(m.stop)
	m.conn.Close()
	m.wg.Wait()
}

// offer is our SDP: A-law and keys, in one direction ("sendrecv", "sendonly").
func offer(ip string, port, version int, direction string) string {
	return strings.Join([]string{
		"v=0", fmt.Sprintf("o=- 1 %d IN IP4 %s", version, ip), "s=-", "c=IN IP4 " + ip, "t=0 0",
		fmt.Sprintf("m=audio %d RTP/AVP 8 101", port), "a=rtpmap:8 PCMA/8000", "a=rtpmap:101 telephone-event/8000",
		"a=fmtp:101 0-16", "a=ptime:20", "a=" + direction, "",
	}, "\r\n")
}

func target(sdp string) *net.UDPAddr {
	var to net.UDPAddr
	for line := range strings.SplitSeq(sdp, "\n") {
		line = strings.TrimSpace(line)
		if ip, ok := strings.CutPrefix(line, "c=IN IP4 "); ok {
			to.IP = net.ParseIP(ip)
		}
		if rest, ok := strings.CutPrefix(line, "m=audio "); ok {
			to.Port, _ = strconv.Atoi(strings.Fields(rest)[0])
		}
	}
	if to.IP == nil || to.Port == 0 {
		return nil
	}
	return &to
}
