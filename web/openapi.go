package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

//go:generate env UPDATE=1 go test -run ^TestDocument$ .

// adoptFramework sets huma's package-wide choices to ours, once for the process.
var adoptFramework = sync.OnceFunc(func() {
	huma.DefaultArrayNullable = false
	huma.NewError = func(status int, _ string, errs ...error) huma.StatusError {
		return frameworkProblem(context.Background(), status, errs)
	}
	huma.NewErrorWithContext = func(c huma.Context, status int, _ string, errs ...error) huma.StatusError {
		return frameworkProblem(c.Context(), status, errs)
	}
})

func apiConfig(version string) huma.Config {
	config := huma.DefaultConfig("hotline", version)
	config.Info.Description = "The after-sales hotline: desks, calls, tickets and the live floor. Errors are problem documents (RFC 9457) " +
		"whose type is /problems/<name>. x-permission names what an operation needs; GET /me tells what the user has. " +
		"Changing requests from other origins are refused. Unknown words of an enumeration are to be tolerated."
	config.CreateHooks = nil // no $schema links in answers
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: "hotline_session", Description: "Set by POST /session; named __Host-hotline_session over https."},
	}
	config.Tags = []*huma.Tag{
		{Name: "session"}, {Name: "me"}, {Name: "desk"}, {Name: "calls"}, {Name: "tickets"}, {Name: "live"},
	}
	return config
}

// document is the OpenAPI description as it is served.
type document struct{ json, yaml []byte }

func newDocument(api *huma.OpenAPI) (document, error) {
	nullReferences(api.Components.Schemas)
	openAnswers(api)
	asJSON, err := json.Marshal(api)
	if err != nil {
		return document{}, fmt.Errorf("write the API's description: %w", err)
	}
	asYAML, err := api.YAML()
	if err != nil {
		return document{}, fmt.Errorf("write the API's description: %w", err)
	}
	return document{asJSON, asYAML}, nil
}

// nullReferences says of every pointer to an object that it may be null, which
// huma leaves out: a page's types are generated from this.
func nullReferences(registry huma.Registry) {
	for name, schema := range registry.Map() {
		t := registry.TypeFromRef("#/components/schemas/" + name)
		if t == nil || t.Kind() != reflect.Struct {
			continue
		}
		for _, field := range reflect.VisibleFields(t) {
			tag, options, _ := strings.Cut(field.Tag.Get("json"), ",")
			property := schema.Properties[tag]
			pointer := field.Type.Kind() == reflect.Pointer && field.Type.Elem().Kind() == reflect.Struct
			if property == nil || !pointer || property.Ref == "" || strings.Contains(options, "omitempty") || field.Type.Elem() == reflect.TypeFor[time.Time]() {
				continue
			}
			schema.Properties[tag] = &huma.Schema{
				Description: property.Description,
				OneOf:       []*huma.Schema{{Ref: property.Ref}, {Type: "null"}},
			}
		}
	}
}

// openAnswers takes back huma's "no other fields" from everything that is not
// part of a request: answers may gain fields, and pages tolerate that.
func openAnswers(api *huma.OpenAPI) {
	const begin = "#/components/schemas/"
	schemas, asked := api.Components.Schemas.Map(), map[string]bool{}
	var walk func(*huma.Schema)
	walk = func(s *huma.Schema) {
		if s == nil {
			return
		}
		if name := strings.TrimPrefix(s.Ref, begin); s.Ref != "" && !asked[name] {
			asked[name] = true
			walk(schemas[name])
		}
		walk(s.Items)
		for _, p := range s.Properties {
			walk(p)
		}
	}
	for _, path := range api.Paths {
		for _, op := range []*huma.Operation{path.Post, path.Put, path.Patch, path.Delete} {
			if op == nil || op.RequestBody == nil {
				continue
			}
			for _, media := range op.RequestBody.Content {
				walk(media.Schema)
			}
		}
	}
	for name, schema := range schemas {
		if !asked[name] {
			schema.AdditionalProperties = nil
		}
	}
}

func problemResponse(status int) *huma.Response {
	return &huma.Response{
		Description: http.StatusText(status),
		Content: map[string]*huma.MediaType{
			"application/problem+json": {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}},
		},
	}
}

func (s *Server) serveDocumentJSON(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/openapi+json")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(s.document.json) // an error means that the asker is gone
}

func (s *Server) serveDocumentYAML(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/openapi+yaml")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(s.document.yaml)
}
