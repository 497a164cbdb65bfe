package local

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// StartPostgres starts the private Postgres, making its cluster, the role hotline and the database hotline at the first run.
func (s *Stack) StartPostgres(ctx context.Context) error {
	bin, err := postgresBin()
	if err != nil {
		return err
	}
	cred, err := postgresUser()
	if err != nil {
		return err
	}
	if s.pgBase, err = s.postgresBase(cred); err != nil {
		return err
	}
	data := filepath.Join(s.pgBase, "data")
	if _, err := os.Stat(filepath.Join(data, "made")); err != nil {
		if err := s.initCluster(ctx, bin, data, cred); err != nil {
			return err
		}
	}
	args := []string{
		filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(s.o.Ports.Postgres),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200",
		"-c", "log_timezone=UTC", "-c", "timezone=UTC",
	}
	if s.o.Fast {
		args = append(args, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
	}
	// SIGINT is Postgres' fast shutdown; SIGTERM would wait for clients to leave (postgres(1)).
	p, err := s.launch(launch{name: "postgres", args: args, cred: cred, stop: syscall.SIGINT, dir: s.pgBase})
	if err != nil {
		return err
	}
	s.keep("postgres", p)
	ready := func(ctx context.Context) error {
		_, err := s.psql(ctx, bin, "select 1")
		return err
	}
	if err := p.await(ctx, 60*time.Second, ready); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(data, "made")); err == nil {
		return nil
	}
	// \gexec and format keep the password out of the arguments and quote it; a crash half-way through is repaired by running it again.
	sql := `select format('create role hotline login password %L', '` + s.secrets.Postgres + `')
where not exists (select from pg_roles where rolname = 'hotline') \gexec
select 'create database hotline owner hotline'
where not exists (select from pg_database where datname = 'hotline') \gexec
`
	if _, err := s.psql(ctx, bin, sql); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(data, "made"), nil, 0o644)
}

// StopPostgres ends the private Postgres; open connections are cut.
func (s *Stack) StopPostgres() error { return s.drop("postgres") }

func (s *Stack) psql(ctx context.Context, bin, sql string) ([]byte, error) {
	env := []string{"PGPASSWORD=" + s.secrets.PostgresAdmin, "PGCONNECT_TIMEOUT=5"}
	return run(ctx, env, sql, filepath.Join(bin, "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
		"-h", "127.0.0.1", "-p", strconv.Itoa(s.o.Ports.Postgres), "-U", "postgres", "-d", "postgres", "-f", "-")
}

func (s *Stack) initCluster(ctx context.Context, bin, data string, cred *syscall.Credential) error {
	// What a run left that was cut off while it made the cluster: there is nothing of value in it.
	if err := os.RemoveAll(data); err != nil {
		return fmt.Errorf("remove an unfinished cluster: %w", err)
	}
	pw := filepath.Join(s.pgBase, "pw")
	if err := os.WriteFile(pw, []byte(s.secrets.PostgresAdmin+"\n"), 0o600); err != nil {
		return fmt.Errorf("write password file: %w", err)
	}
	defer os.Remove(pw)
	if cred != nil {
		if err := os.Chown(pw, int(cred.Uid), int(cred.Gid)); err != nil {
			return fmt.Errorf("hand over password file: %w", err)
		}
	}
	args := []string{
		"-D", data, "-U", "postgres", "--pwfile=" + pw, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8",
	}
	if s.o.Fast {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), args...)
	cmd.Dir = s.pgBase
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: cred}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("make the cluster: %w: %s", err, out)
	}
	return nil
}

// postgresBase is the folder of Postgres: <Dir>/postgres, or, when the user that Postgres runs as cannot pass through a parent
// of it (a home with mode 0700), a folder under /var/tmp whose name is derived from Dir.
func (s *Stack) postgresBase(cred *syscall.Credential) (string, error) {
	base := s.path("postgres")
	if cred != nil && !reachable(s.o.Dir, cred) {
		base = PostgresFallback(s.o.Dir)
	}
	if err := os.MkdirAll(base, 0o700); err != nil {
		return "", fmt.Errorf("make its folder: %w", err)
	}
	if cred == nil {
		return base, nil
	}
	if err := owned(base, cred.Uid, uint32(os.Getuid())); err != nil {
		return "", err
	}
	if err := os.Chown(base, int(cred.Uid), int(cred.Gid)); err != nil {
		return "", fmt.Errorf("hand over its folder: %w", err)
	}
	return base, nil
}

// owned checks that dir is a folder of one of the users: /var/tmp is open to all, and a folder that somebody else put there is
// not ours to use.
func owned(dir string, users ...uint32) error {
	st, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("look at a folder: %w", err)
	}
	if !st.IsDir() || !slices.Contains(users, st.Sys().(*syscall.Stat_t).Uid) {
		return fmt.Errorf("%s belongs to somebody else", dir)
	}
	return nil
}

// PostgresFallback is where the data of Postgres is kept for a stack in dir when dir is under a closed home.
func PostgresFallback(dir string) string {
	return filepath.Join("/var/tmp", fmt.Sprintf("hotline-postgres-%x", sha256.Sum256([]byte(dir)))[:33])
}

// reachable tells whether the user of cred may pass through dir and all its parents.
func reachable(dir string, cred *syscall.Credential) bool {
	for d := dir; ; d = filepath.Dir(d) {
		st, err := os.Stat(d)
		if err != nil {
			return false
		}
		sys := st.Sys().(*syscall.Stat_t)
		pass := st.Mode()&0o001 != 0
		switch {
		case sys.Uid == cred.Uid:
			pass = st.Mode()&0o100 != 0
		case sys.Gid == cred.Gid:
			pass = st.Mode()&0o010 != 0
		}
		if !pass {
			return false
		}
		if d == filepath.Dir(d) {
			return true
		}
	}
}

// postgresUser is the user that Postgres must run as when we are root, which it refuses; nil for any other user.
func postgresUser() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, errors.New("there is no user postgres, and Postgres does not run as root: run deploy/local/install.sh")
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("user id of postgres: %w", err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("group id of postgres: %w", err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// postgresBin finds the folder of the server's programs: Debian keeps one for each version, off the PATH.
func postgresBin() (string, error) {
	if p, err := exec.LookPath("initdb"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			return filepath.Dir(p), nil
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", fmt.Errorf("look for Postgres: %w", err)
	}
	best, version := "", 0
	for _, p := range found {
		if n, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(p)))); err == nil && n > version {
			best, version = filepath.Dir(p), n
		}
	}
	if best == "" {
		return "", errors.New("no Postgres server is installed: run deploy/local/install.sh")
	}
	return best, nil
}
