package crm

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseNumber(t *testing.T) {
	const mobile = "+8613800138000"
	for _, c := range []struct {
		raw       string
		key       string
		kind      NumberKind
		extension string
		assumed   bool
	}{
		{"13800138000", mobile, Mobile, "", false},
		{"8613800138000", mobile, Mobile, "", false},
		{"+8613800138000", mobile, Mobile, "", false},
		{"008613800138000", mobile, Mobile, "", false},
		{"013800138000", mobile, Mobile, "", false},
		{"138-0013-8000", mobile, Mobile, "", false},
		{"138 0013 8000", mobile, Mobile, "", false},
		{"１３８００１３８０００", mobile, Mobile, "", false},
		{"+86 (0)138 0013 8000", mobile, Mobile, "", false},
		{"sip:13800138000@10.0.0.1:5060;user=phone", mobile, Mobile, "", false},
		{`"张伟" <sip:+8613800138000@carrier>`, mobile, Mobile, "", false},
		{"tel:+86-138-0013-8000;phone-context=x", mobile, Mobile, "", false},
		{"\u202d13800138000\u202c", mobile, Mobile, "", false}, // marks that phones put around a copied number
		{"19112345678", "+8619112345678", Mobile, "", false},
		{"19912345678", "+8619912345678", Mobile, "", false},
		{"16712345678", "+8616712345678", Mobile, "", false},
		{"17012345678", "+8617012345678", Mobile, "", false},
		{"01062345678", "+861062345678", Fixed, "", false},
		{"02087654321", "+862087654321", Fixed, "", false},
		{"(0755) 1234 5678", "+8675512345678", Fixed, "", false},
		{"0571-87654321", "+8657187654321", Fixed, "", false},
		{"057187654321-801", "+8657187654321", Fixed, "801", false},
		{"0571-87654321-801", "+8657187654321", Fixed, "801", false},
		{"0571-87654321转801", "+8657187654321", Fixed, "801", false},
		{"0571 87654321,801", "+8657187654321", Fixed, "801", false},
		{"057187654321#801", "+8657187654321", Fixed, "801", false},
		{"057187654321 ext. 801", "+8657187654321", Fixed, "801", false},
		{"87654321", "+8657187654321", Fixed, "", true},
		{"8765-4321", "+8657187654321", Fixed, "", true},
		{"4008001234", "+864008001234", OtherKind, "", false},
		{"400-800-1234", "+864008001234", OtherKind, "", false},
		{"95588", "short:95588", Short, "", false},
		{"+8695588", "short:95588", Short, "", false},
		{"008695588", "short:95588", Short, "", false},
		{"955-88", "short:95588", Short, "", false},
		{"10086", "short:10086", Short, "", false},
		{"12345", "short:12345", Short, "", false},
		{"110", "short:110", Short, "", false},
		{"106901234567", "short:106901234567", Short, "", false},
		{"95013123456", "short:95013123456", Short, "", false},
		{"+85221234567", "+85221234567", Fixed, "", false},
		{"0085221234567", "+85221234567", Fixed, "", false},
		{"anonymous", "", Anonymous, "", false},
		{"Anonymous", "", Anonymous, "", false},
		{"sip:anonymous@anonymous.invalid", "", Anonymous, "", false},
		{"unknown", "", Anonymous, "", false},
		{"匿名", "", Anonymous, "", false},
		{"", "", Anonymous, "", false},
		{"  ", "", Anonymous, "", false},
		{"+", "raw:+", OtherKind, "", false},
		{"12012345678", "raw:12012345678", OtherKind, "", false},
		{"alice", "raw:alice", OtherKind, "", false},
		{"1001-web", "raw:1001web", OtherKind, "", false},
		{"1", "raw:1", OtherKind, "", false},
	} {
		n := ParseNumber(c.raw, "0571")
		if n.Key != c.key || n.Kind != c.kind || n.Extension != c.extension || n.Assumed != c.assumed || n.Raw != c.raw {
			t.Errorf("ParseNumber(%q) = %+v, want key %q kind %s extension %q assumed %v", c.raw, n, c.key, c.kind, c.extension, c.assumed)
		}
	}
	if n := ParseNumber("87654321", ""); n.Key != "raw:87654321" || n.Kind != OtherKind || n.Assumed {
		t.Errorf("a local number without an area code: %+v", n)
	}
}

