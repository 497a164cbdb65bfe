package pg

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/crm"
)

const createTicket = "ticket.create"

// CreateTicket writes a ticket down, once per user and idempotency key: the
// same request again returns the same ticket, also while the first one is still
// running; another request under the same key is crm.ErrKeyReused. The faults
// of an input come all at once as crm.InvalidInput and use the key up not.
// Promises are held to the day of now in the hotline's zone.
func (s *Store) CreateTicket(ctx context.Context, userID, idempotencyKey string, t crm.NewTicket, now time.Time) (crm.Ticket, error) {
	content, err := json.Marshal(t)
	if err != nil {
		return crm.Ticket{}, fmt.Errorf("encode ticket: %w", err)
	}
	fingerprint := sha256.Sum256(content)
	var ticket crm.Ticket
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		id, made, err := claimKey(ctx, tx, userID, idempotencyKey, fingerprint[:], now)
		if err != nil {
			return err
		}
		if !made {
			id, err = insertTicket(ctx, tx, userID, t, now)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, sqlAnswerKey, userID, createTicket, idempotencyKey, id); err != nil {
				return fmt.Errorf("keep the idempotency key: %w", err)
			}
		}
		ticket, err = readTicket(ctx, tx, id, now)
		return err
	})
	return ticket, err
}

// claimKey takes an idempotency key, or returns what was made under it before.
// A request that runs at the same moment under the same key is waited for.
func claimKey(ctx context.Context, tx pgx.Tx, userID, key string, fingerprint []byte, now time.Time) (ticket string, made bool, err error) {
	tag, err := tx.Exec(ctx, sqlClaimKey, userID, createTicket, key, fingerprint, now)
	if err != nil {
		return "", false, fmt.Errorf("claim the idempotency key: %w", err)
	}
	if tag.RowsAffected() == 1 {
		return "", false, nil
	}
	var same bool
	if err := tx.QueryRow(ctx, sqlKeyAnswer, userID, createTicket, key, fingerprint).Scan(&same, &ticket); err != nil {
		return "", false, fmt.Errorf("read the idempotency key: %w", err)
	}
	if !same {
		return "", false, crm.ErrKeyReused
	}
	return ticket, true, nil
}

const sqlClaimKey = `
insert into idempotency_key (user_id, operation, key, fingerprint, at) values ($1, $2, $3, $4, $5)
on conflict do nothing`

const sqlKeyAnswer = `
select fingerprint = $4, response_ref from idempotency_key where user_id = $1 and operation = $2 and key = $3`

const sqlAnswerKey = `
update idempotency_key set response_ref = $4 where user_id = $1 and operation = $2 and key = $3`

func insertTicket(ctx context.Context, tx pgx.Tx, userID string, t crm.NewTicket, now time.Time) (string, error) {
	severity, department, err := checkTicket(ctx, tx, t, now)
	if err != nil {
		return "", err
	}
	firstAnswer, err := crm.FirstAnswer(severity)
	if err != nil {
		return "", err
	}
	var dueOn, text *string
	if t.Promise != nil {
		dueOn, text = &t.Promise.DueOn, &t.Promise.Text
	}
	var id string
	err = tx.QueryRow(ctx, sqlInsertTicket, t.Category, severity, t.Description, none(t.CallID), none(t.CustomerID), none(t.PropertyID),
		department, now, now.Add(firstAnswer), userID, dueOn, text).Scan(&id)
	if err != nil {
		return "", fmt.Errorf("write the ticket: %w", err)
	}
	return id, nil
}

const sqlInsertTicket = `
with made as (
    insert into ticket (category, severity, description, call_id, customer_id, property_id, department, opened_at, due_at, created_by,
                        promise_due_on, promise_text)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text::date, $12)
    returning id, number
), logged as (
    insert into ticket_event (ticket_id, seq, at, type, by_user, data)
    select id, 1, $8, 'opened', $10, jsonb_build_object('category', $1::text, 'severity', $2::smallint) from made
)
select id from made`

