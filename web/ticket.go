package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/crm"
)

const maxKey = 200 // characters of an Idempotency-Key

type (
	categoriesBody struct {
		Items []crm.Category `json:"items"`
	}
	categoriesOutput struct {
		Status int
		ETag   string `header:"Etag"`
		Cache  string `header:"Cache-Control"`
		Body   categoriesBody
	}
	// Conditional is a request that needs no body when nothing has changed.
	Conditional struct {
		IfNoneMatch string `header:"If-None-Match" maxLength:"200"`
	}
	newTicketInput struct {
		Key  string `header:"Idempotency-Key" doc:"1 to 200 characters that the page makes up for this ticket and repeats in retries"`
		Body struct {
			CallID      string       `json:"call_id,omitempty" format:"uuid"`
			CustomerID  string       `json:"customer_id,omitempty" format:"uuid"`
			PropertyID  string       `json:"property_id,omitempty" format:"uuid"`
			Category    string       `json:"category" minLength:"1" maxLength:"64"`
			Severity    crm.Severity `json:"severity,omitempty" minimum:"1" maximum:"4" doc:"The category's when left out"`
			Description string       `json:"description" minLength:"1" maxLength:"4000"`
			Promise     *crm.Promise `json:"promise,omitempty"`
		}
	}
	ticketInput struct {
		Conditional
		ID string `path:"id" format:"uuid"`
	}
	ticketsInput struct {
		Status     string `query:"status" enum:"open,all" default:"open"`
		CustomerID string `query:"customer_id" format:"uuid"`
		Limit      int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
		Cursor     string `query:"cursor" maxLength:"200" doc:"next of the page before"`
	}
	ticketOutput struct {
		Status int
		ETag   string `header:"Etag"`
		Body   crm.Ticket
	}
	ticketsOutput struct {
		Body struct {
			Items []crm.TicketSummary `json:"items"`
			Next  *string             `json:"next" doc:"Cursor of the next page; null on the last one"`
		}
	}
)

func (s *Server) ticketRoutes() {
	register(s, TicketRead, huma.Operation{
		OperationID: "list-categories", Method: http.MethodGet, Path: "/categories", Tags: []string{"tickets"},
		Summary: "The category tree", Description: "Codes are never used again for something else.",
	}, s.listCategories)

	create := huma.Operation{
		OperationID: "create-ticket", Method: http.MethodPost, Path: "/tickets", Tags: []string{"tickets"},
		Summary:       "Write a ticket",
		Description:   "The same key with the same content answers with the same ticket and writes nothing.",
		DefaultStatus: http.StatusCreated, Errors: []int{http.StatusBadRequest, http.StatusUnprocessableEntity},
	}
	register(s, TicketWrite, create, s.createTicket)
	for _, p := range s.api.OpenAPI().Paths[prefix+create.Path].Post.Parameters {
		// Required in the description only: huma would answer 422 where 400 was promised.
		p.Required = p.Required || p.Name == "Idempotency-Key"
	}

	register(s, TicketRead, huma.Operation{
		OperationID: "list-tickets", Method: http.MethodGet, Path: "/tickets", Tags: []string{"tickets"},
		Summary: "Tickets, newest first",
	}, func(ctx context.Context, in *ticketsInput) (*ticketsOutput, error) {
		items, next, err := s.Tickets.Tickets(ctx, crm.TicketFilter{
			Status: in.Status, CustomerID: in.CustomerID, Limit: in.Limit, Cursor: in.Cursor,
		})
		if err != nil {
			return nil, err
		}
		out := &ticketsOutput{}
		out.Body.Items, out.Body.Next = list(items), given(next)
		return out, nil
	})
	register(s, TicketRead, huma.Operation{
		OperationID: "get-ticket", Method: http.MethodGet, Path: "/tickets/{id}", Tags: []string{"tickets"},
		Summary: "One ticket", Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *ticketInput) (*ticketOutput, error) {
		t, err := s.Tickets.Ticket(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		out := &ticketOutput{Status: http.StatusOK, ETag: ticketTag(t), Body: t}
		if matches(in.IfNoneMatch, out.ETag) {
			out.Status = http.StatusNotModified
		}
		return out, nil
	})
}

func ticketTag(t crm.Ticket) string {
	// Overdue changes with time alone.
	return fmt.Sprintf(`"%d-%t"`, t.Revision, t.Overdue)
}

// matches compares as If-None-Match does: weakly, with a list or a star.
func matches(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		one = strings.TrimPrefix(strings.TrimSpace(one), "W/")
		if one == tag || one == "*" {
			return true
		}
	}
	return false
}

func (s *Server) listCategories(ctx context.Context, in *Conditional) (*categoriesOutput, error) {
	items, err := s.Tickets.Categories(ctx)
	if err != nil {
		return nil, err
	}
	out := &categoriesOutput{Status: http.StatusOK, Cache: "private, no-cache", Body: categoriesBody{Items: list(items)}}
	data, err := json.Marshal(out.Body)
	if err != nil {
		return nil, fmt.Errorf("encode categories: %w", err)
	}
	sum := sha256.Sum256(data)
	out.ETag = `"` + hex.EncodeToString(sum[:8]) + `"`
	if matches(in.IfNoneMatch, out.ETag) {
		out.Status = http.StatusNotModified
	}
	return out, nil
}

func (s *Server) createTicket(ctx context.Context, in *newTicketInput) (*ticketOutput, error) {
	key := strings.TrimSpace(in.Key)
	if key == "" || len(key) > maxKey {
		return nil, errKeyMissing
	}
	b := in.Body
	if b.CallID != "" {
		_, err := s.visible(ctx, b.CallID)
		if errors.Is(err, crm.ErrNotFound) {
			return nil, crm.InvalidInput{{Field: "call_id", Reason: crm.ReasonUnknown}}
		}
		if err != nil {
			return nil, err
		}
	}
	t, err := s.Tickets.CreateTicket(ctx, user(ctx).ID, key, crm.NewTicket{
		CallID: b.CallID, CustomerID: b.CustomerID, PropertyID: b.PropertyID, Category: b.Category,
		Severity: b.Severity, Description: b.Description, Promise: b.Promise,
	}, time.Now())
	if err != nil {
		return nil, err
	}
	return &ticketOutput{Status: http.StatusCreated, ETag: ticketTag(t), Body: t}, nil
}

func statusText(status int) string { return strconv.Itoa(status) }
