package pg

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/crm"
)

// Pop gathers what an agent is shown when a call is offered, in two round
// trips. At most five candidates are shown, those with the number before the
// other members of their households.
func (s *Store) Pop(ctx context.Context, callID string) (crm.Pop, error) {
	if !isUUID(callID) {
		return crm.Pop{}, fmt.Errorf("call: %w", crm.ErrNotFound)
	}
	pop := crm.Pop{CallID: callID, Match: crm.MatchNone, Candidates: []crm.Candidate{}}
	var caller string
	var matches int

	who := &pgx.Batch{}
	who.Queue(sqlPopCaller, callID).QueryRow(func(row pgx.Row) error { return row.Scan(&caller) })
	who.Queue(sqlPopCandidates, callID).Query(func(rows pgx.Rows) error {
		found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c crm.Candidate, err error) {
			c.Properties = []crm.PropertyLine{}
			return c, row.Scan(&c.CustomerID, &c.Name, &c.Tier, &c.Tags, &c.Role, &c.Reason, &matches)
		})
		pop.Candidates = append(pop.Candidates, found...)
		return err
	})
	if err := s.pool.SendBatch(ctx, who).Close(); err != nil {
		return crm.Pop{}, notFound("the caller's record", err)
	}
	number := crm.ParseNumber(caller, s.areaCode)
	pop.NumberMasked, pop.NumberKind = crm.Mask(caller), number.Kind
	switch {
	case matches == 1:
		pop.Match = crm.MatchOne
	case matches > 1:
		pop.Match = crm.MatchSeveral
	}

	ids := make([]string, len(pop.Candidates))
	place := map[string]int{}
	for i, c := range pop.Candidates {
		ids[i], place[c.CustomerID] = c.CustomerID, i
	}
	now := time.Now()
	what := &pgx.Batch{}
	what.Queue(sqlPopProperties, ids).Query(func(rows pgx.Rows) error {
		var of string
		var p crm.PropertyLine
		_, err := pgx.ForEachRow(rows, []any{&of, &p.ID, &p.Label, &p.Role, &p.DeliveredOn, &p.ContractNo}, func() error {
			c := &pop.Candidates[place[of]]
			c.Properties = append(c.Properties, p)
			p = crm.PropertyLine{}
			return nil
		})
		return err
	})
	what.Queue(sqlPopTickets, ids).Query(func(rows pgx.Rows) (err error) {
		pop.OpenTickets, err = pgx.CollectRows(rows, scanTicketSummary(now))
		return err
	})
	what.Queue(sqlPopCalls, callID, ids).Query(func(rows pgx.Rows) (err error) {
		pop.RecentCalls, err = pgx.CollectRows(rows, scanSummary)
		return err
	})
	what.Queue(sqlPopPromises, ids).Query(func(rows pgx.Rows) (err error) {
		today := now.In(crm.Zone).Format(time.DateOnly)
		pop.Promises, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (p crm.PopPromise, err error) {
			err = row.Scan(&p.TicketID, &p.TicketNumber, &p.Text, &p.DueOn)
			p.Overdue = p.DueOn < today
			return p, err
		})
		return err
	})
	if err := s.pool.SendBatch(ctx, what).Close(); err != nil {
		return crm.Pop{}, fmt.Errorf("read the caller's record: %w", err)
	}
	return pop, nil
}

const sqlPopCaller = `select caller from call where id = $1`

const sqlPopCandidates = `
with by_number as (
    select p.customer_id as id from call c join customer_phone p on p.key = c.caller_key where c.id = $1
), household as (
    select distinct other.customer_id as id
    from by_number n
    join customer_property mine on mine.customer_id = n.id
    join customer_property other on other.property_id = mine.property_id
    where other.customer_id not in (select id from by_number)
), known as (
    select id, 'number' as reason from by_number union all select id, 'household' from household
)
select cu.id, cu.name, cu.tier, cu.tags, strongest.role, known.reason, count(*) filter (where known.reason = 'number') over ()
from known
join customer cu on cu.id = known.id
left join lateral (
    select cp.role, array_position(array['owner', 'family', 'tenant'], cp.role) as rank
    from customer_property cp where cp.customer_id = cu.id order by rank limit 1
) strongest on true
order by known.reason desc, strongest.rank nulls last, cu.name, cu.id
limit 5`

// propertyLabel is a home in one line: 云和府 3号楼1单元 1702.
const propertyLabel = `(pj.name || ' ' || p.building || '号楼' || p.unit || '单元 ' || p.room)`

const sqlPopProperties = `
select cp.customer_id, p.id, ` + propertyLabel + `, cp.role, to_char(p.delivered_on, 'YYYY-MM-DD'), p.contract_no
from customer_property cp
join property p on p.id = cp.property_id
join project pj on pj.id = p.project_id
where cp.customer_id = any($1::uuid[])
order by pj.name, p.building, p.unit, p.room`

// householdTickets are the open tickets of the candidates and of all their homes.
const householdTickets = `where t.status = 'open' and (t.customer_id = any($1::uuid[]) or t.property_id in (
    select cp.property_id from customer_property cp where cp.customer_id = any($1::uuid[])
)) `

const sqlPopTickets = `select ` + ticketColumns + fromTicket + householdTickets + `order by t.opened_at desc, t.id desc limit 10`

const sqlPopCalls = `select ` + callColumns + fromCall + `
where c.id <> $1 and (
    c.customer_id = any($2::uuid[])
    or c.caller_key = (select nullif(caller_key, '') from call where id = $1)
)
order by c.arrived_at desc, c.id desc limit 3`

const sqlPopPromises = `
select t.id, t.number, t.promise_text, to_char(t.promise_due_on, 'YYYY-MM-DD')
from ticket t ` + householdTickets + `and t.promise_due_on is not null
order by t.promise_due_on, t.number`
