package desk

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Close codes of the socket. Below 4500 the page connects again after a
// jittered pause; from 4500 on it does not.
const (
	// CloseTooSlow: the page did not answer pings. A page that does not read
	// at all cannot be told: its frame is stuck half written, so that socket
	// just ends.
	CloseTooSlow = 4000
	// CloseStopping: this server stops, another one or the next one serves.
	CloseStopping = 4001
	// CloseInternal: something failed here.
	CloseInternal = 4002
	// CloseSignedOut: the session is over.
	CloseSignedOut = 4500
	// CloseForbidden: the streams asked for are not permitted.
	CloseForbidden = 4503
)

// Names of the streams.
const (
	clockStream = "clock"
	deskStream  = "desk"
	floorStream = "floor"
	callsStream = "calls"
)

// frame is the data of one message and when it was true. Its bytes are shared
// by all sockets and never changed.
type frame struct {
	at   time.Time
	data []byte // JSON
}

func encode(v any, at time.Time) (frame, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return frame{}, fmt.Errorf("encode message: %w", err)
	}
	return frame{at: at, data: data}, nil
}

// envelope writes a message as it goes over the wire. offset counts the
// messages of this stream on this connection, from 1.
func envelope(to []byte, stream, epoch string, offset uint64, f frame) []byte {
	to = append(to, `{"stream":"`...)
	to = append(to, stream...)
	if stream != clockStream {
		to = append(to, `","epoch":"`...)
		to = append(to, epoch...)
		to = append(to, `","offset":`...)
		to = strconv.AppendUint(to, offset, 10)
		to = append(to, `,"at":"`...)
	} else {
		to = append(to, `","at":"`...)
	}
	to = f.at.UTC().AppendFormat(to, time.RFC3339Nano)
	to = append(to, '"')
	if stream != clockStream {
		to = append(to, `,"data":`...)
		to = append(to, f.data...)
	}
	return append(to, '}')
}
