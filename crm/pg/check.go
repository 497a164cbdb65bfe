package pg

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/ari/call"
	"hotline/crm"
)

// checkPage is how many calls are replayed at a time.
const checkPage = 200

// CheckLog replays the log of every call and reports each difference from what
// is stored: the state, the projection's columns, the survey's answer and the
// recordings. It reads one snapshot, so calls may go on meanwhile. calls is how
// many were replayed.
func (s *Store) CheckLog(ctx context.Context, report func(problem string)) (calls int, err error) {
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		last := "00000000-0000-0000-0000-000000000000"
		for {
			page, err := storedCalls(ctx, tx, last)
			if err != nil {
				return err
			}
			if len(page) == 0 {
				return nil
			}
			if err := s.checkPage(ctx, tx, page, report); err != nil {
				return err
			}
			calls += len(page)
			last = page[len(page)-1].row.ID
		}
	})
	if err != nil {
		return calls, fmt.Errorf("check the log: %w", err)
	}
	return calls, nil
}

// storedCall is everything that is stored of a call beside its log.
type storedCall struct {
	row        callRow
	callerKey  string
	why, state []byte
	survey     *surveyRow
	recordings map[string]recordingRow
}

type loggedEvent struct {
	seq   int64
	at    time.Time
	kind  string
	data  []byte
	epoch int64
}

func storedCalls(ctx context.Context, tx pgx.Tx, after string) ([]storedCall, error) {
	rows, err := tx.Query(ctx, sqlStoredCalls, after, checkPage)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (c storedCall, err error) {
		r := &c.row
		var asked *time.Time
		var v surveyRow
		err = row.Scan(&r.ID, &r.Slot, &r.Seq, &r.ChannelID, &r.Caller, &r.Called, &r.PlanID, &r.PlanVersion, &r.Language, &r.Phase, &r.Outcome,
			&r.CustomerID, &r.MenuKey, &r.Queue, &r.Priority, &r.Attempt, &r.AgentID, &r.ArrivedAt, &r.QueuedAt, &r.OfferedAt, &r.RungAt,
			&r.RingUntil, &r.AnsweredAt, &r.TalkEndAt, &r.EndedAt, &r.LeftFirst, &r.WaitMS, &r.TalkMS, &r.Recorded, &r.MessageMS,
			&r.SurveyAsked, &r.Score, &c.callerKey, &c.why, &c.state, &asked, &v.AgentID, &v.Queue, &v.AnsweredAt, &v.Score)
		if asked != nil {
			v.AskedAt = *asked
			c.survey = &v
		}
		return c, err
	})
}

const sqlStoredCalls = `
select c.id, c.slot, c.seq, c.channel_id, c.caller, c.called, c.plan_id, c.plan_version, c.language, c.phase, c.outcome,
       c.customer_id, c.menu_key, c.queue, c.priority, c.attempt, c.agent_id, c.arrived_at, c.queued_at, c.offered_at, c.rung_at,
       c.ring_until, c.answered_at, c.talk_end_at, c.ended_at, c.left_first, c.wait_ms, c.talk_ms, c.recorded, c.message_ms,
       c.survey_asked, c.score, c.caller_key, c.why, c.state, v.asked_at, v.agent_id, v.queue, v.answered_at, v.score
from call c left join survey_answer v on v.call_id = c.id
where c.id > $1 order by c.id limit $2`

