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
	if t, ok := parseExactly(s); ok {
		return t
	}
	for _, layout := range []string{timeLayout, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}

// exactForm is what Asterisk always writes: each 0 stands for a digit, each +
// for a sign.
const exactForm = "0000-00-00T00:00:00.000+0000"

// parseExactly reads that form without allocating, which every event needs
// twice. It leaves dates that do not exist to time.Parse.
func parseExactly(s string) (time.Time, bool) {
	if len(s) != len(exactForm) {
		return time.Time{}, false
	}
	for i := range len(exactForm) {
		switch c := s[i]; exactForm[i] {
		case '0':
			if c < '0' || c > '9' {
				return time.Time{}, false
			}
		case '+':
			if c != '+' && c != '-' {
				return time.Time{}, false
			}
		default:
			if c != exactForm[i] {
				return time.Time{}, false
			}
		}
	}
	two := func(i int) int { return 10*int(s[i]-'0') + int(s[i+1]-'0') }
	year, month, day := 100*two(0)+two(2), two(5), two(8)
	hour, minute, second, milli := two(11), two(14), two(17), 10*two(20)+int(s[22]-'0')
	offset := 3600*two(24) + 60*two(26)
	if month < 1 || month > 12 || day < 1 || day > 28 && day > daysIn(year, month) ||
		hour > 23 || minute > 59 || second > 59 || two(24) > 14 || two(26) > 59 {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, milli*1e6, time.UTC)
	if offset == 0 {
		return t, true
	}
	if s[23] == '-' {
		offset = -offset
	}
	t = t.Add(-time.Duration(offset) * time.Second)
	if local := t.Local(); zoneOffset(local) == offset {
		return local, true
	}
	return t.In(time.FixedZone("", offset)), true
}

func zoneOffset(t time.Time) int {
	_, offset := t.Zone()
	return offset
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
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
