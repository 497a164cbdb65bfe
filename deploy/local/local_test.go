package local

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func sample() settings {
	return settings{
		Etc: "/r/conf", Modules: "/p/modules", Var: "/r/var", Data: "/r/data", Spool: "/r/spool", Run: "/r/run", Log: "/r/log", Cache: "/r/cache",
		Music: "/r/data/moh", HTTP: 18088, SIP: 15060, RTPFirst: 20000, RTPLast: 20399, Slots: 4,
		ARIUser: "hotline", ARIPassword: "sesame", CustomerNumber: "13800138000", CustomerPassword: "open", AuthType: "digest",
		Addresses: []string{"192.0.2.2", "198.51.100.7"},
	}
}

func TestTemplatesRender(t *testing.T) {
	files, err := render(filepath.Join("..", "asterisk", "conf"), sample())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"asterisk.conf":    {"astspooldir => /r/spool\n", "astmoddir => /p/modules\n", "systemname = hotline\n"},
		"ari.conf":         {"[hotline]\n", "password = sesame\n", "websocket_write_timeout = 5000\n"},
		"http.conf":        {"bindaddr = 127.0.0.1\n", "bindport = 18088\n"},
		"rtp.conf":         {"rtpend = 20399\n", "\n192.0.2.2 => 127.0.0.1\n", "\n198.51.100.7 => 127.0.0.1\n"},
		"pjsip.conf":       {"bind = 127.0.0.1:15060\n", "from_user = hotline\n", "match = 127.0.0.2\n", "auth_type = digest\n", "[agent-web](!,agent)\n"},
		"extensions.conf":  {"SLOTS = 4\n"},
		"musiconhold.conf": {"directory = /r/data/moh\n"},
	} {
		for _, w := range want {
			if !strings.Contains(string(files[name]), w) {
				t.Errorf("%s has no %q:\n%s", name, w, files[name])
			}
		}
	}
	for name, text := range files {
		if bytes.Contains(text, []byte("{{")) || bytes.Contains(text, []byte("<no value>")) {
			t.Errorf("%s is not filled", name)
		}
	}
}

// Everything that Asterisk listens on must be loopback: the stack's passwords are made for one machine.
func TestNothingListensBeyondLoopback(t *testing.T) {
	files, err := render(filepath.Join("..", "asterisk", "conf"), sample())
	if err != nil {
		t.Fatal(err)
	}
	bind := regexp.MustCompile(`(?m)^(?:bind|bindaddr)\s*=\s*(\S+)`)
	seen := 0
	for name, text := range files {
		for _, m := range bind.FindAllStringSubmatch(string(text), -1) {
			seen++
			if host, _, _ := strings.Cut(m[1], ":"); host != "127.0.0.1" {
				t.Errorf("%s binds %s", name, m[1])
			}
		}
	}
	if seen < 3 {
		t.Errorf("found %d bind lines, expected HTTP and two SIP transports", seen)
	}
}

func TestManifestIsComplete(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "asterisk", "prompts", "manifest.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	hanzi := regexp.MustCompile(`\p{Han}`)
	syllable := regexp.MustCompile(`^[a-z]+[1-5][,.]?$`)
	digits := regexp.MustCompile(`[0-9]`)
	got := map[string]bool{}
	for i, line := range strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 4 {
			t.Errorf("line %d has %d columns", i+1, len(f))
			continue
		}
		key, zh, pinyin, en := f[0], f[1], f[2], f[3]
		if got[key] {
			t.Errorf("%s is there twice", key)
		}
		got[key] = true
		spoken := strings.Fields(pinyin)
		if n := len(hanzi.FindAllString(zh, -1)); n == 0 || n != len(spoken) {
			t.Errorf("%s: %d characters, %d syllables", key, n, len(spoken))
		}
		for _, s := range spoken {
			if !syllable.MatchString(s) {
				t.Errorf("%s: %q is no syllable with a tone", key, s)
			}
		}
		if strings.ContainsAny(zh, ",.!?") || digits.MatchString(zh) {
			t.Errorf("%s: Mandarin has half-width punctuation or digits: %s", key, zh)
		}
		if en == "" || hanzi.MatchString(en) || digits.MatchString(en) {
			t.Errorf("%s: English is empty, or has Chinese characters or digits: %q", key, en)
		}
		if key == "menu" && !strings.HasPrefix(zh, "紧急") {
			t.Errorf("the menu must name the emergency key first: %s", zh)
		}
	}
	for _, key := range []string{"greeting", "notice", "menu", "invalid", "joined", "emergency", "unstaffed", "toolong", "voicemail",
		"voicemail-thanks", "survey", "thanks", "goodbye", "unavailable", "recall"} {
		if !got[key] {
			t.Errorf("%s is missing", key)
		}
	}
}

