package call

import "time"

// Plan is what happens to a caller of one dialled number, as data. A call keeps
// the plan that it started with: its first event carries it, so that a replay
// of the log needs nothing else.
//
// Prompts are keys of the prompt manifest (deploy/asterisk/prompts), not files:
// the shell turns them into media of the plan's language.
type Plan struct {
	ID       string   `json:"id"`
	Version  int      `json:"version"`
	Language string   `json:"language"` // "zh" or "en"
	Greeting []string `json:"greeting"`
	Menu     Menu     `json:"menu"`

	MaxWait  time.Duration `json:"max_wait"`  // in the queue; then voicemail
	PopGrace time.Duration `json:"pop_grace"` // how long the phone waits for the pop to be on the screen
	RingFor  time.Duration `json:"ring_for"`  // before the next agent is tried
	WrapUp   time.Duration `json:"wrap_up"`
	Recall   []string      `json:"recall"` // said when the agent's leg was lost and is being restored

	Unstaffed []string `json:"unstaffed"` // said when nobody is on duty, before voicemail
	TooLong   []string `json:"too_long"`  // said when MaxWait is over, before voicemail
	Voicemail Message  `json:"voicemail"`
	Survey    Survey   `json:"survey"`
	Goodbye   []string `json:"goodbye"`
}

// Menu is one level of keys. The national guideline for public hotlines advises
// against deep menus (GB/T 33358): one level, emergency first, a person at any time.
type Menu struct {
	Prompt  []string          `json:"prompt"`
	Invalid []string          `json:"invalid"` // said before the prompt after a wrong key
	Options map[string]Option `json:"options"` // by key
	Timeout time.Duration     `json:"timeout"` // after the prompt
	Tries   int               `json:"tries"`   // then Default is taken
	Default string            `json:"default"` // a key of Options
}

// Option is where a key leads.
type Option struct {
	Queue     string   `json:"queue"`
	Priority  int      `json:"priority"` // higher is served first
	Prompt    []string `json:"prompt"`   // said on entering the queue
	Emergency bool     `json:"emergency,omitempty"`
}

// Message bounds a voicemail.
type Message struct {
	Prompt     []string      `json:"prompt"`
	Thanks     []string      `json:"thanks"`
	MaxLength  time.Duration `json:"max_length"`
	MaxSilence time.Duration `json:"max_silence"`
}

// Survey is one question, answered by one key from 1 to Highest.
type Survey struct {
	Prompt  []string      `json:"prompt"`
	Thanks  []string      `json:"thanks"`
	Highest int           `json:"highest"`
	Timeout time.Duration `json:"timeout"` // after the prompt
	Tries   int           `json:"tries"`   // how often the question is asked
}

// Hotline is the after-sales hotline's plan in the given language.
func Hotline(id, language string) Plan {
	joined := []string{"joined"}
	return Plan{
		ID: id, Version: 1, Language: language,
		Greeting: []string{"greeting", "notice"},
		Menu: Menu{
			Prompt: []string{"menu"}, Invalid: []string{"invalid"},
			Options: map[string]Option{
				"9": {Queue: "emergency", Priority: 100, Prompt: []string{"emergency"}, Emergency: true},
				"1": {Queue: "consult", Prompt: joined},
				"2": {Queue: "complaint", Prompt: joined},
				"3": {Queue: "repair", Prompt: joined},
				"0": {Queue: "consult", Prompt: joined},
			},
			Timeout: 6 * time.Second, Tries: 2, Default: "0",
		},
		MaxWait: 10 * time.Minute, PopGrace: 400 * time.Millisecond, RingFor: 20 * time.Second, WrapUp: 60 * time.Second,
		Recall:    []string{"recall"},
		Unstaffed: []string{"unstaffed"}, TooLong: []string{"toolong"},
		Voicemail: Message{
			Prompt: []string{"voicemail"}, Thanks: []string{"voicemail-thanks"},
			MaxLength: 2 * time.Minute, MaxSilence: 6 * time.Second,
		},
		Survey: Survey{
			Prompt: []string{"survey"}, Thanks: []string{"thanks"},
			Highest: 5, Timeout: 6 * time.Second, Tries: 2,
		},
		Goodbye: []string{"goodbye"},
	}
}
