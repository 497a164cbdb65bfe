package pg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"hotline/ari/call"
	"hotline/crm"
)

// TakeSlot makes owner the only one who may write for the slot's calls, and
// returns the epoch to write with. Whoever owned the slot before is refused
// from the moment this returns.
func (s *Store) TakeSlot(ctx context.Context, slot int, owner string) (epoch int64, err error) {
	if err := s.pool.QueryRow(ctx, sqlTakeSlot, slot, owner).Scan(&epoch); err != nil {
		return 0, fmt.Errorf("take slot %d: %w", slot, err)
	}
	return epoch, nil
}

const sqlTakeSlot = `
insert into slot (id, epoch, owner, taken_at) values ($1, 1, $2, now())
on conflict (id) do update set epoch = slot.epoch + 1, owner = excluded.owner, taken_at = excluded.taken_at
returning epoch`

// OpenCalls are the slot's calls that have not ended, as the log left them,
// oldest first. Read after TakeSlot it is complete: an append of the former
// owner has either been seen here or is refused.
func (s *Store) OpenCalls(ctx context.Context, slot int) ([]call.Record, error) {
	rows, err := s.pool.Query(ctx, sqlOpenCalls, slot)
	if err != nil {
		return nil, fmt.Errorf("read open calls of slot %d: %w", slot, err)
	}
	records, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (call.Record, error) {
		var r call.Record
		var state, plan []byte
		if err := row.Scan(&r.Seq, &state, &plan); err != nil {
			return r, err
		}
		var err error
		r.State, err = decodeState(state, plan)
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("read open calls of slot %d: %w", slot, err)
	}
	return records, nil
}

const sqlOpenCalls = `
select c.seq, c.state, e.data -> 'plan'
from call c join call_event e on e.call_id = c.id and e.seq = 1
where c.slot = $1 and c.ended_at is null
order by c.arrived_at, c.id`

// Append writes an event and the call's state after it, all or nothing, in one
// round trip. It returns call.ErrFenced when the slot's epoch is not e.Epoch or
// the entry is not the call's next one; the writer must then stop. Every other
// error is trouble of the store: the same entry may be given again, also when
// the first try came through and only its answer was lost.
//
// Times are kept to the microsecond.
func (s *Store) Append(ctx context.Context, e call.Entry, after call.State) error {
	e.At = stored(e.At)
	after = microseconds(after)
	statement, args, err := s.appendArgs(e, after)
	if err != nil {
		return err
	}
	var written int
	err = s.pool.QueryRow(ctx, statement, args...).Scan(&written)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == "23505" { // unique_violation: another wrote this entry at the same moment
		err, written = nil, 0
	}
	if err != nil {
		return fmt.Errorf("append to the log of call %s: %w", e.Call, away(err))
	}
	if written == 1 {
		return nil
	}
	return s.writtenBefore(ctx, e)
}

// AppendAll is Append for entries of different calls in one round trip and one
// transaction, with an answer for each. An entry that the others suffer from is
// found by giving them one by one.
func (s *Store) AppendAll(ctx context.Context, all []call.Transition) []error {
	answers := make([]error, len(all))
	var batch pgx.Batch
	written := make([]int, len(all))
	for i := range all {
		e, after := all[i].Entry, microseconds(all[i].After)
		e.At = stored(e.At)
		statement, args, err := s.appendArgs(e, after)
		if err != nil {
			return s.oneByOne(ctx, all)
		}
		batch.Queue(statement, args...).QueryRow(func(row pgx.Row) error { return row.Scan(&written[i]) })
	}
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		if err := away(err); errors.Is(err, call.ErrAway) {
			for i, t := range all {
				answers[i] = fmt.Errorf("append to the log of call %s: %w", t.Entry.Call, err)
			}
			return answers
		}
		return s.oneByOne(ctx, all)
	}
	for i, n := range written {
		if n == 0 {
			e := all[i].Entry
			e.At = stored(e.At)
			answers[i] = s.writtenBefore(ctx, e)
		}
	}
	return answers
}

func (s *Store) oneByOne(ctx context.Context, all []call.Transition) []error {
	answers := make([]error, len(all))
	for i, t := range all {
		answers[i] = s.Append(ctx, t.Entry, t.After)
	}
	return answers
}

// away marks an error that says nothing about the statement: no connection, or
// a server that is going down, starting, or out of resources.
func away(err error) error {
	var said *pgconn.PgError
	if errors.As(err, &said) {
		switch said.Code[:2] {
		case "08", "53", "57": // connection_exception, insufficient_resources, operator_intervention
			return fmt.Errorf("%w: %w", call.ErrAway, err)
		}
		return err
	}
	return fmt.Errorf("%w: %w", call.ErrAway, err)
}

