package pg_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hotline/crm/pg/pgtest"
)

func TestMain(m *testing.M) {
	time.Local = time.FixedZone("elsewhere", -5*60*60) // results must not depend on the machine's zone
	pgtest.Main(m)
}

// Every SQL constant of the package is prepared once on a real server, and no
// statement is written anywhere but in such a constant.
func TestEveryStatementPrepares(t *testing.T) {
	statements := readStatements(t)
	if len(statements) < 30 {
		t.Fatalf("only %d statements were found", len(statements))
	}
	store := pgtest.New(t)
	conn, err := store.Pool().Acquire(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for name, sql := range statements {
		if _, err := conn.Conn().Prepare(context.Background(), name, sql); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func readStatements(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]ast.Expr{}
	set := token.NewFileSet()
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				v := s.(*ast.ValueSpec)
				for i, name := range v.Names {
					if i < len(v.Values) {
						values[name.Name] = v.Values[i]
					}
				}
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			method, ok := c.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			place := map[string]int{"Query": 1, "QueryRow": 1, "Exec": 1, "Queue": 0}
			if i, ok := place[method.Sel.Name]; ok && i < len(c.Args) {
				if _, literal := c.Args[i].(*ast.BasicLit); literal {
					t.Errorf("%s: a statement that no constant holds", set.Position(c.Pos()))
				}
			}
			return true
		})
	}
	statements := map[string]string{}
	for name, e := range values {
		if strings.HasPrefix(name, "sql") {
			statements[name] = text(t, values, e)
		}
	}
	return statements
}

func text(t *testing.T, values map[string]ast.Expr, e ast.Expr) string {
	t.Helper()
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		if err != nil {
			t.Fatal(err)
		}
		return s
	case *ast.Ident:
		return text(t, values, values[e.Name])
	case *ast.ParenExpr:
		return text(t, values, e.X)
	case *ast.BinaryExpr:
		return text(t, values, e.X) + text(t, values, e.Y)
	}
	t.Fatalf("a statement is built of %T", e)
	return ""
}

func TestMigrationsOnlyGoForward(t *testing.T) {
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSorted(files) || len(files) == 0 {
		t.Fatalf("migrations are %v", files)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), "+goose Down") {
			t.Errorf("%s has a way back", f)
		}
	}
}
