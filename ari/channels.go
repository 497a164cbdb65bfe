package ari

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// Channels are the legs of calls.
type Channels struct{ c *Client }

// Values of Channel.State.
const (
	StateDown           = "Down"
	StateReserved       = "Rsrved"
	StateOffHook        = "OffHook"
	StateDialing        = "Dialing"
	StateRing           = "Ring"    // an incoming leg that was not answered
	StateRinging        = "Ringing" // an outgoing leg whose phone rings
	StateUp             = "Up"
	StateBusy           = "Busy"
	StateDialingOffHook = "Dialing Offhook"
	StatePreRing        = "Pre-ring"
	StateUnknown        = "Unknown"
)

// Reason says why a channel is hung up. Asterisk turns it into a Q.850 cause
// and, for SIP, into a status (chan_pjsip.c, hangup_cause2sip).
type Reason string

// The reasons that Asterisk accepts.
const (
	ReasonNormal            Reason = "normal"
	ReasonBusy              Reason = "busy"
	ReasonCongestion        Reason = "congestion"
	ReasonNoAnswer          Reason = "no_answer"
	ReasonTimeout           Reason = "timeout"
	ReasonRejected          Reason = "rejected"
	ReasonUnallocated       Reason = "unallocated"
	ReasonNormalUnspecified Reason = "normal_unspecified"
	ReasonNumberIncomplete  Reason = "number_incomplete"
	ReasonCodecMismatch     Reason = "codec_mismatch"
	ReasonInterworking      Reason = "interworking"
	ReasonFailure           Reason = "failure"
	// ReasonAnsweredElsewhere shows no missed call on the phone.
	ReasonAnsweredElsewhere Reason = "answered_elsewhere"
)

// Channel is a channel as Asterisk describes it. It says neither which number
// was dialled nor whether the caller's number may be shown: pass the former as
// an argument of Stasis, read the latter from CALLERID(num-pres).
type Channel struct {
	ID          string            `json:"id"`
	ProtocolID  string            `json:"protocol_id"` // the SIP Call-ID
	Name        string            `json:"name"`
	State       string            `json:"state"`
	Caller      CallerID          `json:"caller"`
	Connected   CallerID          `json:"connected"`
	AccountCode string            `json:"accountcode"`
	Dialplan    Dialplan          `json:"dialplan"`
	Language    string            `json:"language"`
	Variables   map[string]string `json:"channelvars,omitempty"` // those that ari.conf lists in channelvars
	CallerRDNIS string            `json:"caller_rdnis,omitempty"`
	TenantID    string            `json:"tenantid,omitempty"`

	CreationTime time.Time `json:"-"`
}

// CallerID is a party's name and number, as signalled: not verified.
type CallerID struct {
	Name   string `json:"name"`
	Number string `json:"number"`
}

// Dialplan is where the channel is in the dialplan. AppName is "Stasis" while
// an application controls it, and AppData then starts with its name.
type Dialplan struct {
	Context  string `json:"context"`
	Exten    string `json:"exten"`
	Priority int64  `json:"priority"`
	AppName  string `json:"app_name"`
	AppData  string `json:"app_data"`
}

type channelFields Channel

type channelJSON struct {
	*channelFields
	CreationTime asteriskTime `json:"creationtime"`
}

// UnmarshalJSON reads Asterisk's form, times included.
func (c *Channel) UnmarshalJSON(data []byte) error {
	in := channelJSON{channelFields: (*channelFields)(c)}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	c.CreationTime = time.Time(in.CreationTime)
	return nil
}

// MarshalJSON writes Asterisk's form.
func (c Channel) MarshalJSON() ([]byte, error) {
	return json.Marshal(channelJSON{(*channelFields)(&c), asteriskTime(c.CreationTime)})
}

// CreateChannel describes an outgoing leg. With neither Originator nor Formats
// the leg may get a format for which Asterisk has no codec (seen: slin192 on a
// Local channel), and every playback on it fails.
type CreateChannel struct {
	ID         string // at most 149 characters; empty lets Asterisk choose
	Endpoint   string // such as "PJSIP/1001"
	App        string
	AppArgs    string
	Originator string   // a channel whose formats are taken over; excludes Formats
	Formats    []string // such as "alaw"
	Variables  map[string]string
}

