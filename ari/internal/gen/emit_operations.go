package main

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

func (k kind) goType() string {
	switch k {
	case text:
		return "string"
	case texts:
		return "[]string"
	case truth:
		return "bool"
	case number, count:
		return "int"
	case seconds, milliseconds:
		return "time.Duration"
	case variables, reported:
		return "map[string]string"
	}
	return string(k) // a string type of its own
}

// encode is the expression that turns a value into what is sent.
func (k kind) encode(value string) string {
	switch k {
	case text:
		return value
	case truth:
		return "flag(" + value + ")"
	case number:
		return "number(" + value + ")"
	case count:
		return "strconv.Itoa(" + value + ")"
	case seconds:
		return "seconds(" + value + ")"
	case milliseconds:
		return "milliseconds(" + value + ")"
	}
	return "string(" + value + ")"
}

// input is a value of the caller and where it goes.
type input struct {
	value string // Go expression
	param string
	kind  kind
}

// resource writes a file of operations with what belongs to them.
func (g *generator) resource(name string) error {
	r := resources[name]
	g.comment("", r.doc)
	g.printf("type %s struct{ c *Client }\n\n", r.name)
	if err := g.types(name); err != nil {
		return err
	}
	for _, o := range operationTable {
		if strings.HasPrefix(o.of, name+".") && !o.byHand {
			if err := g.operation(r, o); err != nil {
				return fmt.Errorf("%s: %w", o.of, err)
			}
		}
	}
	return nil
}

func (g *generator) operation(r resource, o operation) error {
	api := g.d.operation(o.of)
	g.imports["context"] = true
	g.comment("", o.doc+g.since(o, api))

	arguments, path := pathOf(api)
	elsewhere := func(arg string) bool {
		return slices.ContainsFunc(o.args, func(a string) bool { return strings.HasPrefix(a+" ", arg+" ") })
	}
	arguments = slices.DeleteFunc(arguments, elsewhere)
	if o.body != "" {
		g.printf("func (%s *%s) %s(ctx context.Context, %s string, %s) {\n%s\n}\n\n", r.receiver, r.name, o.name, strings.Join(arguments, ", "), o.with, o.body)
		return nil
	}
	var types []string
	for range arguments {
		types = append(types, "string")
	}
	inputs, err := o.inputs(api)
	if err != nil {
		return err
	}
	for i := range inputs {
		if o.opts == "" || !strings.HasPrefix(inputs[i].value, "o.") {
			arguments, types = append(arguments, inputs[i].value), append(types, inputs[i].kind.goType())
		}
	}
	if o.opts != "" {
		arguments, types = append(arguments, "o"), append(types, o.opts)
	}
	answer, result, err := g.answer(o, api)
	if err != nil {
		return err
	}
	g.printf("func (%s *%s) %s(ctx context.Context%s) %s {\n", r.receiver, r.name, o.name, signature(arguments, types), result)
	op := cmp.Or(o.class, fmt.Sprintf("%q", cmp.Or(o.op, o.of)))
	for i, in := range inputs {
		if in.kind != texts {
			continue
		}
		local := lowerFirst(in.param)
		if local == in.value {
			local = "joined"
		}
		g.printf("%s, err := list(%s, %s)\nif err != nil {\nreturn %serr\n}\n", local, op, in.value, answer.zero)
		inputs[i].value, inputs[i].kind = local, text
	}
	request := g.request(o, api, op, path, inputs)
	g.printf("%s}\n\n", strings.NewReplacer("CLIENT", r.receiver+".c", "REQUEST", request).Replace(answer.code))
	return nil
}

// since says from which versions on there is an operation that the oldest
// Asterisk of the package (20.14) lacks.
func (g *generator) since(o operation, api *apiOperation) string {
	if o.since != "" {
		return "\n\nSince " + o.since + "."
	}
	var versions []string
	for _, v := range api.Since {
		var major, minor int
		if n, err := fmt.Sscanf(v, "%d.%d", &major, &minor); err == nil && n == 2 && major >= 20 {
			versions = append(versions, fmt.Sprintf("%d.%d", major, minor))
			if major == 20 && minor <= 14 {
				return ""
			}
		}
	}
	if len(versions) == 0 {
		return ""
	}
	slices.Sort(versions)
	last := len(versions) - 1
	if last == 0 {
		return "\n\nSince " + versions[0] + "."
	}
	return "\n\nSince " + strings.Join(versions[:last], ", ") + " and " + versions[last] + "."
}

// pathOf returns the arguments and the Go elements of a path.
func pathOf(api *apiOperation) (args, elements []string) {
	for segment := range strings.SplitSeq(strings.Trim(api.Path, "/"), "/") {
		name, ok := strings.CutPrefix(segment, "{")
		if !ok {
			elements = append(elements, fmt.Sprintf("%q", segment))
			continue
		}
		name = strings.TrimSuffix(name, "}")
		arg := cmp.Or(arguments[name], name)
		if slices.Contains(args, arg) {
			arg = name
		}
		args, elements = append(args, arg), append(elements, arg)
	}
	return args, elements
}