func TestMask(t *testing.T) {
	for raw, want := range map[string]string{
		"13812345678": "138****5678", "+8613812345678": "138****5678", "138-1234-5678": "138****5678",
		"057112345678": "0571****5678", "01062345678": "010****5678", "0571-87654321-801": "0571****4321", "05782123456": "0578****456",
		"95588": "95588", "12345": "12345", "4008001234": "400****34", "+85221234567": "+85****67",
		"anonymous": "", "": "", "12012345678": "****78", "87654321": "****21", "alice": "****", "1001-web": "****",
	} {
		if got := Mask(raw); got != want {
			t.Errorf("Mask(%q) = %q, want %q", raw, got, want)
		}
	}
}

// valid keeps the numbers that exist in the numbering plan; the examples above
// anchor what that means.
func valid(kind NumberKind, of *rapid.Generator[string]) *rapid.Generator[string] {
	return of.Filter(func(national string) bool { return ParseNumber(national, "").Kind == kind })
}

func mobiles() *rapid.Generator[string] {
	// Prefixes that are in use; the rest of the number is free.
	return valid(Mobile, rapid.Custom(func(t *rapid.T) string {
		prefix := rapid.SampledFrom([]string{"130", "138", "150", "159", "166", "170", "176", "180", "189", "191", "198", "199"}).Draw(t, "prefix")
		return prefix + rapid.StringMatching(`[0-9]{8}`).Draw(t, "rest")
	}))
}

func fixedLines() *rapid.Generator[string] {
	return valid(Fixed, rapid.Custom(func(t *rapid.T) string {
		return rapid.SampledFrom([]string{"010", "020", "021", "0571", "0755"}).Draw(t, "code") + rapid.StringMatching(`8[0-9]{7}`).Draw(t, "local")
	}))
}

// spell writes a national number in one of the ways in which it reaches us.
func spell(t *rapid.T, national string) string {
	significant := strings.TrimPrefix(national, "0")
	s := rapid.SampledFrom([]string{national, "+86" + significant, "0086" + significant, "86" + significant, "+86 (0)" + significant}).Draw(t, "prefix")
	if rapid.Bool().Draw(t, "groups") {
		sep := rapid.SampledFrom([]string{" ", "-", ".", "\u00a0"}).Draw(t, "separator")
		at := len(s) - 4
		s = s[:at-4] + sep + s[at-4:at] + sep + s[at:]
	}
	if rapid.Bool().Draw(t, "full width") {
		s = strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' || r == '+' {
				return r + 0xFEE0
			}
			return r
		}, s)
	}
	return fmt.Sprintf(rapid.SampledFrom([]string{"%s", " %s ", "tel:%s", "sip:%s@10.1.2.3", "SIP:%s@example.invalid;user=phone", "<sip:%s@host>"}).Draw(t, "form"), s)
}

func TestEverySpellingHasOneKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		national := rapid.OneOf(mobiles(), fixedLines()).Draw(t, "number")
		want := "+86" + strings.TrimPrefix(national, "0")
		s := spell(t, national)
		n := ParseNumber(s, "0571")
		if n.Key != want || n.Extension != "" || n.Assumed {
			t.Fatalf("ParseNumber(%q) = %+v, want key %s", s, n, want)
		}
		if again := ParseNumber(n.Key, "0571"); again.Key != n.Key || again.Kind != n.Kind {
			t.Fatalf("the key %s parsed again is %+v", n.Key, again)
		}
	})
}

func TestParseNumberTakesAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.String().Draw(t, "raw")
		n := ParseNumber(raw, "0571")
		if (n.Key == "") != (n.Kind == Anonymous) {
			t.Fatalf("ParseNumber(%q) = %+v: only anonymous callers have no key", raw, n)
		}
		Mask(raw)
	})
}

var shown = regexp.MustCompile(`[0-9]`)

func TestMaskHidesMobiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		national := rapid.OneOf(mobiles(), rapid.StringMatching(`1[3-9][0-9]{9}`)).Draw(t, "number")
		masked := Mask(spell(t, national))
		if n := len(shown.FindAllString(masked, -1)); n > 7 {
			t.Fatalf("Mask shows %d digits: %s", n, masked)
		}
		if strings.Contains(masked, national[3:7]) && strings.Count(national, national[3:7]) == 1 {
			t.Fatalf("Mask shows the middle of %s: %s", national, masked)
		}
	})
}
