package main

import (
	"fmt"
	"slices"
	"strings"
)

// member is a field of a struct, as decided.
type member struct {
	json     string
	name     string
	typ      string
	note     string
	optional bool
	time     bool
}

func (s structure) goName() string {
	if s.name != "" {
		return s.name
	}
	return s.model
}

func structureOf(model string) (structure, bool) {
	i := slices.IndexFunc(structures, func(s structure) bool { return s.model == model })
	if i < 0 {
		return structure{}, false
	}
	return structures[i], true
}

// members decides on the fields of a structure.
func (d *description) members(s structure) ([]member, error) {
	var all []member
	for _, f := range d.model(s.model).Fields {
		special := s.fields[f.Name]
		if special.name == "-" {
			continue
		}
		m := member{json: f.Name, name: special.name, typ: special.typ, note: special.note, optional: !f.Required && special.tag != "always"}
		if m.name == "" {
			m.name = goName(f.Name)
		}
		if m.typ == "" {
			var err error
			if m.typ, err = goType(f); err != nil {
				return nil, fmt.Errorf("%s.%s: %w", s.model, f.Name, err)
			}
		}
		m.time = m.typ == "time.Time"
		all = append(all, m)
	}
	return all, nil
}

var scalars = map[string]string{
	"string": "string", "int": "int", "long": "int64", "double": "float64", "boolean": "bool", "Date": "time.Time",
	"List[string]": "[]string", "object": "map[string]string",
}

func goType(f apiField) (string, error) {
	if t, ok := scalars[f.Type]; ok {
		return t, nil
	}
	if inner, ok := strings.CutPrefix(f.Type, "List["); ok {
		if s, ok := structureOf(strings.TrimSuffix(inner, "]")); ok {
			return "[]" + s.goName(), nil
		}
	}
	s, ok := structureOf(f.Type)
	if !ok {
		return "", fmt.Errorf("type %s has no struct", f.Type)
	}
	if f.Required {
		return s.goName(), nil
	}
	return "*" + s.goName(), nil
}

func (g *generator) structure(s structure, embedded string) error {
	members, err := g.d.members(s)
	if err != nil {
		return err
	}
	g.comment("", s.doc)
	if len(members) == 0 {
		g.printf("type %s struct{ %s }\n\n", s.goName(), embedded)
		return nil
	}
	g.printf("type %s struct {\n", s.goName())
	if embedded != "" {
		g.printf("%s\n", embedded)
	}
	var times []member
	for _, m := range members {
		if m.time {
			times = append(times, m)
			continue
		}
		if strings.HasPrefix(m.typ, "json.") {
			g.imports["encoding/json"] = true
		}
		tag := m.json
		if m.optional {
			tag += ",omitempty"
		}
		g.printf("%s %s `json:\"%s\"`", m.name, m.typ, tag)
		if m.note != "" {
			g.printf(" // %s", m.note)
		}
		g.printf("\n")
	}
	if len(times) > 0 {
		g.imports["time"] = true
		if len(times) < len(members) {
			g.printf("\n")
		}
		for _, m := range times {
			g.printf("%s time.Time `json:\"-\"`\n", m.name)
		}
	}
	g.printf("}\n\n")
	if len(times) > 0 {
		g.timedJSON(s.goName(), times)
	}
	return nil
}

// timedJSON writes the methods that bring Asterisk's form of times in and out.
func (g *generator) timedJSON(name string, times []member) {
	g.imports["encoding/json"] = true
	lower, v := lowerFirst(name), strings.ToLower(name[:1])
	g.printf("type %sFields %s\n\ntype %sJSON struct {\n*%sFields\n", lower, name, lower, lower)
	for _, m := range times {
		g.printf("%s asteriskTime `json:\"%s\"`\n", m.name, m.json)
	}
	g.printf("}\n\n// UnmarshalJSON reads Asterisk's form, times included.\n")
	g.printf("func (%s *%s) UnmarshalJSON(data []byte) error {\n", v, name)
	g.printf("in := %sJSON{%sFields: (*%sFields)(%s)}\n", lower, lower, lower, v)
	g.printf("if err := json.Unmarshal(data, &in); err != nil {\nreturn err\n}\n")
	for _, m := range times {
		g.printf("%s.%s = time.Time(in.%s)\n", v, m.name, m.name)
	}
	g.printf("return nil\n}\n\n// MarshalJSON writes Asterisk's form.\nfunc (%s %s) MarshalJSON() ([]byte, error) {\n", v, name)
	g.printf("return json.Marshal(%sJSON{(*%sFields)(&%s)", lower, lower, v)
	for _, m := range times {
		g.printf(", asteriskTime(%s.%s)", v, m.name)
	}
	g.printf("})\n}\n\n")
}

func (g *generator) enumeration(e enumeration) error {
	values, err := g.d.values(e.of)
	if err != nil {
		return err
	}
	if len(values) == 0 {
		return fmt.Errorf("%s has no values", e.of)
	}
	doc := e.doc
	if e.typ != "" {
		g.comment("", e.doc)
		g.printf("type %s string\n\n", e.typ)
		doc = e.block
	}
	g.comment("", doc)
	g.printf("const (\n")
	for _, v := range values {
		name := e.names[v]
		if name == "" {
			name = e.prefix + goName(v)
		}
		g.printf("%s %s = %q", name, e.typ, v)
		if note := e.notes[v]; note != "" {
			g.printf(" // %s", note)
		}
		g.printf("\n")
	}
	g.printf(")\n\n")
	return nil
}

func (g *generator) options(o options) {
	g.comment("", o.doc)
	g.printf("type %s struct {\n", o.name)
	for _, f := range o.fields {
		if f.above != "" {
			g.comment("\t", f.above)
		}
		g.printf("%s %s", f.name, f.kind.goType())
		if f.kind == seconds || f.kind == milliseconds {
			g.imports["time"] = true
		}
		if f.note != "" {
			g.printf(" // %s", f.note)
		}
		g.printf("\n")
	}
	g.printf("}\n\n")
}

// types writes the values, objects and options of one file.
func (g *generator) types(file string) error {
	for _, e := range enumerations {
		if e.file == file {
			if err := g.enumeration(e); err != nil {
				return err
			}
		}
	}
	for _, s := range structures {
		if s.file == file {
			if err := g.structure(s, ""); err != nil {
				return err
			}
		}
	}
	for _, o := range optionsTable {
		if o.file == file {
			g.options(o)
		}
	}
	return nil
}

func (g *generator) events() error {
	g.printf("// Fields that may be absent are pointers, or have their zero value. Every event\n")
	g.printf("// carries the state at the time that it was made, not at the time that it is\n// read.\n\n")
	for _, s := range eventTable {
		if err := g.structure(s, "EventHeader"); err != nil {
			return err
		}
	}
	if err := g.types("event_types"); err != nil {
		return err
	}
	g.printf("// eventTypes holds every type of the description.\nvar eventTypes = map[string]func() Event{\n")
	for _, s := range eventTable {
		g.printf("%q: func() Event { return new(%s) },\n", s.model, s.goName())
	}
	g.printf("}\n")
	return nil
}
