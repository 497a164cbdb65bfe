package aritest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"hotline/ari"
	"hotline/ari/aritest"
)

// inBubble gives a test a fake, a client and an event stream. The stream's
// events are handed over by a goroutine that the bubble waits for.
func inBubble(t *testing.T, test func(*testing.T, *aritest.Fake, *ari.Client, func() ari.Event)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := aritest.New(aritest.Options{})
		t.Cleanup(f.Close)
		c, err := ari.New(f.ARI())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.CloseIdleConnections)
		stream, err := c.Listen(t.Context(), "app")
		if err != nil {
			t.Fatal(err)
		}
		events, done := make(chan ari.Event, 100), make(chan struct{})
		go func() {
			defer close(done)
			for e, err := range stream.All() {
				if err != nil {
					close(events)
					return
				}
				events <- e
			}
		}()
		t.Cleanup(func() {
			_ = stream.Close()
			<-done
		})
		test(t, f, c, func() ari.Event {
			select {
			case e := <-events:
				return e
			case <-time.After(time.Hour): // of the bubble
				t.Fatal("no event")
				return nil
			}
		})
	})
}

func digit(t *testing.T, e ari.Event) string {
	t.Helper()
	d, ok := e.(*ari.ChannelDtmfReceived)
	if !ok {
		t.Fatalf("event is %T", e)
	}
	return d.Digit
}

// Lost events are lost, repeated ones come twice, delayed ones late and in
// order.
func TestFaults(t *testing.T) {
	inBubble(t, func(t *testing.T, f *aritest.Fake, _ *ari.Client, next func() ari.Event) {
		ch := f.Call("app", "1", "2")
		next() // StasisStart
		f.Lose(2)
		ch.Press('1', '2', '3')
		if got := digit(t, next()); got != "3" {
			t.Errorf("after two lost: %q", got)
		}
		f.Repeat(1)
		ch.Press('4', '5')
		if got := digit(t, next()) + digit(t, next()) + digit(t, next()); got != "445" {
			t.Errorf("with one repeated: %q", got)
		}
		began := time.Now()
		f.Delay(3 * time.Second)
		ch.Press('6')
		f.Delay(0)
		ch.Press('7')
		if got := digit(t, next()) + digit(t, next()); got != "67" || time.Since(began) != 3*time.Second {
			t.Errorf("delayed: %q after %v", got, time.Since(began))
		}
	})
}

