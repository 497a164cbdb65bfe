package pg

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/crm"
)

const (
	callColumns = `c.id, c.arrived_at, c.caller, cu.name, c.queue, q.name_zh, c.menu_key, c.outcome, c.agent_id, u.name,
       c.wait_ms, c.talk_ms, c.ended_at, c.score, c.recorded,
       array(select t.number from ticket t where t.call_id = c.id order by t.number)`
	fromCall = `
from call c
left join customer cu on cu.id = c.customer_id
left join queue q on q.id = c.queue
left join user_account u on u.id = c.agent_id
`
	selectCall = `select ` + callColumns + `,
       c.slot, c.called, c.phase, c.attempt, c.customer_id, c.queued_at, c.offered_at, c.rung_at, c.ring_until, c.answered_at,
       (c.state->>'held_at')::timestamptz, c.why::text` + fromCall
)

// callScan is where a row of callColumns goes; finish makes the summary of it.
type callScan struct {
	crm.CallSummary
	caller         string
	waitMS, talkMS *int64
}

func (c *callScan) into() []any {
	return []any{
		&c.ID, &c.ArrivedAt, &c.caller, &c.CustomerName, &c.Queue, &c.QueueName, &c.MenuKey, &c.Outcome, &c.AgentID, &c.AgentName,
		&c.waitMS, &c.talkMS, &c.EndedAt, &c.Score, &c.Recorded, &c.TicketNumbers,
	}
}

func (c *callScan) finish() crm.CallSummary {
	c.NumberMasked = crm.Mask(c.caller)
	c.WaitSeconds, c.TalkSeconds = seconds(c.waitMS), seconds(c.talkMS)
	return c.CallSummary
}

func seconds(ms *int64) *float64 {
	if ms == nil {
		return nil
	}
	s := float64(*ms) / 1000
	return &s
}

func scanSummary(row pgx.CollectableRow) (crm.CallSummary, error) {
	var c callScan
	if err := row.Scan(c.into()...); err != nil {
		return crm.CallSummary{}, err
	}
	return c.finish(), nil
}

func scanCall(row pgx.CollectableRow) (crm.Call, error) {
	var scan callScan
	var c crm.Call
	err := row.Scan(append(scan.into(),
		&c.Slot, &c.Called, &c.Phase, &c.Attempt, &c.CustomerID, &c.QueuedAt, &c.OfferedAt, &c.RungAt, &c.RingUntil, &c.AnsweredAt,
		&c.HeldSince, &c.Why)...)
	if err != nil {
		return c, err
	}
	c.CallSummary = scan.finish()
	return c, nil
}

// Call returns one call.
func (s *Store) Call(ctx context.Context, id string) (crm.Call, error) {
	if !isUUID(id) {
		return crm.Call{}, fmt.Errorf("call: %w", crm.ErrNotFound)
	}
	rows, err := s.pool.Query(ctx, sqlCall, id)
	if err != nil {
		return crm.Call{}, fmt.Errorf("read call: %w", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanCall)
	if err != nil {
		return crm.Call{}, notFound("call", err)
	}
	return c, nil
}

const sqlCall = selectCall + `where c.id = $1`

// LiveCalls are the calls that have not ended, oldest first.
func (s *Store) LiveCalls(ctx context.Context) ([]crm.Call, error) {
	rows, err := s.pool.Query(ctx, sqlLiveCalls)
	if err != nil {
		return nil, fmt.Errorf("read live calls: %w", err)
	}
	calls, err := pgx.CollectRows(rows, scanCall)
	if err != nil {
		return nil, fmt.Errorf("read live calls: %w", err)
	}
	return calls, nil
}

const sqlLiveCalls = selectCall + `where c.ended_at is null order by c.arrived_at, c.id`

// Calls returns a page of calls, newest first, and the cursor of the page after
// it; the cursor is empty after the last. A call that arrives meanwhile moves
// no page.
func (s *Store) Calls(ctx context.Context, f crm.CallFilter) (items []crm.CallSummary, next string, err error) {
	from, err := start(f.Cursor)
	if err != nil {
		return nil, "", err
	}
	size := pageSize(f.Limit)
	var rows pgx.Rows
	switch {
	case f.AgentID == "":
		rows, err = s.pool.Query(ctx, sqlCalls, from.at, from.id, none(f.Outcome), size+1)
	case !isUUID(f.AgentID):
		return []crm.CallSummary{}, "", nil
	default:
		rows, err = s.pool.Query(ctx, sqlAgentsCalls, from.at, from.id, none(f.Outcome), size+1, f.AgentID)
	}
	if err != nil {
		return nil, "", fmt.Errorf("read calls: %w", err)
	}
	items, err = pgx.CollectRows(rows, scanSummary)
	if err != nil {
		return nil, "", fmt.Errorf("read calls: %w", err)
	}
	if len(items) > size {
		items = items[:size]
		last := items[size-1]
		next = position{last.ArrivedAt, last.ID}.after()
	}
	return items, next, nil
}

// Two statements, so that each has the plan of its own index.
const (
	callsPage = `where (c.arrived_at, c.id) < ($1::timestamptz, $2::uuid) and ($3::text is null or c.outcome = $3) `
	callsEnd  = `order by c.arrived_at desc, c.id desc limit $4`

	sqlCalls       = `select ` + callColumns + fromCall + callsPage + callsEnd
	sqlAgentsCalls = `select ` + callColumns + fromCall + callsPage + `and c.agent_id = $5 ` + callsEnd
)

// CallLog is what happened to a call, in order.
func (s *Store) CallLog(ctx context.Context, id string) ([]crm.LogLine, error) {
	if !isUUID(id) {
		return nil, fmt.Errorf("call: %w", crm.ErrNotFound)
	}
	rows, err := s.pool.Query(ctx, sqlCallLog, id)
	if err != nil {
		return nil, fmt.Errorf("read the call's log: %w", err)
	}
	lines, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (l crm.LogLine, err error) {
		return l, row.Scan(&l.Seq, &l.At, &l.Type, &l.Data)
	})
	if err != nil {
		return nil, fmt.Errorf("read the call's log: %w", err)
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("call: %w", crm.ErrNotFound)
	}
	return lines, nil
}

