package ari

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// decoder reads one frame in a single pass and without reflection. The strings
// that it hands out are parts of s: an event costs itself, one copy of its
// frame, and its lists and maps.
//
// It understands what Asterisk writes and no more. Anything odd (a wrong type,
// a key in other letters, a member that comes twice, broken UTF-8, deep
// nesting) makes it give up, and encoding/json decides what that means. So it
// need not agree with encoding/json about errors, only about what it accepts:
// FuzzDecodeEvent holds it to that.
type decoder struct {
	s   string
	pos int
	odd bool // gave up; what was read is worth nothing
}

// maxNesting bounds the recursion of skip. Asterisk nests four deep.
const maxNesting = 32

func (d *decoder) space() {
	for d.pos < len(d.s) {
		switch d.s[d.pos] {
		case ' ', '\t', '\n', '\r':
			d.pos++
		default:
			return
		}
	}
}

// begin passes an opening brace or bracket and reports whether something
// follows before the closing one.
func (d *decoder) begin(opening, closing byte) bool {
	d.space()
	if d.odd || d.pos >= len(d.s) || d.s[d.pos] != opening {
		d.odd = true
		return false
	}
	d.pos++
	d.space()
	if d.pos < len(d.s) && d.s[d.pos] == closing {
		d.pos++
		return false
	}
	return true
}

// more reports whether another member follows, and else leaves the object or
// list.
func (d *decoder) more(closing byte) bool {
	d.space()
	if d.odd || d.pos >= len(d.s) {
		d.odd = true
		return false
	}
	c := d.s[d.pos]
	d.pos++
	if c == ',' {
		return true
	}
	d.odd = c != closing
	return false
}

func (d *decoder) object() bool     { return d.begin('{', '}') }
func (d *decoder) nextMember() bool { return d.more('}') }

// end reports whether the frame was read to its end and understood.
func (d *decoder) end() bool {
	d.space()
	return !d.odd && d.pos == len(d.s)
}

// key reads the name of a member and the colon. Names in other letters than
// ours would still mean our fields to encoding/json, so they are odd.
func (d *decoder) key() string {
	d.space()
	if d.pos >= len(d.s) || d.s[d.pos] != '"' {
		d.odd = true
		return ""
	}
	start := d.pos + 1
	for i := start; i < len(d.s); i++ {
		c := d.s[i]
		if c == '"' {
			d.pos = i + 1
			d.colon()
			return d.s[start:i]
		}
		if c < ' ' || c == '\\' || c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			break
		}
	}
	d.odd = true
	return ""
}

func (d *decoder) colon() {
	d.space()
	if d.pos >= len(d.s) || d.s[d.pos] != ':' {
		d.odd = true
		return
	}
	d.pos++
}

// once marks a member that must not come twice, where encoding/json would
// merge the two.
func (d *decoder) once(seen *uint64, member uint) {
	if *seen&(1<<member) != 0 {
		d.odd = true
	}
	*seen |= 1 << member
}

// null passes a null, which leaves a field as it is.
func (d *decoder) null() bool {
	d.space()
	if d.pos < len(d.s) && d.s[d.pos] == 'n' {
		d.literal("null")
		return true
	}
	return false
}

func (d *decoder) literal(word string) {
	if !strings.HasPrefix(d.s[d.pos:], word) {
		d.odd = true
		return
	}
	d.pos += len(word)
}

// text reads a string.
func (d *decoder) text() string {
	d.space()
	if d.pos >= len(d.s) || d.s[d.pos] != '"' {
		d.odd = true
		return ""
	}
	start, plain, escaped := d.pos+1, true, false
	for i := start; i < len(d.s); i++ {
		switch c := d.s[i]; {
		case c == '"':
			d.pos = i + 1
			if escaped || !plain && !utf8.ValidString(d.s[start:i]) {
				var s string
				if json.Unmarshal([]byte(d.s[start-1:d.pos]), &s) != nil {
					d.odd = true
				}
				return s
			}
			return d.s[start:i]
		case c == '\\':
			escaped = true
			i++
		case c < ' ':
			d.odd = true
			return ""
		case c >= utf8.RuneSelf:
			plain = false
		}
	}
	d.odd = true
	return ""
}

func (d *decoder) readString(v *string) {
	if !d.null() {
		*v = d.text()
	}
}

func (d *decoder) readBool(v *bool) {
	if d.null() || d.pos >= len(d.s) {
		return
	}
	*v = d.s[d.pos] == 't'
	if *v {
		d.literal("true")
	} else {
		d.literal("false")
	}
}

