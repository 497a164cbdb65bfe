package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Who may import whom. Level 0 is pure and does not import each other, unless
// said; level 1 is an edge with one driver; level 2 is a shell that owns its
// ports; cmd/hotline wires them. Tests may import what they like.
var allowed = map[string][]string{
	// level 0: the decisions
	"hotline/ari/call":  {},
	"hotline/agent":     {},
	"hotline/agent/acd": {},
	"hotline/crm":       {"github.com/nyaruka/phonenumbers/v2"}, // a table of numbering plans, no I/O

	// level 1: the edges
	"hotline/ari":         {"github.com/gorilla/websocket"}, // nothing of the project: strangers can import it
	"hotline/agent/floor": {"hotline/agent", "hotline/agent/acd", "hotline/ari/call", "github.com/redis/go-redis/v9"},
	"hotline/agent/desk":  {"hotline/agent", "github.com/gorilla/websocket"},
	"hotline/ari/journal": {"hotline/ari/call"},
	"hotline/crm/pg": {
		"hotline/crm", "hotline/ari/call",
		"github.com/jackc/pgx/v5", "github.com/pressly/goose/v3", "github.com/alexedwards/argon2id", "github.com/google/uuid",
	},
	"hotline/crm/pg/pgtest": {"hotline/crm/pg", "github.com/jackc/pgx/v5"},

	// level 2: the shells
	"hotline/ari/control": {"hotline/ari", "hotline/ari/call", "github.com/google/uuid", "go.uber.org/zap"},
	"hotline/web": {
		"hotline/crm", "hotline/agent", "hotline/agent/acd", "hotline/agent/desk", "hotline/ari/call",
		"github.com/gorilla/websocket", "github.com/danielgtaylor/huma/v2", "github.com/alexedwards/scs/v2",
		"github.com/prometheus/client_golang", "go.uber.org/zap", "golang.org/x/text",
	},

	// level 3
	"hotline/cmd/hotline": {"*"},

	// tools and fakes of package ari, for tests and for go generate
	"hotline/ari/internal/gen":          {},
	"hotline/ari/aritest":               {"hotline/ari", "github.com/gorilla/websocket"},
	"hotline/ari/aritest/conform":       {"hotline/ari", "hotline/ari/aritest", "hotline/ari/aritest/conform/sipua", "github.com/gorilla/websocket"},
	"hotline/ari/aritest/conform/sipua": {},

	// the local stack: starts processes, knows none of the packages
	"hotline/deploy/local":       {},
	"hotline/deploy/local/sipp":  {},
	"hotline/deploy/local/stack": {"hotline/deploy/local", "hotline/deploy/local/sipp"},
	"hotline/deploy/e2e":         {"*"}, // tests of the whole
	"hotline/web/e2e":            {"*"}, // tests of the pages
}

func TestImports(t *testing.T) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "hotline/...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := 0
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		seen++
		rule, ok := allowed[p.ImportPath]
		if !ok {
			t.Errorf("%s has no rule: add it to the table, at its level", p.ImportPath)
			continue
		}
		for _, i := range p.Imports {
			if !isOurs(i) && !isModule(i) || slices.Contains(rule, "*") {
				continue
			}
			if !slices.ContainsFunc(rule, func(a string) bool { return i == a || !isOurs(i) && strings.HasPrefix(i, a+"/") }) {
				t.Errorf("%s must not import %s", p.ImportPath, i)
			}
		}
	}
	if seen < 10 {
		t.Fatalf("go list saw only %d packages", seen)
	}
}

func isOurs(path string) bool { return path == "hotline" || strings.HasPrefix(path, "hotline/") }

// isModule tells whether a path is outside the standard library: its first
// element is a domain.
func isModule(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return strings.Contains(first, ".")
}
