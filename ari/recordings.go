package ari

import (
	"context"
	"io"
	"net/http"
	"time"
)

// Record describes a recording to be started.
type Record struct {
	Name        string        // without the extension
	Format      string        // such as "wav"
	MaxDuration time.Duration // rounded up to seconds; 0 is no limit
	MaxSilence  time.Duration // rounded up to seconds; 0 is no limit
	IfExists    string        // empty is IfExistsFail
	Beep        bool
	TerminateOn string // a key: "none" (the default), "any", "*" or "#"
	// RecorderFormat is the format of the recording channel, such as "slin16",
	// where Format is that of the file; for bridges only.
	RecorderFormat string
}

func (r Record) start(ctx context.Context, c *Client, op, kind, id string) (*LiveRecording, error) {
	if r.Name == "" || r.Format == "" {
		return nil, invalid(op, "recording without name or format")
	}
	q := query{
		"name": r.Name, "format": r.Format,
		"maxDurationSeconds": seconds(r.MaxDuration), "maxSilenceSeconds": seconds(r.MaxSilence),
		"ifExists": r.IfExists, "beep": flag(r.Beep), "terminateOn": r.TerminateOn,
	}
	if kind == "bridges" {
		q["recorder_format"] = r.RecorderFormat
	}
	return fetch[LiveRecording](ctx, c, request{op: op, method: http.MethodPost, path: []string{kind, id, "record"}, query: q})
}

// StoredFile opens the file of a finished recording. The caller closes it. The
// context covers the reading too. The length is not limited. ErrForbidden
// means that Asterisk could not open the file.
func (r *Recordings) StoredFile(ctx context.Context, name string) (io.ReadCloser, error) {
	resp, err := r.c.send(ctx, request{
		op: "recordings.file", method: http.MethodGet, path: []string{"recordings", "stored", name, "file"},
	})
	if err != nil {
		return nil, err
	}
	return resp.Body, nil
}
