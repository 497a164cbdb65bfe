package sipua

import (
	"fmt"
	"strconv"
	"strings"
)

// message is a SIP request or response (RFC 3261, 7).
type message struct {
	first   string
	headers [][2]string
	body    string
}

// parse reads one datagram. Header lines that are folded are not understood;
// Asterisk sends none.
func parse(b []byte) (*message, error) {
	head, body, _ := strings.Cut(string(b), "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	m := &message{first: lines[0], body: body}
	if !strings.Contains(m.first, "SIP/2.0") {
		return nil, fmt.Errorf("not a sip message: %.40q", m.first)
	}
	for _, line := range lines[1:] {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, fmt.Errorf("header without a colon: %.40q", line)
		}
		m.add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return m, nil
}

func (m *message) add(name, value string) { m.headers = append(m.headers, [2]string{name, value}) }

// get returns the first header of that name.
func (m *message) get(name string) string {
	for _, h := range m.headers {
		if strings.EqualFold(h[0], name) {
			return h[1]
		}
	}
	return ""
}

func (m *message) isResponse() bool { return strings.HasPrefix(m.first, "SIP/2.0 ") }

// status is 0 for a request.
func (m *message) status() int {
	if !m.isResponse() {
		return 0
	}
	n, _ := strconv.Atoi(strings.Fields(m.first)[1])
	return n
}

// method is that of the request, also for its response.
func (m *message) method() string {
	_, method, _ := strings.Cut(m.get("CSeq"), " ")
	return strings.TrimSpace(method)
}

func (m *message) seq() int {
	number, _, _ := strings.Cut(m.get("CSeq"), " ")
	n, _ := strconv.Atoi(number)
	return n
}

func (m *message) bytes() []byte {
	var b strings.Builder
	b.WriteString(m.first + "\r\n")
	for _, h := range m.headers {
		b.WriteString(h[0] + ": " + h[1] + "\r\n")
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(m.body), m.body)
	return []byte(b.String())
}

// reply begins a response to a request: what must be copied is (8.2.6.2).
func (m *message) reply(status int, words, toTag string) *message {
	r := &message{first: fmt.Sprintf("SIP/2.0 %d %s", status, words)}
	for _, h := range m.headers {
		switch strings.ToLower(h[0]) {
		case "via", "from", "call-id", "cseq", "record-route":
			r.headers = append(r.headers, h)
		case "to":
			if toTag != "" && tagOf(h[1]) == "" {
				h[1] += ";tag=" + toTag
			}
			r.headers = append(r.headers, h)
		}
	}
	return r
}

func tagOf(address string) string {
	_, tag, ok := strings.Cut(address, ";tag=")
	if !ok {
		return ""
	}
	tag, _, _ = strings.Cut(tag, ";")
	return tag
}

// uriOf takes the address out of "Name" <sip:…>;….
func uriOf(address string) string {
	if _, rest, ok := strings.Cut(address, "<"); ok {
		uri, _, _ := strings.Cut(rest, ">")
		return uri
	}
	uri, _, _ := strings.Cut(address, ";")
	return uri
}
