package pg

import (
	"context"
	"fmt"

	"hotline/crm"
)

// Identify tells who may be calling from a number: how many customers have it,
// and the customer's id when it is exactly one.
func (s *Store) Identify(ctx context.Context, number string) (customer string, matches int, err error) {
	key := crm.ParseNumber(number, s.areaCode).Key
	if key == "" {
		return "", 0, nil
	}
	if err := s.pool.QueryRow(ctx, sqlIdentify, key).Scan(&matches, &customer); err != nil {
		return "", 0, fmt.Errorf("look a number up: %w", err)
	}
	if matches != 1 {
		customer = ""
	}
	return customer, matches, nil
}

const sqlIdentify = `
select count(distinct customer_id), coalesce(min(customer_id::text), '') from customer_phone where key = $1`

// RevealNumber returns a caller's full number and writes down who asked and
// why, both or neither.
func (s *Store) RevealNumber(ctx context.Context, userID, callID, reason string) (string, error) {
	if !isUUID(callID) {
		return "", fmt.Errorf("call: %w", crm.ErrNotFound)
	}
	var number string
	if err := s.pool.QueryRow(ctx, sqlRevealNumber, userID, callID, reason).Scan(&number); err != nil {
		return "", notFound("call", err)
	}
	return number, nil
}

const sqlRevealNumber = `
with shown as (
    select id, caller from call where id = $2
), audited as (
    insert into audit_event (user_id, action, object, reason)
    select $1, 'number.reveal', 'call/' || id, $3 from shown
)
select caller from shown`
