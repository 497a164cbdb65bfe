package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hotline/agent"
	"hotline/agent/floor"
	"hotline/crm"
)

// enrolled is the floor with everybody on it who has a telephone: somebody whom
// the floor does not know yet, being new or after a Redis that came back empty,
// is made known when first asked for.
type enrolled struct {
	*floor.Floor
	desks *floor.Desks // this instance's pages
	users interface {
		User(ctx context.Context, id string) (crm.User, error)
		Agents(ctx context.Context) ([]crm.User, error)
	}
}

func profile(u crm.User) agent.Agent {
	return agent.New(u.ID, u.Name, u.Extension, u.Queues, time.Now().UTC())
}

func (e enrolled) everybody(ctx context.Context) error {
	users, err := e.users.Agents(ctx)
	if err != nil {
		return err
	}
	profiles := make([]agent.Agent, len(users))
	for i, u := range users {
		profiles[i] = profile(u)
	}
	return e.Register(ctx, profiles)
}

// known runs f, and once more after enrolling if the agent was not known.
func known[T any](ctx context.Context, e enrolled, id string, f func() (T, error)) (T, error) {
	v, err := f()
	if !errors.Is(err, floor.ErrUnknownAgent) {
		return v, err
	}
	u, err := e.users.User(ctx, id)
	if err != nil {
		return v, fmt.Errorf("enrol agent: %w", err)
	}
	if err := e.Register(ctx, []agent.Agent{profile(u)}); err != nil {
		return v, err
	}
	return f()
}

func (e enrolled) Agent(ctx context.Context, id string) (agent.Agent, error) {
	return known(ctx, e, id, func() (agent.Agent, error) { return e.Floor.Agent(ctx, id) })
}

func (e enrolled) Command(ctx context.Context, id string, version int64, ev agent.Event) (agent.Agent, error) {
	return known(ctx, e, id, func() (agent.Agent, error) { return e.Floor.Command(ctx, id, version, ev) })
}

func (e enrolled) Opened(ctx context.Context, id string) error {
	_, err := known(ctx, e, id, func() (struct{}, error) { return struct{}{}, e.desks.Opened(ctx, id) })
	return err
}

func (e enrolled) Kept(ctx context.Context, ids []string) error { return e.desks.Kept(ctx, ids) }

func (e enrolled) Lost(ctx context.Context, id string) error { return e.desks.Lost(ctx, id) }
