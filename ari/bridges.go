package ari

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Bridges connect channels.
type Bridges struct{ c *Client }

// Bridge is a bridge as Asterisk describes it.
type Bridge struct {
	ID         string            `json:"id"`
	Technology string            `json:"technology"` // such as "simple_bridge", "softmix", "native_rtp"
	Type       string            `json:"bridge_type"`
	Class      string            `json:"bridge_class"` // "stasis" for bridges made by ARI
	Creator    string            `json:"creator"`
	Name       string            `json:"name"`
	Channels   []string          `json:"channels"`
	Variables  map[string]string `json:"bridgevars,omitempty"` // since 22.10.0

	CreationTime time.Time `json:"-"`
}

type bridgeFields Bridge

type bridgeJSON struct {
	*bridgeFields
	CreationTime asteriskTime `json:"creationtime"`
}

// UnmarshalJSON reads Asterisk's form, times included.
func (b *Bridge) UnmarshalJSON(data []byte) error {
	in := bridgeJSON{bridgeFields: (*bridgeFields)(b)}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	b.CreationTime = time.Time(in.CreationTime)
	return nil
}

// MarshalJSON writes Asterisk's form.
func (b Bridge) MarshalJSON() ([]byte, error) {
	return json.Marshal(bridgeJSON{(*bridgeFields)(&b), asteriskTime(b.CreationTime)})
}

// CreateBridge describes a bridge to be made.
type CreateBridge struct {
	ID string // chosen by the caller; empty lets Asterisk choose
	// Type is a comma list of mixing, holding, dtmf_events, proxy_media, ….
	// A plain "mixing" bridge of two channels may become native_rtp, and then
	// no ChannelDtmfReceived comes from them.
	Type string
	Name string
}

// AddChannels are options for joining a bridge.
type AddChannels struct {
	// InhibitConnectedLine keeps the parties' displays as they are.
	InhibitConnectedLine bool
}

// List returns all bridges, those of other applications included.
func (b *Bridges) List(ctx context.Context) ([]Bridge, error) {
	var out []Bridge
	err := b.c.do(ctx, request{op: "bridges.list", method: http.MethodGet, path: []string{"bridges"}, out: &out})
	return out, err
}

// Get returns one bridge.
func (b *Bridges) Get(ctx context.Context, id string) (*Bridge, error) {
	return fetch[Bridge](ctx, b.c, request{op: "bridges.get", method: http.MethodGet, path: []string{"bridges", id}})
}

// Create makes a bridge. A taken id is ErrConflict.
func (b *Bridges) Create(ctx context.Context, o CreateBridge) (*Bridge, error) {
	return fetch[Bridge](ctx, b.c, request{
		op: opCreateBridge, method: http.MethodPost, path: []string{"bridges"},
		query: query{"bridgeId": o.ID, "type": o.Type, "name": o.Name},
	})
}

// Destroy ends the bridge; its channels stay, unbridged, in their application.
func (b *Bridges) Destroy(ctx context.Context, id string) error {
	return b.c.do(ctx, request{op: "bridges.destroy", method: http.MethodDelete, path: []string{"bridges", id}})
}

// AddChannels moves channels into the bridge, out of the one they are in. It
// is not atomic: at the first error the channels before it have joined
// (res/ari/resource_bridges.c). It waits behind a playback on an unbridged
// channel: stop that first.
func (b *Bridges) AddChannels(ctx context.Context, id string, channels []string, o AddChannels) error {
	ids, err := list(opAddChannel, channels)
	if err != nil {
		return err
	}
	return b.c.do(ctx, request{
		op: opAddChannel, method: http.MethodPost, path: []string{"bridges", id, "addChannel"},
		query: query{"channel": ids, "inhibitConnectedLineUpdates": flag(o.InhibitConnectedLine)},
	})
}

// RemoveChannels takes channels out of the bridge; they stay in their
// application. A channel that is not in it is ErrNotInBridge.
func (b *Bridges) RemoveChannels(ctx context.Context, id string, channels []string) error {
	ids, err := list(opRemoveChannel, channels)
	if err != nil {
		return err
	}
	return b.c.do(ctx, request{
		op: opRemoveChannel, method: http.MethodPost, path: []string{"bridges", id, "removeChannel"},
		query: query{"channel": ids},
	})
}

// Play plays to everybody in the bridge.
func (b *Bridges) Play(ctx context.Context, id string, p Play) (*Playback, error) {
	return p.start(ctx, b.c, "bridges.play", "bridges", id)
}

// StartMusic plays music on hold to the bridge. A holding bridge is silent
// until then (res/stasis/stasis_bridge.c).
func (b *Bridges) StartMusic(ctx context.Context, id, class string) error {
	return b.c.do(ctx, request{
		op: "bridges.startMoh", method: http.MethodPost, path: []string{"bridges", id, "moh"}, query: query{"mohClass": class},
	})
}

// StopMusic ends the music on hold of the bridge.
func (b *Bridges) StopMusic(ctx context.Context, id string) error {
	return b.c.do(ctx, request{op: "bridges.stopMoh", method: http.MethodDelete, path: []string{"bridges", id, "moh"}})
}

// Record records the mix of the bridge.
func (b *Bridges) Record(ctx context.Context, id string, r Record) (*LiveRecording, error) {
	return r.start(ctx, b.c, opRecordBridge, "bridges", id)
}
