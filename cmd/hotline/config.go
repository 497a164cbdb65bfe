package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// config is everything that can be set, by environment. Secrets have variables
// of their own, so that no URL holds one.
type config struct {
	Listen      string `env:"HOTLINE_LISTEN" envDefault:"127.0.0.1:8480" doc:"address of the pages and the API"`
	AdminListen string `env:"HOTLINE_ADMIN_LISTEN" envDefault:"127.0.0.1:8481" doc:"address of /metrics; not for the public"`
	PublicURL   string `env:"HOTLINE_PUBLIC_URL" doc:"address under which browsers reach the pages, when it is not http:// and HOTLINE_LISTEN; https makes cookies secure"`
	Instance    string `env:"HOTLINE_INSTANCE" doc:"name of this process in logs and leases, its own among all; the host's name and HOTLINE_LISTEN by default"`
	StateDir    string `env:"HOTLINE_STATE" envDefault:"/var/lib/hotline" doc:"folder for entries of the log while Postgres is away; one process each"`
	LogLevel    string `env:"HOTLINE_LOG_LEVEL" envDefault:"info" doc:"debug, info, warn or error"`

	PostgresURL      string `env:"HOTLINE_POSTGRES_URL" doc:"postgres://USER@HOST:PORT/DATABASE, without the password"`
	PostgresPassword string `env:"HOTLINE_POSTGRES_PASSWORD" secret:"yes" doc:"password of that user"`
	RedisAddr        string `env:"HOTLINE_REDIS_ADDR" doc:"HOST:PORT of Redis"`
	RedisPassword    string `env:"HOTLINE_REDIS_PASSWORD" secret:"yes" doc:"password of Redis"`

	ARIURL      string `env:"HOTLINE_ARI_URL" doc:"http://HOST:PORT/ari of Asterisk"`
	ARIUser     string `env:"HOTLINE_ARI_USER" envDefault:"hotline" doc:"user of ari.conf"`
	ARIPassword string `env:"HOTLINE_ARI_PASSWORD" secret:"yes" doc:"password of that user"`
	PhoneWSURL  string `env:"HOTLINE_PHONE_WS_URL" doc:"ws://HOST:PORT/ws of Asterisk, where browsers' telephones are passed on to"`
	Slots       int    `env:"HOTLINE_SLOTS" envDefault:"4" doc:"Stasis applications hotline-0 … that share the calls, 1 to 32"`

	RingFor  time.Duration `env:"HOTLINE_RING_FOR" envDefault:"20s" doc:"how long an agent's phone rings before the next agent is tried, 3s to 2m"`
	AreaCode string        `env:"HOTLINE_AREA_CODE" doc:"area code of the place, such as 0571, for callers' numbers that come without one; the same for every command"`

	DemoPassword string `env:"HOTLINE_DEMO_PASSWORD" secret:"yes" doc:"password of the demo logins, for hotline seed --demo"`
}

// loadConfig reads and checks the environment; the error names every fault at once.
func loadConfig() (config, error) {
	c, err := env.ParseAs[config]()
	var faults []string
	if err != nil {
		var all env.AggregateError
		if !errors.As(err, &all) {
			return c, err
		}
		for _, e := range all.Errors {
			faults = append(faults, e.Error())
		}
	}
	fault := func(variable, format string, args ...any) {
		faults = append(faults, variable+" "+fmt.Sprintf(format, args...))
	}
	address := func(variable, value string) {
		if value == "" {
			fault(variable, "is not set: it names HOST:PORT")
		} else if _, port, err := net.SplitHostPort(value); err != nil || port == "" {
			fault(variable, "is not HOST:PORT")
		}
	}
	location := func(variable, value string, schemes ...string) {
		if value == "" {
			fault(variable, "is not set: it is an address that begins with %s://", schemes[0])
			return
		}
		u, err := url.Parse(value)
		switch {
		case err != nil || u.Host == "":
			fault(variable, "is not an address")
		case !slices.Contains(schemes, u.Scheme):
			fault(variable, "must begin with %s://", strings.Join(schemes, ":// or "))
		case u.User != nil:
			if _, secret := u.User.Password(); secret {
				fault(variable, "holds a password: set it in its own variable")
			}
		}
	}
	address("HOTLINE_LISTEN", c.Listen)
	address("HOTLINE_ADMIN_LISTEN", c.AdminListen)
	location("HOTLINE_POSTGRES_URL", c.PostgresURL, "postgres", "postgresql")
	address("HOTLINE_REDIS_ADDR", c.RedisAddr)
	location("HOTLINE_ARI_URL", c.ARIURL, "http", "https")
	location("HOTLINE_PHONE_WS_URL", c.PhoneWSURL, "ws", "wss")
	if c.PublicURL != "" {
		location("HOTLINE_PUBLIC_URL", c.PublicURL, "http", "https")
	}
	if c.Slots < 1 || c.Slots > 32 {
		fault("HOTLINE_SLOTS", "must be from 1 to 32")
	}
	if c.RingFor < 3*time.Second || c.RingFor > 2*time.Minute {
		fault("HOTLINE_RING_FOR", "must be from 3s to 2m")
	}
	if strings.Trim(c.AreaCode, "0123456789") != "" {
		fault("HOTLINE_AREA_CODE", "must be digits")
	}
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.LogLevel) {
		fault("HOTLINE_LOG_LEVEL", "must be debug, info, warn or error")
	}
	if len(faults) > 0 {
		return c, fmt.Errorf("the configuration has %d fault(s):\n  %s", len(faults), strings.Join(faults, "\n  "))
	}
	if c.Instance == "" {
		host, err := os.Hostname()
		if err != nil {
			return c, fmt.Errorf("name this instance (HOTLINE_INSTANCE): %w", err)
		}
		c.Instance = host + "/" + c.Listen
	}
	return c, nil
}

// printConfig lists every variable with its meaning and default.
func printConfig(context.Context, []string) error {
	t := reflect.TypeFor[config]()
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		fmt.Printf("%s\n    %s", tag.Get("env"), tag.Get("doc"))
		if d := tag.Get("envDefault"); d != "" {
			fmt.Printf(" (default %s)", d)
		}
		if tag.Get("secret") != "" {
			fmt.Print(" (secret)")
		}
		fmt.Println()
	}
	return nil
}