// Dial are the options of Channels.Dial.
type Dial struct {
	// Caller is the id of the channel on whose behalf is dialled: its
	// variables, language and connected line are inherited. Asterisk ignores
	// an id that it does not know.
	Caller string
	// Timeout is rounded up to seconds; 0 rings without limit.
	Timeout time.Duration
}

// RTPStatistics are counters of the RTP stream of a channel: packets, octets
// and losses as numbers, jitter and round-trip times in seconds.
type RTPStatistics struct {
	TxCount      int64   `json:"txcount"`
	RxCount      int64   `json:"rxcount"`
	TxLost       int64   `json:"txploss"`
	RxLost       int64   `json:"rxploss"`
	TxJitter     float64 `json:"txjitter"`
	RxJitter     float64 `json:"rxjitter"`
	TxOctets     int64   `json:"txoctetcount"`
	RxOctets     int64   `json:"rxoctetcount"`
	RTT          float64 `json:"rtt"`
	MinRTT       float64 `json:"minrtt"`
	MaxRTT       float64 `json:"maxrtt"`
	NormDevRTT   float64 `json:"normdevrtt"`
	StdDevRTT    float64 `json:"stdevrtt"`
	LocalSSRC    int64   `json:"local_ssrc"`
	RemoteSSRC   int64   `json:"remote_ssrc"`
	ChannelID    string  `json:"channel_uniqueid"`
	LocalMinLost float64 `json:"local_minrxploss"`
	LocalMaxLost float64 `json:"local_maxrxploss"`

	RemoteMinLost   float64 `json:"remote_minrxploss"`
	RemoteMaxLost   float64 `json:"remote_maxrxploss"`
	LocalMinJitter  float64 `json:"local_minjitter"`
	LocalMaxJitter  float64 `json:"local_maxjitter"`
	RemoteMinJitter float64 `json:"remote_minjitter"`
	RemoteMaxJitter float64 `json:"remote_maxjitter"`
}

// List returns all channels of Asterisk, those outside Stasis included.
func (c *Channels) List(ctx context.Context) ([]Channel, error) {
	var out []Channel
	err := c.c.do(ctx, request{op: "channels.list", method: http.MethodGet, path: []string{"channels"}, out: &out})
	return out, err
}

// Get returns one channel.
func (c *Channels) Get(ctx context.Context, id string) (*Channel, error) {
	return fetch[Channel](ctx, c.c, request{op: "channels.get", method: http.MethodGet, path: []string{"channels", id}})
}

// Create makes an outgoing leg without dialling it. The leg enters the
// application at once, in state Down: its StasisStart does not mean that
// anybody answered, and may come before Create returns. A taken id is
// ErrConflict; an endpoint that cannot be reached is ErrAllocation.
//
// Each call uses up its connection. Asterisk (22.10.1) remembers "id exists"
// with the thread that serves a connection and never forgets it, so that after
// one such answer an endpoint that cannot be reached would look like a taken id
// on the same connection.
func (c *Channels) Create(ctx context.Context, o CreateChannel) (*Channel, error) {
	formats, err := list(opCreateChannel, o.Formats)
	if err != nil {
		return nil, err
	}
	return fetch[Channel](ctx, c.c, request{
		op: opCreateChannel, method: http.MethodPost, path: []string{"channels", "create"},
		query: query{
			"channelId": o.ID, "endpoint": o.Endpoint, "app": o.App, "appArgs": o.AppArgs,
			"originator": o.Originator, "formats": formats,
		},
		body:       variables(o.Variables),
		lastOnConn: true,
	})
}

// Dial rings a leg made by Create, after its StasisStart (before it, the
// answer is ErrNotInStasis). It returns before anything rings. The answer is
// seen as a ChannelStateChange to Up.
func (c *Channels) Dial(ctx context.Context, id string, o Dial) error {
	return c.c.do(ctx, request{
		op: opDial, method: http.MethodPost, path: []string{"channels", id, "dial"},
		query: query{"caller": o.Caller, "timeout": seconds(o.Timeout)},
	})
}

// Answer answers an incoming leg and waits until that is done.
func (c *Channels) Answer(ctx context.Context, id string) error {
	return c.plain(ctx, "channels.answer", http.MethodPost, id, "answer", nil)
}

// Hangup ends a channel, also one outside Stasis. An empty reason is
// ReasonNormal.
func (c *Channels) Hangup(ctx context.Context, id string, reason Reason) error {
	return c.c.do(ctx, request{
		op: "channels.hangup", method: http.MethodDelete, path: []string{"channels", id}, query: query{"reason": string(reason)},
	})
}

