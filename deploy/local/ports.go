package local

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// rtpPorts is the number of UDP ports that Asterisk may use for media from Ports.RTPFirst on: two for each leg.
const rtpPorts = 400

// Ports are the TCP and UDP ports of a stack, all on 127.0.0.1.
type Ports struct {
	Web, Admin      int // the hotline: pages and API; health and metrics
	Postgres, Redis int
	HTTP            int // Asterisk: ARI and the WebSocket of browser phones
	SIP             int // Asterisk: SIP over UDP
	RTPFirst        int // Asterisk: first of 400 UDP ports for media
}

// DefaultPorts are those of `make up`, away from the defaults of the services.
func DefaultPorts() Ports {
	return Ports{Web: 8480, Admin: 8481, Postgres: 54329, Redis: 63799, HTTP: 18088, SIP: 15060, RTPFirst: 20000}
}

// portEntry ties a port to its name in messages, the variable that overrides it, and its network.
type portEntry struct {
	port    *int
	name    string
	env     string
	network string
}

func (p *Ports) entries() []portEntry {
	return []portEntry{
		{&p.Web, "web", "HOTLINE_LOCAL_WEB_PORT", "tcp"},
		{&p.Admin, "admin", "HOTLINE_LOCAL_ADMIN_PORT", "tcp"},
		{&p.Postgres, "Postgres", "HOTLINE_LOCAL_POSTGRES_PORT", "tcp"},
		{&p.Redis, "Redis", "HOTLINE_LOCAL_REDIS_PORT", "tcp"},
		{&p.HTTP, "Asterisk HTTP", "HOTLINE_LOCAL_HTTP_PORT", "tcp"},
		{&p.SIP, "SIP", "HOTLINE_LOCAL_SIP_PORT", "udp"},
		{&p.RTPFirst, "RTP", "HOTLINE_LOCAL_RTP_PORT", "rtp"},
	}
}

// PortsFromEnv returns the default ports with those that HOTLINE_LOCAL_…_PORT variables override.
func PortsFromEnv(getenv func(string) string) (Ports, error) {
	p := DefaultPorts()
	var errs []error
	for _, e := range p.entries() {
		v := getenv(e.env)
		if v == "" {
			continue
		}
		n, err := strconv.Atoi(v)
		most := 65535
		if e.network == "rtp" {
			most -= rtpPorts
		}
		if err != nil || n < 1 || n > most {
			errs = append(errs, fmt.Errorf("%s is %q: it must be a port from 1 to %d", e.env, v, most))
			continue
		}
		*e.port = n
	}
	return p, errors.Join(errs...)
}

// fill picks a free port for each zero one and reports those given that are taken.
func (p Ports) fill() (Ports, error) {
	var errs []error
	given := map[string]string{} // network and port → name
	for _, e := range p.entries() {
		if *e.port == 0 {
			continue
		}
		key := e.network + strconv.Itoa(*e.port)
		if other, twice := given[key]; twice {
			errs = append(errs, fmt.Errorf("port %d is given twice, for %s and %s: set another %s", *e.port, other, e.name, e.env))
			continue
		}
		given[key] = e.name
		if port, err := tryBind(e.network, *e.port); err != nil {
			if errors.Is(err, syscall.EADDRINUSE) {
				errs = append(errs, fmt.Errorf("port %d (%s) is taken on 127.0.0.1: stop what uses it or set %s", port, e.name, e.env))
			} else {
				errs = append(errs, fmt.Errorf("port %d (%s) cannot be used (set %s): %w", port, e.name, e.env, err))
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return p, err
	}
	for _, e := range p.entries() {
		for *e.port == 0 {
			port, err := freePort(e.network)
			if err != nil {
				return p, err
			}
			if _, twice := given[e.network+strconv.Itoa(port)]; twice {
				continue
			}
			given[e.network+strconv.Itoa(port)] = e.name
			*e.port = port
		}
	}
	return p, nil
}

// tryBind binds and releases port on 127.0.0.1 (for "rtp" the whole range) and returns the port that it stopped at.
func tryBind(network string, port int) (int, error) {
	switch network {
	case "tcp":
		l, err := net.Listen("tcp4", local(port))
		if err != nil {
			return port, err
		}
		return port, l.Close()
	case "udp":
		c, err := net.ListenPacket("udp4", local(port))
		if err != nil {
			return port, err
		}
		return port, c.Close()
	}
	for n := port; n < port+rtpPorts; n++ {
		if at, err := tryBind("udp", n); err != nil {
			return at, err
		}
	}
	return port, nil
}

// freePort picks a port at random below the range that the kernel gives to outgoing connections, and checks it. A port from
// that range (what binding port 0 gives) may be taken by a connection before its server binds it.
func freePort(network string) (int, error) {
	first, last := 10000, outgoingFirst()-1
	if last-first < 4*rtpPorts {
		first, last = 10000, 65000
	}
	for range 200 {
		n := first + rand.IntN(last-first-rtpPorts)
		if network == "rtp" {
			n &^= 1 // RTP on even ports, RTCP on the odd one above
		}
		if _, err := tryBind(network, n); err == nil {
			return n, nil
		}
	}
	return 0, fmt.Errorf("no free %s port found on 127.0.0.1", network)
}

func outgoingFirst() int {
	const linuxDefault = 32768
	b, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return linuxDefault
	}
	fields := strings.Fields(string(b))
	if len(fields) != 2 {
		return linuxDefault
	}
	n, err := strconv.Atoi(fields[0])
	if err != nil {
		return linuxDefault
	}
	return n
}