// A cut ends the stream and leaves the calls; a restart ends the calls, and
// clients see the phases of a boot.
func TestCutAndRestart(t *testing.T) {
	inBubble(t, func(t *testing.T, f *aritest.Fake, c *ari.Client, next func() ari.Event) {
		ch := f.Call("app", "1", "2")
		next()
		f.Cut()
		if e := next(); e != nil {
			t.Errorf("after the cut: %T", e)
		}
		if !slices.Contains(f.Channels(), ch.ID()) {
			t.Error("the cut ended the call")
		}
		if other := f.Call("app", "1", "2"); other.State() != "" || f.Status("2") != "FAILED" {
			t.Errorf("a call to an application that nobody listens to: %q, %q", other.State(), f.Status("2"))
		}
		f.Restart(3 * time.Second)
		<-ch.Ended()
		c.CloseIdleConnections()
		time.Sleep(100 * time.Millisecond)
		for _, want := range []error{nil, ari.ErrNotFound, ari.ErrUnavailable} {
			_, err := c.Asterisk.Ping(t.Context())
			if want != nil && !errors.Is(err, want) || err == nil {
				t.Errorf("error is %v, not %v", err, want)
			}
			time.Sleep(time.Second)
		}
		if _, err := c.Asterisk.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// A deaf application has an open socket and no calls.
func TestDeafen(t *testing.T) {
	inBubble(t, func(t *testing.T, f *aritest.Fake, _ *ari.Client, _ func() ari.Event) {
		f.Deafen("app")
		if ch := f.Call("app", "1", "2"); ch.State() != "" || f.Status("2") != "FAILED" {
			t.Errorf("the call is %q, status %q", ch.State(), f.Status("2"))
		}
	})
}

// The clock of the bubble drives telephones and playbacks: half an hour of
// ringing costs nothing and is exact.
func TestTimePasses(t *testing.T) {
	inBubble(t, func(t *testing.T, f *aritest.Fake, c *ari.Client, next func() ari.Event) {
		f.Endpoint("PJSIP/1001").Answers(30 * time.Minute)
		began := time.Now()
		if _, err := c.Channels.Create(t.Context(), ari.CreateChannel{ID: "leg", Endpoint: "PJSIP/1001", App: "app"}); err != nil {
			t.Fatal(err)
		}
		next()
		if err := c.Channels.Dial(t.Context(), "leg", ari.Dial{}); err != nil {
			t.Fatal(err)
		}
		for {
			if e, ok := next().(*ari.ChannelStateChange); ok && e.Channel.State == ari.StateUp {
				break
			}
		}
		if d := time.Since(began); d != 30*time.Minute {
			t.Errorf("it was answered after %v", d)
		}
	})
}

// The same fake over TCP, with an ordinary client.
func TestListen(t *testing.T) {
	f := aritest.New(aritest.Options{})
	defer f.Close()
	url, err := f.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := f.ARI()
	o.URL, o.HTTP = url, nil
	c, err := ari.New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()
	stream, err := c.Listen(t.Context(), "app")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	ch := f.Call("app", "13800138000", "4000")
	for e, err := range stream.All() {
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := e.(*ari.StasisStart); !ok || start.Channel.ID != ch.ID() {
			t.Errorf("event is %+v", e)
		}
		break
	}
}

// A request whose client gives up is carried out all the same.
func TestAbandonedRequest(t *testing.T) {
	inBubble(t, func(t *testing.T, f *aritest.Fake, c *ari.Client, next func() ari.Event) {
		ch := f.Call("app", "1", "2")
		next()
		if _, err := c.Channels.Play(t.Context(), ch.ID(), ari.Play{Media: []string{"sound:a", "sound:b"}}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Channels.Answer(ctx, ch.ID()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("answer behind a playback: %v", err)
		}
		time.Sleep(5 * time.Second)
		if ch.State() != ari.StateUp {
			t.Errorf("state is %q", ch.State())
		}
	})
}

// What the fake does not have says so.
func TestNotThere(t *testing.T) {
	inBubble(t, func(t *testing.T, f *aritest.Fake, _ *ari.Client, _ func() ari.Event) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://asterisk/ari/channels/externalMedia", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth("hotline", "secret")
		client := f.HTTPClient()
		defer client.CloseIdleConnections()
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode < 400 {
			t.Errorf("answer is %d", answer.StatusCode)
		}
	})
}

// Example is a loop as a controller has it: listen, answer, play, connect.
func Example() {
	f := aritest.New(aritest.Options{})
	defer f.Close()
	f.Endpoint("PJSIP/1001").Answers(0)
	c, err := ari.New(f.ARI())
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	stream, err := c.Listen(ctx, "hotline-0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stream.Close()
	caller := f.Call("hotline-0", "13800138000", "4000")
	for event, err := range stream.All() {
		switch e := event.(type) {
		case nil:
			fmt.Println(err)
		case *ari.StasisStart:
			if e.Channel.ID == caller.ID() {
				fmt.Println("caller for", e.Args[1])
				_ = c.Channels.Answer(ctx, caller.ID())
				_, _ = c.Channels.Create(ctx, ari.CreateChannel{ID: "leg", Endpoint: "PJSIP/1001", App: "hotline-0"})
				continue
			}
			_ = c.Channels.Dial(ctx, "leg", ari.Dial{})
		case *ari.ChannelStateChange:
			fmt.Println(e.Channel.State)
			if e.Channel.ID == "leg" && e.Channel.State == ari.StateUp {
				_, _ = c.Bridges.Create(ctx, ari.CreateBridge{ID: "talk", Type: "mixing"})
				_ = c.Bridges.AddChannels(ctx, "talk", []string{caller.ID(), "leg"}, ari.AddChannels{})
				fmt.Println("in the bridge:", len(f.Bridges()["talk"]))
				return
			}
		}
	}
	// Output:
	// caller for 4000
	// Up
	// Ringing
	// Up
	// in the bridge: 2
}
