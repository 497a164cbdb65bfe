package main

// structures are the objects that are no events.
var structures = []structure{
	{model: "Application", file: "applications", doc: "Application is what Asterisk holds for one application name.",
		fields: map[string]field{
			"events_allowed":    {typ: "[]EventFilterType"},
			"events_disallowed": {typ: "[]EventFilterType"},
		}},

	{model: "AsteriskPing", name: "Ping", file: "asterisk", doc: "Ping is the answer of a living Asterisk.",
		fields: map[string]field{"ping": {name: "-"}, "timestamp": {typ: "time.Time"}}},
	{model: "AsteriskInfo", name: "Info", file: "asterisk",
		doc: "Info describes the server. System.EntityID names the machine; Status.StartupTime changes when Asterisk was restarted, " +
			"after which nothing that a client remembers exists any more.",
		fields: map[string]field{
			"build": {typ: "BuildInfo", tag: "always"}, "system": {typ: "SystemInfo", tag: "always"},
			"config": {typ: "ConfigInfo", tag: "always"}, "status": {typ: "StatusInfo", tag: "always"},
		}},
	{model: "BuildInfo", file: "asterisk", doc: "BuildInfo is how Asterisk was built."},
	{model: "SystemInfo", file: "asterisk", doc: "SystemInfo names the version and the machine."},
	{model: "ConfigInfo", file: "asterisk", doc: "ConfigInfo is part of asterisk.conf; a limit of 0 is none.",
		fields: map[string]field{"setid": {name: "SetID"}}},
	{model: "SetId", name: "SetID", file: "asterisk", doc: "SetID is the user and the group that Asterisk runs as."},
	{model: "StatusInfo", file: "asterisk", doc: "StatusInfo holds the times of start and of the last reload."},
	{model: "Module", file: "asterisk", doc: "Module is a part of Asterisk that can be loaded and unloaded.",
		fields: map[string]field{
			"use_count":     {note: "above 0 it cannot be unloaded"},
			"status":        {note: `such as "Running" or "Not Running"`},
			"support_level": {note: `such as "core" or "extended"`},
		}},
	{model: "LogChannel", file: "asterisk", doc: "LogChannel is a file or another place that Asterisk writes its log to.",
		fields: map[string]field{
			"channel":       {name: "Name", note: "a path"},
			"type":          {note: `such as "File" or "Console"`},
			"status":        {note: `"Enabled" or "Disabled"`},
			"configuration": {name: "Levels", note: `such as "NOTICE WARNING ERROR"`},
		}},

	{model: "Bridge", file: "bridges", doc: "Bridge is a bridge as Asterisk describes it.",
		fields: map[string]field{
			"technology":   {note: `such as "simple_bridge", "softmix", "native_rtp"`},
			"bridge_type":  {name: "Type"},
			"bridge_class": {name: "Class", note: `"stasis" for bridges made by ARI`},
			"bridgevars":   {name: "Variables", note: "those set to be reported, since 22.10.0"},
			"creationtime": {name: "CreationTime"},
		}},

	{model: "Channel", file: "channels",
		doc: "Channel is a channel as Asterisk describes it. It says neither which number was dialled nor whether the caller's number may " +
			"be shown: pass the former as an argument of Stasis, read the latter from CALLERID(num-pres).",
		fields: map[string]field{
			"protocol_id":  {note: "the SIP Call-ID"},
			"accountcode":  {name: "AccountCode"},
			"creationtime": {name: "CreationTime"},
			"channelvars":  {name: "Variables", note: "those that ari.conf lists in channelvars, and those set to be reported"},
			"tenantid":     {name: "TenantID"},
		}},
	{model: "CallerID", file: "channels", doc: "CallerID is a party's name and number, as signalled: not verified."},
	{model: "DialplanCEP", name: "Dialplan", file: "channels",
		doc: `Dialplan is where the channel is in the dialplan. AppName is "Stasis" while an application controls it, and AppData then ` +
			"starts with its name."},
	{model: "RTPstat", name: "RTPStatistics", file: "channels",
		doc: "RTPStatistics are counters of the RTP stream of a channel: packets, octets and losses as numbers, jitter and round-trip " +
			"times in seconds.",
		fields: map[string]field{
			"txcount": {name: "TxCount", typ: "int64"}, "rxcount": {name: "RxCount", typ: "int64"},
			"txploss": {name: "TxLost", typ: "int64"}, "rxploss": {name: "RxLost", typ: "int64"},
			"txjitter": {name: "TxJitter", tag: "always"}, "rxjitter": {name: "RxJitter", tag: "always"},
			"txoctetcount": {name: "TxOctets", typ: "int64"}, "rxoctetcount": {name: "RxOctets", typ: "int64"},
			"rtt": {tag: "always"}, "minrtt": {name: "MinRTT", tag: "always"}, "maxrtt": {name: "MaxRTT", tag: "always"},
			"normdevrtt": {name: "NormDevRTT", tag: "always", note: "the mean"}, "stdevrtt": {name: "StdDevRTT", tag: "always"},
			"local_ssrc": {name: "LocalSSRC", typ: "int64"}, "remote_ssrc": {name: "RemoteSSRC", typ: "int64"},
			"channel_uniqueid":  {name: "ChannelID"},
			"local_minrxploss":  {name: "LocalMinLost", tag: "always"},
			"local_maxrxploss":  {name: "LocalMaxLost", tag: "always"},
			"remote_minrxploss": {name: "RemoteMinLost", tag: "always"},
			"remote_maxrxploss": {name: "RemoteMaxLost", tag: "always"},
			"local_minjitter":   {name: "LocalMinJitter", tag: "always"},
			"local_maxjitter":   {name: "LocalMaxJitter", tag: "always"},
			"remote_minjitter":  {name: "RemoteMinJitter", tag: "always"},
			"remote_maxjitter":  {name: "RemoteMaxJitter", tag: "always"},

			"local_normdevjitter":   {name: "LocalNormDevJitter", tag: "always", note: "the mean"},
			"local_stdevjitter":     {name: "LocalStdDevJitter", tag: "always"},
			"remote_normdevjitter":  {name: "RemoteNormDevJitter", tag: "always", note: "the mean"},
			"remote_stdevjitter":    {name: "RemoteStdDevJitter", tag: "always"},
			"local_normdevrxploss":  {name: "LocalNormDevLost", tag: "always", note: "the mean"},
			"local_stdevrxploss":    {name: "LocalStdDevLost", tag: "always"},
			"remote_normdevrxploss": {name: "RemoteNormDevLost", tag: "always", note: "the mean"},
			"remote_stdevrxploss":   {name: "RemoteStdDevLost", tag: "always"},
		}},

	{model: "DeviceState", file: "deviceStates",
		doc: "DeviceState says whether a device is free, busy and so on: one of the Device constants."},
	{model: "Endpoint", file: "endpoints", doc: "Endpoint is a phone or trunk.",
		fields: map[string]field{
			"technology": {note: `such as "PJSIP"`},
			"resource":   {note: `such as "1001"`},
			"state":      {tag: "always"},
		}},
	{model: "TextMessage", file: "endpoints",
		doc: "TextMessage is a message outside a call. Variables are an object in Asterisk's description and a list of objects with one " +
			"member each in its source (res/stasis/messaging.c, msg_to_json): they are left as they came.",
		fields: map[string]field{"variables": {typ: "json.RawMessage"}}},
	{model: "Mailbox", file: "mailboxes", doc: "Mailbox counts the messages that wait for somebody."},
	{model: "Playback", file: "playbacks", doc: "Playback is one list of media being played.",
		fields: map[string]field{
			"media_uri":      {name: "MediaURI"},
			"next_media_uri": {name: "NextMediaURI"},
			"target_uri":     {note: `"channel:ID" or "bridge:ID"`},
			"language":       {tag: "always"},
		}},
	{model: "LiveRecording", file: "recordings",
		doc: "LiveRecording is a recording being written. The durations, in seconds, are there when it has ended.",
		fields: map[string]field{
			"cause": {note: "why it failed"},
		}},
	{model: "StoredRecording", file: "recordings", doc: "StoredRecording is a finished recording."},
	{model: "Sound", file: "sounds", doc: "Sound is a prompt that Asterisk can play."},
	{model: "FormatLangPair", name: "SoundFormat", file: "sounds", doc: "SoundFormat is a form in which a prompt exists."},

	{model: "ContactInfo", file: "event_types", doc: "ContactInfo is one registered contact.",
		fields: map[string]field{
			"contact_status": {name: "Status", note: "one of the Contact constants"},
			"roundtrip_usec": {name: "RoundTripUsec", note: "microseconds, as text"},
		}},
	{model: "Peer", file: "event_types", doc: "Peer is the reachability of an endpoint.",
		fields: map[string]field{"peer_status": {name: "Status"}}},
	{model: "ReferTo", file: "event_types", doc: "ReferTo is where a transfer should go."},
	{model: "ReferredBy", file: "event_types", doc: "ReferredBy is who asks for a transfer."},
	{model: "RequiredDestination", name: "RequestedDestination", file: "event_types",
		doc: "RequestedDestination is a number for a blind transfer, or the Call-ID of another call for an attended one.",
		fields: map[string]field{
			"additional_protocol_params": {name: "Additional", typ: "[]AdditionalParam"},
		}},
	{model: "AdditionalParam", file: "event_types", doc: "AdditionalParam is a further parameter of a transfer, such as the Replaces header.",
		fields: map[string]field{"parameter_name": {name: "Name"}, "parameter_value": {name: "Value"}}},
}

