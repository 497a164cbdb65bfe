// Command hotline is the call centre: one binary that answers the hotline's
// calls, serves the desks, and keeps its own database in shape.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

const usage = `hotline: the call centre

  hotline serve      answer calls and serve the pages
  hotline migrate    bring the database to this version's schema
  hotline seed       load queues and categories; --demo adds an estate and logins
  hotline phones     print the agents' telephones for Asterisk (pjsip)
  hotline check      replay every call's log and compare it with what is stored

Configuration is by environment: hotline config lists every variable.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string) int {
	commands := map[string]func(context.Context, []string) error{
		"serve": serve, "migrate": migrate, "seed": seed, "phones": phones, "check": check, "config": printConfig,
	}
	if len(args) == 0 || commands[args[0]] == nil {
		fmt.Fprint(os.Stderr, usage)
		return 2
	}
	if err := commands[args[0]](ctx, args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "hotline "+args[0]+": "+err.Error())
		return 1
	}
	return 0
}
