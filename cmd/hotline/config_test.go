package main

import (
	"strings"
	"testing"
)

func TestBadConfigurationListsEveryFault(t *testing.T) {
	t.Setenv("HOTLINE_LISTEN", "nonsense")
	t.Setenv("HOTLINE_SLOTS", "many")
	t.Setenv("HOTLINE_POSTGRES_URL", "postgres://hotline:geheim@127.0.0.1:1/hotline")
	t.Setenv("HOTLINE_REDIS_ADDR", "")
	t.Setenv("HOTLINE_ARI_URL", "ftp://x")
	t.Setenv("HOTLINE_PHONE_WS_URL", "ws://127.0.0.1:1/ws")
	_, err := loadConfig()
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"HOTLINE_LISTEN", "Slots", "HOTLINE_POSTGRES_URL holds a password", "HOTLINE_REDIS_ADDR is not set", "HOTLINE_ARI_URL must begin with http://"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no word of %q in:\n%s", want, err)
		}
	}
	if strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "PHONE_WS_URL") {
		t.Errorf("says too much:\n%s", err)
	}
}
