package crm

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// TicketFilter chooses tickets for a list, newest first.
type TicketFilter struct {
	Status     string // "open", or "all" (also when empty)
	CustomerID string // of this customer only
	Limit      int    // at most 200; 0 takes 50
	Cursor     string // of the page before; empty for the first
}

// Severity is from 1 (normal) to 4 (emergency).
type Severity int

// The severities.
const (
	Normal    Severity = 1
	Serious   Severity = 2
	Major     Severity = 3
	Emergency Severity = 4
)

// Category is one leaf of the category tree. Codes are never used again for
// something else, only retired.
type Category struct {
	Code              string   `json:"code"`
	Type              string   `json:"type"`
	Level1            string   `json:"level1"`
	Level2            string   `json:"level2"`
	Level3            string   `json:"level3"`
	DefaultSeverity   Severity `json:"default_severity"`
	DefaultDepartment string   `json:"default_department"`
	Emergency         bool     `json:"emergency"`
	WarrantyKey       string   `json:"warranty_key"`
	En                string   `json:"en"`
}

// Label is how a category is called in lists: its two lower levels.
func (c Category) Label() string {
	parts := []string{}
	for _, p := range []string{c.Level1, c.Level2, c.Level3} {
		if p != "" && (len(parts) == 0 || parts[len(parts)-1] != p) {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, "·")
}

// Promise is what a customer was told would be done, and by when.
type Promise struct {
	DueOn string `json:"due_on" format:"date" doc:"Day by which it was promised, in the hotline's zone"`
	Text  string `json:"text" minLength:"1" maxLength:"200"`
}

// NewTicket is what an agent writes down.
type NewTicket struct {
	CallID      string   `json:"call_id,omitempty"`
	CustomerID  string   `json:"customer_id,omitempty"`
	PropertyID  string   `json:"property_id,omitempty"`
	Category    string   `json:"category"`
	Severity    Severity `json:"severity,omitempty"` // 0 takes the category's
	Description string   `json:"description"`
	Promise     *Promise `json:"promise,omitempty"`
}

// TicketSummary is a ticket as lists show it.
type TicketSummary struct {
	ID            string     `json:"id"`
	Number        int64      `json:"number"`
	Category      string     `json:"category"`
	CategoryLabel string     `json:"category_label"`
	Type          string     `json:"type"`
	Severity      Severity   `json:"severity"`
	Status        string     `json:"status" enum:"open,closed"`
	OpenedAt      time.Time  `json:"opened_at"`
	DueAt         *time.Time `json:"due_at"`
	Overdue       bool       `json:"overdue"`
	Department    string     `json:"department"`
	CustomerID    *string    `json:"customer_id"`
	CustomerName  *string    `json:"customer_name"`
	PropertyLabel *string    `json:"property_label"`
}

// Ticket is a whole ticket.
type Ticket struct {
	TicketSummary
	Description   string   `json:"description"`
	CallID        *string  `json:"call_id"`
	CreatedByName string   `json:"created_by_name"`
	Promise       *Promise `json:"promise"`
	Revision      int      `json:"revision"`
}

// FieldError is one fault of one field of an input.
type FieldError struct {
	Field  string // as in the JSON
	Reason string // one of the reasons below, translated at the edge
}

// Reasons of field errors.
const (
	ReasonUnknown  = "unknown"   // names nothing that exists
	ReasonPast     = "past"      // a day before today
	ReasonNotADay  = "not_a_day" // not YYYY-MM-DD
	ReasonEmpty    = "empty"
	ReasonMismatch = "mismatch" // the property is not the customer's
	ReasonTooLong  = "too_long"
)

// InvalidInput is every fault of an input at once.
type InvalidInput []FieldError

func (e InvalidInput) Error() string {
	parts := make([]string, len(e))
	for i, f := range e {
		parts[i] = f.Field + " " + f.Reason
	}
	return "invalid input: " + strings.Join(parts, ", ")
}

// Check finds every fault that can be seen without a store. today is the day in
// the hotline's zone.
func (t NewTicket) Check(today time.Time) error {
	var faults InvalidInput
	switch {
	case strings.TrimSpace(t.Description) == "":
		faults = append(faults, FieldError{"description", ReasonEmpty})
	case utf8.RuneCountInString(t.Description) > 4000:
		faults = append(faults, FieldError{"description", ReasonTooLong})
	}
	if t.Promise != nil {
		due, err := time.Parse(time.DateOnly, t.Promise.DueOn)
		switch {
		case err != nil:
			faults = append(faults, FieldError{"promise.due_on", ReasonNotADay})
		case due.Format(time.DateOnly) < today.Format(time.DateOnly):
			faults = append(faults, FieldError{"promise.due_on", ReasonPast})
		}
		switch {
		case strings.TrimSpace(t.Promise.Text) == "":
			faults = append(faults, FieldError{"promise.text", ReasonEmpty})
		case utf8.RuneCountInString(t.Promise.Text) > 200:
			faults = append(faults, FieldError{"promise.text", ReasonTooLong})
		}
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

// AsInvalidInput unpacks an InvalidInput from an error chain.
func AsInvalidInput(err error) (InvalidInput, bool) {
	var e InvalidInput
	ok := errors.As(err, &e)
	return e, ok
}

// FirstAnswer is how long after its opening a ticket's first answer is due.
// It is the response norm by severity, on a clock that never stops; clocks that
// run in working hours come with the calendar.
func FirstAnswer(s Severity) (time.Duration, error) {
	switch s {
	case Emergency:
		return 30 * time.Minute, nil
	case Major:
		return 2 * time.Hour, nil
	case Serious:
		return 24 * time.Hour, nil
	case Normal:
		return 72 * time.Hour, nil
	}
	return 0, fmt.Errorf("severity %d is not known", s)
}
