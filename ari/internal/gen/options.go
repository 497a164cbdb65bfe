package main

var optionsTable = []options{
	{name: "CreateBridge", file: "bridges", doc: "CreateBridge describes a bridge to be made.", fields: []option{
		{name: "ID", param: "bridgeId", note: "chosen by the caller; empty lets Asterisk choose"},
		{name: "Type", param: "type", above: `Type is a comma list of mixing, holding, dtmf_events, proxy_media, …. A plain "mixing" bridge of two ` +
			"channels may become native_rtp, and then no ChannelDtmfReceived comes from them."},
		{name: "Name", param: "name"},
	}},
	{name: "AddChannels", file: "bridges", doc: "AddChannels are options for joining a bridge.", fields: []option{
		{name: "InhibitConnectedLine", param: "inhibitConnectedLineUpdates", kind: truth,
			above: "InhibitConnectedLine keeps the parties' displays as they are."},
		{name: "Role", param: "role", above: `Role is "announcer" for the channel that the participants of a holding bridge hear; empty is "participant".`},
		{name: "AbsorbDTMF", param: "absorbDTMF", kind: truth, note: "the others do not hear the keys"},
		{name: "Mute", param: "mute", kind: truth, note: "the others do not hear the channel"},
	}},
	{name: "CreateChannel", file: "channels",
		doc: "CreateChannel describes an outgoing leg. With neither Originator nor Formats the leg may get a format for which Asterisk has no codec " +
			"(seen: slin192 on a Local channel), and every playback on it fails.",
		fields: []option{
			{name: "ID", param: "channelId", note: "at most 149 characters; empty lets Asterisk choose"},
			{name: "OtherID", param: "otherChannelId", note: "of the second half of a Local channel"},
			{name: "Endpoint", param: "endpoint", note: `such as "PJSIP/1001"`},
			{name: "App", param: "app"},
			{name: "AppArgs", param: "appArgs", note: "comma separated"},
			{name: "Originator", param: "originator", note: "a channel whose formats are taken over; excludes Formats"},
			{name: "Formats", param: "formats", kind: texts, note: `such as "alaw"`},
			{name: "Variables", param: "variables", kind: variables},
			{name: "Reported", param: "variables", kind: reported, note: "variables that Channel.Variables shows, since 22.10.0"},
		}},
	{name: "Originate", file: "channels",
		doc: "Originate describes an outgoing leg that is dialled at once. When it is answered it goes to App, or else to Context, Extension and " +
			"Priority or Label of the dialplan. As to formats see CreateChannel.",
		fields: []option{
			{name: "ID", param: "channelId", note: "at most 149 characters; empty lets Asterisk choose"},
			{name: "OtherID", param: "otherChannelId", note: "of the second half of a Local channel"},
			{name: "Endpoint", param: "endpoint", note: `such as "PJSIP/1001"`},
			{name: "App", param: "app", note: "excludes the four of the dialplan"},
			{name: "AppArgs", param: "appArgs", note: "comma separated"},
			{name: "Context", param: "context"},
			{name: "Extension", param: "extension"},
			{name: "Priority", param: "priority", kind: number, note: "0 is the first"},
			{name: "Label", param: "label", note: "goes before Priority"},
			{name: "CallerID", param: "callerId", note: `such as "Hotline <4001>"; without <> it is the name`},
			{name: "Timeout", param: "timeout", kind: seconds, note: "rounded up to seconds; 0 is Asterisk's 30 s"},
			{name: "Originator", param: "originator", note: "a channel whose formats are taken over; excludes Formats"},
			{name: "Formats", param: "formats", kind: texts, note: `such as "alaw"`},
			{name: "Variables", param: "variables", kind: variables},
			{name: "Reported", param: "variables", kind: reported, note: "variables that Channel.Variables shows, since 22.10.0"},
		}},
	{name: "ExternalMedia", file: "channels", doc: "ExternalMedia describes a channel to another program.", fields: []option{
		{name: "ID", param: "channelId", note: "at most 149 characters; empty lets Asterisk choose"},
		{name: "App", param: "app"},
		{name: "Format", param: "format", note: `such as "slin16"`},
		{name: "Host", param: "external_host", note: "host:port, or the name of a websocket_client"},
		{name: "Encapsulation", param: "encapsulation", note: "empty is EncapsulationRTP"},
		{name: "Transport", param: "transport", note: "empty is TransportUDP"},
		{name: "ConnectionType", param: "connection_type", note: `"client", or "server" for TransportWebSocket`},
		{name: "TransportData", param: "transport_data", note: "for TransportWebSocket: added to the dial string"},
		{name: "Data", param: "data"},
		{name: "Variables", param: "variables", kind: variables},
		{name: "Reported", param: "variables", kind: reported, note: "variables that Channel.Variables shows, since 22.10.0"},
	}},
	{name: "Dial", file: "channels", doc: "Dial are the options of Channels.Dial.", fields: []option{
		{name: "Caller", param: "caller", above: "Caller is the id of the channel on whose behalf is dialled: its variables, language and connected " +
			"line are inherited. Asterisk ignores an id that it does not know."},
		{name: "Timeout", param: "timeout", kind: seconds, above: "Timeout is rounded up to seconds; 0 rings without limit."},
	}},
	{name: "Snoop", file: "channels", doc: "Snoop describes a channel that listens to another one.", fields: []option{
		{name: "ID", param: "snoopId", note: "chosen by the caller; empty lets Asterisk choose"},
		{name: "App", param: "app"},
		{name: "AppArgs", param: "appArgs", note: "comma separated"},
		{name: "Spy", param: "spy", kind: "Direction", note: "what is heard; empty is DirectionNone"},
		{name: "Whisper", param: "whisper", kind: "Direction", note: "where is spoken into; empty is DirectionNone"},
	}},
	{name: "DTMF", file: "channels", doc: "DTMF are the times of Channels.SendDTMF, in whole milliseconds; 0 is Asterisk's own: 100 ms for Between and Duration.",
		fields: []option{
			{name: "Before", param: "before", kind: milliseconds, note: "wait before the first key"},
			{name: "Between", param: "between", kind: milliseconds, note: "wait between keys"},
			{name: "Duration", param: "duration", kind: milliseconds, note: "of each key"},
			{name: "After", param: "after", kind: milliseconds, note: "wait after the last key"},
		}},
	{name: "Message", file: "endpoints", doc: "Message is a text to be sent outside a call.", fields: []option{
		{name: "From", param: "from", note: "an address or an endpoint"},
		{name: "Body", param: "body"},
		{name: "Variables", param: "variables", kind: variables, note: "headers, for SIP"},
	}},
	{name: "Refer", file: "endpoints", doc: "Refer says who should call whom.", fields: []option{
		{name: "From", param: "from", note: "an address or an endpoint"},
		{name: "ReferTo", param: "refer_to", note: "an address or an endpoint"},
		{name: "ToSelf", param: "to_self", kind: truth, note: "an endpoint in ReferTo is reached through Asterisk"},
		{name: "Variables", param: "variables", kind: variables, note: "headers, for SIP; display_name goes into Refer-To"},
	}},
	{name: "UserEvent", file: "events", doc: "UserEvent is what goes with Events.Send.", fields: []option{
		{name: "Sources", param: "source", kind: texts, note: `shown in the event, such as "channel:ID"`},
		{name: "Variables", param: "variables", kind: variables, note: "become ChannelUserevent.UserEvent"},
	}},
}
