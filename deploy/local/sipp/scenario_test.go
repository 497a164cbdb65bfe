package sipp

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func wellFormed(t *testing.T, b []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(b))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatalf("not well-formed: %v\n%s", err, b)
		}
	}
}

func TestCallerScenario(t *testing.T) {
	parts, err := writeParts(t.TempDir(), []Step{Wait(time.Second), Key('3'), Say(65 * time.Second), AwaitHangUp(time.Minute), HangUp()})
	if err != nil {
		t.Fatal(err)
	}
	if len(parts) != 7 { // 65 s of speech are three files
		t.Errorf("%d parts: %+v", len(parts), parts)
	}
	b, err := render("caller.xml", struct {
		Caller
		Parts []part
	}{Caller{From: "13800138000", To: "4000", AnswerLimit: time.Second}, parts})
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, b)
	for _, want := range []string{"INVITE sip:4000@", `timeout="1000" ontimeout="part0" next="bye"`, `message="key 3"`, `timeout="60000"`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %q in\n%s", want, b)
		}
	}
}

func TestPhoneScenarios(t *testing.T) {
	type data struct {
		Phone
		Loop  *part
		Parts []part
	}
	for name, c := range map[string]struct {
		data data
		has  string
		not  string
	}{
		"never":   {data{Phone: Phone{Never: true}}, `<recv request="CANCEL" next="cancelled"/>`, `ontimeout="pick-up"`},
		"busy":    {data{Phone: Phone{Reject: true, RingFor: time.Second}}, "486 Busy Here", "m=audio"},
		"talks":   {data{Phone: Phone{RingFor: time.Second}, Loop: &part{File: "x", D: time.Second}}, `ontimeout="talk"`, "486"},
		"hang-up": {data{Phone: Phone{RingFor: 2 * time.Second}, Parts: []part{{File: "x", D: time.Second}}}, `timeout="2000" ontimeout="pick-up"`, `ontimeout="talk"`},
	} {
		b, err := render("phone.xml", c.data)
		if err != nil {
			t.Fatal(err)
		}
		wellFormed(t, b)
		if !strings.Contains(string(b), c.has) || strings.Contains(string(b), c.not) {
			t.Errorf("%s: want %q and not %q in\n%s", name, c.has, c.not, b)
		}
	}
}

func TestScenarioRefusesKeywords(t *testing.T) {
	if _, err := render("register.xml", struct {
		Phone
		Expires int
	}{Phone{User: "1007", Password: "a]b"}, 60}); err == nil {
		t.Error("a bracket in a password would end SIPp's keyword")
	}
	if _, err := writeParts(t.TempDir(), []Step{Key('x')}); err == nil {
		t.Error("x was taken for a key")
	}
}

// Sequence numbers and time stamps run on through all files of one leg, and every event has its own time stamp.
func TestMediaRunsOn(t *testing.T) {
	dir := t.TempDir()
	parts, err := writeParts(dir, []Step{Say(time.Second), Key('5'), Wait(time.Second), Key('5')})
	if err != nil {
		t.Fatal(err)
	}
	var seqs []uint16
	events := map[uint32]int{}
	var last uint32
	for _, p := range parts {
		if p.File == "" {
			continue
		}
		b, err := os.ReadFile(filepath.Clean(p.File))
		if err != nil {
			t.Fatal(err)
		}
		for b = b[24:]; len(b) > 0; {
			size := binary.LittleEndian.Uint32(b[8:])
			rtp := b[16+14+20+8 : 16+size]
			b = b[16+size:]
			ts := binary.BigEndian.Uint32(rtp[4:])
			if ts < last {
				t.Errorf("time runs backwards: %d after %d", ts, last)
			}
			last = ts
			seqs = append(seqs, binary.BigEndian.Uint16(rtp[2:]))
			if rtp[1]&0x7f == payloadEvent {
				if rtp[12] != 5 {
					t.Errorf("event %d", rtp[12])
				}
				events[ts]++
			}
		}
	}
	for i, s := range seqs {
		if int(s) != i {
			t.Fatalf("packet %d has sequence number %d", i, s)
		}
	}
	if len(seqs) != 50+2*11 || len(events) != 2 {
		t.Errorf("%d packets, events at %v", len(seqs), events)
	}
}

// Values of ITU-T G.711, table 1: the quietest positive and negative levels, the loudest, and one in the middle.
func TestALaw(t *testing.T) {
	for s, want := range map[int16]byte{0: 0xd5, -1: 0x55, 32767: 0xaa, -32768: 0x2a, 8: 0xd5, 16: 0xd4, 1024: 0xe5} {
		if got := alaw(s); got != want {
			t.Errorf("alaw(%d) = %#x, want %#x", s, got, want)
		}
	}
}