func (d *decoder) readInt(v *int) {
	n := int64(*v)
	d.readInt64(&n)
	*v = int(n)
}

// readInt64 takes whole numbers of at most 18 digits, which cannot overflow.
func (d *decoder) readInt64(v *int64) {
	if d.null() {
		return
	}
	start := d.pos
	n, ok := d.number()
	digits := d.s[start:d.pos]
	if !ok || n > 18 {
		d.odd = true
		return
	}
	negative := digits[0] == '-'
	if negative {
		digits = digits[1:]
	}
	value := int64(0)
	for i := range len(digits) {
		value = 10*value + int64(digits[i]-'0')
	}
	if negative {
		value = -value
	}
	*v = value
}

// number passes a number and returns how many digits it has if it is whole.
func (d *decoder) number() (digits int, whole bool) {
	if d.pos < len(d.s) && d.s[d.pos] == '-' {
		d.pos++
	}
	first := d.pos
	digits = d.digits()
	if digits == 0 || digits > 1 && d.s[first] == '0' {
		d.odd = true
		return 0, false
	}
	whole = true
	if d.pos < len(d.s) && d.s[d.pos] == '.' {
		d.pos++
		whole = false
		d.odd = d.digits() == 0 || d.odd
	}
	if d.pos < len(d.s) && (d.s[d.pos] == 'e' || d.s[d.pos] == 'E') {
		d.pos++
		whole = false
		if d.pos < len(d.s) && (d.s[d.pos] == '+' || d.s[d.pos] == '-') {
			d.pos++
		}
		d.odd = d.digits() == 0 || d.odd
	}
	return digits, whole
}

func (d *decoder) digits() int {
	start := d.pos
	for d.pos < len(d.s) && '0' <= d.s[d.pos] && d.s[d.pos] <= '9' {
		d.pos++
	}
	return d.pos - start
}

func (d *decoder) readTime(v *time.Time) { *v = parseTime(d.text()) }

func (d *decoder) readStrings(v *[]string) {
	if d.null() {
		return
	}
	*v = make([]string, 0, 4) // more arguments or channels than that are rare
	for ok := d.begin('[', ']'); ok; ok = d.more(']') {
		var s string
		d.readString(&s)
		*v = append(*v, s)
	}
}

func (d *decoder) readMap(v *map[string]string) {
	if d.null() {
		return
	}
	*v = map[string]string{}
	for ok := d.object(); ok; ok = d.nextMember() {
		name := d.text()
		d.colon()
		var s string
		d.readString(&s)
		(*v)[name] = s
	}
}

// readRaw copies a value as it is.
func (d *decoder) readRaw(v *json.RawMessage) {
	d.space()
	start := d.pos
	d.skip(0)
	*v = json.RawMessage(d.s[start:d.pos])
}

// skip passes any value and checks it as it goes.
func (d *decoder) skip(depth int) {
	d.space()
	if d.odd || d.pos >= len(d.s) || depth > maxNesting {
		d.odd = true
		return
	}
	switch c := d.s[d.pos]; c {
	case '"':
		d.text()
	case '{':
		for ok := d.object(); ok; ok = d.nextMember() {
			d.text()
			d.colon()
			d.skip(depth + 1)
		}
	case '[':
		for ok := d.begin('[', ']'); ok; ok = d.more(']') {
			d.skip(depth + 1)
		}
	case 't':
		d.literal("true")
	case 'f':
		d.literal("false")
	case 'n':
		d.literal("null")
	default:
		d.number()
	}
}

// readHeader reads a member that all events have, or passes one that the
// event does not know.
func (d *decoder) readHeader(h *EventHeader, key string) {
	switch key {
	case "type":
		if d.text() != h.Type { // the type comes twice
			d.odd = true
		}
	case "application":
		d.readString(&h.Application)
	case "timestamp":
		d.readTime(&h.Timestamp)
	case "asterisk_id":
		d.readString(&h.AsteriskID)
	default:
		d.skip(0)
	}
}

// kind finds the type of the event, which Asterisk mostly writes first, and
// goes back to the beginning.
func (d *decoder) kind() string {
	for ok := d.object(); ok; ok = d.nextMember() {
		if d.key() == "type" {
			kind := d.text()
			d.pos = 0
			return kind
		}
		d.skip(0)
	}
	d.odd = true
	return ""
}