func TestVersion(t *testing.T) {
	for _, c := range []struct {
		printed      string
		major, minor int
		enough       bool
	}{
		{"Asterisk 22.10.1+dfsg+~cs6.17.60671434-1\n", 22, 10, true},
		{"Asterisk 20.14.0", 20, 14, true},
		{"Asterisk 20.13.1", 20, 13, false},
		{"Asterisk 16.28.0~dfsg-0+deb11u4", 16, 28, false},
		{"Asterisk certified/20.7-cert2", 20, 7, false},
	} {
		major, minor, err := parseVersion(c.printed)
		if err != nil || major != c.major || minor != c.minor {
			t.Errorf("%q: %d.%d, %v", c.printed, major, minor, err)
		}
		if got := (Installation{Major: major, Minor: minor}).newEnough(); got != c.enough {
			t.Errorf("%q new enough: %v", c.printed, got)
		}
	}
	if _, _, err := parseVersion("GIT-master-abc"); err == nil {
		t.Error("an unknown version was accepted")
	}
}

func TestPortsFromEnv(t *testing.T) {
	env := map[string]string{"HOTLINE_LOCAL_WEB_PORT": "9000", "HOTLINE_LOCAL_RTP_PORT": "30000"}
	p, err := PortsFromEnv(func(k string) string { return env[k] })
	want := DefaultPorts()
	want.Web, want.RTPFirst = 9000, 30000
	if err != nil || p != want {
		t.Errorf("got %+v, %v", p, err)
	}
	env["HOTLINE_LOCAL_SIP_PORT"], env["HOTLINE_LOCAL_RTP_PORT"] = "none", "65500"
	_, err = PortsFromEnv(func(k string) string { return env[k] })
	for _, name := range []string{"HOTLINE_LOCAL_SIP_PORT", "HOTLINE_LOCAL_RTP_PORT"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
}

func TestPortTaken(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	_, err = Ports{Postgres: port}.fill()
	want := "port " + strconv.Itoa(port) + " (Postgres) is taken on 127.0.0.1: stop what uses it or set HOTLINE_LOCAL_POSTGRES_PORT"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestPortGivenTwice(t *testing.T) {
	free, err := freePort("tcp")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (Ports{Web: free, Redis: free}).fill(); err == nil || !strings.Contains(err.Error(), "given twice") {
		t.Errorf("got %v", err)
	}
}

func TestFreePortsDiffer(t *testing.T) {
	p, err := Ports{}.fill()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, e := range p.entries() {
		if *e.port == 0 || seen[*e.port] {
			t.Errorf("%s has port %d", e.name, *e.port)
		}
		seen[*e.port] = true
	}
	if p.RTPFirst%2 != 0 {
		t.Errorf("RTP begins at the odd port %d", p.RTPFirst)
	}
}

func TestSecretsAreMadeOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secrets.json")
	first, err := loadSecrets(path)
	if err != nil {
		t.Fatal(err)
	}
	second, err := loadSecrets(path)
	if err != nil || second != first {
		t.Errorf("changed: %v", err)
	}
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
	for _, s := range []string{first.ARI, first.Customer, first.Demo, first.Postgres, first.PostgresAdmin, first.Redis} {
		if len(s) < 8 {
			t.Errorf("a password of %d characters", len(s))
		}
	}
}

func TestStartTime(t *testing.T) {
	line := "42 (a) odd (name) S 1 42 42 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 2"
	if got, err := parseStartTime(line); err != nil || got != 987654 {
		t.Errorf("got %d, %v", got, err)
	}
	if _, err := parseStartTime(strings.Replace(line, ") S ", ") Z ", 1)); err == nil {
		t.Error("a zombie counts as alive")
	}
	now, err := startTime(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if !(mark{PID: os.Getpid(), Started: now}).alive() {
		t.Error("this process is not recognised")
	}
	if (mark{PID: os.Getpid(), Started: now - 1}).alive() {
		t.Error("another process with the same pid is taken for ours")
	}
}

func TestReachable(t *testing.T) {
	dir := t.TempDir() // 0700 somewhere on the way, or made so here
	inner := filepath.Join(dir, "a", "b")
	if err := os.MkdirAll(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	closed := filepath.Join(dir, "a")
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	stranger := &syscall.Credential{Uid: 54321, Gid: 54321}
	if reachable(inner, stranger) {
		t.Error("a stranger passes through a folder of mode 0700")
	}
	if !reachable("/", stranger) {
		t.Error("the root folder is closed")
	}
}

// One runner at a time, and a reset only when there is none.
func TestLockedFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "run"), 0o755); err != nil {
		t.Fatal(err)
	}
	lock, err := lockFile(filepath.Join(dir, "run", "lock"))
	if err != nil {
		t.Fatal(err)
	}
	if err := Reset(dir); err == nil || !strings.Contains(err.Error(), ErrRunning.Error()) {
		t.Errorf("reset of a running stack: %v", err)
	}
	lock.Close()
	if err := os.WriteFile(filepath.Join(dir, "keep"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Reset(dir); err != nil {
		t.Errorf("reset: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "keep")); err != nil {
		t.Errorf("reset removed what is not of the stack: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "run")); !os.IsNotExist(err) {
		t.Errorf("reset left data: %v", err)
	}
}

func TestLeftoversAreStopped(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	if err := writeMark(filepath.Join(dir, "x.pid"), cmd.Process.Pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	// A pid that now belongs to somebody else (this test) must not be touched.
	other, err := json.Marshal(mark{PID: os.Getpid(), Started: 1, Stop: syscall.SIGKILL})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "y.pid"), other, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := stopLeftovers(dir); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Error("what an earlier run left still runs")
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.pid")); len(left) > 0 {
		t.Errorf("pid files left: %v", left)
	}
}
