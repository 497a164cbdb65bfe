package aritest

import (
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"hotline/ari"
)

// Options of a fake. The zero value is good for most tests.
type Options struct {
	// User and Password of ARI, "hotline" and "secret" by default.
	User, Password string
	// Length says how long a medium lasts, such as "sound:hotline/welcome"; not
	// ok means that there is no such file, so that its playback fails. By
	// default everything exists and lasts a second.
	Length func(media string) (d time.Duration, ok bool)
	// Dialplan says what happens to a channel that is sent to a number by
	// continue, by a transfer or by a call from a telephone. By default it ends.
	Dialplan func(number string) Destination
}

// Destination is a place in the dialplan.
type Destination struct {
	App  string   // the Stasis application that it enters, or "": none
	Args []string // of the application
	Stay bool     // without an application: it is answered and stays, as in Echo()
}

// Fake is one Asterisk. Its methods are safe for concurrent use and return at
// once; what they cause happens in order, under one lock.
type Fake struct {
	o      Options
	server *http.Server
	pipe   *pipeListener
	wg     sync.WaitGroup

	// mu guards everything in w. No method of world waits for anything: a
	// request that must wait leaves a function behind that answers it, and
	// whatever happens later runs from a timer that takes mu.
	mu sync.Mutex
	w  *world
}

// New starts a fake that is reachable in memory; Close ends it. In a bubble it
// must be made and closed inside.
func New(o Options) *Fake {
	o.User, o.Password = cmp.Or(o.User, "hotline"), cmp.Or(o.Password, "secret")
	if o.Length == nil {
		o.Length = func(string) (time.Duration, bool) { return time.Second, true }
	}
	if o.Dialplan == nil {
		o.Dialplan = func(string) Destination { return Destination{} }
	}
	f := &Fake{o: o, pipe: newPipeListener()}
	f.w = newWorld(f)
	f.server = &http.Server{
		Handler: f.routes(), ReadHeaderTimeout: time.Minute,
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, new(connMemory))
		},
	}
	f.wg.Go(func() { _ = f.server.Serve(f.pipe) }) // it ends with Close
	return f
}

// connMemory is what Asterisk remembers with the thread that serves a
// connection: see world.allocationFailed.
type connMemory struct{ idExists bool }

type connKey struct{}

// Listen makes the fake reachable over TCP too and returns the URL of its API.
func (f *Fake) Listen(addr string) (string, error) {
	l, err := net.Listen("tcp", addr) //nolint:noctx // it is local and at once
	if err != nil {
		return "", err
	}
	f.wg.Go(func() { _ = f.server.Serve(l) })
	return "http://" + l.Addr().String() + "/ari", nil
}

// ARI returns options for a client in memory, with connections of its own.
func (f *Fake) ARI() ari.Options {
	return ari.Options{URL: "http://asterisk/ari", User: f.o.User, Password: f.o.Password, HTTP: f.HTTPClient()}
}

// HTTPClient connects in memory, whatever the address. An event socket that is
// dialled like its transport does too.
func (f *Fake) HTTPClient() *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: f.Dial}}
}

// Dial opens a connection in memory; network and address do not matter.
func (f *Fake) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	f.mu.Lock()
	refused := f.w.booting() == bootRefused
	f.mu.Unlock()
	if refused {
		return nil, errors.New("connection refused")
	}
	return f.pipe.dial(ctx)
}

// Close cuts all connections and waits until the fake's goroutines have ended.
func (f *Fake) Close() {
	f.mu.Lock()
	f.w.closed = true
	f.w.cut()
	f.mu.Unlock()
	_ = f.server.Close() // connections that are cut have nothing to tell
	f.wg.Wait()
}

// call is one request, as the operations see it. Exactly one answer is given,
// with mu held, at once or later.
type call struct {
	r      *http.Request
	conn   *connMemory
	params map[string]json.RawMessage // of a JSON body
	done   chan answer
}

type answer struct {
	status int
	body   []byte
}

// get is a parameter, of the query or of the body.
func (c *call) get(name string) string {
	if v := c.r.URL.Query().Get(name); v != "" {
		return v
	}
	var s string
	_ = json.Unmarshal(c.params[name], &s) // another type is no string parameter
	return s
}

func (c *call) list(name string) []string {
	if s := c.get(name); s != "" {
		return strings.Split(s, ",")
	}
	return nil
}

func (c *call) id() string { return c.r.PathValue("id") }

func (c *call) variables() map[string]string {
	var v map[string]string
	_ = json.Unmarshal(c.params["variables"], &v) // none
	return v
}

func (c *call) give(status int, body any) {
	a := answer{status: status}
	if body != nil {
		a.body = encode(body)
	}
	c.done <- a
}

func (c *call) ok() { c.give(http.StatusNoContent, nil) }

func (c *call) refuse(status int, words string) {
	c.give(status, map[string]string{"message": words})
}

// op serves an operation.
func (f *Fake) op(do func(*world, *call)) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		f.wg.Add(1)
		defer f.wg.Done()
		c := &call{r: r, done: make(chan answer, 1)}
		c.conn, _ = r.Context().Value(connKey{}).(*connMemory)
		if body, err := io.ReadAll(io.LimitReader(r.Body, 40960)); err == nil && len(body) > 0 { // main/http.c, MAX_CONTENT_LENGTH
			if json.Unmarshal(body, &c.params) != nil {
				write(rw, answer{400, encode(map[string]string{"message": "Request body is not valid JSON"})})
				return
			}
		}
		if status := f.admit(r); status != 0 {
			write(rw, answer{status, encode(map[string]string{"message": http.StatusText(status)})})
			return
		}
		f.mu.Lock()
		do(f.w, c)
		f.mu.Unlock()
		select {
		case a := <-c.done:
			write(rw, a)
		case <-r.Context().Done(): // what was asked for happens all the same
		}
	}
}

// admit returns the status with which a request is turned away, or 0.
func (f *Fake) admit(r *http.Request) int {
	f.mu.Lock()
	phase := f.w.booting()
	f.mu.Unlock()
	switch phase {
	case bootRefused, bootNoModule:
		return http.StatusNotFound
	case bootNotReady:
		return http.StatusServiceUnavailable
	}
	user, password, _ := r.BasicAuth()
	if user != f.o.User || subtle.ConstantTimeCompare([]byte(password), []byte(f.o.Password)) == 0 {
		return http.StatusUnauthorized
	}
	return 0
}

func write(rw http.ResponseWriter, a answer) {
	if a.body != nil {
		rw.Header().Set("Content-Type", "application/json")
	}
	rw.WriteHeader(a.status)
	_, _ = rw.Write(a.body) // who does not listen is told nothing
}

func encode(v any) []byte {
	if raw, ok := v.([]byte); ok {
		return raw
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps of strings and numbers
	}
	return b
}