// Continue gives the channel back to the dialplan. Without a context it goes
// on behind Stasis; a priority of 0 is the first.
func (c *Channels) Continue(ctx context.Context, id, dialplanContext, exten string, priority int) error {
	q := query{"context": dialplanContext, "extension": exten}
	if priority > 0 {
		q["priority"] = strconv.Itoa(priority)
	}
	return c.plain(ctx, "channels.continue", http.MethodPost, id, "continue", q)
}

// Ring signals ringing to an incoming leg.
func (c *Channels) Ring(ctx context.Context, id string) error {
	return c.plain(ctx, "channels.ring", http.MethodPost, id, "ring", nil)
}

// StopRing ends Ring.
func (c *Channels) StopRing(ctx context.Context, id string) error {
	return c.plain(ctx, "channels.stopRing", http.MethodDelete, id, "ring", nil)
}

// Hold puts the phone on hold by signalling.
func (c *Channels) Hold(ctx context.Context, id string) error {
	return c.plain(ctx, "channels.hold", http.MethodPost, id, "hold", nil)
}

// Unhold ends Hold.
func (c *Channels) Unhold(ctx context.Context, id string) error {
	return c.plain(ctx, "channels.unhold", http.MethodDelete, id, "hold", nil)
}

// Mute silences the channel in both directions. (The description calls the
// direction optional; without it 22.10.1 answers 400.)
func (c *Channels) Mute(ctx context.Context, id string) error {
	return c.plain(ctx, "channels.mute", http.MethodPost, id, "mute", query{"direction": "both"})
}

// Unmute ends Mute.
func (c *Channels) Unmute(ctx context.Context, id string) error {
	return c.plain(ctx, "channels.unmute", http.MethodDelete, id, "mute", query{"direction": "both"})
}

// StartMusic plays music on hold to the channel. An empty class is Asterisk's
// default.
func (c *Channels) StartMusic(ctx context.Context, id, class string) error {
	return c.plain(ctx, "channels.startMoh", http.MethodPost, id, "moh", query{"mohClass": class})
}

// StopMusic ends StartMusic.
func (c *Channels) StopMusic(ctx context.Context, id string) error {
	return c.plain(ctx, "channels.stopMoh", http.MethodDelete, id, "moh", nil)
}

// Play starts a playback. On an unbridged channel later commands wait for its
// end; Playbacks.Stop does not. On a leg that is not answered it is heard as
// early media. DTMF does not interrupt it.
func (c *Channels) Play(ctx context.Context, id string, p Play) (*Playback, error) {
	return p.start(ctx, c.c, "channels.play", "channels", id)
}

// Record records what the party says. It answers the channel, works only
// outside a bridge, and may still fail after it returned: RecordingFailed
// says so.
func (c *Channels) Record(ctx context.Context, id string, r Record) (*LiveRecording, error) {
	return r.start(ctx, c.c, opRecordChannel, "channels", id)
}

// Variable reads a variable or a function such as CALLERID(num-pres). A
// variable that is not set is ErrNotFound, as is a channel that is gone.
func (c *Channels) Variable(ctx context.Context, id, name string) (string, error) {
	var out struct {
		Value string `json:"value"`
	}
	err := c.c.do(ctx, request{
		op: "channels.getVariable", method: http.MethodGet, path: []string{"channels", id, "variable"},
		query: query{"variable": name}, out: &out,
	})
	return out.Value, err
}

// SetVariable sets a variable or writes a function, and waits until that is
// done. Asterisk reports success also where it refused the function.
func (c *Channels) SetVariable(ctx context.Context, id, name, value string) error {
	return c.plain(ctx, "channels.setVariable", http.MethodPost, id, "variable", query{"variable": name, "value": value})
}

// RTPStatistics reads the RTP counters of a channel that has RTP; without it
// the answer is ErrNotFound.
func (c *Channels) RTPStatistics(ctx context.Context, id string) (*RTPStatistics, error) {
	return fetch[RTPStatistics](ctx, c.c, request{
		op: opRTPStatistics, method: http.MethodGet, path: []string{"channels", id, "rtp_statistics"},
	})
}

// plain is a request on one channel without body and answer.
func (c *Channels) plain(ctx context.Context, op, method, id, verb string, q query) error {
	return c.c.do(ctx, request{op: op, method: method, path: []string{"channels", id, verb}, query: q})
}
