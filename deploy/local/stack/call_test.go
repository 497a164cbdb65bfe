package main

import (
	"strings"
	"testing"
	"time"
)

func TestDemoCallChecksItsFlags(t *testing.T) {
	good := demoCall{from: "13800138000", to: "4000", menu: "3", rate: "5", talk: time.Minute}
	if _, err := good.script("127.0.0.1:5060"); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*demoCall){
		"--menu": func(c *demoCall) { c.menu = "33" },
		"--rate": func(c *demoCall) { c.rate = "6" },
		"--talk": func(c *demoCall) { c.talk = 0 },
	} {
		c := good
		change(&c)
		if _, err := c.script("127.0.0.1:5060"); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWarningsOnly(t *testing.T) {
	for line, want := range map[string]bool{
		`{"level":"info","msg":"ready"}`: false,
		`{"level":"debug"}`:              false,
		`{"level":"warn","msg":"slow"}`:  true,
		`{"level":"error"}`:              true,
		`panic: runtime error`:           true,
	} {
		if got := worthShowing([]byte(line)); got != want {
			t.Errorf("%s: %v", line, got)
		}
	}
}
