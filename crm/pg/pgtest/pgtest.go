// Package pgtest gives a test a database of its own on a real Postgres: a clone
// of a migrated template. A missing Postgres is a failure, not a skip.
package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/crm/pg"
)

// A server that is there already (one for a whole run of many packages): the URL
// of a user who may create databases, without the password, and the password.
const (
	envURL      = "HOTLINE_TEST_POSTGRES_URL"
	envPassword = "HOTLINE_TEST_POSTGRES_PASSWORD"
)

// patience bounds each step of a test's database work; a loaded machine needs some.
const patience = 60 * time.Second

var (
	mu       sync.Mutex
	inMain   bool
	private  *server // nil while none was needed
	admin    pg.Config
	template string
	failed   error // of the one try to get ready
	clones   atomic.Int64
)

// Main runs the tests of a package and afterwards ends the Postgres that was
// started for them, if one was. Call it from TestMain, alone.
func Main(m *testing.M) {
	inMain = true
	code := m.Run()
	mu.Lock()
	defer mu.Unlock()
	if template != "" && private == nil {
		if err := dropDatabase(template); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	if private != nil {
		if err := private.stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// New returns a store on a fresh, migrated and otherwise empty database, which
// goes away with the test.
func New(t testing.TB) *pg.Store {
	t.Helper()
	config := Fresh(t)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	store, err := pg.Open(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close) // before the database is dropped: cleanups run last in, first out
	return store
}

// Fresh makes a migrated database and tells where it is.
func Fresh(t testing.TB) pg.Config {
	t.Helper()
	if !inMain {
		t.Fatal("pgtest: TestMain of this package does not call pgtest.Main")
	}
	mu.Lock()
	if template == "" && failed == nil {
		failed = prepare()
	}
	err := failed
	mu.Unlock()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	name := fmt.Sprintf("%s_%d", template, clones.Add(1))
	if err := execute(fmt.Sprintf("create database %s template %s", name, template)); err != nil {
		t.Fatalf("pgtest: clone the template: %v", err)
	}
	t.Cleanup(func() {
		if err := dropDatabase(name); err != nil {
			t.Error(err)
		}
	})
	return on(name)
}

// Empty makes a database without any schema and tells where it is.
func Empty(t testing.TB) pg.Config {
	t.Helper()
	full := Fresh(t) // brings the server up
	name := fmt.Sprintf("%s_%d", template, clones.Add(1))
	if err := execute("create database " + name); err != nil {
		t.Fatalf("pgtest: make a database: %v", err)
	}
	t.Cleanup(func() {
		if err := dropDatabase(name); err != nil {
			t.Error(err)
		}
	})
	full.URL = on(name).URL
	return full
}

// prepare finds or starts the server and makes the template.
func prepare() error {
	admin = pg.Config{URL: os.Getenv(envURL), Password: os.Getenv(envPassword)}
	if admin.URL == "" {
		s, err := start()
		if err != nil {
			return err
		}
		private = s
		admin = s.config
	}
	name := fmt.Sprintf("hotline_test_%d", os.Getpid())
	if err := dropDatabase(name); err != nil {
		return err
	}
	if err := execute("create database " + name); err != nil {
		return fmt.Errorf("make the template: %w", err)
	}
	template = name
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, err := pg.Migrate(ctx, on(name)); err != nil {
		return err
	}
	return nil
}

func on(database string) pg.Config {
	u, err := url.Parse(admin.URL)
	if err != nil {
		return admin // the URL was used before: it can be parsed
	}
	u.Path = "/" + database
	return pg.Config{URL: u.String(), Password: admin.Password, AreaCode: "0571"}
}

func dropDatabase(name string) error {
	if err := execute(fmt.Sprintf("drop database if exists %s with (force)", name)); err != nil {
		return fmt.Errorf("pgtest: drop database %s: %w", name, err)
	}
	return nil
}

func execute(sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	config, err := pgx.ParseConfig(admin.URL)
	if err != nil {
		return fmt.Errorf("%s cannot be read as a Postgres URL", envURL)
	}
	if admin.Password != "" {
		config.Password = admin.Password
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}
