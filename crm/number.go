package crm

import (
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers/v2"
)

// NumberKind tells what sort of number a caller has.
type NumberKind string

// The kinds.
const (
	Mobile    NumberKind = "mobile"
	Fixed     NumberKind = "fixed"
	Short     NumberKind = "short" // services such as 95588 or 12345; never E.164
	Anonymous NumberKind = "anonymous"
	OtherKind NumberKind = "other"
)

// Number is a caller's number as far as it can be understood. It is a hint and
// no proof: a caller id can be forged, and the network's word is not checked.
type Number struct {
	Raw string // as given
	// Key is the same for every spelling of one number: E.164 ("+8613800138000"),
	// "short:95588" for services, "raw:…" for what is no valid number, and empty
	// for anonymous callers, who match nobody.
	Key       string
	Kind      NumberKind
	Extension string // behind the number, in a company's exchange
	Assumed   bool   // the area code was put in by us
}

// Words that networks put where a number should be. Asterisk hands the From
// user of a caller who withholds the number on as it is ("anonymous").
var withheld = map[string]bool{
	"": true, "anonymous": true, "unknown": true, "private": true, "restricted": true, "withheld": true, "unavailable": true,
	"asserted-identity-unknown": true, "匿名": true, "未知": true, "未知号码": true, "隐藏号码": true, "私人号码": true,
}

// ParseNumber reads a number in any spelling that networks, phones and people
// use in China. areaCode ("0571") completes local numbers of 7 or 8 digits;
// without it they stay "raw:".
func ParseNumber(raw, areaCode string) Number {
	n := Number{Raw: raw, Kind: OtherKind}
	text := userPart(halfWidth(raw))
	if withheld[strings.ToLower(text)] {
		n.Kind = Anonymous
		return n
	}
	if base, extension, found := cutExtension(text); found {
		if key, kind, assumed, ok := classify(compact(base), areaCode); ok {
			n.Key, n.Kind, n.Assumed, n.Extension = key, kind, assumed, extension
			return n
		}
	}
	digits := compact(text)
	if key, kind, assumed, ok := classify(digits, areaCode); ok {
		n.Key, n.Kind, n.Assumed = key, kind, assumed
		return n
	}
	// A hyphen stands between the groups of a number as well as before an
	// extension; the number without its last group decides which it was.
	if i := strings.LastIndexByte(text, '-'); i > 0 {
		extension := strings.TrimSpace(text[i+1:])
		key, kind, assumed, ok := classify(compact(text[:i]), areaCode)
		if ok && extension != "" && len(extension) <= 6 && onlyDigits(extension) == extension {
			n.Key, n.Kind, n.Assumed, n.Extension = key, kind, assumed, extension
			return n
		}
	}
	if digits == "" {
		n.Kind = Anonymous
		return n
	}
	n.Key = "raw:" + digits
	return n
}

// halfWidth turns the full-width forms of Chinese input methods into ASCII and
// drops what cannot be seen.
func halfWidth(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r >= 0xFF01 && r <= 0xFF5E:
			return r - 0xFEE0
		case r == '–', r == '—', r == '−', r == '‐', r == '‑':
			return '-'
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Cf, r), unicode.IsControl(r):
			return -1
		}
		return r
	}, s))
}

// userPart takes the number out of a SIP or tel URI, with or without a name before it.
func userPart(s string) string {
	if i := strings.IndexByte(s, '<'); i >= 0 {
		s = strings.TrimSuffix(strings.TrimSpace(s[i+1:]), ">")
	}
	for _, scheme := range []string{"sips:", "sip:", "tel:"} {
		if len(s) >= len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			s = s[len(scheme):]
			break
		}
	}
	s, _, _ = strings.Cut(s, ";")
	s, _, _ = strings.Cut(s, "@")
	return strings.TrimSpace(s)
}

