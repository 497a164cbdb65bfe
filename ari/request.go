package ari

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Operations whose statuses have a meaning of their own, see Error.class.
const (
	opAddChannel    = "bridges.addChannel"
	opRemoveChannel = "bridges.removeChannel"
	opCreateBridge  = "bridges.create"
	opRecordBridge  = "bridges.record"
	opCreateChannel = "channels.create"
	opOriginate     = "channels.originate"
	opExternalMedia = "channels.externalMedia"
	opDial          = "channels.dial"
	opRecordChannel = "channels.record"
	opRTPStatistics = "channels.rtpStatistics"
	opSubscribe     = "applications.subscribe"
	opUnsubscribe   = "applications.unsubscribe"
	opUserEvent     = "events.send"
	opClaim         = "events.claim"
	opCopyStored    = "recordings.copyStored"
	opControl       = "playbacks.control"
	opSetDevice     = "deviceStates.set"
	opDeleteDevice  = "deviceStates.delete"
)

const (
	maxAnswer   = 64 << 20
	maxComplain = 64 << 10
)

// request is one call of the API. Path segments are given unescaped. A nil
// body sends none; a nil out ignores the answer.
type request struct {
	op     string
	method string
	path   []string
	query  query
	body   any
	out    any
	// lastOnConn closes the connection after the answer.
	lastOnConn bool
}

// query holds parameters; empty values are not sent.
type query map[string]string

func (q query) encode() string {
	values := make(url.Values, len(q))
	for name, value := range q {
		if value != "" {
			values.Set(name, value)
		}
	}
	return values.Encode()
}

// do sends the request once and decodes the answer.
func (c *Client) do(ctx context.Context, r request) error {
	resp, err := c.send(ctx, r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if r.out == nil {
		// Read to its end, so that the connection can be used again; Asterisk
		// has done what was asked even where that cannot be.
		_, _ = io.CopyN(io.Discard, resp.Body, maxComplain)
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return transportError(r.op, err)
	}
	if len(body) > maxAnswer {
		return &TransportError{Op: r.op, Err: fmt.Errorf("answer is longer than %d bytes", maxAnswer)}
	}
	if err := json.Unmarshal(body, r.out); err != nil {
		return &TransportError{Op: r.op, Err: fmt.Errorf("decode answer: %w", err)}
	}
	return nil
}

// send returns a 2xx response, whose body the caller closes, or an error.
func (c *Client) send(ctx context.Context, r request) (*http.Response, error) {
	target, err := c.address(r)
	if err != nil {
		return nil, err
	}
	var body io.Reader
	if r.body != nil {
		b, err := json.Marshal(r.body)
		if err != nil {
			return nil, fmt.Errorf("ari %s: encode body: %w", r.op, err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, body)
	if err != nil {
		return nil, transportError(r.op, err)
	}
	req.SetBasicAuth(c.user, c.password)
	req.Close = r.lastOnConn
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, transportError(r.op, err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		defer resp.Body.Close()
		// What cannot be read of a complaint is not worth more than its status.
		complaint, _ := io.ReadAll(io.LimitReader(resp.Body, maxComplain))
		return nil, answerError(r.op, resp.StatusCode, complaint)
	}
	return resp, nil
}

// address refuses an empty segment: it would turn a request for one thing into
// a request for the whole list.
func (c *Client) address(r request) (string, error) {
	var b strings.Builder
	b.WriteString(c.base)
	for _, segment := range r.path {
		if segment == "" {
			return "", invalid(r.op, "empty id or name")
		}
		b.WriteByte('/')
		b.WriteString(escapeSegment(segment))
	}
	if q := r.query.encode(); q != "" {
		b.WriteByte('?')
		b.WriteString(q)
	}
	return b.String(), nil
}

// escapeSegment escapes "/" (recording names may hold one) and also "+", which
// Asterisk reads as a space in a path (ast_uri_http_legacy, main/utils.c).
func escapeSegment(s string) string {
	return strings.ReplaceAll(url.PathEscape(s), "+", "%2B")
}

// answerError takes Asterisk's words from the body: {"message": "…"}, but
// {"error": "Allocation failed"} where memory or a channel could not be had
// (res/res_ari.c, ast_ari_response_alloc_failed). The pages of its HTTP server
// are not repeated.
func answerError(op string, status int, body []byte) error {
	var answer struct {
		Message string `json:"message"`
		Error   string `json:"error"`
	}
	words := http.StatusText(status)
	if json.Unmarshal(body, &answer) == nil {
		words = cmp.Or(answer.Message, answer.Error, words)
	}
	return &Error{Op: op, Status: status, Message: words}
}

// list joins values as Asterisk expects them; a comma inside a value would
// split it, and there is no way to quote one.
func list(op string, values []string) (string, error) {
	for _, v := range values {
		if v == "" || strings.Contains(v, ",") {
			return "", invalid(op, "empty value or comma in a list")
		}
	}
	return strings.Join(values, ","), nil
}

// seconds rounds up, so that a short limit never becomes "no limit"; 0 is not
// sent.
func seconds(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return strconv.FormatInt(int64(math.Ceil(d.Seconds())), 10)
}

func flag(b bool) string {
	if b {
		return "true"
	}
	return ""
}

// milliseconds rounds up like seconds; 0 is not sent.
func milliseconds(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return strconv.FormatInt(int64(math.Ceil(float64(d)/float64(time.Millisecond))), 10)
}

// number is a count of which 0 is not sent.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// variables is the body of the requests that take variables. Those that are to
// be reported are objects (since 22.10.0; an older Asterisk answers 400).
func variables(plain, reported map[string]string) any {
	if len(plain)+len(reported) == 0 {
		return nil
	}
	all := make(map[string]any, len(plain)+len(reported))
	for name, value := range plain {
		all[name] = value
	}
	for name, value := range reported {
		all[name] = reportedVariable{value, true}
	}
	return struct {
		Variables map[string]any `json:"variables"`
	}{all}
}

type reportedVariable struct {
	Value  string `json:"value"`
	Report bool   `json:"report_events"`
}

// variable and variableSet are the answers with variables.
type (
	variable struct {
		Value string `json:"value"`
	}
	variableSet struct {
		Variables map[string]string `json:"variables"`
	}
)

// fetch is do for requests that answer with one object.
func fetch[T any](ctx context.Context, c *Client, r request) (*T, error) {
	out := new(T)
	r.out = out
	if err := c.do(ctx, r); err != nil {
		return nil, err
	}
	return out, nil
}

// fetchList is do for requests that answer with a list.
func fetchList[T any](ctx context.Context, c *Client, r request) ([]T, error) {
	var out []T
	r.out = &out
	if err := c.do(ctx, r); err != nil {
		return nil, err
	}
	return out, nil
}
