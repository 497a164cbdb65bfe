package ari

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

const (
	channelFixture = `{"id":"leg-1","protocol_id":"call-id-1@127.0.0.1","name":"PJSIP/trunk-00000001","state":"Up",` +
		`"caller":{"name":"","number":"02087654321"},"connected":{"name":"Agent","number":"1001"},"accountcode":"",` +
		`"dialplan":{"context":"from-trunk","exten":"4008001234","priority":2,"app_name":"Stasis","app_data":"hotline,main"},` +
		`"creationtime":"2026-11-24T13:32:31.954+0000","language":"zh","channelvars":{"CALL":"c1"},"caller_rdnis":"","tenantid":"t"}`
	bridgeFixture = `{"id":"br-1","technology":"simple_bridge","bridge_type":"mixing","bridge_class":"stasis","creator":"Stasis",` +
		`"name":"talk","channels":["leg-1"],"creationtime":"2026-11-24T13:32:32.659+0000","video_mode":"none"}`
	endpointFixture  = `{"technology":"PJSIP","resource":"1001","state":"online","channel_ids":["leg-2"]}`
	playbackFixture  = `{"id":"p","media_uri":"sound:a","next_media_uri":"sound:b","target_uri":"channel:leg-1","language":"zh","state":"playing"}`
	recordingFixture = `{"name":"d/n","format":"wav","target_uri":"bridge:br-1","state":"done","duration":12,"cause":"x"}`
)

// fixtures holds the fields that each type adds to the header, named as in
// Asterisk's description.
var fixtures = map[string]string{
	"ApplicationReplaced":      ``,
	"ApplicationRegistered":    ``,
	"ApplicationUnregistered":  ``,
	"ApplicationMoveFailed":    `"channel":CH,"destination":"other","args":["a"]`,
	"StasisStart":              `"args":["main","x"],"channel":CH,"replace_channel":CH`,
	"StasisEnd":                `"channel":CH`,
	"ChannelCreated":           `"channel":CH`,
	"ChannelStateChange":       `"channel":CH`,
	"ChannelDestroyed":         `"cause":16,"cause_txt":"Normal Clearing","tech_cause":200,"channel":CH`,
	"ChannelHangupRequest":     `"cause":16,"tech_cause":487,"soft":true,"channel":CH`,
	"ChannelDialplan":          `"channel":CH,"dialplan_app":"Playback","dialplan_app_data":"x"`,
	"ChannelVarset":            `"variable":"V","value":"1","channel":CH`,
	"ChannelCallerId":          `"caller_presentation":32,"caller_presentation_txt":"prohibited","channel":CH`,
	"ChannelConnectedLine":     `"channel":CH`,
	"ChannelDtmfReceived":      `"digit":"5","duration_ms":120,"channel":CH`,
	"ChannelHold":              `"channel":CH,"musicclass":"default"`,
	"ChannelUnhold":            `"channel":CH`,
	"ChannelTalkingStarted":    `"channel":CH`,
	"ChannelTalkingFinished":   `"channel":CH,"duration":900`,
	"ChannelToneDetected":      `"channel":CH`,
	"ChannelUserevent":         `"eventname":"E","channel":CH,"bridge":BR,"endpoint":EP,"userevent":{"eventname":"E","k":1}`,
	"ChannelTransfer":          `"state":"x","refer_to":{"requested_destination":{"protocol_id":"q","destination":"1002"},"destination_channel":CH,"connected_channel":CH,"bridge":BR},"referred_by":{"source_channel":CH,"connected_channel":CH,"bridge":BR}`,
	"ChannelEnteredBridge":     `"bridge":BR,"channel":CH`,
	"ChannelLeftBridge":        `"bridge":BR,"channel":CH`,
	"Dial":                     `"caller":CH,"peer":CH,"dialstring":"1001","dialstatus":"ANSWER","forward":"f","forwarded":CH`,
	"BridgeCreated":            `"bridge":BR`,
	"BridgeDestroyed":          `"bridge":BR`,
	"BridgeMerged":             `"bridge":BR,"bridge_from":BR`,
	"BridgeVideoSourceChanged": `"bridge":BR,"old_video_source_id":"o"`,
	"BridgeBlindTransfer":      `"channel":CH,"replace_channel":CH,"transferee":CH,"exten":"1002","context":"c","result":"Success","is_external":true,"bridge":BR`,
	"BridgeAttendedTransfer": `"transferer_first_leg":CH,"transferer_second_leg":CH,"replace_channel":CH,"transferee":CH,"transfer_target":CH,` +
		`"result":"Success","is_external":true,"transferer_first_leg_bridge":BR,"transferer_second_leg_bridge":BR,"destination_type":"bridge",` +
		`"destination_bridge":"b","destination_application":"a","destination_link_first_leg":CH,"destination_link_second_leg":CH,` +
		`"destination_threeway_channel":CH,"destination_threeway_bridge":BR`,
	"PlaybackStarted":     `"playback":PB`,
	"PlaybackContinuing":  `"playback":PB`,
	"PlaybackFinished":    `"playback":PB`,
	"RecordingStarted":    `"recording":RC`,
	"RecordingFinished":   `"recording":RC`,
	"RecordingFailed":     `"recording":RC`,
	"DeviceStateChanged":  `"device_state":{"name":"PJSIP/1001","state":"INUSE"}`,
	"EndpointStateChange": `"endpoint":EP`,
	"ContactStatusChange": `"endpoint":EP,"contact_info":{"uri":"sip:1001@127.0.0.1","contact_status":"Reachable","aor":"1001","roundtrip_usec":"900"}`,
	"PeerStatusChange":    `"endpoint":EP,"peer":{"peer_status":"Reachable","cause":"c","address":"127.0.0.1","port":"5060","time":"1"}`,
	"TextMessageReceived": `"message":{"from":"a","to":"b","body":"c"},"endpoint":EP`,
	"CallBroadcast":       `"channel":CH,"caller":"a","called":"b"`,
	"CallClaimed":         `"channel":CH,"winner_app":"w"`,
}

