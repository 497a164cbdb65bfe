package ari

import (
	"context"
	"io"
	"net/http"
	"time"
)

// Recordings are files in Asterisk's recording folder, live while they are
// written and stored afterwards. The name is their only id and may hold "/".
// Never build it from what a caller sent.
type Recordings struct{ c *Client }

// Values of Record.IfExists.
const (
	IfExistsFail      = "fail"
	IfExistsOverwrite = "overwrite"
	IfExistsAppend    = "append"
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
}

func (r Record) start(ctx context.Context, c *Client, op, kind, id string) (*LiveRecording, error) {
	if r.Name == "" || r.Format == "" {
		return nil, invalid(op, "recording without name or format")
	}
	return fetch[LiveRecording](ctx, c, request{
		op: op, method: http.MethodPost, path: []string{kind, id, "record"},
		query: query{
			"name": r.Name, "format": r.Format,
			"maxDurationSeconds": seconds(r.MaxDuration), "maxSilenceSeconds": seconds(r.MaxSilence),
			"ifExists": r.IfExists, "beep": flag(r.Beep), "terminateOn": r.TerminateOn,
		},
	})
}

// Values of LiveRecording.State.
const (
	RecordingStateQueued    = "queued"
	RecordingStateRecording = "recording"
	RecordingStatePaused    = "paused"
	RecordingStateDone      = "done"
	RecordingStateFailed    = "failed"
	RecordingStateCanceled  = "canceled"
)

// LiveRecording is a recording being written. The durations, in seconds, are
// there when it has ended.
type LiveRecording struct {
	Name            string `json:"name"`
	Format          string `json:"format"`
	TargetURI       string `json:"target_uri"`
	State           string `json:"state"`
	Duration        int    `json:"duration,omitempty"`
	TalkingDuration int    `json:"talking_duration,omitempty"`
	SilenceDuration int    `json:"silence_duration,omitempty"`
	Cause           string `json:"cause,omitempty"` // why it failed
}

// StoredRecording is a finished recording.
type StoredRecording struct {
	Name   string `json:"name"`
	Format string `json:"format"`
}

// Live returns a recording that is being written.
func (r *Recordings) Live(ctx context.Context, name string) (*LiveRecording, error) {
	return fetch[LiveRecording](ctx, r.c, request{
		op: "recordings.live", method: http.MethodGet, path: []string{"recordings", "live", name},
	})
}

// StopLive ends a recording and keeps the file.
func (r *Recordings) StopLive(ctx context.Context, name string) error {
	return r.c.do(ctx, request{
		op: "recordings.stop", method: http.MethodPost, path: []string{"recordings", "live", name, "stop"},
	})
}

// DiscardLive ends a recording and throws the file away.
func (r *Recordings) DiscardLive(ctx context.Context, name string) error {
	return r.c.do(ctx, request{
		op: "recordings.discard", method: http.MethodDelete, path: []string{"recordings", "live", name},
	})
}

// Stored returns a finished recording.
func (r *Recordings) Stored(ctx context.Context, name string) (*StoredRecording, error) {
	return fetch[StoredRecording](ctx, r.c, request{
		op: "recordings.stored", method: http.MethodGet, path: []string{"recordings", "stored", name},
	})
}

// StoredFile opens the file of a finished recording. The caller closes it. The
// context covers the reading too. ErrForbidden means that Asterisk could not
// open the file.
func (r *Recordings) StoredFile(ctx context.Context, name string) (io.ReadCloser, error) {
	resp, err := r.c.send(ctx, request{
		op: "recordings.file", method: http.MethodGet, path: []string{"recordings", "stored", name, "file"},
	})
	if err != nil {
		return nil, err
	}
	return resp.Body, nil
}

// DeleteStored removes the file of a finished recording.
func (r *Recordings) DeleteStored(ctx context.Context, name string) error {
	return r.c.do(ctx, request{
		op: "recordings.deleteStored", method: http.MethodDelete, path: []string{"recordings", "stored", name},
	})
}
