package control

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/ari"
	"hotline/ari/call"
)

type legOfCall = leg

const id = "01a20de2-4250-7703-ab39-87974248696f"

func channel(id, state string) ari.Channel { return ari.Channel{ID: id, State: state} }

func TestTranslate(t *testing.T) {
	leg, second := id+"-a2", leg{attempt: 2}
	tests := []struct {
		name     string
		in       ari.Event
		resource string
		want     told
	}{
		{"a leg enters", &ari.StasisStart{Channel: channel(leg, ari.StateDown)}, leg, told{legEntered: leg, leg: second}},
		{"a leg rings", &ari.ChannelStateChange{Channel: channel(leg, ari.StateRinging)}, leg, told{event: call.AgentRinging{Attempt: 2}}},
		{"a leg is answered", &ari.ChannelStateChange{Channel: channel(leg, ari.StateUp)}, leg, told{event: call.AgentAnswered{Attempt: 2}}},
		{"a dial fails", &ari.ChannelDestroyed{Channel: channel(leg, ""), Cause: 17}, leg, told{event: call.AgentLegEnded{Attempt: 2, Cause: call.LegRejected}}},
		{"a leg leaves", &ari.StasisEnd{Channel: channel(leg, "")}, leg, told{legLeft: true, leg: second}},
		{"a leg rang out", &ari.ChannelDestroyed{Channel: channel(leg, ""), Cause: 19}, leg, told{event: call.AgentLegEnded{Attempt: 2, Cause: call.LegNoAnswer}}},
		{"a leg rung again is answered", &ari.ChannelStateChange{Channel: channel(leg+"r3", ari.StateUp)}, leg + "r3", told{event: call.AgentAnswered{Attempt: 2, Ring: 3}}},
		{"a leg's media stopped", &ari.ChannelDestroyed{Channel: channel(leg, ""), Cause: 44}, leg, told{event: call.AgentLegEnded{Attempt: 2, Cause: call.LegLost}}},
		{"the caller leaves", &ari.StasisEnd{Channel: channel("hotline-1.1", "")}, "hotline-1.1", told{event: call.CallerGone{}}},
		{"a key", &ari.ChannelDtmfReceived{Channel: channel("hotline-1.1", ""), Digit: "9"}, "hotline-1.1", told{event: call.Digit{Key: "9"}}},
		{"a prompt ends", &ari.PlaybackFinished{Playback: ari.Playback{ID: id + "-p1"}}, id + "-p1", told{event: call.PromptEnded{Playback: id + "-p1"}}},
		{"a message ends", &ari.RecordingFinished{Recording: ari.LiveRecording{Name: id + "/message", Duration: 7}}, id + "/message", told{event: call.MessageRecorded{Length: 7 * time.Second}}},
		{"a message fails", &ari.RecordingFailed{Recording: ari.LiveRecording{Name: id + "/message"}}, id + "/message", told{event: call.MessageRecorded{}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resource, got, ok := translate(tt.in)
			if !ok || resource != tt.resource {
				t.Fatalf("about %q, understood %t", resource, ok)
			}
			if d := cmp.Diff(tt.want, got, cmp.AllowUnexported(told{}, legOfCall{})); d != "" {
				t.Error(d)
			}
		})
	}
	for _, nothing := range []ari.Event{
		&ari.StasisStart{Channel: channel("hotline-1.1", ari.StateRing)},
		&ari.ChannelStateChange{Channel: channel("hotline-1.1", ari.StateUp)},
		&ari.RecordingFinished{Recording: ari.LiveRecording{Name: id + "/talk-1"}},
		&ari.UnknownEvent{},
	} {
		if _, got, ok := translate(nothing); ok {
			t.Errorf("%T means %+v", nothing, got)
		}
	}
}

func TestNamesOfOthersAreNotOurs(t *testing.T) {
	for _, name := range []string{"", "hotline-1732450000.12", id, id + "-", "PJSIP/1001-00000001", "0123456789012345678901234567890123456-a1", id + "x-a1"} {
		if got, ok := callOf(name); ok {
			t.Errorf("%q is taken for a resource of call %q", name, got)
		}
	}
	if _, _, ok := legOf(id + "-p1"); ok {
		t.Error("a playback is taken for a leg")
	}
}

func TestMissedIsWhatTheChannelsShow(t *testing.T) {
	s := call.State{ID: id, Channel: "caller", Phase: call.Ringing, Attempt: 1, LegAlive: true}
	leg, first := s.Leg(), leg{attempt: 1}
	tests := []struct {
		name     string
		channels map[string]ari.Channel
		want     []told
	}{
		{"nothing happened", map[string]ari.Channel{"caller": {}, leg: channel(leg, ari.StateRinging)}, nil},
		{"answered", map[string]ari.Channel{"caller": {}, leg: channel(leg, ari.StateUp)}, []told{{event: call.AgentAnswered{Attempt: 1}}}},
		{"made, not dialled", map[string]ari.Channel{"caller": {}, leg: channel(leg, ari.StateDown)}, []told{{legEntered: leg, leg: first}}},
		{"the leg is gone", map[string]ari.Channel{"caller": {}}, []told{{event: call.AgentLegEnded{Attempt: 1, Cause: call.LegHungUp}}}},
		{"all is gone", nil, []told{{event: call.AgentLegEnded{Attempt: 1, Cause: call.LegHungUp}}, {event: call.CallerGone{}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, missed(s, tt.channels), cmp.AllowUnexported(told{}, legOfCall{})); d != "" {
				t.Error(d)
			}
		})
	}
}
