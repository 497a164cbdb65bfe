package ari

import (
	"bytes"
	"os"
	"testing"
)

// realFrames are frames as Asterisk 22.10.1 sent them, one of each shape: the
// order of members, what is left out and how is not for us to invent.
func realFrames(t testing.TB) [][]byte {
	t.Helper()
	text, err := os.ReadFile("testdata/frames-22.10.1.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Split(bytes.TrimSpace(text), []byte("\n"))
}

func TestRealFrames(t *testing.T) {
	kinds := map[string]bool{}
	for _, raw := range realFrames(t) {
		d := decoder{s: string(raw)}
		event := d.event()
		if event == nil {
			t.Errorf("the decoder gave up at byte %d of %s", d.pos, raw)
			continue
		}
		requireAgreement(t, raw)
		h := event.Header()
		if h.Application == "" || h.AsteriskID == "" || h.Timestamp.IsZero() {
			t.Errorf("header of %s is %+v", raw, h)
		}
		kinds[h.Type] = true
	}
	if len(kinds) < 20 {
		t.Errorf("only %d types", len(kinds))
	}
}
