package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/agent"
	"hotline/ari/call"
	"hotline/crm"
)

// CallDetail is one call with its log, tickets and note.
type CallDetail struct {
	crm.CallSummary
	Events  []CallEvent         `json:"events"`
	Tickets []crm.TicketSummary `json:"tickets"`
	Note    *crm.Note           `json:"note"`
}

// CallEvent is one line of a call's log.
type CallEvent struct {
	Seq     int64     `json:"seq"`
	At      time.Time `json:"at"`
	Type    string    `json:"type"`
	Summary string    `json:"summary" doc:"A sentence; no numbers, no names"`
}

type (
	// CallPath is exported, as all embedded parts of inputs are: huma reads no others.
	CallPath struct {
		ID string `path:"id" format:"uuid"`
	}
	attemptInput struct {
		CallPath
		Body struct {
			Attempt int `json:"attempt" minimum:"1" doc:"Number of the offer, as the desk shows it"`
		}
	}
	callsInput struct {
		Limit   int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
		Cursor  string `query:"cursor" maxLength:"200" doc:"next of the page before"`
		Outcome string `query:"outcome" maxLength:"32" doc:"Only calls of this outcome"`
	}
	revealInput struct {
		CallPath
		Body struct {
			Reason string `json:"reason" minLength:"3" maxLength:"200" doc:"Kept with the user's name"`
		}
	}
	noteInput struct {
		CallPath
		Body struct {
			Text     string `json:"text" maxLength:"4000"`
			Revision int    `json:"revision" minimum:"0" doc:"The last one that the page has seen, 0 before the first"`
		}
	}
	callsOutput struct {
		Body struct {
			Items []crm.CallSummary `json:"items"`
			Next  *string           `json:"next" doc:"Cursor of the next page; null on the last one"`
		}
	}
	callOutput   struct{ Body CallDetail }
	popOutput    struct{ Body crm.Pop }
	revealOutput struct {
		Body struct {
			Number string `json:"number"`
		}
	}
	noteOutput struct {
		Body struct {
			Revision int        `json:"revision"`
			SavedAt  *time.Time `json:"saved_at"`
		}
	}
)

