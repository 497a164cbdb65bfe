package control

import (
	"context"
	"sync"
)

// group is the goroutines of a session. The first one that ends with an error
// ends the session with that error as its cause.
type group struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	done   sync.WaitGroup
}

func newGroup(ctx context.Context, cancel context.CancelCauseFunc) *group {
	return &group{ctx: ctx, cancel: cancel}
}

func (g *group) start(f func(context.Context) error) {
	g.done.Go(func() {
		if err := f(g.ctx); err != nil {
			g.cancel(err)
		}
	})
}

func (g *group) wait() { g.done.Wait() }
