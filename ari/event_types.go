package ari

import "encoding/json"

// Fields that may be absent are pointers. Every event carries the state at the
// time that it was made, not at the time that it is read.

// ApplicationReplaced says that another connection took the application over.
// It is the last event of a stream; ErrApplicationReplaced follows it.
type ApplicationReplaced struct{ EventHeader }

// ApplicationRegistered says that an application connected (22.5.0).
type ApplicationRegistered struct{ EventHeader }

// ApplicationUnregistered says that an application was disconnected (22.5.0).
type ApplicationUnregistered struct{ EventHeader }

// ApplicationMoveFailed says that a channel could not go to another
// application.
type ApplicationMoveFailed struct {
	EventHeader
	Channel     Channel  `json:"channel"`
	Destination string   `json:"destination"`
	Args        []string `json:"args"`
}

// StasisStart says that a channel came under the control of the application.
// For a channel made by Channels.Create it comes before anything rings. When
// ReplaceChannel is set, a transfer put the channel in the place of that one;
// Args are empty then.
type StasisStart struct {
	EventHeader
	Args           []string `json:"args"`
	Channel        Channel  `json:"channel"`
	ReplaceChannel *Channel `json:"replace_channel,omitempty"`
}

// StasisEnd says that the application lost control of the channel: hung up,
// continued, moved or transferred away.
type StasisEnd struct {
	EventHeader
	Channel Channel `json:"channel"`
}

// ChannelCreated says that a channel exists.
type ChannelCreated struct {
	EventHeader
	Channel Channel `json:"channel"`
}

// ChannelStateChange says that Channel.State changed.
type ChannelStateChange struct {
	EventHeader
	Channel Channel `json:"channel"`
}

// ChannelDestroyed is the end of a channel. It is not sent to every
// application that saw the channel: expect StasisEnd as well, in any order.
type ChannelDestroyed struct {
	EventHeader
	Cause     int     `json:"cause"` // Q.850
	CauseText string  `json:"cause_txt"`
	TechCause int     `json:"tech_cause,omitempty"` // SIP status, 0 if none (22.7.0)
	Channel   Channel `json:"channel"`
}

// ChannelHangupRequest is an early sign that the channel is about to end.
type ChannelHangupRequest struct {
	EventHeader
	Cause     int     `json:"cause,omitempty"` // Q.850, 0 if none
	TechCause int     `json:"tech_cause,omitempty"`
	Soft      bool    `json:"soft,omitempty"`
	Channel   Channel `json:"channel"`
}

// ChannelDialplan says that a channel entered a dialplan application.
type ChannelDialplan struct {
	EventHeader
	Channel Channel `json:"channel"`
	App     string  `json:"dialplan_app"`
	AppData string  `json:"dialplan_app_data"`
}

// ChannelVarset says that a variable was set; a global one has no channel.
type ChannelVarset struct {
	EventHeader
	Variable string   `json:"variable"`
	Value    string   `json:"value"`
	Channel  *Channel `json:"channel,omitempty"`
}

// ChannelCallerID says that the caller's identity changed. Asterisk names the
// type ChannelCallerId.
type ChannelCallerID struct {
	EventHeader
	Presentation     int     `json:"caller_presentation"`
	PresentationText string  `json:"caller_presentation_txt"`
	Channel          Channel `json:"channel"`
}

// ChannelConnectedLine says that the identity of the other party changed.
type ChannelConnectedLine struct {
	EventHeader
	Channel Channel `json:"channel"`
}

// ChannelDtmfReceived is a key, sent when it was released. It does not come
// from a bridge that became native_rtp.
type ChannelDtmfReceived struct {
	EventHeader
	Digit      string  `json:"digit"`
	DurationMS int     `json:"duration_ms"`
	Channel    Channel `json:"channel"`
}

// ChannelHold says that the phone put the call on hold.
type ChannelHold struct {
	EventHeader
	Channel    Channel `json:"channel"`
	MusicClass string  `json:"musicclass,omitempty"`
}

// ChannelUnhold ends ChannelHold.
type ChannelUnhold struct {
	EventHeader
	Channel Channel `json:"channel"`
}

// ChannelTalkingStarted says that the party began to talk (TALK_DETECT).
type ChannelTalkingStarted struct {
	EventHeader
	Channel Channel `json:"channel"`
}

// ChannelTalkingFinished says that the party stopped talking.
type ChannelTalkingFinished struct {
	EventHeader
	Channel    Channel `json:"channel"`
	DurationMS int     `json:"duration"`
}