const sqlCallLog = `select seq, at, type, data from call_event where call_id = $1 order by seq`

// Queues are the queues in the order in which they are shown.
func (s *Store) Queues(ctx context.Context) ([]crm.Queue, error) {
	rows, err := s.pool.Query(ctx, sqlQueues)
	if err != nil {
		return nil, fmt.Errorf("read queues: %w", err)
	}
	queues, err := pgx.CollectRows(rows, pgx.RowToStructByPos[crm.Queue])
	if err != nil {
		return nil, fmt.Errorf("read queues: %w", err)
	}
	return queues, nil
}

const sqlQueues = `select id, name_zh, name_en, target_seconds from queue order by position, id`

// Today counts the calls that entered a queue on the day of now, by the
// hotline's zone. TargetSeconds is the longest target of any queue; each call
// is held to its own queue's. A call that the system ended counts as offered
// and as nothing else.
func (s *Store) Today(ctx context.Context, now time.Time) (crm.Today, error) {
	from, to := crm.Day(now)
	t := crm.Today{NSeconds: int(crm.ConnectWithin.Seconds())}
	err := s.pool.QueryRow(ctx, sqlToday, from, to, crm.ShortAbandon.Milliseconds(), crm.ConnectWithin.Milliseconds()).Scan(
		&t.Offered, &t.Answered, &t.Abandoned, &t.ShortAbandoned, &t.Voicemail, &t.AnsweredInTarget, &t.TargetSeconds,
		&t.AnsweredInN, &t.SLAll, &t.NSecondsRate, &t.AverageWaitSeconds,
		&t.Survey.Offered, &t.Survey.Answered, &t.Survey.Top2, &t.Survey.Average)
	if err != nil {
		return crm.Today{}, fmt.Errorf("count today's calls: %w", err)
	}
	return t, nil
}

const sqlToday = `
with day as (
    select c.outcome, c.wait_ms, q.target_seconds * 1000 as target_ms, v.call_id is not null as asked, v.score
    from call c
    left join queue q on q.id = c.queue
    left join survey_answer v on v.call_id = c.id
    where c.queued_at >= $1 and c.queued_at < $2
), n as (
    select count(*) as offered,
           count(*) filter (where outcome = 'answered') as answered,
           count(*) filter (where outcome = 'abandoned') as abandoned,
           count(*) filter (where outcome = 'abandoned' and wait_ms <= $3) as short_abandoned,
           count(*) filter (where outcome = 'voicemail') as voicemail,
           count(*) filter (where outcome = 'answered' and wait_ms <= target_ms) as in_target,
           count(*) filter (where outcome = 'answered' and wait_ms <= $4) as in_n,
           avg(wait_ms) filter (where outcome = 'answered') as average_wait_ms,
           count(*) filter (where asked) as asked,
           count(score) as scored, count(*) filter (where score >= 4) as top2, avg(score) as average
    from day
)
select offered, answered, abandoned, short_abandoned, voicemail, in_target,
       (select coalesce(max(target_seconds), 0) from queue), in_n,
       in_target::float8 / nullif(answered + abandoned, 0), in_n::float8 / nullif(answered + abandoned, 0),
       (average_wait_ms / 1000)::float8, asked, scored, top2, average::float8
from n`

// HandledToday is how many calls that entered a queue today the agent answered.
func (s *Store) HandledToday(ctx context.Context, agentID string, now time.Time) (int, error) {
	if !isUUID(agentID) {
		return 0, nil
	}
	from, to := crm.Day(now)
	var n int
	if err := s.pool.QueryRow(ctx, sqlHandledToday, agentID, from, to).Scan(&n); err != nil {
		return 0, fmt.Errorf("count the agent's calls: %w", err)
	}
	return n, nil
}

const sqlHandledToday = `
select count(*) from call where agent_id = $1 and queued_at >= $2 and queued_at < $3 and outcome = 'answered'`
