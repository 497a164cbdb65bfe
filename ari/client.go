package ari

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// The default transport closes an idle connection before Asterisk does
// (session_keep_alive, 15 s, in http.conf): a POST that meets a closing
// connection is not sent again by net/http. It stays well below sessionlimit
// (100 by default), above which Asterisk closes connections without an answer.
const (
	defaultIdleTimeout    = 10 * time.Second
	defaultMaxConns       = 32
	defaultConnectTimeout = 5 * time.Second
	defaultAnswerTimeout  = 30 * time.Second

	defaultPingEvery     = 5 * time.Second
	defaultDeadAfter     = 10 * time.Second
	defaultHighWaterMark = 1000
)

// Options say where Asterisk is and how to talk to it.
type Options struct {
	// URL is the root of the API, such as http://127.0.0.1:8088/ari. The
	// address of the event socket is derived from it.
	URL string
	// User and Password name a user of ari.conf. They are sent as a Basic
	// authorization header, never in a URL.
	User, Password string
	// HTTP is used for all requests. If its Transport is nil or an
	// *http.Transport, the event socket connects through the same dialer, TLS
	// configuration and proxy setting. The default client uses no proxy,
	// follows no redirect, opens at most 32 connections, and waits at most 30 s
	// for the head of an answer.
	HTTP *http.Client

	// PingEvery is the time between pings on the event socket, 5 s by default.
	// Asterisk answers pings but never sends one (res/res_http_websocket.c).
	PingEvery time.Duration
	// DeadAfter is how long the socket may stay silent, pongs included, before
	// the stream ends with ErrPeerDead; 10 s by default. It must be longer
	// than PingEvery.
	DeadAfter time.Duration
	// HighWater is called with the number of waiting events when that number
	// reaches HighWaterMark (1000 by default), and again each time it has
	// doubled since. It is rearmed when fewer than half of the mark wait.
	// It runs on the goroutine that also sends the pings: it must return soon
	// and must not call Stream.Close.
	HighWater     func(waiting int)
	HighWaterMark int
}

// Client talks to one Asterisk. It is safe for concurrent use.
type Client struct {
	Applications *Applications
	Asterisk     *Asterisk
	Bridges      *Bridges
	Channels     *Channels
	DeviceStates *DeviceStates
	Endpoints    *Endpoints
	Events       *Events
	Mailboxes    *Mailboxes
	Playbacks    *Playbacks
	Recordings   *Recordings
	Sounds       *Sounds

	base      string
	socketURL string
	user      string
	password  string
	http      *http.Client
	stream    streamSettings
}

// New checks the options and returns a client. It does not connect. The error
// lists everything that is wrong with the options and repeats no credentials.
func New(o Options) (*Client, error) {
	base, socketURL, err := parseURL(o.URL)
	problems := []error{err}
	if o.User == "" {
		problems = append(problems, errors.New("user is empty"))
	}
	if strings.Contains(o.User, ":") {
		problems = append(problems, errors.New("user contains a colon, which a basic authorization header cannot carry"))
	}
	if o.Password == "" {
		problems = append(problems, errors.New("password is empty"))
	}
	settings := streamSettings{
		pingEvery: cmp.Or(o.PingEvery, defaultPingEvery),
		deadAfter: cmp.Or(o.DeadAfter, defaultDeadAfter),
		highWater: o.HighWater,
		mark:      cmp.Or(o.HighWaterMark, defaultHighWaterMark),
	}
	if settings.pingEvery < 0 {
		problems = append(problems, errors.New("ping interval is negative"))
	}
	if settings.deadAfter <= settings.pingEvery {
		problems = append(problems, fmt.Errorf("a peer is called dead after %v, which is not longer than the ping interval of %v",
			settings.deadAfter, settings.pingEvery))
	}
	if settings.mark < 0 {
		problems = append(problems, errors.New("high-water mark is negative"))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, fmt.Errorf("ari options: %w", err)
	}

	c := &Client{
		base:      base,
		socketURL: socketURL,
		user:      o.User,
		password:  o.Password,
		http:      o.HTTP,
		stream:    settings,
	}
	if c.http == nil {
		c.http = defaultHTTP()
	}
	c.Applications = &Applications{c}
	c.Asterisk = &Asterisk{c}
	c.Bridges = &Bridges{c}
	c.Channels = &Channels{c}
	c.DeviceStates = &DeviceStates{c}
	c.Endpoints = &Endpoints{c}
	c.Events = &Events{c}
	c.Mailboxes = &Mailboxes{c}
	c.Playbacks = &Playbacks{c}
	c.Recordings = &Recordings{c}
	c.Sounds = &Sounds{c}
	return c, nil
}

// CloseIdleConnections closes the pooled HTTP connections that carry no
// request. Streams are not touched.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

// parseURL returns the roots for requests and for the event socket. Its errors
// never repeat the URL, which may hold a password by mistake.
func parseURL(raw string) (base, socketURL string, err error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", "", errors.New("url cannot be parsed")
	}
	var problems []error
	if u.Scheme != "http" && u.Scheme != "https" {
		problems = append(problems, errors.New("url must start with http:// or https://"))
	}
	if u.Host == "" {
		problems = append(problems, errors.New("url has no host"))
	}
	if u.User != nil {
		problems = append(problems, errors.New("url holds credentials: give them as user and password"))
	}
	if u.RawQuery != "" || u.Fragment != "" {
		problems = append(problems, errors.New("url has a query or a fragment"))
	}
	if err := errors.Join(problems...); err != nil {
		return "", "", err
	}
	base = u.Scheme + "://" + u.Host + strings.TrimRight(u.EscapedPath(), "/")
	return base, "ws" + strings.TrimPrefix(base, "http"), nil
}

func defaultHTTP() *http.Client {
	dialer := &net.Dialer{Timeout: defaultConnectTimeout}
	return &http.Client{
		Transport: &http.Transport{
			DialContext:           dialer.DialContext,
			MaxConnsPerHost:       defaultMaxConns,
			MaxIdleConnsPerHost:   defaultMaxConns,
			IdleConnTimeout:       defaultIdleTimeout,
			TLSHandshakeTimeout:   defaultConnectTimeout,
			ResponseHeaderTimeout: defaultAnswerTimeout,
		},
		// Asterisk redirects nothing; a redirect would come from somebody else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
