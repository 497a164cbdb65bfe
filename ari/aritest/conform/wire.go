package conform

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/gorilla/websocket"

	"hotline/ari"
)

// client has connections of its own, which end with the case.
func (b *bench) client() *ari.Client {
	b.Helper()
	c, err := ari.New(b.Options())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(c.CloseIdleConnections)
	return c
}

// send makes a request that the client has no method for, or would not make. It
// returns the status and the answer's message.
func (b *bench) send(method, path string, query url.Values, body string) (int, string) {
	b.Helper()
	o := b.Options()
	r, err := http.NewRequestWithContext(b.ctx, method, o.URL+path+"?"+query.Encode(), strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	r.SetBasicAuth(o.User, o.Password)
	r.Close = true
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := o.HTTP.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.Fatal(err)
	}
	var words struct{ Message, Error string }
	_ = json.Unmarshal(text, &words) // an answer without words has none
	return answer.StatusCode, words.Message + words.Error
}

// sendBy makes a request through the connections of o, which stay open.
func (b *bench) sendBy(o ari.Options, method, path string, query url.Values) int {
	b.Helper()
	r, err := http.NewRequestWithContext(b.ctx, method, o.URL+path+"?"+query.Encode(), nil)
	if err != nil {
		b.Fatal(err)
	}
	r.SetBasicAuth(o.User, o.Password)
	answer, err := o.HTTP.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body) // so that the connection is used again
	return answer.StatusCode
}

// status asserts the status of a request made with send.
func (b *bench) status(want int, method, path string, query url.Values) {
	b.Helper()
	if got, words := b.send(method, path, query, ""); got != want {
		b.Errorf("%s %s answers %d %q, not %d", method, path, got, words, want)
	}
}

// socket opens an event socket with parameters that Listen does not offer.
func (b *bench) socket(query url.Values) *websocket.Conn {
	b.Helper()
	o := b.Options()
	dialer := websocket.Dialer{NetDialContext: o.HTTP.Transport.(*http.Transport).DialContext}
	header := http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(o.User+":"+o.Password))}}
	conn, answer, err := dialer.DialContext(b.ctx, "ws"+strings.TrimPrefix(o.URL, "http")+"/events?"+query.Encode(), header)
	if err != nil {
		b.Fatal(err)
	}
	answer.Body.Close()
	b.Cleanup(func() { conn.Close() })
	return conn
}