// checkTicket finds every fault of an input, and what the category says about it.
func checkTicket(ctx context.Context, tx pgx.Tx, t crm.NewTicket, now time.Time) (severity crm.Severity, department string, err error) {
	var faults crm.InvalidInput
	if err := t.Check(now.In(crm.Zone)); err != nil {
		more, ok := crm.AsInvalidInput(err)
		if !ok {
			return 0, "", err
		}
		faults = append(faults, more...)
	}
	fault := func(field, reason string) { faults = append(faults, crm.FieldError{Field: field, Reason: reason}) }
	for _, ref := range []struct{ field, id string }{{"call_id", t.CallID}, {"customer_id", t.CustomerID}, {"property_id", t.PropertyID}} {
		if ref.id != "" && !isUUID(ref.id) {
			fault(ref.field, crm.ReasonUnknown)
		}
	}
	var found struct{ category, call, customer, property, theirs bool }
	var usual crm.Severity
	err = tx.QueryRow(ctx, sqlTicketReferences, t.Category, uuidOrNone(t.CallID), uuidOrNone(t.CustomerID), uuidOrNone(t.PropertyID)).Scan(
		&found.category, &usual, &department, &found.call, &found.customer, &found.property, &found.theirs)
	if err != nil {
		return 0, "", fmt.Errorf("check what the ticket names: %w", err)
	}
	if !found.category {
		fault("category", crm.ReasonUnknown)
	}
	if isUUID(t.CallID) && !found.call {
		fault("call_id", crm.ReasonUnknown)
	}
	if isUUID(t.CustomerID) && !found.customer {
		fault("customer_id", crm.ReasonUnknown)
	}
	switch {
	case isUUID(t.PropertyID) && !found.property:
		fault("property_id", crm.ReasonUnknown)
	case found.property && found.customer && !found.theirs:
		fault("property_id", crm.ReasonMismatch)
	}
	severity = t.Severity
	if severity == 0 {
		severity = usual
	} else if severity < crm.Normal || severity > crm.Emergency {
		fault("severity", crm.ReasonUnknown)
	}
	if len(faults) > 0 {
		return 0, "", faults
	}
	return severity, department, nil
}

func uuidOrNone(id string) *string {
	if !isUUID(id) {
		return nil
	}
	return &id
}

const sqlTicketReferences = `
select k.code is not null, coalesce(k.default_severity, 0), coalesce(k.default_department, ''),
       exists (select from call where id = $2),
       exists (select from customer where id = $3),
       exists (select from property where id = $4),
       exists (select from customer_property where customer_id = $3 and property_id = $4)
from (select 1) one left join category k on k.code = $1 and k.retired_at is null`

const (
	ticketColumns = `t.id, t.number, t.category, k.type, k.level1, k.level2, k.level3, t.severity, t.status, t.opened_at, t.due_at,
       t.department, t.customer_id, cu.name, ` + propertyLabel
	fromTicket = `
from ticket t
join category k on k.code = t.category
left join customer cu on cu.id = t.customer_id
left join property p on p.id = t.property_id
left join project pj on pj.id = p.project_id
`
)

// ticketScan is where a row of ticketColumns goes; finish makes the summary of it.
type ticketScan struct {
	crm.TicketSummary
	level [3]string
}

func (t *ticketScan) into() []any {
	return []any{
		&t.ID, &t.Number, &t.Category, &t.Type, &t.level[0], &t.level[1], &t.level[2], &t.Severity, &t.Status, &t.OpenedAt, &t.DueAt,
		&t.Department, &t.CustomerID, &t.CustomerName, &t.PropertyLabel,
	}
}

func (t *ticketScan) finish(now time.Time) crm.TicketSummary {
	t.CategoryLabel = crm.Category{Level1: t.level[0], Level2: t.level[1], Level3: t.level[2]}.Label()
	t.Overdue = t.Status == "open" && t.DueAt != nil && t.DueAt.Before(now)
	return t.TicketSummary
}

func scanTicketSummary(now time.Time) pgx.RowToFunc[crm.TicketSummary] {
	return func(row pgx.CollectableRow) (crm.TicketSummary, error) {
		var t ticketScan
		if err := row.Scan(t.into()...); err != nil {
			return crm.TicketSummary{}, err
		}
		return t.finish(now), nil
	}
}

// Ticket returns one ticket.
func (s *Store) Ticket(ctx context.Context, id string) (crm.Ticket, error) {
	if !isUUID(id) {
		return crm.Ticket{}, fmt.Errorf("ticket: %w", crm.ErrNotFound)
	}
	return readTicket(ctx, s.pool, id, time.Now())
}

