package main

// The tables give the description our names. What they do not say follows from
// it: a field is named like its JSON name in Go's spelling, an object that may
// be absent is a pointer, and so on. A field, parameter, operation or model that
// is neither in a table nor left out with a reason is an error.

// structure is an object of the description.
type structure struct {
	model  string
	name   string // in Go; empty is model
	file   string // written to file_gen.go
	doc    string
	fields map[string]field // what differs from the rule, by JSON name
}

// field is how a member is called and typed in Go. Empty parts follow from the
// description; the name "-" leaves the member out.
type field struct {
	name string
	typ  string
	note string // comment at the end of the line
	tag  string // "omitempty" or "always" against the rule
}

// enumeration is a list of values that the description allows.
type enumeration struct {
	of     string // "Model.field" or "resource.operation?parameter"
	file   string
	typ    string // a type of its own; empty leaves the constants untyped
	prefix string
	doc    string // of the type, or of the block
	block  string // of the block when there is a type
	names  map[string]string
	notes  map[string]string
}

// options is a struct of parameters that the caller may leave empty.
type options struct {
	name   string
	file   string
	doc    string
	fields []option
}

// option is a field of options, and the parameter that it becomes.
type option struct {
	name  string
	param string
	kind  kind
	note  string // comment at the end of the line
	above string // comment before the field
}

// kind is how a value goes into a request.
type kind string

const (
	text         kind = ""             // string
	texts        kind = "texts"        // []string, joined by commas
	truth        kind = "truth"        // bool, sent when true
	number       kind = "number"       // int, sent when not 0
	count        kind = "count"        // int, always sent
	seconds      kind = "seconds"      // time.Duration
	milliseconds kind = "milliseconds" // time.Duration
	variables    kind = "variables"    // map[string]string, in the body
	reported     kind = "reported"     // the same, with report_events
)

// operation is a method for an operation of the description.
type operation struct {
	of    string
	name  string
	op    string // in errors; empty is of
	class string // constant of request.go, where statuses have a meaning of their own
	// args are the parameters that are arguments of the method, in order:
	// "goName parameter kind", of which the kind may be missing, or also the
	// parameter, when both names are the same. Parts of the path come before
	// them, unless they are named here to get another place.
	args []string
	opts string // options struct, argument o
	// fixed are parameters that the method always sends.
	fixed      map[string]string
	typed      map[string]string // Go type of an argument where it is not string
	lastOnConn bool
	ignore     bool // the answer is not given to the caller
	since      string
	doc        string
	body       string // Go, instead of what follows from the above
	byHand     bool   // the method is written by hand
	// with is the signature for body, after ctx: "p Play) (*Playback, error".
	with string
}
