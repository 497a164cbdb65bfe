package sipp

import (
	"bytes"
	"embed"
	"fmt"
	"strings"
	"text/template"
	"time"
)

//go:embed *.xml
var scenarios embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"ms":  func(d time.Duration) int64 { return d.Milliseconds() },
	"xml": escape,
}).ParseFS(scenarios, "*.xml"))

// render fills the named scenario.
func render(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, data); err != nil {
		return nil, fmt.Errorf("fill scenario %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// escape makes s safe inside an XML attribute or a SIPp message, where brackets are keywords.
func escape(s string) (string, error) {
	if strings.ContainsAny(s, "[]<>&\"'\r\n") {
		return "", fmt.Errorf("%q has characters that a scenario cannot hold", s)
	}
	return s, nil
}

type stepKind string

const (
	say         stepKind = "say"
	key         stepKind = "key"
	wait        stepKind = "wait"
	hangUp      stepKind = "hangup"
	awaitHangUp stepKind = "await"
)

// Step is one thing that a caller does. Make it with Say, Key, Wait, HangUp or AwaitHangUp.
type Step struct {
	kind  stepKind
	d     time.Duration
	digit string
}

// Say streams speech for d.
func Say(d time.Duration) Step { return Step{kind: say, d: d} }

// Key presses one key (0–9, * or #) as an RFC 4733 event and waits until it is released, which takes keyTime.
func Key(k rune) Step { return Step{kind: key, digit: string(k), d: keyTime} }

// Wait is silence for d.
func Wait(d time.Duration) Step { return Step{kind: wait, d: d} }

// HangUp ends the call from the caller's side.
func HangUp() Step { return Step{kind: hangUp} }

// AwaitHangUp waits until the other side ends the call, and hangs up itself after max.
func AwaitHangUp(max time.Duration) Step { return Step{kind: awaitHangUp, d: max} }