type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func readTicket(ctx context.Context, q querier, id string, now time.Time) (crm.Ticket, error) {
	var scan ticketScan
	var t crm.Ticket
	var dueOn, text *string
	err := q.QueryRow(ctx, sqlTicket, id).Scan(append(scan.into(), &t.Description, &t.CallID, &t.CreatedByName, &dueOn, &text, &t.Revision)...)
	if err != nil {
		return crm.Ticket{}, notFound("ticket", err)
	}
	t.TicketSummary = scan.finish(now)
	if dueOn != nil && text != nil {
		t.Promise = &crm.Promise{DueOn: *dueOn, Text: *text}
	}
	return t, nil
}

const sqlTicket = `select ` + ticketColumns + `,
       t.description, t.call_id, (select name from user_account where id = t.created_by),
       to_char(t.promise_due_on, 'YYYY-MM-DD'), t.promise_text, t.revision` + fromTicket + `where t.id = $1`

// Tickets returns a page of tickets, newest first, and the cursor of the page
// after it; the cursor is empty after the last.
func (s *Store) Tickets(ctx context.Context, f crm.TicketFilter) (items []crm.TicketSummary, next string, err error) {
	from, err := start(f.Cursor)
	if err != nil {
		return nil, "", err
	}
	size := pageSize(f.Limit)
	var rows pgx.Rows
	switch {
	case f.CustomerID == "":
		rows, err = s.pool.Query(ctx, sqlTickets, from.at, from.id, f.Status == "open", size+1)
	case !isUUID(f.CustomerID):
		return []crm.TicketSummary{}, "", nil
	default:
		rows, err = s.pool.Query(ctx, sqlCustomersTickets, from.at, from.id, f.Status == "open", size+1, f.CustomerID)
	}
	if err != nil {
		return nil, "", fmt.Errorf("read tickets: %w", err)
	}
	items, err = pgx.CollectRows(rows, scanTicketSummary(time.Now()))
	if err != nil {
		return nil, "", fmt.Errorf("read tickets: %w", err)
	}
	if len(items) > size {
		items = items[:size]
		last := items[size-1]
		next = position{last.OpenedAt, last.ID}.after()
	}
	return items, next, nil
}

const (
	ticketsPage = `where (t.opened_at, t.id) < ($1::timestamptz, $2::uuid) and (not $3::boolean or t.status = 'open') `
	ticketsEnd  = `order by t.opened_at desc, t.id desc limit $4`

	sqlTickets          = `select ` + ticketColumns + fromTicket + ticketsPage + ticketsEnd
	sqlCustomersTickets = `select ` + ticketColumns + fromTicket + ticketsPage + `and t.customer_id = $5 ` + ticketsEnd
)

// CallTickets are the tickets written about one call, oldest first.
func (s *Store) CallTickets(ctx context.Context, callID string) ([]crm.TicketSummary, error) {
	if !isUUID(callID) {
		return []crm.TicketSummary{}, nil
	}
	rows, err := s.pool.Query(ctx, sqlCallTickets, callID)
	if err != nil {
		return nil, fmt.Errorf("read the call's tickets: %w", err)
	}
	tickets, err := pgx.CollectRows(rows, scanTicketSummary(time.Now()))
	if err != nil {
		return nil, fmt.Errorf("read the call's tickets: %w", err)
	}
	return tickets, nil
}

const sqlCallTickets = `select ` + ticketColumns + fromTicket + `where t.call_id = $1 order by t.number`

// Categories is the tree's leaves that are in use, in the tree's order.
func (s *Store) Categories(ctx context.Context) ([]crm.Category, error) {
	rows, err := s.pool.Query(ctx, sqlCategories)
	if err != nil {
		return nil, fmt.Errorf("read categories: %w", err)
	}
	categories, err := pgx.CollectRows(rows, pgx.RowToStructByPos[crm.Category])
	if err != nil {
		return nil, fmt.Errorf("read categories: %w", err)
	}
	return categories, nil
}

const sqlCategories = `
select code, type, level1, level2, level3, default_severity, default_department, emergency, warranty_key, en
from category where retired_at is null order by position`