// ChannelToneDetected says that TONE_DETECT heard its tone (22.0.0).
type ChannelToneDetected struct {
	EventHeader
	Channel Channel `json:"channel"`
}

// ChannelUserevent is an event made by the dialplan or by another program.
type ChannelUserevent struct {
	EventHeader
	Name      string          `json:"eventname"`
	Channel   *Channel        `json:"channel,omitempty"`
	Bridge    *Bridge         `json:"bridge,omitempty"`
	Endpoint  *Endpoint       `json:"endpoint,omitempty"`
	UserEvent json.RawMessage `json:"userevent"`
}

// ChannelTransfer says that a phone asks for a transfer, on a channel whose
// transfers the application handles itself (22.3.0).
type ChannelTransfer struct {
	EventHeader
	State      string     `json:"state,omitempty"`
	ReferTo    ReferTo    `json:"refer_to"`
	ReferredBy ReferredBy `json:"referred_by"`
}

// ReferTo is where a transfer should go.
type ReferTo struct {
	RequestedDestination RequestedDestination `json:"requested_destination"`
	DestinationChannel   *Channel             `json:"destination_channel,omitempty"`
	ConnectedChannel     *Channel             `json:"connected_channel,omitempty"`
	Bridge               *Bridge              `json:"bridge,omitempty"`
}

// RequestedDestination is a number for a blind transfer, or the Call-ID of
// another call for an attended one.
type RequestedDestination struct {
	ProtocolID  string `json:"protocol_id,omitempty"`
	Destination string `json:"destination,omitempty"`
}

// ReferredBy is who asks for a transfer.
type ReferredBy struct {
	SourceChannel    Channel  `json:"source_channel"`
	ConnectedChannel *Channel `json:"connected_channel,omitempty"`
	Bridge           *Bridge  `json:"bridge,omitempty"`
}

// ChannelEnteredBridge says that a channel joined a bridge.
type ChannelEnteredBridge struct {
	EventHeader
	Bridge  Bridge   `json:"bridge"`
	Channel *Channel `json:"channel,omitempty"`
}

// ChannelLeftBridge says that a channel left a bridge.
type ChannelLeftBridge struct {
	EventHeader
	Bridge  Bridge  `json:"bridge"`
	Channel Channel `json:"channel"`
}

// DialEvent is the progress of a dialled leg; Asterisk names the type Dial.
// Status is empty at the start, then PROGRESS, RINGING and so on, and at last
// ANSWER, BUSY, NOANSWER, CANCEL, CONGESTION or CHANUNAVAIL.
type DialEvent struct {
	EventHeader
	Caller     *Channel `json:"caller,omitempty"`
	Peer       Channel  `json:"peer"`
	DialString string   `json:"dialstring,omitempty"`
	DialStatus string   `json:"dialstatus"`
	Forward    string   `json:"forward,omitempty"`
	Forwarded  *Channel `json:"forwarded,omitempty"`
}

// BridgeCreated says that a bridge exists.
type BridgeCreated struct {
	EventHeader
	Bridge Bridge `json:"bridge"`
}

// BridgeDestroyed says that a bridge is gone.
type BridgeDestroyed struct {
	EventHeader
	Bridge Bridge `json:"bridge"`
}

// BridgeMerged says that From became part of Bridge.
type BridgeMerged struct {
	EventHeader
	Bridge Bridge `json:"bridge"`
	From   Bridge `json:"bridge_from"`
}

// BridgeVideoSourceChanged says whose picture is shown.
type BridgeVideoSourceChanged struct {
	EventHeader
	Bridge           Bridge `json:"bridge"`
	OldVideoSourceID string `json:"old_video_source_id,omitempty"`
}

// BridgeBlindTransfer says that Asterisk carried out a blind transfer.
type BridgeBlindTransfer struct {
	EventHeader
	Channel        Channel  `json:"channel"`
	ReplaceChannel *Channel `json:"replace_channel,omitempty"`
	Transferee     *Channel `json:"transferee,omitempty"`
	Exten          string   `json:"exten"`
	Context        string   `json:"context"`
	Result         string   `json:"result"`
	IsExternal     bool     `json:"is_external"`
	Bridge         *Bridge  `json:"bridge,omitempty"`
}

