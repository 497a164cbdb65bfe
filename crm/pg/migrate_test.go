package pg_test

import (
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/scs/pgxstore"

	"hotline/crm/pg"
	"hotline/crm/pg/pgtest"
)

func TestMigrateOnceForAll(t *testing.T) {
	t.Parallel()
	config := pgtest.Empty(t)
	if err := pg.CheckMigrated(t.Context(), config); err == nil || !strings.Contains(err.Error(), "hotline migrate") {
		t.Errorf("an empty database: %v", err)
	}
	var wg sync.WaitGroup
	applied := make([]int, 3)
	for i := range applied {
		wg.Go(func() {
			var err error
			if applied[i], err = pg.Migrate(t.Context(), config); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil || slices.Max(applied) != len(files) || applied[0]+applied[1]+applied[2] != len(files) {
		t.Errorf("steps applied: %v, of %d files (%v)", applied, len(files), err)
	}
	if err := pg.CheckMigrated(t.Context(), config); err != nil {
		t.Error(err)
	}
	store, err := pg.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if _, err := store.Pool().Exec(t.Context(), `insert into goose_db_version (version_id, is_applied) values (9999, true)`); err != nil {
		t.Fatal(err)
	}
	if err := pg.CheckMigrated(t.Context(), config); err == nil || !strings.Contains(err.Error(), "newer binary") {
		t.Errorf("a newer schema: %v", err)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	good := pgtest.Fresh(t)
	for _, c := range []struct {
		config pg.Config
		tells  string
	}{
		{pg.Config{URL: "postgres://u@127.0.0.1:1/x?sslmode=disable", Password: "hunter2"}, "postgres at 127.0.0.1:1 is not reachable: connect: connection refused"},
		{pg.Config{URL: "postgres://u@127.0.0.1:1/x", Password: "hunter2"}, "is not reachable"},
		{pg.Config{URL: "postgres://u:hunter2@[::1", Password: "hunter2"}, "cannot be read"},
		{pg.Config{URL: strings.Replace(good.URL, "/hotline_test", "/no_hotline_test", 1), Password: good.Password}, "has no database"},
	} {
		for _, try := range []func() error{
			func() error { _, err := pg.Open(t.Context(), c.config); return err },
			func() error { _, err := pg.Migrate(t.Context(), c.config); return err },
			func() error { return pg.CheckMigrated(t.Context(), c.config) },
		} {
			err := try()
			if err == nil || !strings.Contains(err.Error(), c.tells) {
				t.Errorf("%s: %v", c.tells, err)
			} else if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "\n") {
				t.Errorf("not for an operator's eyes: %v", err)
			}
		}
	}
}

// The sessions table is as the session store wants it.
func TestSessionsTable(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	sessions := pgxstore.NewWithCleanupInterval(store.Pool(), 0)
	if err := sessions.Commit("token", []byte("data"), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if b, found, err := sessions.Find("token"); err != nil || !found || string(b) != "data" {
		t.Errorf("%s %v %v", b, found, err)
	}
	if err := sessions.Delete("token"); err != nil {
		t.Fatal(err)
	}
}
