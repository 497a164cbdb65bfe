package pg

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the schema to this binary's version and tells how many steps
// that took. Several instances may call it at once: an advisory lock lets one
// of them work. There is no way back; a step is undone by another step.
func Migrate(ctx context.Context, c Config) (applied int, err error) {
	config, err := c.parse()
	if err != nil {
		return 0, err
	}
	db := stdlib.OpenDB(*config.ConnConfig)
	defer db.Close()
	if err := db.PingContext(ctx); err != nil {
		return 0, unreachable(config.ConnConfig, err)
	}
	provider, err := newProvider(db)
	if err != nil {
		return 0, err
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return len(results), fmt.Errorf("migrate the schema: %w", err)
	}
	return len(results), nil
}

// CheckMigrated returns an error, one sentence for an operator, unless the
// schema is exactly this binary's.
func CheckMigrated(ctx context.Context, c Config) error {
	config, err := c.parse()
	if err != nil {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, config.ConnConfig)
	if err != nil {
		return unreachable(config.ConnConfig, err)
	}
	defer conn.Close(ctx)
	db := stdlib.OpenDB(*config.ConnConfig)
	defer db.Close()
	provider, err := newProvider(db)
	if err != nil {
		return err
	}
	var want int64
	for _, s := range provider.ListSources() {
		want = max(want, s.Version)
	}
	var have int64
	err = conn.QueryRow(ctx, sqlSchemaVersion).Scan(&have)
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &refused) && refused.Code == "42P01": // undefined_table
		return errors.New("the database is empty: run hotline migrate first")
	case err != nil:
		return fmt.Errorf("read the schema's version: %w", err)
	case have < want:
		return fmt.Errorf("the schema has version %d, this binary needs %d: run hotline migrate first", have, want)
	case have > want:
		return fmt.Errorf("the schema has version %d, this binary knows only %d: use a newer binary", have, want)
	}
	return nil
}

// goose writes a row per step; a step that is undone would be one more row, so the highest applied one counts.
const sqlSchemaVersion = `select coalesce(max(version_id), 0) from goose_db_version where is_applied`

func newProvider(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("open the migrations: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return nil, fmt.Errorf("make the migration lock: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker))
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return p, nil
}