func frame(kind, fields string) []byte {
	if fields != "" {
		fields = "," + strings.NewReplacer("CH", channelFixture, "BR", bridgeFixture, "EP", endpointFixture,
			"PB", playbackFixture, "RC", recordingFixture).Replace(fields)
	}
	return []byte(`{"type":"` + kind + `","application":"hotline","timestamp":"2026-11-24T13:32:34.571+0000","asterisk_id":"02:fc"` + fields + `}`)
}

// Every type is decoded into its own struct and no field of it stays empty:
// a wrong name in a tag would leave one so.
func TestDecodeEveryType(t *testing.T) {
	for kind := range eventTypes {
		if _, ok := fixtures[kind]; !ok {
			t.Errorf("no fixture for %s", kind)
		}
	}
	for kind, fields := range fixtures {
		event := DecodeEvent(frame(kind, fields))
		if u, ok := event.(*UnknownEvent); ok {
			t.Errorf("%s is unknown: %v", kind, u.Err)
			continue
		}
		h := event.Header()
		want := EventHeader{kind, "hotline", time.Date(2026, 11, 24, 13, 32, 34, 571e6, time.UTC), "02:fc"}
		if !h.Timestamp.Equal(want.Timestamp) || h.Type != want.Type || h.Application != want.Application || h.AsteriskID != want.AsteriskID {
			t.Errorf("%s has header %+v", kind, h)
		}
		v := reflect.ValueOf(event).Elem()
		for i := range v.NumField() {
			requireFilled(t, kind+"."+v.Type().Field(i).Name, v.Field(i))
		}
		wantName := kind
		switch kind {
		case "Dial":
			wantName = "DialEvent"
		case "ChannelCallerId":
			wantName = "ChannelCallerID"
		}
		if v.Type().Name() != wantName {
			t.Errorf("%s became %s", kind, v.Type())
		}
	}
}

// requireFilled looks into the package's own event structs, not into the
// channel, bridge and so on, whose fields may be empty.
func requireFilled(t *testing.T, name string, v reflect.Value) {
	t.Helper()
	if v.IsZero() {
		t.Errorf("%s is empty", name)
		return
	}
	switch v.Type() {
	case reflect.TypeFor[ReferTo](), reflect.TypeFor[ReferredBy](), reflect.TypeFor[RequestedDestination](),
		reflect.TypeFor[ContactInfo](), reflect.TypeFor[Peer](), reflect.TypeFor[TextMessage](), reflect.TypeFor[DeviceState](),
		reflect.TypeFor[Playback](), reflect.TypeFor[Endpoint]():
		for i := range v.NumField() {
			requireFilled(t, name+"."+v.Type().Field(i).Name, v.Field(i))
		}
	}
}

func TestDecodeOddFrames(t *testing.T) {
	for name, tt := range map[string]struct {
		raw     string
		kind    string
		withErr bool
	}{
		"new type":         {string(frame("ChannelSings", `"song":{}`)), "ChannelSings", false},
		"known, malformed": {`{"type":"StasisStart","channel":7}`, "StasisStart", true},
		"no type":          {`{"error":"x"}`, "", true},
		"not json":         {`{{`, "", true},
		"empty":            {``, "", true},
		"list":             {`[]`, "", true},
	} {
		event, ok := DecodeEvent([]byte(tt.raw)).(*UnknownEvent)
		if !ok {
			t.Errorf("%s: not unknown", name)
			continue
		}
		if event.Type != tt.kind || string(event.Raw) != tt.raw || (event.Err != nil) != tt.withErr {
			t.Errorf("%s: %+v", name, event)
		}
	}
	odd := DecodeEvent([]byte(`{"type":"StasisEnd","timestamp":"yesterday","channel":{"id":"a","creationtime":5}}`))
	if e, ok := odd.(*StasisEnd); !ok || !e.Timestamp.IsZero() || e.Channel.ID != "a" {
		t.Errorf("a time that cannot be read cost the event: %+v", odd)
	}
}

func FuzzDecodeEvent(f *testing.F) {
	for kind, fields := range fixtures {
		f.Add(frame(kind, fields))
	}
	f.Add([]byte(`{"type":"StasisStart","channel":null,"args":null}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		event := DecodeEvent(raw)
		if event == nil || event.Header() == nil {
			t.Fatal("no event")
		}
		if u, ok := event.(*UnknownEvent); ok {
			if string(u.Raw) != string(raw) {
				t.Error("raw frame was changed")
			}
			return
		}
		if !json.Valid(raw) {
			t.Errorf("%T from a frame that is not json", event)
		}
		if _, known := eventTypes[event.Header().Type]; !known {
			t.Errorf("%T has type %q", event, event.Header().Type)
		}
	})
}
