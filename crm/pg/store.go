// Package pg keeps the customer side and the durable log of calls in Postgres.
//
// The SQL is written by hand beside its only caller, as constants whose names
// begin with sql; a test prepares each of them on a real server. Times come out
// in UTC. Errors of package crm say what a caller may decide upon; every other
// error is trouble of the store.
package pg

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/crm"
)

// Config says where the database is. The password stands apart from the URL so
// that it gets into no log and no error.
type Config struct {
	URL      string // postgres://user@host:port/database, with pool_max_conns and other parameters of pgx
	Password string
	// AreaCode is put before local numbers that come without one, such as "0571".
	// Empty leaves them as they are: they then match no customer.
	AreaCode string
}

// Store is the database. It is safe for use by many goroutines.
type Store struct {
	pool     *pgxpool.Pool
	areaCode string
}

// Open connects and checks that the server answers. The error is one sentence
// that can be shown to an operator.
func Open(ctx context.Context, c Config) (*Store, error) {
	config, err := c.parse()
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, unreachable(config.ConnConfig, err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, unreachable(config.ConnConfig, err)
	}
	return &Store{pool: pool, areaCode: c.AreaCode}, nil
}

// Close waits for running statements and closes all connections.
func (s *Store) Close() { s.pool.Close() }

// Ping asks the server for a sign of life.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.pool.Ping(ctx); err != nil {
		return unreachable(s.pool.Config().ConnConfig, err)
	}
	return nil
}

// Pool is for a library that keeps its own table here (the sessions).
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// poolSize is the number of connections when the URL does not say it
// (pool_max_conns). pgx' own default, one per processor, lets page loads starve the log.
const poolSize = 16

func (c Config) parse() (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(c.URL)
	if err != nil {
		// pgx repeats the URL in its error, and somebody may have put a password there.
		return nil, errors.New("the Postgres URL cannot be read: it should look like postgres://user@host:5432/database")
	}
	if !strings.Contains(c.URL, "pool_max_conns") {
		config.MaxConns = poolSize
	}
	if c.Password != "" {
		config.ConnConfig.Password = c.Password
	}
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "hotline"
	}
	config.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		conn.TypeMap().RegisterType(&pgtype.Type{
			Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
		})
		return nil
	}
	return config, nil
}

// unreachable says in one sentence why there is no connection.
func unreachable(c *pgx.ConnConfig, err error) error {
	where := net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port)))
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		switch refused.Code {
		case "28P01", "28000": // invalid_password, invalid_authorization_specification
			return fmt.Errorf("postgres at %s refuses user %q: wrong password or not permitted", where, c.User)
		case "3D000": // invalid_catalog_name
			return fmt.Errorf("postgres at %s has no database %q", where, c.Database)
		}
		return fmt.Errorf("postgres at %s refuses the connection: %s", where, refused.Message)
	}
	var network *net.OpError
	if errors.As(err, &network) {
		return fmt.Errorf("postgres at %s is not reachable: %w", where, network.Err)
	}
	return fmt.Errorf("postgres at %s is not reachable: %w", where, err)
}

// isUUID guards the path from outside: an id that cannot be one names nothing.
func isUUID(id string) bool {
	var u pgtype.UUID
	return len(id) == 36 && u.Scan(id) == nil
}

// none turns an empty string into SQL's null.
func none(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// notFound maps the absence of a row to the domain's word for it.
func notFound(what string, err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("%s: %w", what, crm.ErrNotFound)
	}
	return fmt.Errorf("read %s: %w", what, err)
}

// A position in a list that is ordered by (time, id), newest first.
type position struct {
	at time.Time
	id string
}

// after is the cursor of the page that follows this position: opaque to the
// client, and of no value to anybody (a time and an id).
func (p position) after() string {
	b := binary.BigEndian.AppendUint64(nil, uint64(p.at.UnixMicro()))
	return base64.RawURLEncoding.EncodeToString(append(b, p.id...))
}

// start reads a cursor; the empty one is the list's beginning.
func start(cursor string) (position, error) {
	if cursor == "" {
		return position{at: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), id: "ffffffff-ffff-ffff-ffff-ffffffffffff"}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) != 8+36 || !isUUID(string(b[8:])) {
		return position{}, crm.InvalidInput{{Field: "cursor", Reason: crm.ReasonUnknown}}
	}
	at := time.UnixMicro(int64(binary.BigEndian.Uint64(b))).UTC()
	if at.Year() < 2000 || at.Year() > 9999 {
		return position{}, crm.InvalidInput{{Field: "cursor", Reason: crm.ReasonUnknown}}
	}
	return position{at, string(b[8:])}, nil
}

// pageSize bounds what one request may ask for.
func pageSize(asked int) int {
	const usual, most = 50, 200
	if asked <= 0 {
		return usual
	}
	return min(asked, most)
}