// BridgeAttendedTransfer says that Asterisk carried out an attended transfer.
// DestinationType says which of the destination fields are set.
type BridgeAttendedTransfer struct {
	EventHeader
	TransfererFirstLeg         Channel  `json:"transferer_first_leg"`
	TransfererSecondLeg        Channel  `json:"transferer_second_leg"`
	ReplaceChannel             *Channel `json:"replace_channel,omitempty"`
	Transferee                 *Channel `json:"transferee,omitempty"`
	TransferTarget             *Channel `json:"transfer_target,omitempty"`
	Result                     string   `json:"result"`
	IsExternal                 bool     `json:"is_external"`
	TransfererFirstLegBridge   *Bridge  `json:"transferer_first_leg_bridge,omitempty"`
	TransfererSecondLegBridge  *Bridge  `json:"transferer_second_leg_bridge,omitempty"`
	DestinationType            string   `json:"destination_type"`
	DestinationBridge          string   `json:"destination_bridge,omitempty"`
	DestinationApplication     string   `json:"destination_application,omitempty"`
	DestinationLinkFirstLeg    *Channel `json:"destination_link_first_leg,omitempty"`
	DestinationLinkSecondLeg   *Channel `json:"destination_link_second_leg,omitempty"`
	DestinationThreewayChannel *Channel `json:"destination_threeway_channel,omitempty"`
	DestinationThreewayBridge  *Bridge  `json:"destination_threeway_bridge,omitempty"`
}

// PlaybackStarted says that the first medium of a playback is heard.
type PlaybackStarted struct {
	EventHeader
	Playback Playback `json:"playback"`
}

// PlaybackContinuing says that the next medium of a playback follows.
type PlaybackContinuing struct {
	EventHeader
	Playback Playback `json:"playback"`
}

// PlaybackFinished says that a playback ended, was stopped, or failed: see its
// state.
type PlaybackFinished struct {
	EventHeader
	Playback Playback `json:"playback"`
}

// RecordingStarted says that a recording is being written.
type RecordingStarted struct {
	EventHeader
	Recording LiveRecording `json:"recording"`
}

// RecordingFinished says that a recording ended.
type RecordingFinished struct {
	EventHeader
	Recording LiveRecording `json:"recording"`
}

// RecordingFailed says that there is no recording.
type RecordingFailed struct {
	EventHeader
	Recording LiveRecording `json:"recording"`
}

// DeviceStateChanged says that a device became free, busy and so on.
type DeviceStateChanged struct {
	EventHeader
	DeviceState DeviceState `json:"device_state"`
}

// DeviceState is one of UNKNOWN, NOT_INUSE, INUSE, BUSY, INVALID, UNAVAILABLE,
// RINGING, RINGINUSE and ONHOLD.
type DeviceState struct {
	Name  string `json:"name"`
	State string `json:"state"`
}

// EndpointStateChange says that an endpoint went on- or offline.
type EndpointStateChange struct {
	EventHeader
	Endpoint Endpoint `json:"endpoint"`
}

// ContactStatusChange says that a registered contact of an endpoint changed.
type ContactStatusChange struct {
	EventHeader
	Endpoint Endpoint    `json:"endpoint"`
	Contact  ContactInfo `json:"contact_info"`
}

// ContactInfo is one registered contact.
type ContactInfo struct {
	URI           string `json:"uri"`
	Status        string `json:"contact_status"`
	AOR           string `json:"aor"`
	RoundTripUsec string `json:"roundtrip_usec,omitempty"`
}

// PeerStatusChange says that the reachability of an endpoint changed.
type PeerStatusChange struct {
	EventHeader
	Endpoint Endpoint `json:"endpoint"`
	Peer     Peer     `json:"peer"`
}

// Peer is the reachability of an endpoint.
type Peer struct {
	Status  string `json:"peer_status"`
	Cause   string `json:"cause,omitempty"`
	Address string `json:"address,omitempty"`
	Port    string `json:"port,omitempty"`
	Time    string `json:"time,omitempty"`
}

// TextMessageReceived is a text message from an endpoint.
type TextMessageReceived struct {
	EventHeader
	Message  TextMessage `json:"message"`
	Endpoint *Endpoint   `json:"endpoint,omitempty"`
}

// TextMessage is a message outside a call.
type TextMessage struct {
	From string `json:"from"`
	To   string `json:"to"`
	Body string `json:"body"`
}

// CallBroadcast offers a call to several applications (22.10.0).
type CallBroadcast struct {
	EventHeader
	Channel Channel `json:"channel"`
	Caller  string  `json:"caller,omitempty"`
	Called  string  `json:"called,omitempty"`
}

// CallClaimed says which application took a call that was broadcast (22.10.0).
type CallClaimed struct {
	EventHeader
	Channel   Channel `json:"channel"`
	WinnerApp string  `json:"winner_app"`
}
