// Package floor is what is happening now, kept in Redis: agents' presence, the
// waiting queue, and the messages to the controllers that own the calls. All of
// it may be lost and is then made anew; what happened stands in Postgres.
//
// Policy is Go: package agent decides how presence moves, package acd who gets
// whom. The scripts here only compare and set, so that any number of writers
// is harmless: who read an old value is refused and reads again.
package floor

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"

	"hotline/agent"
)

//go:embed set_agent.lua
var setAgentSource string

//go:embed reserve.lua
var reserveSource string

var (
	setAgentScript = redis.NewScript(setAgentSource)
	reserveScript  = redis.NewScript(reserveSource)
)

// Floor is one floor in one Redis. All keys share a hash tag, so that scripts
// touch one node of a cluster.
type Floor struct {
	db  redis.UniversalClient
	tag string
}

// New uses the given client. The name keeps floors of one Redis apart; it is
// usually "floor".
func New(db redis.UniversalClient, name string) *Floor {
	return &Floor{db: db, tag: "{" + name + "}:"}
}

func (f *Floor) agentsKey() string        { return f.tag + "agents" }
func (f *Floor) versionsKey() string      { return f.tag + "agent-versions" }
func (f *Floor) waitingKey() string       { return f.tag + "waiting" }
func (f *Floor) inboxKey(slot int) string { return f.tag + "inbox:" + strconv.Itoa(slot) }
func (f *Floor) deskKey(id string) string { return f.tag + "desk:" + id }
func (f *Floor) changes() string          { return f.tag + "changes" }

// Ping tells whether Redis answers.
func (f *Floor) Ping(ctx context.Context) error {
	if err := f.db.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("ping redis: %w", err)
	}
	return nil
}

// Announce tells everybody who watches what changed.
func (f *Floor) Announce(ctx context.Context, c agent.Change) error {
	if err := announce(ctx, f.db, f.changes(), c); err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	return nil
}

// announce publishes, alone or within a pipeline.
func announce(ctx context.Context, db redis.Cmdable, channel string, c agent.Change) error {
	return db.Publish(ctx, channel, mustJSON(c)).Err()
}

// mustJSON marshals our own plain structs, which cannot fail.
func mustJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("marshal %T: %v", v, err))
	}
	return string(b)
}
