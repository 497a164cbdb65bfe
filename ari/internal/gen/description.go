package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// description is what the generator needs of Asterisk's own description of
// its API: names, types, parameters and statuses. The texts stay where they
// are; ours stand in the tables.
type description struct {
	Operations []apiOperation `json:"operations"`
	Models     []apiModel     `json:"models"`
}

// apiOperation is one request that Asterisk answers.
type apiOperation struct {
	ID         string         `json:"id"` // resource and nickname, such as "channels.answer"
	Method     string         `json:"method"`
	Path       string         `json:"path"`
	Answer     string         `json:"answer"`
	Since      []string       `json:"since,omitempty"` // one version for each branch
	Parameters []apiParameter `json:"parameters,omitempty"`
	Errors     []int          `json:"errors,omitempty"`
}

// apiParameter is a part of the path, of the query or of the body.
type apiParameter struct {
	Name     string   `json:"name"`
	In       string   `json:"in"`
	Type     string   `json:"type"`
	Required bool     `json:"required,omitempty"`
	List     bool     `json:"list,omitempty"`
	Values   []string `json:"values,omitempty"`
}

// apiModel is an object that Asterisk sends.
type apiModel struct {
	Name   string     `json:"name"`
	Event  bool       `json:"event,omitempty"` // a frame of the event socket
	Fields []apiField `json:"fields,omitempty"`
}

type apiField struct {
	Name     string   `json:"name"`
	Type     string   `json:"type"`
	Required bool     `json:"required,omitempty"`
	Values   []string `json:"values,omitempty"`
}

func (d *description) operation(id string) *apiOperation {
	for i := range d.Operations {
		if d.Operations[i].ID == id {
			return &d.Operations[i]
		}
	}
	return nil
}

func (d *description) model(name string) *apiModel {
	for i := range d.Models {
		if d.Models[i].Name == name {
			return &d.Models[i]
		}
	}
	return nil
}

func (o *apiOperation) parameter(name string) *apiParameter {
	for i := range o.Parameters {
		if o.Parameters[i].Name == name {
			return &o.Parameters[i]
		}
	}
	return nil
}

// found is a description on this machine.
type found struct {
	*description
	// ours says that it belongs to the Asterisk that the project brings along.
	// Another one may be older, with less in its description.
	ours bool
}

var errNoAsterisk = errors.New("no Asterisk on this machine has a description of its API: run deploy/asterisk/get.sh")

// ofMachine reads the description of the private Asterisk, which
// deploy/asterisk/get.sh unpacks, or else of an installed one, or returns
// errNoAsterisk.
func ofMachine() (found, error) {
	cache := os.Getenv("XDG_CACHE_HOME") // the same rule as get.sh
	if home, err := os.UserHomeDir(); cache == "" && err == nil {
		cache = filepath.Join(home, ".cache")
	}
	private := filepath.Join(cache, "hotline", "asterisk", "share")
	for _, data := range []string{private, "/usr/share/asterisk", "/var/lib/asterisk", "/usr/local/share/asterisk"} {
		folder := filepath.Join(data, "rest-api")
		if _, err := os.Stat(filepath.Join(folder, "resources.json")); err == nil {
			d, err := readSwagger(folder)
			return found{d, data == private}, err
		}
	}
	return found{}, errNoAsterisk
}

// The files of Asterisk are in the form of Swagger 1.1.
type swaggerFile struct {
	APIs []struct {
		Path       string
		Operations []struct {
			HTTPMethod    string
			Nickname      string
			ResponseClass string
			Since         []string
			Parameters    []struct {
				Name, ParamType, DataType string
				Required, AllowMultiple   bool
				AllowableValues           swaggerValues
			}
			ErrorResponses []struct{ Code json.RawMessage }
		}
	}
	Models orderedModels
}

type swaggerValues struct {
	ValueType string
	Values    []string
}

type swaggerModel struct {
	SubTypes   []string
	Properties ordered[struct {
		Type            string
		Required        bool
		AllowableValues swaggerValues
	}]
}

type orderedModels = ordered[swaggerModel]

// ordered is an object whose members keep their order.
type ordered[T any] []struct {
	name  string
	value T
}

// UnmarshalJSON reads the members one by one.
func (o *ordered[T]) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var value T
		if err := d.Decode(&value); err != nil {
			return fmt.Errorf("%v: %w", name, err)
		}
		*o = append(*o, struct {
			name  string
			value T
		}{fmt.Sprint(name), value})
	}
	return nil
}

func readSwagger(folder string) (*description, error) {
	names, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", folder, err)
	}
	d := new(description)
	var events []string
	for _, name := range names {
		resource := strings.TrimSuffix(filepath.Base(name), ".json")
		if resource == "resources" {
			continue // the list of the others
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read the description: %w", err)
		}
		var f swaggerFile
		if err := json.Unmarshal(text, &f); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		d.addOperations(resource, f)
		for _, m := range f.Models {
			model := apiModel{Name: m.name}
			for _, p := range m.value.Properties {
				model.Fields = append(model.Fields, apiField{p.name, p.value.Type, p.value.Required, p.value.AllowableValues.Values})
			}
			d.Models = append(d.Models, model)
			events = append(events, m.value.SubTypes...)
		}
	}
	for i, m := range d.Models {
		// Event is the parent of all others and no frame of its own.
		d.Models[i].Event = m.Name != "Event" && slices.Contains(events, m.Name)
	}
	return d, nil
}

func (d *description) addOperations(resource string, f swaggerFile) {
	for _, api := range f.APIs {
		for _, o := range api.Operations {
			op := apiOperation{
				ID: resource + "." + o.Nickname, Method: o.HTTPMethod, Path: api.Path, Answer: o.ResponseClass, Since: o.Since,
			}
			for _, p := range o.Parameters {
				op.Parameters = append(op.Parameters, apiParameter{
					Name: p.Name, In: p.ParamType, Type: p.DataType, Required: p.Required, List: p.AllowMultiple, Values: p.AllowableValues.Values,
				})
			}
			for _, e := range o.ErrorResponses { // some are written as strings
				var code int
				if json.Unmarshal(bytes.Trim(e.Code, `"`), &code) == nil {
					op.Errors = append(op.Errors, code)
				}
			}
			slices.Sort(op.Errors)
			d.Operations = append(d.Operations, op)
		}
	}
}

// encode writes one operation or model a line, so that a change can be read.
func (d *description) encode() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("{\"operations\": [\n")
	if err := lines(&b, d.Operations); err != nil {
		return nil, err
	}
	b.WriteString("], \"models\": [\n")
	if err := lines(&b, d.Models); err != nil {
		return nil, err
	}
	b.WriteString("]}\n")
	return b.Bytes(), nil
}

func lines[T any](b *bytes.Buffer, all []T) error {
	for i, v := range all {
		line, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("write the description: %w", err)
		}
		b.Write(line)
		if i < len(all)-1 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
	}
	return nil
}

// committed reads the digest that stands beside the generator.
func committed(path string) (*description, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the digest: %w", err)
	}
	d := new(description)
	if err := json.Unmarshal(text, d); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return d, nil
}