func (s *Store) appendArgs(e call.Entry, after call.State) (string, []any, error) {
	data, err := json.Marshal(e.Event)
	if err != nil {
		return "", nil, fmt.Errorf("encode %s: %w", call.TypeOf(e.Event), err)
	}
	state, err := encodeState(after)
	if err != nil {
		return "", nil, err
	}
	if after.AgentID != "" && !isUUID(after.AgentID) || after.Customer != "" && !isUUID(after.Customer) {
		return "", nil, fmt.Errorf("append to the log of call %s: the agent or the customer is not named by a UUID", e.Call)
	}
	r := project(after, e.Slot, e.Seq)
	if e.Seq == 1 {
		return sqlAppendFirst, []any{
			e.Call, e.Slot, e.Epoch, e.At, call.TypeOf(e.Event), data, state,
			r.ChannelID, r.Caller, crm.ParseNumber(r.Caller, s.areaCode).Key, r.Called, r.PlanID, r.PlanVersion, r.Language,
			r.Phase, r.Outcome, r.ArrivedAt, r.EndedAt,
		}, nil
	}
	survey, surveyed := surveyOf(e, after)
	recording, recorded := recordingOf(e, after)
	return sqlAppendNext, []any{
		e.Call, e.Slot, e.Epoch, e.Seq, e.At, call.TypeOf(e.Event), data, state,
		r.Phase, r.Outcome, r.CustomerID, r.MenuKey, r.Queue, r.Priority, r.Attempt, r.AgentID,
		r.QueuedAt, r.OfferedAt, r.RungAt, r.RingUntil, r.AnsweredAt, r.TalkEndAt, r.EndedAt,
		r.LeftFirst, r.WaitMS, r.TalkMS, r.Recorded, r.MessageMS, r.SurveyAsked, r.Score, reasonFor(e.Event, after),
		surveyed, survey.AskedAt, survey.AnsweredAt, survey.Score,
		recorded, recording.Name, recording.Kind,
	}, nil
}

// The share lock on the slot is what fences: TakeSlot waits for appends that
// have begun, and an append that waited for TakeSlot sees the new epoch.
const sqlAppendFirst = `
with owner as (
    select id from slot where id = $2 and epoch = $3 for share
), made as (
    insert into call (id, slot, seq, state, channel_id, caller, caller_key, called, plan_id, plan_version, language,
                      phase, outcome, priority, attempt, arrived_at, ended_at, recorded, survey_asked)
    select $1::uuid, owner.id, 1, $7::jsonb, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0, 0, $17, $18, false, false
    from owner
    on conflict (id) do nothing
    returning id
), entry as (
    insert into call_event (call_id, seq, at, type, data, epoch)
    select id, 1, $4, $5, $6, $3 from made
    returning 1
)
select count(*) from entry`

const sqlAppendNext = `
with owner as (
    select id from slot where id = $2 and epoch = $3 for share
), moved as (
    update call set
        seq = $4, state = $8, phase = $9, outcome = $10, customer_id = $11, menu_key = $12, queue = $13, priority = $14,
        attempt = $15, agent_id = $16, queued_at = $17, offered_at = $18, rung_at = $19, ring_until = $20, answered_at = $21,
        talk_end_at = $22, ended_at = $23, left_first = $24, wait_ms = $25, talk_ms = $26, recorded = $27, message_ms = $28,
        survey_asked = $29, score = $30,
        why = case when $16::uuid is null then null else coalesce($31::jsonb, why) end
    where id = $1 and slot = $2 and seq = $4::bigint - 1 and exists (select from owner)
    returning id
), entry as (
    insert into call_event (call_id, seq, at, type, data, epoch)
    select id, $4, $5, $6, $7, $3 from moved
    returning 1
), survey as (
    insert into survey_answer (call_id, agent_id, queue, asked_at, answered_at, score)
    select id, $16, $13, $33, $34, $35 from moved where $32::boolean
    on conflict (call_id) do update set answered_at = excluded.answered_at, score = excluded.score
    where survey_answer.score is null
), file as (
    insert into recording (call_id, name, kind, started_at)
    select id, $37, $38, $5 from moved where $36::boolean
    on conflict do nothing
)
select count(*) from entry`

// writtenBefore decides about an entry that was refused. When this very entry
// stands in the log under our own epoch, and the slot is still ours, an earlier
// try came through and its answer was lost.
func (s *Store) writtenBefore(ctx context.Context, e call.Entry) error {
	data, err := json.Marshal(e.Event)
	if err != nil {
		return fmt.Errorf("encode %s: %w", call.TypeOf(e.Event), err)
	}
	var same bool
	err = s.pool.QueryRow(ctx, sqlWrittenBefore, e.Call, e.Seq, e.Slot, e.Epoch, e.At, call.TypeOf(e.Event), data).Scan(&same)
	if err != nil {
		return fmt.Errorf("read the log of call %s: %w", e.Call, away(err))
	}
	if !same {
		return call.ErrFenced
	}
	return nil
}

const sqlWrittenBefore = `
select exists (
    select from call_event e join slot s on s.id = $3 and s.epoch = $4
    where e.call_id = $1 and e.seq = $2 and e.epoch = $4 and e.at = $5 and e.type = $6 and e.data = $7::jsonb
)`
