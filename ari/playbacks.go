package ari

import (
	"context"
	"net/http"
)

// Playbacks are media being played. They cannot be listed: give them ids that
// can be derived again.
type Playbacks struct{ c *Client }

// Values of Playback.State. A file that does not exist ends as failed.
const (
	PlaybackStateQueued     = "queued"
	PlaybackStatePlaying    = "playing"
	PlaybackStateContinuing = "continuing"
	PlaybackStateDone       = "done"
	PlaybackStateFailed     = "failed"
)

// Playback is one list of media being played.
type Playback struct {
	ID           string `json:"id"`
	MediaURI     string `json:"media_uri"`
	NextMediaURI string `json:"next_media_uri,omitempty"`
	TargetURI    string `json:"target_uri"` // "channel:ID" or "bridge:ID"
	Language     string `json:"language"`
	State        string `json:"state"`
}

// Play describes what to play.
type Play struct {
	ID string // chosen by the caller; empty lets Asterisk choose
	// Media are URIs: sound:, recording:, number:, digits:, characters:,
	// tone:. They are one playback and stop together. None may hold a comma.
	// A bare http:// address is accepted by Asterisk and never ends: write
	// sound:http://….
	Media []string
	Lang  string
}

func (p Play) start(ctx context.Context, c *Client, op, kind, id string) (*Playback, error) {
	media, err := list(op, p.Media)
	if err != nil {
		return nil, err
	}
	if media == "" {
		return nil, invalid(op, "no media")
	}
	return fetch[Playback](ctx, c, request{
		op: op, method: http.MethodPost, path: []string{kind, id, "play"},
		query: query{"playbackId": p.ID, "media": media, "lang": p.Lang},
	})
}

// Get returns a playback that has not ended.
func (p *Playbacks) Get(ctx context.Context, id string) (*Playback, error) {
	return fetch[Playback](ctx, p.c, request{op: "playbacks.get", method: http.MethodGet, path: []string{"playbacks", id}})
}

// Stop ends a playback, also one that other commands wait for. One that ended
// already is ErrNotFound.
func (p *Playbacks) Stop(ctx context.Context, id string) error {
	return p.c.do(ctx, request{op: "playbacks.stop", method: http.MethodDelete, path: []string{"playbacks", id}})
}
