package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/alexedwards/scs/pgxstore"
	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"golang.org/x/sync/errgroup"

	"hotline/agent/desk"
	"hotline/agent/floor"
	"hotline/ari"
	"hotline/ari/call"
	"hotline/ari/control"
	"hotline/ari/journal"
	"hotline/crm/pg"
	"hotline/web"
)

// version is set by the linker for a release.
var version = "dev"

// serve answers calls and serves the pages until it is told to stop. Stopping
// ends no conversation: media is Asterisk's, and who starts next goes on.
func serve(ctx context.Context, _ []string) error {
	c, err := loadConfig()
	if err != nil {
		return err
	}
	log, err := newLogger(c.LogLevel)
	if err != nil {
		return err
	}
	defer func() { _ = log.Sync() }() // stderr cannot be synced everywhere
	h, err := assemble(ctx, c, log)
	if err != nil {
		return err
	}
	defer h.close()
	return h.run(ctx)
}

// hotline is all parts of the running service, wired.
type hotline struct {
	config  config
	log     *zap.Logger
	store   *pg.Store
	journal *journal.Journal
	redis   *redis.Client
	web     *web.Server
	hub     *desk.Hub
	matcher *floor.Matcher
	owner   *control.Owner
	public  net.Listener
	admin   net.Listener
	closers []func()
}

func (h *hotline) close() {
	for i := len(h.closers) - 1; i >= 0; i-- {
		h.closers[i]()
	}
}

// assemble opens what must be there at the start and wires the parts. After an
// error nothing stays open.
func assemble(ctx context.Context, c config, log *zap.Logger) (_ *hotline, err error) {
	h := &hotline{config: c, log: log}
	defer func() {
		if err != nil {
			h.close()
		}
	}()
	if err := pg.CheckMigrated(ctx, c.postgres()); err != nil {
		return nil, err
	}
	if h.store, err = pg.Open(ctx, c.postgres()); err != nil {
		return nil, err
	}
	h.closers = append(h.closers, h.store.Close)
	redis.SetLogger(redisLog{log})
	if h.journal, err = journal.Open(h.store, c.StateDir, func(message string, err error) { log.Warn(message, zap.Error(err)) }); err != nil {
		return nil, fmt.Errorf("HOTLINE_STATE: %w", err)
	}
	h.closers = append(h.closers, func() { _ = h.journal.Close() }) // it was synced at every write
	h.redis = redis.NewClient(&redis.Options{Addr: c.RedisAddr, Password: c.RedisPassword})
	h.closers = append(h.closers, func() { _ = h.redis.Close() })
	fl := floor.New(h.redis, "floor")
	if err := fl.Ping(ctx); err != nil {
		return nil, fmt.Errorf("redis at %s (HOTLINE_REDIS_ADDR): %w", c.RedisAddr, err)
	}
	client, err := ari.New(ari.Options{URL: c.ARIURL, User: c.ARIUser, Password: c.ARIPassword})
	if err != nil {
		return nil, err
	}
	if h.public, err = listen(ctx, c.Listen, "HOTLINE_LISTEN"); err != nil {
		return nil, err
	}
	h.closers = append(h.closers, func() { h.public.Close() })
	if h.admin, err = listen(ctx, c.AdminListen, "HOTLINE_ADMIN_LISTEN"); err != nil {
		return nil, err
	}
	h.closers = append(h.closers, func() { h.admin.Close() })

	people := enrolled{Floor: fl, desks: fl.Desks(c.Instance), users: h.store}
	if err := people.everybody(ctx); err != nil {
		return nil, err
	}
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	views := web.NewViews(h.store, h.store, people)
	h.hub = desk.New(fl, people, views, hubLog{log})
	h.matcher = floor.NewMatcher(fl, func(err error) { log.Warn("matcher", zap.Error(err)) })
	meter := newMeter(metrics, h.journal.Backlog)
	var slots []*control.Slot
	for n := range c.Slots {
		slots = append(slots, control.NewSlot(n, control.Deps{
			ARI: client, Journal: h.journal, Directory: h.store, Floor: callFloor{fl}, Plans: c.plans, Meter: meter, Log: log, Owner: c.Instance,
		}))
	}
	h.owner = control.NewOwner(slots, fl.Leases(c.Instance), log)
	sessions := pgxstore.New(h.store.Pool())
	h.closers = append(h.closers, sessions.StopCleanup)
	public, phone, err := c.addresses(h.public)
	if err != nil {
		return nil, err
	}
	h.web, err = web.New(web.Deps{
		Users: h.store, Calls: h.store, Tickets: h.store, Floor: people, Views: views, Sockets: sockets{h.hub}, Sessions: sessions,
		Page: web.Dist(), Public: public, Phone: phone, Checks: h.checks(fl), Metrics: metrics, Log: log, Version: version,
	})
	if err != nil {
		return nil, fmt.Errorf("assemble the API: %w", err)
	}
	return h, nil
}

