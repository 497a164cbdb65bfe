package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/ari"
)

// sent is what one call of a method put on the wire.
type sent struct {
	method string
	path   string
	query  []string
	body   []string // members of the body
}

// Every method of the client, written by hand or generated, sends what the
// description describes; and all together can send all of it.
func TestMethodsFollowTheDescription(t *testing.T) {
	d := mustCommitted(t)
	var got sent
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = sent{method: r.Method, path: strings.TrimPrefix(r.URL.Path, "/ari")}
		for name := range r.URL.Query() {
			got.query = append(got.query, name)
		}
		body := map[string]json.RawMessage{}
		if text, _ := io.ReadAll(r.Body); len(text) > 0 {
			if err := json.Unmarshal(text, &body); err != nil {
				t.Errorf("%s %s: body %s: %v", r.Method, r.URL.Path, text, err)
			}
		}
		for name := range body {
			got.body = append(got.body, name)
		}
		_, _ = w.Write([]byte("null")) // fits every type
	}))
	defer server.Close()
	client, err := ari.New(ari.Options{URL: server.URL + "/ari", User: "u", Password: "p"})
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()

	// Of each method its operations, by hand ones included.
	operations := map[string]string{
		"Applications.FilterEvents": "applications.filter",
	}
	for _, o := range operationTable {
		resource, _, _ := strings.Cut(o.of, ".")
		operations[resources[resource].name+"."+o.name] = o.of
	}
	used := map[string]bool{"events.eventWebsocket?app": true} // by Client.Listen, which the listen tests look at
	value := reflect.ValueOf(client).Elem()
	for i := range value.NumField() {
		resource := value.Type().Field(i)
		if !resource.IsExported() {
			continue
		}
		for j := range value.Field(i).NumMethod() {
			name := resource.Name + "." + value.Field(i).Type().Method(j).Name
			of, ok := operations[name]
			if !ok {
				t.Errorf("%s is in no table", name)
				continue
			}
			delete(operations, name)
			api := d.operation(of)
			method := value.Field(i).Method(j)
			args := []reflect.Value{reflect.ValueOf(t.Context())}
			for k := 1; k < method.Type().NumIn(); k++ {
				args = append(args, filled(method.Type().In(k)))
			}
			got = sent{}
			out := method.Call(args)
			if err, _ := out[len(out)-1].Interface().(error); err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			requireDescribed(t, name, api, got, used)
		}
	}
	delete(operations, "Events.Listen")
	for name := range operations {
		t.Errorf("%s is in the table, but the client has no such method", name)
	}
	for _, o := range d.Operations {
		if leftOut[o.ID] != "" {
			continue
		}
		for _, p := range o.Parameters {
			if what := o.ID + "?" + p.Name; p.In == "query" && !used[what] && parametersLeftOut[what] == "" {
				t.Errorf("no method sends %s", what)
			}
		}
	}
}

// requireDescribed compares a request with its description.
func requireDescribed(t *testing.T, name string, api *apiOperation, got sent, used map[string]bool) {
	t.Helper()
	want := strings.Split(api.Path, "/")
	have := strings.Split(got.path, "/")
	same := got.method == api.Method && len(want) == len(have)
	for i := range want {
		same = same && (want[i] == have[i] || strings.HasPrefix(want[i], "{") && have[i] != "")
	}
	if !same {
		t.Errorf("%s: %s %s is not %s %s", name, got.method, got.path, api.Method, api.Path)
		return
	}
	for _, q := range got.query {
		p := api.parameter(q)
		if p == nil || !slices.ContainsFunc(api.Parameters, func(p apiParameter) bool { return p.Name == q && p.In == "query" }) {
			t.Errorf("%s: sends %s, which is not described", name, q)
			continue
		}
		used[api.ID+"?"+q] = true
	}
	for _, p := range api.Parameters {
		if p.In == "query" && p.Required && !slices.Contains(got.query, p.Name) {
			t.Errorf("%s: does not send %s", name, p.Name)
		}
	}
	hasBody := slices.ContainsFunc(api.Parameters, func(p apiParameter) bool {
		return p.In == "body" && parametersLeftOut[api.ID+"?"+p.Name] == ""
	})
	if len(got.body) > 0 && !hasBody {
		t.Errorf("%s: sends a body, which is not described", name)
	}
	switch {
	case api.ID == "applications.filter":
		slices.Sort(got.body)
		if fmt.Sprint(got.body) != "[allowed disallowed]" {
			t.Errorf("%s: body has %v", name, got.body)
		}
	case len(got.body) > 0 && fmt.Sprint(got.body) != "[variables]":
		t.Errorf("%s: body has %v", name, got.body)
	case hasBody && len(got.body) == 0:
		t.Errorf("%s: does not send the body", name)
	}
}

// filled is a value in which nothing is empty.
func filled(typ reflect.Type) reflect.Value {
	v := reflect.New(typ).Elem()
	switch typ.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(time.Second))
		if typ.Kind() == reflect.Int {
			v.SetInt(7)
		}
	case reflect.Slice:
		v.Set(reflect.Append(v, filled(typ.Elem())))
	case reflect.Map:
		v.Set(reflect.MakeMap(typ))
		v.SetMapIndex(filled(typ.Key()), filled(typ.Elem()))
	case reflect.Struct:
		for i := range v.NumField() {
			v.Field(i).Set(filled(typ.Field(i).Type))
		}
	default:
		panic("no value for " + typ.String())
	}
	return v
}
