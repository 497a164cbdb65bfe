package desk

import (
	"context"
	"time"
)

const presenceWait = 2 * time.Second // for one call to Presence

// keepPresence is the only caller of Presence.
func (h *Hub) keepPresence(ctx context.Context) {
	keep, look := time.NewTicker(keepEvery), time.NewTicker(clockEvery)
	defer keep.Stop()
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.pages:
			h.tellPresence(ctx)
		case <-look.C:
			h.tellPresence(ctx)
		case <-keep.C:
			h.keep(ctx)
		}
	}
}

// tellPresence makes Presence agree with the pages that are here. What fails is
// tried again with the next look.
func (h *Hub) tellPresence(ctx context.Context) {
	opened, lost := h.presenceChanges()
	for _, id := range opened {
		if err := h.presenceCall(ctx, id, h.presence.Opened); err != nil {
			h.log.Warn("tell that a desk has opened", err)
			continue
		}
		h.mu.Lock()
		if p := h.agents[id]; p != nil {
			p.told = true
		}
		h.mu.Unlock()
	}
	for _, id := range lost {
		err := h.presenceCall(ctx, id, h.presence.Lost)
		if err != nil {
			h.log.Warn("tell that a desk is lost", err)
		}
		h.mu.Lock()
		if p := h.agents[id]; p != nil {
			p.told = false // also when it failed: half of it may have happened, and a page may be back
			if err == nil && len(p.conns) == 0 {
				delete(h.agents, id)
			}
		}
		h.mu.Unlock()
	}
}

func (h *Hub) presenceChanges() (opened, lost []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, p := range h.agents {
		switch {
		case len(p.conns) > 0:
			if !p.told {
				opened = append(opened, id)
			}
		case time.Since(p.goneAt) >= lostAfter:
			lost = append(lost, id)
		}
	}
	return opened, lost
}

func (h *Hub) presenceCall(ctx context.Context, id string, call func(context.Context, string) error) error {
	ctx, cancel := context.WithTimeout(ctx, presenceWait)
	defer cancel()
	return call(ctx, id)
}

func (h *Hub) keep(ctx context.Context) {
	h.mu.Lock()
	var here []string
	for id, p := range h.agents {
		if len(p.conns) > 0 && p.told {
			here = append(here, id)
		}
	}
	h.mu.Unlock()
	if len(here) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, presenceWait)
	defer cancel()
	if err := h.presence.Kept(ctx, here); err != nil {
		h.log.Warn("keep the desks' presence", err)
	}
}