// run works until ctx ends or a part fails.
func (h *hotline) run(parent context.Context) error {
	g, ctx := errgroup.WithContext(parent)
	g.Go(func() error { return h.owner.Run(ctx) })
	g.Go(func() error { return h.journal.Run(ctx) })
	g.Go(func() error { return h.matcher.Run(ctx) })
	g.Go(func() error { return h.hub.Run(ctx) })
	g.Go(func() error { return serveHTTP(ctx, h.public, h.web.Handler()) })
	g.Go(func() error { return serveHTTP(ctx, h.admin, h.web.AdminHandler()) })
	h.log.Info("hotline serves", zap.String("version", version), zap.String("pages", h.public.Addr().String()), zap.String("admin", h.admin.Addr().String()))
	err := g.Wait()
	if parent.Err() != nil {
		h.log.Info("hotline has stopped; conversations go on in Asterisk")
		return nil //nolint:nilerr // to be told to stop is no fault
	}
	return err
}

func listen(ctx context.Context, address, variable string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s is not to be had (%s): %w", address, variable, err)
	}
	return l, nil
}

// stopping is how long requests that are under way may take when we stop.
const stopping = 5 * time.Second

func serveHTTP(ctx context.Context, l net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopping)
	defer cancel()
	err := server.Shutdown(ctx)
	if serveErr := <-failed; !errors.Is(serveErr, http.ErrServerClosed) {
		err = errors.Join(err, serveErr)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return server.Close() // what is still there, such as a telephone's socket, is cut
	}
	return err
}

func (h *hotline) checks(fl *floor.Floor) []web.Check {
	out := []web.Check{{Name: "postgres", Run: h.store.Ping}, {Name: "redis", Run: fl.Ping}}
	return append(out, web.Check{Name: "asterisk", Run: func(context.Context) error { return h.owner.Ready() }})
}

// addresses are where browsers reach us, and where their telephones are passed on to.
func (c config) addresses(l net.Listener) (public, phone *url.URL, err error) {
	public = &url.URL{Scheme: "http", Host: l.Addr().String()}
	if c.PublicURL != "" {
		if public, err = url.Parse(c.PublicURL); err != nil {
			return nil, nil, fmt.Errorf("read HOTLINE_PUBLIC_URL: %w", err)
		}
	}
	if phone, err = url.Parse(c.PhoneWSURL); err != nil {
		return nil, nil, fmt.Errorf("read HOTLINE_PHONE_WS_URL: %w", err)
	}
	phone.Scheme = map[string]string{"ws": "http", "wss": "https"}[phone.Scheme] // a WebSocket begins as a request
	return public, phone, nil
}

// plans: one hotline in two languages. A number that nobody configured is the
// hotline in Chinese: its caller is a caller all the same.
func (c config) plans(called string) call.Plan {
	p := call.Hotline("hotline", "zh")
	if called == "4001" {
		p = call.Hotline("hotline-en", "en")
	}
	p.RingFor = c.RingFor
	return p
}

func newLogger(level string) (*zap.Logger, error) {
	var l zapcore.Level
	if err := l.Set(level); err != nil {
		return nil, fmt.Errorf("HOTLINE_LOG_LEVEL: %w", err)
	}
	encoding := zap.NewProductionEncoderConfig()
	encoding.EncodeTime = zapcore.RFC3339NanoTimeEncoder
	return zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(encoding), zapcore.Lock(os.Stderr), l)), nil
}

// sockets and hubLog let the hub and the API meet without knowing each other.
type sockets struct{ *desk.Hub }

func (s sockets) Serve(ctx context.Context, ws *websocket.Conn, who web.Viewer) {
	s.Hub.Serve(ctx, ws, desk.Subscriber(who))
}

type hubLog struct{ *zap.Logger }

// redisLog is where go-redis says what it does about lost connections.
type redisLog struct{ *zap.Logger }

func (l redisLog) Printf(_ context.Context, format string, v ...any) {
	l.Warn("redis", zap.String("says", fmt.Sprintf(format, v...)))
}

func (l hubLog) Warn(message string, err error) { l.Logger.Warn(message, zap.Error(err)) }
