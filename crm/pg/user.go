package pg

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/alexedwards/argon2id"
	"github.com/jackc/pgx/v5"

	"hotline/crm"
)

// passwordCost is the smallest set of parameters that OWASP's password storage
// cheat sheet names for argon2id: 19 MiB, two passes, one lane. A login takes
// some 30 ms of one core. A stored hash carries its own parameters, so these
// may be raised at any time.
var passwordCost = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// nobody is the hash that is compared when there is no such user, so that the
// time of an answer does not tell whether there is.
var nobody = sync.OnceValues(func() (string, error) { return argon2id.CreateHash("nobody", passwordCost) })

// Authenticate returns the user of a name and a password, or
// crm.ErrBadCredentials, also for users who are disabled.
func (s *Store) Authenticate(ctx context.Context, username, password string) (crm.User, error) {
	var id, hash string
	var disabled bool
	err := s.pool.QueryRow(ctx, sqlCredentials, username).Scan(&id, &hash, &disabled)
	unknown := errors.Is(err, pgx.ErrNoRows)
	if unknown {
		hash, err = nobody()
	}
	if err != nil {
		return crm.User{}, fmt.Errorf("read credentials: %w", err)
	}
	match, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return crm.User{}, fmt.Errorf("compare the password of user %s: %w", id, err)
	}
	if !match || unknown || disabled {
		return crm.User{}, crm.ErrBadCredentials
	}
	return s.User(ctx, id)
}

const sqlCredentials = `select id, password_hash, disabled_at is not null from user_account where username = $1`

// User returns a user who may sign in; a disabled one is not found.
func (s *Store) User(ctx context.Context, id string) (crm.User, error) {
	if !isUUID(id) {
		return crm.User{}, fmt.Errorf("user: %w", crm.ErrNotFound)
	}
	rows, err := s.pool.Query(ctx, sqlUser, id)
	if err != nil {
		return crm.User{}, fmt.Errorf("read user: %w", err)
	}
	u, err := pgx.CollectExactlyOneRow(rows, scanUser)
	if err != nil {
		return crm.User{}, notFound("user", err)
	}
	return u, nil
}

// Agents are the users who have a phone, in the order of their extensions.
func (s *Store) Agents(ctx context.Context) ([]crm.User, error) {
	rows, err := s.pool.Query(ctx, sqlAgents)
	if err != nil {
		return nil, fmt.Errorf("read agents: %w", err)
	}
	users, err := pgx.CollectRows(rows, scanUser)
	if err != nil {
		return nil, fmt.Errorf("read agents: %w", err)
	}
	return users, nil
}

const (
	selectUser = `
select u.id, u.username, u.name, u.roles, coalesce(u.extension, ''), coalesce(u.sip_secret, ''), u.locale,
       array(select q.queue_id from user_queue q where q.user_id = u.id order by q.queue_id)
from user_account u
where u.disabled_at is null `
	sqlUser   = selectUser + `and u.id = $1`
	sqlAgents = selectUser + `and u.extension is not null order by u.extension`
)

func scanUser(row pgx.CollectableRow) (crm.User, error) {
	var u crm.User
	var roles []string
	err := row.Scan(&u.ID, &u.Username, &u.Name, &roles, &u.Extension, &u.SIPSecret, &u.Locale, &u.Queues)
	for _, r := range roles {
		u.Roles = append(u.Roles, crm.Role(r))
	}
	return u, err
}
