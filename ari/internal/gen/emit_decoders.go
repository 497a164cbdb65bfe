package main

import (
	"fmt"
	"strings"
)

// readers are the methods of the decoder for Go types.
var readers = map[string]string{
	"string": "readString", "int": "readInt", "int64": "readInt64", "bool": "readBool", "time.Time": "readTime",
	"[]string": "readStrings", "map[string]string": "readMap", "json.RawMessage": "readRaw",
}

// merged are the types whose second coming in one object encoding/json would
// merge with the first, or append.
func merged(typ string) bool {
	switch typ {
	case "string", "int", "int64", "bool", "time.Time":
		return false
	}
	return true
}

// decoders writes the reading of every event, and of what is inside.
func (g *generator) decoders() error {
	g.comment("", "event reads a frame of a known type, or returns nil.")
	g.printf("func (d *decoder) event() Event {\nvar event Event\nswitch kind := d.kind(); kind {\n")
	for _, s := range eventTable {
		g.printf("case %q:\ne := &%s{EventHeader: EventHeader{Type: %q}}\nd.read%s(e)\nevent = e\n", s.model, s.goName(), s.model, s.goName())
	}
	g.printf("}\nif !d.end() {\nreturn nil\n}\nreturn event\n}\n\n")
	inside := map[string]bool{}
	for _, s := range eventTable {
		if err := g.decoder(s, true, inside); err != nil {
			return err
		}
	}
	for done := map[string]bool{}; len(done) < len(inside); {
		for _, s := range structures {
			if inside[s.goName()] && !done[s.goName()] {
				done[s.goName()] = true
				if err := g.decoder(s, false, inside); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (g *generator) decoder(s structure, event bool, inside map[string]bool) error {
	members, err := g.d.members(s)
	if err != nil {
		return err
	}
	v, null := "e", ""
	if !event {
		v, null = "v", "if d.null() {\nreturn\n}\n"
	}
	var cases strings.Builder
	bits := 0
	for _, m := range members {
		fmt.Fprintf(&cases, "case %q:\n", m.json)
		if merged(m.typ) {
			fmt.Fprintf(&cases, "d.once(&seen, %d)\n", bits)
			bits++
		}
		target := v + "." + m.name
		reader, ok := readers[m.typ]
		switch name := strings.TrimLeft(m.typ, "*[]"); {
		case ok:
			fmt.Fprintf(&cases, "d.%s(&%s)\n", reader, target)
		case strings.HasPrefix(m.typ, "*"):
			inside[name] = true
			fmt.Fprintf(&cases, "if !d.null() {\n%s = new(%s)\nd.read%s(%s)\n}\n", target, name, name, target)
		case strings.HasPrefix(m.typ, "[]"):
			inside[name] = true
			fmt.Fprintf(&cases, "if !d.null() {\n%s = []%s{}\nfor ok := d.begin('[', ']'); ok; ok = d.more(']') {\n", target, name)
			fmt.Fprintf(&cases, "var one %s\nd.read%s(&one)\n%s = append(%s, one)\n}\n}\n", name, name, target, target)
		case m.typ == "float64":
			return fmt.Errorf("%s.%s: the decoder reads no fractions", s.model, m.json)
		default:
			inside[name] = true
			fmt.Fprintf(&cases, "d.read%s(&%s)\n", name, target)
		}
	}
	last := "d.skip(0)"
	if event {
		last = "d.readHeader(&e.EventHeader, key)"
	}
	g.printf("func (d *decoder) read%s(%s *%s) {\n%s", s.goName(), v, s.goName(), null)
	if bits > 0 {
		g.printf("var seen uint64\n")
	}
	g.printf("for ok := d.object(); ok; ok = d.nextMember() {\n")
	if len(members) == 0 {
		g.printf("%s\n}\n}\n\n", strings.Replace(last, "key", "d.key()", 1))
		return nil
	}
	g.printf("switch key := d.key(); key {\n%sdefault:\n%s\n}\n}\n}\n\n", cases.String(), last)
	return nil
}