func (s *Server) callRoutes() {
	register(s, CallRead, huma.Operation{
		OperationID: "list-calls", Method: http.MethodGet, Path: "/calls", Tags: []string{"calls"},
		Summary: "Calls, newest first", Description: "Own calls; all calls with call:read-all.",
	}, s.listCalls)
	register(s, CallRead, huma.Operation{
		OperationID: "get-call", Method: http.MethodGet, Path: "/calls/{id}", Tags: []string{"calls"},
		Summary: "One call with its log", Description: "A call that the user may not see is not found.",
		Errors: []int{http.StatusNotFound},
	}, s.getCall)
	register(s, CustomerRead, huma.Operation{
		OperationID: "get-call-pop", Method: http.MethodGet, Path: "/calls/{id}/pop", Tags: []string{"calls"},
		Summary: "Who is calling, and what is open", Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *CallPath) (*popOutput, error) {
		if _, err := s.visible(ctx, in.ID); err != nil {
			return nil, err
		}
		pop, err := s.Calls.Pop(ctx, in.ID)
		return &popOutput{Body: pop}, err
	})

	action := func(id, path, summary string, status int) huma.Operation {
		return huma.Operation{
			OperationID: id, Method: http.MethodPost, Path: "/calls/{id}/actions/" + path, Tags: []string{"calls"},
			Summary: summary, DefaultStatus: status, Errors: []int{http.StatusNotFound, http.StatusConflict},
		}
	}
	register(s, DeskUse, action("call-pop-shown", "pop-shown", "The caller's record is on the screen: the phone may ring", http.StatusNoContent),
		func(ctx context.Context, in *attemptInput) (*struct{}, error) {
			return nil, s.tellOffer(ctx, in.ID, in.Body.Attempt, call.PopShown{Attempt: in.Body.Attempt})
		})
	register(s, DeskUse, action("call-reject", "reject", "Refuse the offer", http.StatusAccepted),
		func(ctx context.Context, in *attemptInput) (*struct{}, error) {
			return nil, s.tellOffer(ctx, in.ID, in.Body.Attempt, call.AgentRejected{Attempt: in.Body.Attempt})
		})
	own := func(id, path, summary, description string, ask func(agent.Agent) (call.Event, error)) {
		op := action(id, path, summary, http.StatusAccepted)
		op.Description = description
		register(s, DeskUse, op, func(ctx context.Context, in *CallPath) (*struct{}, error) {
			return nil, s.tellOwn(ctx, in.ID, ask)
		})
	}
	own("call-hang-up", "hang-up", "End the conversation", "", func(a agent.Agent) (call.Event, error) {
		return call.HangUpAsked{Agent: a.ID}, nil
	})
	own("call-hold", "hold", "Put the customer on hold", "The customer hears music. Nothing changes when they do already.",
		func(a agent.Agent) (call.Event, error) { return call.HoldAsked{Agent: a.ID}, nil })
	own("call-retrieve", "retrieve", "Bring the customer back from hold", "Nothing changes when they are not on hold.",
		func(a agent.Agent) (call.Event, error) { return call.RetrieveAsked{Agent: a.ID}, nil })
	own("call-recall", "recall", "Ring the agent again, whose page has lost the voice",
		"For the browser's phone after a reload: the customer waits with music, the same agent is rung, and a customer on hold is retrieved by it.",
		func(a agent.Agent) (call.Event, error) {
			if a.Device != agent.Browser {
				return nil, agent.ErrNotNow
			}
			return call.RecallAsked{Agent: a.ID}, nil
		})
	register(s, NumberReveal, action("call-reveal-number", "reveal-number", "The caller's full number", http.StatusOK),
		func(ctx context.Context, in *revealInput) (*revealOutput, error) {
			if _, err := s.visible(ctx, in.ID); err != nil {
				return nil, err
			}
			reason := strings.TrimSpace(in.Body.Reason)
			if len([]rune(reason)) < 3 {
				return nil, crm.InvalidInput{{Field: "reason", Reason: crm.ReasonEmpty}}
			}
			number, err := s.Calls.RevealNumber(ctx, user(ctx).ID, in.ID, reason)
			out := &revealOutput{}
			out.Body.Number = number
			return out, err
		})
	register(s, DeskUse, huma.Operation{
		OperationID: "save-call-note", Method: http.MethodPut, Path: "/calls/{id}/note", Tags: []string{"calls"},
		Summary: "Save the running note", Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.saveNote)
}

func (s *Server) listCalls(ctx context.Context, in *callsInput) (*callsOutput, error) {
	u := user(ctx)
	filter := crm.CallFilter{Outcome: in.Outcome, Limit: in.Limit, Cursor: in.Cursor}
	if !may(u, CallReadAll) {
		filter.AgentID = u.ID
	}
	items, next, err := s.Calls.Calls(ctx, filter)
	if err != nil {
		return nil, err
	}
	out := &callsOutput{}
	out.Body.Items, out.Body.Next = list(items), given(next)
	return out, nil
}

// list is never null in JSON.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// visible returns a call that the user may see: with call:read-all, as its
// agent, or because it binds them now. Any other one is not found, so that ids
// cannot be probed.
func (s *Server) visible(ctx context.Context, id string) (crm.Call, error) {
	u := user(ctx)
	c, err := s.Calls.Call(ctx, id)
	if err != nil {
		return crm.Call{}, err
	}
	if may(u, CallReadAll) || (c.AgentID != nil && *c.AgentID == u.ID) {
		return c, nil
	}
	bound, err := s.bound(ctx, id)
	if err != nil {
		return crm.Call{}, err
	}
	if !bound {
		return crm.Call{}, crm.ErrNotFound
	}
	return c, nil
}

// bound tells whether the call binds the user now, as an offer, a conversation
// or its wrap-up.
func (s *Server) bound(ctx context.Context, id string) (bool, error) {
	u := user(ctx)
	if u.Extension == "" {
		return false, nil
	}
	a, err := s.Floor.Agent(ctx, u.ID)
	if err != nil {
		return false, fmt.Errorf("read the agent: %w", err)
	}
	return a.Call == id, nil
}

func (s *Server) getCall(ctx context.Context, in *CallPath) (*callOutput, error) {
	c, err := s.visible(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	lines, err := s.Calls.CallLog(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	tickets, err := s.Tickets.CallTickets(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	note, err := s.Calls.Note(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	detail := CallDetail{CallSummary: c.CallSummary, Events: make([]CallEvent, len(lines)), Tickets: list(tickets)}
	detail.TicketNumbers = list(detail.TicketNumbers)
	if note.Revision > 0 {
		detail.Note = &note
	}
	lang := languageOf(ctx)
	for i, l := range lines {
		detail.Events[i] = CallEvent{Seq: l.Seq, At: l.At, Type: l.Type, Summary: eventSummary(l).in(lang)}
	}
	return &callOutput{Body: detail}, nil
}

// tellOffer passes on what the agent did about an offer, if it is theirs.
func (s *Server) tellOffer(ctx context.Context, id string, attempt int, e call.Event) error {
	a, err := s.Floor.Agent(ctx, user(ctx).ID)
	if err != nil {
		return fmt.Errorf("read the agent: %w", err)
	}
	if a.Call != id || a.Attempt != attempt || (a.State != agent.Reserved && a.State != agent.Ringing) {
		return errNotYourCall
	}
	return s.tell(ctx, id, e)
}

// tellOwn passes on what the agent wants of their own conversation. The floor
// keeps an agent as talking while their lost leg is rung again, so these reach
// such a call too.
func (s *Server) tellOwn(ctx context.Context, id string, ask func(agent.Agent) (call.Event, error)) error {
	a, err := s.Floor.Agent(ctx, user(ctx).ID)
	if err != nil {
		return fmt.Errorf("read the agent: %w", err)
	}
	if a.Call != id || a.State != agent.Talking {
		return errNotYourCall
	}
	e, err := ask(a)
	if err != nil {
		return err
	}
	return s.tell(ctx, id, e)
}

// tell sends an event to the controller that owns the call.
func (s *Server) tell(ctx context.Context, id string, e call.Event) error {
	c, err := s.Calls.Call(ctx, id)
	if err != nil {
		return err
	}
	if err := s.Floor.Tell(ctx, c.Slot, id, e); err != nil {
		return fmt.Errorf("tell the controller: %w", err)
	}
	return nil
}

// saveNote keeps what an agent writes about their own call, during it and as
// long after as they like.
func (s *Server) saveNote(ctx context.Context, in *noteInput) (*noteOutput, error) {
	u := user(ctx)
	c, err := s.visible(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if c.AgentID == nil || *c.AgentID != u.ID {
		bound, err := s.bound(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		if !bound {
			return nil, errNotYourCall
		}
	}
	note, err := s.Calls.SaveNote(ctx, u.ID, in.ID, in.Body.Text, in.Body.Revision)
	if err != nil {
		if !errors.Is(err, crm.ErrStale) {
			err = fmt.Errorf("save the note: %w", err)
		}
		return nil, err
	}
	out := &noteOutput{}
	out.Body.Revision, out.Body.SavedAt = note.Revision, note.SavedAt
	return out, nil
}