// modelsLeftOut are the models that have no struct of their own.
var modelsLeftOut = map[string]string{
	"Message":                  "EventHeader is what all frames have in common",
	"Event":                    "EventHeader is what all frames have in common",
	"Variable":                 "a method returns its only field",
	"Variables":                "a method returns its only field",
	"ConfigTuple":              "belongs to operations that are left out",
	"Dialed":                   "has no fields and is not sent",
	"RESTHeader":               "belongs to requests over the event socket, which are not made: Asterisk serves them one at a time, so that one that waits would hold up all others",
	"RESTQueryStringParameter": "as RESTHeader",
	"RESTRequest":              "as RESTHeader",
}

var enumerations = []enumeration{
	{of: "Channel.state", file: "channels", prefix: "State", doc: "Values of Channel.State.",
		names: map[string]string{
			"Rsrved": "StateReserved", "Dialing Offhook": "StateDialingOffHook", "Pre-ring": "StatePreRing",
		},
		notes: map[string]string{
			"Ring": "an incoming leg that was not answered", "Ringing": "an outgoing leg whose phone rings",
		}},
	{of: "channels.hangup?reason", file: "channels", typ: "Reason", prefix: "Reason",
		doc: "Reason says why a channel is hung up. Asterisk turns it into a Q.850 cause and, for SIP, into a status (chan_pjsip.c, " +
			"hangup_cause2sip).",
		block: "The reasons that Asterisk accepts.",
		notes: map[string]string{"answered_elsewhere": "shows no missed call on the phone"}},
	{of: "channels.snoopChannel?spy", file: "channels", typ: "Direction", prefix: "Direction",
		doc:   "Direction is a part of a channel's audio, as seen from Asterisk.",
		block: "Directions; DirectionNone is for Snoop only.",
		notes: map[string]string{"in": "what the party says", "out": "what the party hears"}},
	{of: "channels.externalMedia?encapsulation", file: "channels", prefix: "Encapsulation", doc: "Values of ExternalMedia.Encapsulation.",
		names: map[string]string{"rtp": "EncapsulationRTP", "audiosocket": "EncapsulationAudioSocket"}},
	{of: "channels.externalMedia?transport", file: "channels", prefix: "Transport", doc: "Values of ExternalMedia.Transport.",
		names: map[string]string{"udp": "TransportUDP", "tcp": "TransportTCP", "websocket": "TransportWebSocket"}},
	{of: "DeviceState.state", file: "deviceStates", prefix: "Device", doc: "Values of DeviceState.State.",
		names: map[string]string{
			"UNKNOWN": "DeviceUnknown", "NOT_INUSE": "DeviceNotInUse", "INUSE": "DeviceInUse", "BUSY": "DeviceBusy",
			"INVALID": "DeviceInvalid", "UNAVAILABLE": "DeviceUnavailable", "RINGING": "DeviceRinging",
			"RINGINUSE": "DeviceRingInUse", "ONHOLD": "DeviceOnHold",
		},
		notes: map[string]string{"RINGINUSE": "in a call, and another one rings"}},
	{of: "Endpoint.state", file: "endpoints", prefix: "Endpoint", doc: "Values of Endpoint.State."},
	{of: "ContactInfo.contact_status", file: "event_types", prefix: "Contact", doc: "Values of ContactInfo.Status."},
	{of: "Playback.state", file: "playbacks", prefix: "PlaybackState",
		doc: "Values of Playback.State. A file that does not exist ends as failed."},
	{of: "playbacks.control?operation", file: "playbacks", typ: "Control", prefix: "Control",
		doc:   "Control is what can be done with a running playback.",
		block: "Controls; forward and reverse jump by Play.Skip.",
		names: map[string]string{"unpause": "ControlResume"}},
	{of: "LiveRecording.state", file: "recordings", prefix: "RecordingState", doc: "Values of LiveRecording.State."},
	{of: "channels.record?ifExists", file: "recordings", prefix: "IfExists", doc: "Values of Record.IfExists."},
}
