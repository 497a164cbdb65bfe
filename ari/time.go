package ari

import (
	"encoding/json"
	"time"
)

// timeLayout is how Asterisk writes times (main/json.c, ast_json_timeval). Go
// accepts a fraction after the seconds on reading although none is named.
const timeLayout = "2006-01-02T15:04:05-0700"

// parseTime gives the zero time for anything it cannot read: a wrong time must
// not cost an event.
func parseTime(s string) time.Time {
	for _, layout := range []string{timeLayout, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}

// asteriskTime is a time in Asterisk's notation.
type asteriskTime time.Time

func (t *asteriskTime) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*t = asteriskTime(parseTime(s))
	}
	return nil
}

func (t asteriskTime) MarshalJSON() ([]byte, error) {
	return json.Marshal(time.Time(t).Format("2006-01-02T15:04:05.000-0700"))
}
