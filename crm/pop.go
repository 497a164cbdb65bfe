package crm

import "time"

// Match tells how well a number names a customer.
type Match string

// The matches. Several is never decided by us: the agent sees the candidates
// with the reason for each.
const (
	MatchOne     Match = "one"
	MatchSeveral Match = "several"
	MatchNone    Match = "none"
)

// Pop is what an agent knows when the phone rings: who it is, what they own,
// what is open, what was promised.
type Pop struct {
	CallID       string          `json:"call_id"`
	NumberMasked string          `json:"number_masked"`
	NumberKind   NumberKind      `json:"number_kind" enum:"mobile,fixed,short,anonymous,other"`
	Match        Match           `json:"match" enum:"one,several,none"`
	Candidates   []Candidate     `json:"candidates"` // best first
	OpenTickets  []TicketSummary `json:"open_tickets"`
	RecentCalls  []CallSummary   `json:"recent_calls"`
	Promises     []PopPromise    `json:"promises"`
}

// Candidate is somebody who may be calling.
type Candidate struct {
	CustomerID string         `json:"customer_id"`
	Name       string         `json:"name"`
	Tier       *string        `json:"tier"` // of the club
	Tags       []string       `json:"tags"`
	Role       *string        `json:"role"`   // the strongest role in any home: owner, family, tenant
	Reason     string         `json:"reason"` // why this person, as a key: number, household
	Properties []PropertyLine `json:"properties"`
}

// PropertyLine is a home in one line.
type PropertyLine struct {
	ID          string  `json:"id"`
	Label       string  `json:"label"` // such as 云和府 3号楼1单元 1702
	Role        string  `json:"role" enum:"owner,family,tenant"`
	DeliveredOn *string `json:"delivered_on"`
	ContractNo  *string `json:"contract_no"`
}

// PopPromise is a promise of an open ticket.
type PopPromise struct {
	TicketID     string `json:"ticket_id"`
	TicketNumber int64  `json:"ticket_number"`
	Text         string `json:"text"`
	DueOn        string `json:"due_on"`
	Overdue      bool   `json:"overdue"`
}

// CallSummary is a call as lists show it.
type CallSummary struct {
	ID            string     `json:"id"`
	ArrivedAt     time.Time  `json:"arrived_at"`
	NumberMasked  string     `json:"number_masked"`
	CustomerName  *string    `json:"customer_name"`
	Queue         *string    `json:"queue"`
	QueueName     *string    `json:"queue_name"`
	MenuKey       *string    `json:"menu_key"`
	Outcome       string     `json:"outcome" doc:"in_progress, answered, abandoned, voicemail, menu_hangup, failed; more may come"`
	AgentID       *string    `json:"agent_id"`
	AgentName     *string    `json:"agent_name"`
	WaitSeconds   *float64   `json:"wait_seconds"`
	TalkSeconds   *float64   `json:"talk_seconds"`
	EndedAt       *time.Time `json:"ended_at"`
	Score         *int       `json:"score"`
	Recorded      bool       `json:"recorded"`
	TicketNumbers []int64    `json:"ticket_numbers"`
}

// CallFilter chooses calls for a list, newest first.
type CallFilter struct {
	AgentID string // calls that were offered to or answered by this agent
	Outcome string // as in CallSummary; empty for all
	Limit   int    // at most 200; 0 takes 50
	Cursor  string // of the page before; empty for the first
}

// Call is a conversation as the desk, the floor and the command handlers need
// it: where it stands now.
type Call struct {
	CallSummary
	Slot       int
	Called     string
	Phase      string // of ari/call
	Attempt    int
	CustomerID *string
	QueuedAt   *time.Time
	OfferedAt  *time.Time
	RungAt     *time.Time
	RingUntil  *time.Time
	AnsweredAt *time.Time
	HeldSince  *time.Time // nil while the customer is not on hold
	Why        *string    // the distributor's reason for the present offer, as stored (JSON)
}

// LogLine is one line of a call's log, for people.
type LogLine struct {
	Seq  int64     `json:"seq"`
	At   time.Time `json:"at"`
	Type string    `json:"type"`
	Data []byte    `json:"-"` // the event as stored; may hold personal data
}

// Note is an agent's running note on a call. A revision counts the saves.
type Note struct {
	Text     string     `json:"text"`
	Revision int        `json:"revision"`
	SavedAt  *time.Time `json:"saved_at"`
}

// Queue is one queue's name and target.
type Queue struct {
	ID            string
	NameZh        string
	NameEn        string
	TargetSeconds int // an answer within this counts for the service level
}

// Today is the day's figures, by the day on which a call entered its queue.
// Offered = Answered + Abandoned + Voicemail + still waiting or ringing.
type Today struct {
	Offered            int      `json:"offered"`
	Answered           int      `json:"answered"`
	Abandoned          int      `json:"abandoned"`
	ShortAbandoned     int      `json:"short_abandoned"` // of Abandoned: within 5 s
	Voicemail          int      `json:"voicemail"`
	AnsweredInTarget   int      `json:"answered_in_target"`
	TargetSeconds      int      `json:"target_seconds"`
	SLAll              *float64 `json:"sl_all"`    // answered in target ÷ (answered + abandoned)
	NSeconds           int      `json:"n_seconds"` // the N of the N秒接通率
	AnsweredInN        int      `json:"answered_in_n"`
	NSecondsRate       *float64 `json:"n_seconds_rate"` // answered in N ÷ (answered + abandoned)
	AverageWaitSeconds *float64 `json:"average_wait_seconds"`
	Survey             Survey   `json:"survey"`
}

// Survey is the day's satisfaction, with the numbers that a share needs to be honest.
type Survey struct {
	Offered  int      `json:"offered"`
	Answered int      `json:"answered"`
	Top2     int      `json:"top2"`
	Average  *float64 `json:"average"`
}
