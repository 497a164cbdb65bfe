package main

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hotline/ari/call"
)

// meter counts what calls do, for /metrics.
type meter struct {
	started     prometheus.Counter
	ended       *prometheus.CounterVec
	transitions prometheus.Histogram
	failed      *prometheus.CounterVec
	owned       *prometheus.GaugeVec
}

func newMeter(r prometheus.Registerer, backlog func() int) *meter {
	m := &meter{
		started: prometheus.NewCounter(prometheus.CounterOpts{Name: "hotline_calls_started_total", Help: "Calls taken in."}),
		ended:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hotline_calls_ended_total", Help: "Calls ended, by outcome."}, []string{"outcome"}),
		transitions: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "hotline_transition_seconds", Help: "From an event's arrival at its call to its effects done, log included.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14),
		}),
		failed: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hotline_effects_failed_total", Help: "Effects that Asterisk refused, by effect."}, []string{"effect"}),
		owned:  prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "hotline_slot_served", Help: "1 while this process serves the slot."}, []string{"slot"}),
	}
	spooled := prometheus.NewGaugeFunc(
		prometheus.GaugeOpts{Name: "hotline_log_backlog", Help: "Entries of the log that wait on this machine for Postgres."},
		func() float64 { return float64(backlog()) })
	r.MustRegister(m.started, m.ended, m.transitions, m.failed, m.owned, spooled)
	return m
}

func (m *meter) CallStarted()                  { m.started.Inc() }
func (m *meter) CallEnded(o call.Outcome)      { m.ended.WithLabelValues(string(o)).Inc() }
func (m *meter) Transition(took time.Duration) { m.transitions.Observe(took.Seconds()) }
func (m *meter) EffectFailed(effect string)    { m.failed.WithLabelValues(effect).Inc() }
func (m *meter) SlotOwned(slot int, owned bool) {
	v := 0.0
	if owned {
		v = 1
	}
	m.owned.WithLabelValues(strconv.Itoa(slot)).Set(v)
}