func cutExtension(s string) (base, extension string, found bool) {
	lower := strings.ToLower(s)
	for _, mark := range []string{"转", "分机", ",", "#", "ext", "x"} {
		if i := strings.Index(lower, mark); i > 0 {
			if extension := onlyDigits(lower[i:]); extension != "" {
				return lower[:i], extension, true
			}
		}
	}
	return "", "", false
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// compact leaves the digits, letters and a leading plus of a spelling.
func compact(s string) string {
	s = strings.TrimSpace(s)
	plus := strings.HasPrefix(s, "+")
	if plus || strings.HasPrefix(s, "00") {
		s = strings.Replace(s, "(0)", "", 1) // +86 (0)571 …
	}
	s = strings.Map(func(r rune) rune {
		if r < utf8Self && (r >= '0' && r <= '9' || r >= 'a' && r <= 'z') || r >= utf8Self && unicode.IsLetter(r) {
			return r
		}
		return -1
	}, strings.ToLower(s))
	switch {
	case plus:
		return "+" + s
	case strings.HasPrefix(s, "00"):
		return "+" + s[2:]
	}
	return s
}

const utf8Self = 0x80

// classify decides what a compact spelling is; ok is false for what is no number.
func classify(s, areaCode string) (key string, kind NumberKind, assumed, ok bool) {
	international := strings.HasPrefix(s, "+")
	national := s
	if chinese, found := strings.CutPrefix(s, "+86"); found {
		national, international = chinese, false
	}
	if !international {
		if onlyDigits(national) != national {
			return "", "", false, false
		}
		if isService(national) {
			return "short:" + national, Short, false, true
		}
		if code := onlyDigits(areaCode); code != "" && s == national && isLocal(national) {
			national, assumed = "0"+strings.TrimPrefix(code, "0")+national, true
		}
	}
	// IsValid, not IsPossible: possible is everything of about the right length.
	n, err := phonenumbers.Parse(national, "CN")
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return "", "", false, false
	}
	if !international && n.GetCountryCode() != 86 {
		return "", "", false, false // old metadata once took a new Chinese prefix for a foreign country
	}
	kind = OtherKind
	switch phonenumbers.GetNumberType(n) {
	case phonenumbers.MOBILE:
		kind = Mobile
	case phonenumbers.FIXED_LINE:
		kind = Fixed
	}
	return phonenumbers.Format(n, phonenumbers.E164), kind, assumed, true
}

// isService tells a service's short number, which only exists inside the
// country: 110, 12345, 95588, 96110 with whatever follows, 106… for text messages.
func isService(national string) bool {
	switch {
	case len(national) >= 3 && len(national) <= 6:
		return national[0] != '0'
	case len(national) > 6 && len(national) <= 20:
		return strings.HasPrefix(national, "95") || strings.HasPrefix(national, "96") || strings.HasPrefix(national, "106")
	}
	return false
}

// isLocal tells a number that is dialled without an area code in its own city.
func isLocal(national string) bool {
	return (len(national) == 7 || len(national) == 8) && national[0] >= '2' && national[0] <= '8'
}

// Mask hides the middle of a number for screens and lists: 138****8000,
// 0571****5678. Numbers of services are public and stay; callers without a
// number give the empty string.
func Mask(number string) string {
	n := ParseNumber(number, "")
	const hidden = "****"
	digits, valid := strings.CutPrefix(n.Key, "+")
	switch {
	case n.Kind == Anonymous:
		return ""
	case n.Kind == Short:
		return strings.TrimPrefix(n.Key, "short:")
	case !valid:
		digits = onlyDigits(n.Key)
		if len(digits) < 6 { // a short inner number, or no number at all
			return hidden
		}
		return hidden + digits[len(digits)-2:]
	}
	national, chinese := strings.CutPrefix(digits, "86")
	switch {
	case chinese && n.Kind == Mobile:
		return national[:3] + hidden + national[len(national)-4:]
	case chinese && n.Kind == Fixed:
		code := 3 // 010 and 02x have two digits behind the trunk 0, all others three
		if national[0] == '2' || strings.HasPrefix(national, "10") {
			code = 2
		}
		local := national[code:]
		return "0" + national[:code] + hidden + local[len(local)-len(local)/2:]
	case chinese:
		return national[:3] + hidden + national[len(national)-2:]
	}
	return "+" + digits[:2] + hidden + digits[len(digits)-2:]
}
