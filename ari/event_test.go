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
	"ChannelTransfer":          `"state":"x","refer_to":{"requested_destination":{"protocol_id":"q","destination":"1002","additional_protocol_params":[{"parameter_name":"Replaces","parameter_value":"x"}]},"destination_channel":CH,"connected_channel":CH,"bridge":BR},"referred_by":{"source_channel":CH,"connected_channel":CH,"bridge":BR}`,
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
	"TextMessageReceived": `"message":{"from":"a","to":"b","body":"c","variables":[{"X":"1"}]},"endpoint":EP`,
	"CallBroadcast":       `"channel":CH,"caller":"a","called":"b"`,
	"CallClaimed":         `"channel":CH,"winner_app":"w"`,
	"MissingParams":       `"params":["app"]`,
	"RESTResponse": `"transaction_id":"t","request_id":"r","status_code":200,"reason_phrase":"OK","uri":"channels",` +
		`"content_type":"application/json","message_body":"[]"`,
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

// The decoder itself understands what Asterisk writes: otherwise it would only
// be a detour.
func TestDecoderTakesWhatAsteriskWrites(t *testing.T) {
	for kind, fields := range fixtures {
		d := decoder{s: string(frame(kind, fields))}
		if d.event() == nil {
			t.Errorf("%s: gave up at byte %d: …%.40s", kind, d.pos, d.s[min(d.pos, len(d.s)):])
		}
	}
}

// Frames at the edge of what the decoder accepts. Whether it takes them or
// leaves them to encoding/json, the event is the same.
var oddFrames = []string{
	`{"type":"StasisStart","channel":null,"args":null}`,
	` { "application" : "x" , "type" : "StasisEnd" , "channel" : { "id" : "a" , "dialplan" : { "priority" : -0 } } } `,
	`{"type":"StasisEnd","channel":{"id":"a\"\u00e9\ud83d\ude00\/","name":"\ud800"}}`,
	`{"type":"StasisEnd","channel":{"id":"王小明","name":"` + "\xff\xfe" + `"}}`,
	`{"type":"StasisEnd","TYPE":"StasisStart","channel":{"ID":"b"}}`,
	`{"type":"StasisEnd","type":"StasisStart"}`,
	`{"type":"StasisEnd","channel":{"id":"a","state":"Up"},"channel":{"id":"b"}}`,
	`{"type":"StasisStart","args":["a","b"],"args":[null]}`,
	`{"type":"StasisStart","args":["a",]}`,
	`{"type":"StasisStart","args":[1]}`,
	`{"type":"ChannelDestroyed","cause":16.0}`,
	`{"type":"ChannelDestroyed","cause":1e1}`,
	`{"type":"ChannelDestroyed","cause":016}`,
	`{"type":"ChannelDestroyed","cause":99999999999999999999}`,
	`{"type":"ChannelDestroyed","cause":null,"tech_cause":-7}`,
	`{"type":"ChannelHangupRequest","soft":tru}`,
	`{"type":"ChannelHangupRequest","soft":true,"cause":"16"}`,
	`{"type":"ChannelUserevent","userevent": {"a":[1.5e-3,true,false,null,"\u0001"]} }`,
	`{"type":"ChannelUserevent","userevent":null}`,
	`{"type":"ChannelUserevent","userevent":{"a":}}`,
	`{"type":"ChannelUserevent","userevent":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`,
	`{"type":"StasisEnd","channel":{"channelvars":{"A":"1","A":null,"b":"\n"},"creationtime":7}}`,
	`{"type":"StasisEnd","channel":{"channelvars":{"A":1}}}`,
	`{"type":"StasisEnd","channel":{"creationtime":"2026-02-30T13:32:31.954+0000"},"timestamp":"2026-11-24T13:32:34+08:00"}`,
	`{"type":"StasisEnd","timestamp":null}`,
	`{"type":"StasisEnd"} x`,
	`{"type":"StasisEnd",}`,
	`{"type":"StasisEnd" "channel":{}}`,
	`{"type":"ChannelTransfer","refer_to":{"requested_destination":{"additional_protocol_params":[null,{}]}}}`,
	`{"type":"ApplicationReplaced","song":{"a":"b"},"Song":1}`,
	"{\"type\":\"StasisEnd\",\"application\":\"a\tb\"}",
	`{"type":null}`,
	`{"type":{}}`,
	`{}`,
	`null`,
	`"`,
}

func TestDecodersAgree(t *testing.T) {
	for _, raw := range oddFrames {
		requireAgreement(t, []byte(raw))
	}
	// Every way in which a frame can be cut off.
	for kind, fields := range fixtures {
		whole := frame(kind, fields)
		for i := range whole {
			if _, ok := DecodeEvent(whole[:i]).(*UnknownEvent); !ok {
				t.Fatalf("%s cut off at byte %d was decoded", kind, i)
			}
		}
	}
}

// requireAgreement holds the decoder to what encoding/json makes of a frame.
func requireAgreement(t *testing.T, raw []byte) {
	t.Helper()
	got, want := DecodeEvent(raw), decodeOdd(raw)
	if u, ok := got.(*UnknownEvent); ok {
		w, ok := want.(*UnknownEvent)
		if !ok || string(u.Raw) != string(raw) || u.EventHeader != w.EventHeader || (u.Err == nil) != (w.Err == nil) {
			t.Errorf("%q: decoded %+v, by reflection %+v", raw, got, want)
		}
		return
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q: decoded %+v, by reflection %+v", raw, got, want)
	}
}

func FuzzDecodeEvent(f *testing.F) {
	for kind, fields := range fixtures {
		f.Add(frame(kind, fields))
	}
	for _, raw := range oddFrames {
		f.Add([]byte(raw))
	}
	for _, raw := range realFrames(f) {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		event := DecodeEvent(raw)
		if event == nil || event.Header() == nil {
			t.Fatal("no event")
		}
		if _, ok := event.(*UnknownEvent); !ok {
			if !json.Valid(raw) {
				t.Errorf("%T from a frame that is not json", event)
			}
			if _, known := eventTypes[event.Header().Type]; !known {
				t.Errorf("%T has type %q", event, event.Header().Type)
			}
		}
		requireAgreement(t, raw)
	})
}

// The exact form is read as time.Parse reads it.
func FuzzParseTime(f *testing.F) {
	for _, s := range []string{
		"2026-11-24T13:32:34.571+0000", "2026-11-24T13:32:34.571-0730", "2024-02-29T23:59:59.999+0800", "2023-02-29T00:00:00.000+0000",
		"0000-01-01T00:00:00.000+0000", "2026-04-31T00:00:00.000+0000", "2026-11-24T24:00:00.000+0000", "2026-11-24T13:32:34.571+1400",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := parseExactly(s)
		if !ok {
			return
		}
		want, err := time.Parse(timeLayout, s)
		if err != nil || !got.Equal(want) || zoneOffset(got) != zoneOffset(want) {
			t.Errorf("%q is %v, by time.Parse %v, %v", s, got, want, err)
		}
	})
}