func (o operation) inputs(api *apiOperation) ([]input, error) {
	var all []input
	for _, a := range o.args {
		words := strings.Fields(a)
		in := input{value: words[0], param: words[0]}
		if len(words) > 1 {
			in.param = words[1]
		}
		if len(words) > 2 {
			in.kind = kind(words[2])
		}
		if t := o.typed[in.value]; t != "" {
			in.kind = kind(t)
		}
		all = append(all, in)
	}
	if o.opts != "" {
		i := slices.IndexFunc(optionsTable, func(s options) bool { return s.name == o.opts })
		if i < 0 {
			return nil, fmt.Errorf("no options %s", o.opts)
		}
		for _, f := range optionsTable[i].fields {
			all = append(all, input{"o." + f.name, f.param, f.kind})
		}
	}
	for _, in := range all {
		if p := api.parameter(in.param); p == nil {
			return nil, fmt.Errorf("no parameter %s", in.param)
		}
	}
	return all, nil
}

// signature joins arguments, neighbours of one type under one name.
func signature(names, types []string) string {
	var b strings.Builder
	for i, name := range names {
		b.WriteString(", " + name)
		if i == len(names)-1 || types[i+1] != types[i] {
			b.WriteString(" " + types[i])
		}
	}
	return b.String()
}

// shape is how a method ends.
type shape struct {
	zero string // what is returned before an error
	code string // with CLIENT and REQUEST
}

func (g *generator) answer(o operation, api *apiOperation) (shape, string, error) {
	switch {
	case api.Answer == "void" || o.ignore:
		return shape{"", "return CLIENT.do(ctx, REQUEST)\n"}, "error", nil
	case api.Answer == "Variable":
		return shape{`"", `, "v, err := fetch[variable](ctx, CLIENT, REQUEST)\nif err != nil {\nreturn \"\", err\n}\nreturn v.Value, nil\n"}, "(string, error)", nil
	case api.Answer == "Variables":
		return shape{"nil, ", "v, err := fetch[variableSet](ctx, CLIENT, REQUEST)\nif err != nil {\nreturn nil, err\n}\nreturn v.Variables, nil\n"},
			"(map[string]string, error)", nil
	case strings.HasPrefix(api.Answer, "List["):
		s, ok := structureOf(strings.TrimSuffix(strings.TrimPrefix(api.Answer, "List["), "]"))
		if !ok {
			return shape{}, "", fmt.Errorf("answer %s has no struct", api.Answer)
		}
		return shape{"nil, ", "return fetchList[" + s.goName() + "](ctx, CLIENT, REQUEST)\n"}, "([]" + s.goName() + ", error)", nil
	}
	s, ok := structureOf(api.Answer)
	if !ok {
		return shape{}, "", fmt.Errorf("answer %s has no struct", api.Answer)
	}
	return shape{"nil, ", "return fetch[" + s.goName() + "](ctx, CLIENT, REQUEST)\n"}, "(*" + s.goName() + ", error)", nil
}

var methods = map[string]string{
	http.MethodGet: "http.MethodGet", http.MethodPost: "http.MethodPost", http.MethodPut: "http.MethodPut", http.MethodDelete: "http.MethodDelete",
}

// request writes the request literal.
func (g *generator) request(o operation, api *apiOperation, op string, path []string, inputs []input) string {
	g.imports["net/http"] = true
	var query []string
	plain, report := "nil", "nil"
	for _, in := range inputs {
		if api.parameter(in.param).In == "path" {
			continue
		}
		switch in.kind {
		case variables:
			plain = in.value
		case reported:
			report = in.value
		case count:
			g.imports["strconv"] = true
			fallthrough
		default:
			query = append(query, fmt.Sprintf("%q: %s", in.param, in.kind.encode(in.value)))
		}
	}
	for name, value := range o.fixed {
		query = append(query, fmt.Sprintf("%q: %q", name, value))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "request{\nop: %s, method: %s, path: []string{%s},\n", op, methods[api.Method], strings.Join(path, ", "))
	if len(query) > 0 {
		b.WriteString("query: query{" + wrapped(query) + "},\n")
	}
	if plain != "nil" || report != "nil" {
		fmt.Fprintf(&b, "body: variables(%s, %s),\n", plain, report)
	}
	if o.lastOnConn {
		b.WriteString("lastOnConn: true,\n")
	}
	b.WriteString("}")
	return b.String()
}

// wrapped puts elements on one line if they fit, else on lines that fit.
func wrapped(elements []string) string {
	const width = 100
	if one := strings.Join(elements, ", "); len(one) <= width {
		return one
	}
	var b strings.Builder
	b.WriteString("\n")
	line := 0
	for i, e := range elements {
		if line > 0 && line+len(e) > width {
			b.WriteString("\n")
			line = 0
		}
		b.WriteString(e + ",")
		line += len(e) + 2
		if i < len(elements)-1 {
			b.WriteString(" ")
		}
	}
	b.WriteString("\n")
	return b.String()
}
