package local

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
)

const ariUser = "hotline"

// DemoCustomer is the number that calls of the soft phone account carry: an owner of the demo data.
const DemoCustomer = "13800138000"

// settings are what the templates in deploy/asterisk/conf may use.
type settings struct {
	Etc, Modules, Var, Data, Spool, Run, Log, Cache, Music string
	HTTP, SIP, RTPFirst, RTPLast, Slots                    int
	ARIUser, ARIPassword                                   string
	CustomerNumber, CustomerPassword, AuthType             string
	Addresses                                              []string // IPv4 addresses of this machine, without loopback
}

// emptyFiles are read by modules that complain when they are not there.
var emptyFiles = []string{"acl.conf", "ccss.conf", "codecs.conf", "features.conf", "pjproject.conf",
	"res_http_media_cache.conf", "sorcery.conf", "stasis.conf", "udptl.conf", "websocket_client.conf"}

// configure writes the configuration of Asterisk, with the phones that the binary prints.
func (s *Stack) configure(ctx context.Context) error {
	at := func(elem string) string { return s.path("asterisk", elem) }
	set := settings{
		Etc: at("conf"), Modules: s.asterisk.Modules, Var: at("var"), Data: at("data"), Spool: at("spool"), Run: runDir(s.o.Dir), Log: at("log"),
		Cache: at("cache"), Music: s.path("asterisk", "data", "moh"),
		HTTP: s.o.Ports.HTTP, SIP: s.o.Ports.SIP, RTPFirst: s.o.Ports.RTPFirst, RTPLast: s.o.Ports.RTPFirst + rtpPorts - 1, Slots: Slots,
		ARIUser: ariUser, ARIPassword: s.secrets.ARI,
		CustomerNumber: DemoCustomer, CustomerPassword: s.secrets.Customer, AuthType: s.asterisk.authType(),
	}
	var err error
	if set.Addresses, err = addresses(); err != nil {
		return err
	}
	for _, d := range []string{set.Etc, filepath.Join(set.Var, "keys"), set.Data, s.Recordings(), set.Run, set.Log, set.Cache} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return fmt.Errorf("make a folder: %w", err)
		}
	}
	if err := owned(set.Run, uint32(os.Getuid())); err != nil {
		return err
	}
	for _, d := range []string{"documentation", "rest-api"} {
		if err := link(filepath.Join(s.asterisk.Data, d), filepath.Join(set.Data, d)); err != nil {
			return err
		}
	}
	files, err := render(filepath.Join(s.o.Root, "deploy", "asterisk", "conf"), set)
	if err != nil {
		return err
	}
	if alone := s.o.Alone; alone != nil {
		files["pjsip_phones.conf"] = alone.Phones
		files["extensions.conf"] = append(files["extensions.conf"], alone.Dialplan...)
	} else if files["pjsip_phones.conf"], err = run(ctx, s.Env(), "", s.o.Binary, "phones"); err != nil {
		return fmt.Errorf("phones of the agents: %w", err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(set.Etc, name), text, 0o600); err != nil {
			return fmt.Errorf("write configuration: %w", err)
		}
	}
	return nil
}

// render fills the templates of folder from; the keys of the result are file names.
func render(from string, set settings) (map[string][]byte, error) {
	paths, err := filepath.Glob(filepath.Join(from, "*.tmpl"))
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no templates in %s", from)
	}
	files := map[string][]byte{}
	for _, name := range emptyFiles {
		files[name] = nil
	}
	for _, p := range paths {
		t, err := template.New(filepath.Base(p)).Option("missingkey=error").ParseFiles(p)
		if err != nil {
			return nil, fmt.Errorf("read template: %w", err)
		}
		var b bytes.Buffer
		if err := t.Execute(&b, set); err != nil {
			return nil, fmt.Errorf("fill template: %w", err)
		}
		files[strings.TrimSuffix(filepath.Base(p), ".tmpl")] = b.Bytes()
	}
	return files, nil
}

// prompts makes the announcements and the music.
func (s *Stack) prompts(ctx context.Context) error {
	_, err := run(ctx, nil, "", filepath.Join(s.o.Root, "deploy", "asterisk", "prompts", "build.sh"), s.path("asterisk", "data", "sounds"))
	return err
}

func (s *Stack) migrate(ctx context.Context) error {
	_, err := run(ctx, s.Env(), "", s.o.Binary, "migrate")
	return err
}

func (s *Stack) seed(ctx context.Context) error {
	_, err := run(ctx, s.Env(), "", s.o.Binary, "seed", "--demo")
	return err
}

func addresses() ([]string, error) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("addresses of this machine: %w", err)
	}
	var out []string
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() {
			out = append(out, n.IP.String())
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// link makes name a symbolic link to target, whatever it pointed to before.
func link(target, name string) error {
	if old, err := os.Readlink(name); err == nil {
		if old == target {
			return nil
		}
		if err := os.Remove(name); err != nil {
			return fmt.Errorf("replace link: %w", err)
		}
	}
	if err := os.Symlink(target, name); err != nil {
		return fmt.Errorf("make link: %w", err)
	}
	return nil
}
