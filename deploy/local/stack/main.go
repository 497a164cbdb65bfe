// Command stack runs the hotline with everything it needs on this machine, for development and demonstration.
//
//	stack up      start everything, print how to use it, stop everything at Ctrl-C
//	stack down    stop a stack that runs in another terminal
//	stack reset   remove all its data
//	stack call    place one demo call
//
// The folder is .local in the source tree, the binary bin/hotline; HOTLINE_LOCAL_{WEB,ADMIN,POSTGRES,REDIS,HTTP,SIP,RTP}_PORT
// override the ports.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"hotline/deploy/local"
)

const usage = "usage: stack up|down|reset|call [flags]"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := dispatch(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		if ctx.Err() != nil {
			fmt.Fprintln(os.Stderr, "stopped")
		} else {
			fmt.Fprintln(os.Stderr, "stack:", err)
		}
		stop()
		os.Exit(1)
	}
}

func dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	root, err := sourceTree()
	if err != nil {
		return err
	}
	flags := flag.NewFlagSet("stack "+args[0], flag.ContinueOnError)
	dir := flags.String("dir", filepath.Join(root, ".local"), "folder of the stack's data")
	switch args[0] {
	case "up":
		binary := flags.String("binary", filepath.Join(root, "bin", "hotline"), "the hotline binary")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return up(ctx, root, *dir, *binary)
	case "down":
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return down(*dir)
	case "reset":
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return reset(*dir)
	case "call":
		c := demoCall{}
		flags.StringVar(&c.from, "from", local.DemoCustomer, "the caller's number")
		flags.StringVar(&c.to, "to", "4000", "the number that is dialled")
		flags.StringVar(&c.menu, "menu", "3", "key pressed in the menu: 1 enquiry, 2 complaint, 3 repair, 0 agent, 9 emergency")
		flags.StringVar(&c.rate, "rate", "5", "key pressed in the survey, 1 to 5; empty for none")
		flags.DurationVar(&c.talk, "talk", 20*time.Second, "how long the caller talks before it begins to press the survey key")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return c.place(ctx, *dir)
	}
	return fmt.Errorf("%q is no command; %s", args[0], usage)
}

func down(dir string) error {
	r, err := local.FindRunner(dir)
	if errors.Is(err, local.ErrNotRunning) {
		fmt.Println("no stack is running")
		return nil
	}
	if err != nil {
		return err
	}
	if err := r.Down(90 * time.Second); err != nil {
		return err
	}
	fmt.Println("the stack is down")
	return nil
}

func reset(dir string) error {
	if err := local.Reset(dir); errors.Is(err, local.ErrRunning) {
		return errors.New("a stack is running: stop it first (make down)")
	} else if err != nil {
		return err
	}
	fmt.Println("all data of the local stack is removed")
	return nil
}

// sourceTree is the folder with go.mod that the command runs in or under.
func sourceTree() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the source tree: %w", err)
	}
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, "deploy", "asterisk", "conf")); err == nil {
			return d, nil
		}
		if d == filepath.Dir(d) {
			return "", fmt.Errorf("%s is not in the source tree of the hotline", dir)
		}
	}
}
