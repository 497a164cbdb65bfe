package sipp

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"strings"
	"time"
)

const (
	packetTime = 20 * time.Millisecond
	samples    = 160 // in a packet, at 8 kHz

	payloadPCMA  = 8
	payloadEvent = 101 // telephone-event of RFC 4733, as the scenarios' SDP says

	keyTime = 400 * time.Millisecond // one key: 160 ms pressed, the rest silence
)

// media writes what a leg sends as pcap files that SIPp plays. Sequence numbers and time stamps run on through all files of
// one leg: the same key pressed twice from a canned file has the same time stamp and would count as a retransmission (RFC 4733, 2.5.1.2).
type media struct {
	seq  uint16
	ts   uint32
	ssrc uint32
	tone float64 // seconds of speech made so far
}

// speech writes d of a speech-like sound.
func (m *media) speech(path string, d time.Duration) error {
	var w capture
	for at := time.Duration(0); at < d; at += packetTime {
		payload := make([]byte, samples)
		for i := range payload {
			payload[i] = alaw(m.voice())
		}
		w.packet(at, m.rtp(payloadPCMA, at == 0, m.ts, payload))
		m.ts += samples
	}
	return w.save(path)
}

// press writes one key. The end is sent three times (RFC 4733, 2.5.1.4).
func (m *media) press(path, digit string) error {
	event := strings.Index("0123456789*#", digit)
	if len(digit) != 1 || event < 0 {
		return fmt.Errorf("%q is not a key of a telephone", digit)
	}
	var w capture
	const packets, volume, end = 8, 10, 0x80
	at := time.Duration(0)
	send := func(flags byte, length int, first bool) {
		payload := []byte{byte(event), flags | volume, 0, 0}
		binary.BigEndian.PutUint16(payload[2:], uint16(length*samples))
		w.packet(at, m.rtp(payloadEvent, first, m.ts, payload))
		at += packetTime
	}
	for i := range packets {
		send(0, i+1, i == 0)
	}
	for range 3 {
		send(end, packets, false)
	}
	m.skip(keyTime)
	return w.save(path)
}

// skip lets d of silence pass.
func (m *media) skip(d time.Duration) { m.ts += uint32(d / packetTime * samples) }

func (m *media) rtp(payloadType byte, marker bool, ts uint32, payload []byte) []byte {
	b := make([]byte, 12, 12+len(payload))
	b[0], b[1] = 0x80, payloadType
	if marker {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], m.seq)
	binary.BigEndian.PutUint32(b[4:], ts)
	binary.BigEndian.PutUint32(b[8:], m.ssrc)
	m.seq++
	return append(b, payload...)
}

// voice is the next sample of two formants in syllables of a quarter of a second.
func (m *media) voice() int16 {
	m.tone += 1.0 / 8000
	loud := math.Abs(math.Sin(2 * math.Pi * 2 * m.tone))
	return int16(6000 * loud * (math.Sin(2*math.Pi*220*m.tone) + 0.5*math.Sin(2*math.Pi*880*m.tone)))
}

// alaw encodes one sample as ITU-T G.711 says: sign, segment, four bits of mantissa, even bits inverted.
func alaw(s int16) byte {
	sign := byte(0x80)
	v := int(s)
	if v < 0 {
		sign, v = 0, -v-1
	}
	v >>= 3 // 13 bit
	segment := 0
	for top := v >> 5; top > 0; top >>= 1 {
		segment++
	}
	mantissa := v >> 1
	if segment > 1 {
		mantissa = v >> segment
	}
	return (sign | byte(segment<<4) | byte(mantissa&0x0f)) ^ 0x55
}

// capture is a pcap file of UDP packets over Ethernet; SIPp takes the payload and the times, and puts in its own addresses.
type capture struct{ b []byte }

func (c *capture) packet(at time.Duration, payload []byte) {
	const ethernet, ip, udp = 14, 20, 8
	frame := make([]byte, ethernet+ip+udp)
	binary.BigEndian.PutUint16(frame[12:], 0x0800)
	frame[ethernet] = 0x45
	binary.BigEndian.PutUint16(frame[ethernet+2:], uint16(ip+udp+len(payload)))
	frame[ethernet+8], frame[ethernet+9] = 64, 17
	copy(frame[ethernet+12:], []byte{127, 0, 0, 1, 127, 0, 0, 1})
	binary.BigEndian.PutUint16(frame[ethernet+ip:], 4000)
	binary.BigEndian.PutUint16(frame[ethernet+ip+2:], 4000)
	binary.BigEndian.PutUint16(frame[ethernet+ip+4:], uint16(udp+len(payload)))
	frame = append(frame, payload...)
	c.b = binary.LittleEndian.AppendUint32(c.b, uint32(at/time.Second))
	c.b = binary.LittleEndian.AppendUint32(c.b, uint32(at%time.Second/time.Microsecond))
	c.b = binary.LittleEndian.AppendUint32(c.b, uint32(len(frame)))
	c.b = binary.LittleEndian.AppendUint32(c.b, uint32(len(frame)))
	c.b = append(c.b, frame...)
}

func (c *capture) save(path string) error {
	head := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	head = binary.LittleEndian.AppendUint16(head, 2)
	head = binary.LittleEndian.AppendUint16(head, 4)
	head = append(head, make([]byte, 8)...)
	head = binary.LittleEndian.AppendUint32(head, 65535)
	head = binary.LittleEndian.AppendUint32(head, 1) // Ethernet
	if err := os.WriteFile(path, append(head, c.b...), 0o600); err != nil {
		return fmt.Errorf("write media: %w", err)
	}
	return nil
}