func (s *Store) checkPage(ctx context.Context, tx pgx.Tx, page []storedCall, report func(string)) error {
	ids := make([]string, len(page))
	at := map[string]*storedCall{}
	for i := range page {
		ids[i] = page[i].row.ID
		page[i].recordings = map[string]recordingRow{}
		at[ids[i]] = &page[i]
	}
	rows, err := tx.Query(ctx, sqlRecordingsOf, ids)
	if err != nil {
		return err
	}
	var id string
	var r recordingRow
	if _, err := pgx.ForEachRow(rows, []any{&id, &r.Name, &r.Kind, &r.StartedAt}, func() error {
		at[id].recordings[r.Name] = r
		return nil
	}); err != nil {
		return err
	}
	logs := map[string][]loggedEvent{}
	rows, err = tx.Query(ctx, sqlEventsOf, ids)
	if err != nil {
		return err
	}
	var e loggedEvent
	if _, err := pgx.ForEachRow(rows, []any{&id, &e.seq, &e.at, &e.kind, &e.data, &e.epoch}, func() error {
		e.data = bytes.Clone(e.data)
		logs[id] = append(logs[id], e)
		e.data = nil
		return nil
	}); err != nil {
		return err
	}
	for _, id := range ids {
		s.checkCall(at[id], logs[id], func(format string, args ...any) {
			report("call " + id + ": " + fmt.Sprintf(format, args...))
		})
	}
	return nil
}

const (
	sqlRecordingsOf = `select call_id, name, kind, started_at from recording where call_id = any($1::uuid[])`
	sqlEventsOf     = `select call_id, seq, at, type, data, epoch from call_event where call_id = any($1::uuid[]) order by call_id, seq`
)

func (s *Store) checkCall(c *storedCall, log []loggedEvent, report func(string, ...any)) {
	if len(log) == 0 {
		report("stored without a log")
		return
	}
	var state call.State
	var why []byte
	var survey *surveyRow
	var epoch int64
	recordings := map[string]recordingRow{}
	for i, line := range log {
		if line.seq != int64(i+1) {
			report("log has no entry %d", i+1)
			return
		}
		if line.epoch < epoch {
			report("entry %d was written under epoch %d, after epoch %d", line.seq, line.epoch, epoch)
		}
		epoch = line.epoch
		event, err := call.Decode(line.kind, line.data)
		if err != nil {
			report("entry %d: %v", line.seq, err)
			return
		}
		state, _ = call.Step(state, event, line.at)
		entry := call.Entry{Call: c.row.ID, Slot: c.row.Slot, Epoch: line.epoch, Seq: line.seq, At: line.at, Event: event}
		switch reason := reasonFor(event, state); {
		case state.AgentID == "":
			why = nil
		case reason != nil:
			why = reason
		}
		if v, ok := surveyOf(entry, state); ok && (survey == nil || survey.Score == nil) {
			survey = &v
		}
		if r, ok := recordingOf(entry, state); ok {
			if _, known := recordings[r.Name]; !known {
				recordings[r.Name] = r
			}
		}
	}
	differences("column", c.row, project(state, c.row.Slot, int64(len(log))), report)
	if key := crm.ParseNumber(state.Caller, s.areaCode).Key; key != c.callerKey {
		report("column CallerKey differs from what the log gives")
	}
	if !sameJSON(c.why, why) {
		report("column Why differs from what the log gives")
	}
	wanted, err := encodeState(state)
	if err != nil {
		report("%v", err)
		return
	}
	if !sameJSON(c.state, wanted) {
		report("state differs from what the log gives")
	}
	switch {
	case (c.survey == nil) != (survey == nil):
		report("survey answer stored: %v, the log gives: %v", c.survey != nil, survey != nil)
	case survey != nil:
		differences("survey answer", *c.survey, *survey, report)
	}
	if !reflect.DeepEqual(c.recordings, recordings) {
		report("%d recordings stored, the log gives %d, or they differ", len(c.recordings), len(recordings))
	}
}

// differences names the fields that differ. Values are not shown: a caller's
// number may be among them.
func differences[T any](what string, have, want T, report func(string, ...any)) {
	h, w := reflect.ValueOf(have), reflect.ValueOf(want)
	for i := range h.NumField() {
		if !reflect.DeepEqual(h.Field(i).Interface(), w.Field(i).Interface()) {
			report("%s %s differs from what the log gives", what, h.Type().Field(i).Name)
		}
	}
}

func sameJSON(a, b []byte) bool {
	if len(a) == 0 || len(b) == 0 {
		return len(a) == len(b)
	}
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}
