package ari

import (
	"context"
	"net/http"
	"time"
)

// Play describes what to play.
type Play struct {
	// ID is chosen by the caller; empty lets Asterisk choose. A taken one is
	// not refused: 22.10.1 plays the second one as well, after the first, and
	// Stop ends whichever runs.
	ID string
	// Media are URIs: sound:, recording:, number:, digits:, characters:,
	// tone:. They are one playback and stop together. None may hold a comma.
	// A bare http:// address is accepted by Asterisk and never ends: write
	// sound:http://….
	Media  []string
	Lang   string
	Offset time.Duration // left out at the beginning of the first medium, in whole milliseconds
	Skip   time.Duration // step of ControlForward and ControlReverse; 0 is Asterisk's 3 s
	Format string        // of the announcer, such as "slin16"; for bridges only
}

func (p Play) start(ctx context.Context, c *Client, op, kind, id string) (*Playback, error) {
	media, err := list(op, p.Media)
	if err != nil {
		return nil, err
	}
	if media == "" {
		return nil, invalid(op, "no media")
	}
	q := query{
		"playbackId": p.ID, "media": media, "lang": p.Lang, "offsetms": milliseconds(p.Offset), "skipms": milliseconds(p.Skip),
	}
	if kind == "bridges" {
		q["announcer_format"] = p.Format
	}
	return fetch[Playback](ctx, c, request{op: op, method: http.MethodPost, path: []string{kind, id, "play"}, query: q})
}
