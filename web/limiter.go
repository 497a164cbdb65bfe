package web

import (
	"strings"
	"sync"
	"time"
)

const (
	maxFailures = 5 // of one account
	// maxFromAddress is higher: the desks of a department share one address, and
	// one person's mistakes must not lock out the others.
	maxFromAddress = 30
	failureWindow  = 15 * time.Minute
	limiterSweep   = 10_000 // keys; more are swept of what is over
)

// limiter slows down guessing of passwords, by account and by address. It is
// kept in memory: each process counts for itself, and a restart forgets.
type limiter struct {
	mu       sync.Mutex
	failures map[string][]time.Time // of each key, oldest first
}

func newLimiter() *limiter { return &limiter{failures: map[string][]time.Time{}} }

// limits are how many failures the two keys of an attempt may have.
var limits = [2]int{maxFailures, maxFromAddress}

func limiterKeys(account, address string) [2]string {
	return [2]string{"account " + strings.ToLower(account), "address " + address}
}

// attempt counts an attempt as failed, before its outcome is known so that many
// at once do not slip through. When it is not allowed it returns how long that
// stays so.
func (l *limiter) attempt(account, address string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	var retry time.Duration
	for i, key := range limiterKeys(account, address) {
		recent := within(l.failures[key], now)
		if len(recent) >= limits[i] {
			retry = max(retry, recent[len(recent)-limits[i]].Add(failureWindow).Sub(now))
		}
	}
	if retry > 0 {
		return retry
	}
	for _, key := range limiterKeys(account, address) {
		l.failures[key] = append(within(l.failures[key], now), now)
	}
	if len(l.failures) > limiterSweep {
		for key, times := range l.failures {
			if len(within(times, now)) == 0 {
				delete(l.failures, key)
			}
		}
	}
	return 0
}

// forgive takes an attempt back that was no failure. A sign-in also clears the
// account, but not the address: the owner of one account may guess at others.
func (l *limiter) forgive(account, address string, signedIn bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, key := range limiterKeys(account, address) {
		times := l.failures[key]
		if len(times) > 0 {
			times = times[:len(times)-1]
		}
		if len(times) == 0 || (signedIn && i == 0) {
			delete(l.failures, key)
			continue
		}
		l.failures[key] = times
	}
}

func within(times []time.Time, now time.Time) []time.Time {
	for len(times) > 0 && now.Sub(times[0]) >= failureWindow {
		times = times[1:]
	}
	return times
}
