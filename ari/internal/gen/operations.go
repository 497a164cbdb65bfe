package main

// operationTable are the methods, in the order of the files.
var operationTable = []operation{
	{of: "applications.list", name: "List", doc: "List returns all applications."},
	{of: "applications.get", name: "Get",
		doc: "Get returns one application, or ErrNotFound when none of that name is connected and none left anything behind."},
	{of: "applications.subscribe", name: "Subscribe", class: "opSubscribe", args: []string{"source eventSource"}, ignore: true,
		doc: `Subscribe adds a source of events: "channel:ID", "bridge:ID", "endpoint:TECH/RESOURCE" or "deviceState:NAME". Subscribing ` +
			"twice to a channel, bridge or endpoint counts twice: ask Get first. A source that does not exist is ErrNotFound."},
	{of: "applications.unsubscribe", name: "Unsubscribe", class: "opUnsubscribe", args: []string{"source eventSource"}, ignore: true,
		doc: "Unsubscribe removes a source of events. One that was not subscribed is ErrNotFound."},
	{of: "applications.filter", name: "SetEventFilter", byHand: true},

	{of: "asterisk.ping", name: "Ping",
		doc: "Ping asks for a sign of life. While Asterisk boots, the answers are first a refused connection, then ErrNotFound (the module " +
			"is not there yet), then ErrUnavailable."},
	{of: "asterisk.getInfo", name: "Info", op: "asterisk.info", doc: "Info describes the server."},
	{of: "asterisk.getGlobalVar", name: "Variable", op: "asterisk.getVariable", args: []string{"name variable"},
		doc: "Variable reads a global variable; one that is not set is empty."},
	{of: "asterisk.setGlobalVar", name: "SetVariable", op: "asterisk.setVariable", args: []string{"name variable", "value"},
		doc: "SetVariable sets a global variable, which all calls see and which is lost with Asterisk's end."},
	{of: "asterisk.listModules", name: "Modules", op: "asterisk.modules", doc: "Modules returns all modules that were loaded."},
	{of: "asterisk.getModule", name: "Module", op: "asterisk.module", doc: "Module returns one module that was loaded."},
	{of: "asterisk.loadModule", name: "LoadModule",
		doc: "LoadModule loads a module. One that is loaded already, or does not exist, is ErrBadState."},
	{of: "asterisk.unloadModule", name: "UnloadModule", doc: "UnloadModule unloads a module. One that is in use is ErrBadState."},
	{of: "asterisk.reloadModule", name: "ReloadModule",
		doc: "ReloadModule makes a module read its configuration again. One that cannot is ErrBadState."},
	{of: "asterisk.listLogChannels", name: "LogChannels", op: "asterisk.logChannels", doc: "LogChannels returns the places that Asterisk writes its log to."},
	{of: "asterisk.rotateLog", name: "RotateLog", doc: "RotateLog begins a new file of a log channel."},

	{of: "bridges.list", name: "List", doc: "List returns all bridges, those of other applications included."},
	{of: "bridges.get", name: "Get", doc: "Get returns one bridge."},
	{of: "bridges.create", name: "Create", class: "opCreateBridge", opts: "CreateBridge",
		doc: "Create makes a bridge. A taken id is ErrConflict, see Made."},
	{of: "bridges.destroy", name: "Destroy", doc: "Destroy ends the bridge; its channels stay, unbridged, in their application."},
	{of: "bridges.addChannel", name: "AddChannels", class: "opAddChannel", args: []string{"channels channel texts"}, opts: "AddChannels",
		doc: "AddChannels moves channels into the bridge, out of the one they are in. It is not atomic: at the first error the channels before " +
			"it have joined (res/ari/resource_bridges.c). It waits behind a playback on an unbridged channel: stop that first."},
	{of: "bridges.removeChannel", name: "RemoveChannels", class: "opRemoveChannel", args: []string{"channels channel texts"},
		doc: "RemoveChannels takes channels out of the bridge; they stay in their application. A channel that is not in it is ErrNotInBridge."},
	{of: "bridges.play", name: "Play", with: "p Play) (*Playback, error", body: `return p.start(ctx, b.c, "bridges.play", "bridges", id)`,
		doc: "Play plays to everybody in the bridge."},
	{of: "bridges.startMoh", name: "StartMusic", args: []string{"class mohClass"},
		doc: "StartMusic plays music on hold to the bridge. A holding bridge is silent until then (res/stasis/stasis_bridge.c)."},
	{of: "bridges.stopMoh", name: "StopMusic", doc: "StopMusic ends the music on hold of the bridge."},
	{of: "bridges.record", name: "Record", with: "r Record) (*LiveRecording, error", body: `return r.start(ctx, b.c, opRecordBridge, "bridges", id)`,
		doc: "Record records the mix of the bridge."},
	{of: "bridges.getBridgeVar", name: "Variable", op: "bridges.getVariable", args: []string{"name variable"},
		doc: "Variable reads a variable of the bridge. One that is not set is ErrNotFound, as is a bridge that is gone."},
	{of: "bridges.setBridgeVar", name: "SetVariable", op: "bridges.setVariable", args: []string{"name variable", "value"},
		doc: "SetVariable sets a variable of the bridge."},
	{of: "bridges.setBridgeVar", name: "ReportVariable", op: "bridges.reportVariable", args: []string{"name variable", "value"},
		fixed: map[string]string{"report_events": "true"},
		doc:   "ReportVariable sets a variable that Bridge.Variables shows from then on, in events too."},
	{of: "bridges.getBridgeVars", name: "Variables", op: "bridges.getVariables", args: []string{"names variables texts"},
		doc: "Variables reads several variables of the bridge. If one is not set, the answer is ErrNotFound for all."},
	{of: "bridges.setBridgeVars", name: "SetVariables", op: "bridges.setVariables", args: []string{"values variables variables"},
		doc: "SetVariables sets several variables of the bridge."},
	{of: "bridges.setBridgeVars", name: "ReportVariables", op: "bridges.reportVariables", args: []string{"values variables reported"},
		doc: "ReportVariables sets several variables that Bridge.Variables shows from then on, in events too."},
	{of: "bridges.setVideoSource", name: "SetVideoSource", doc: "SetVideoSource shows the picture of one channel to all in the bridge."},
	{of: "bridges.clearVideoSource", name: "ClearVideoSource", doc: "ClearVideoSource ends SetVideoSource: who talks is shown again."},

	{of: "channels.list", name: "List", doc: "List returns all channels of Asterisk, those outside Stasis included."},
	{of: "channels.get", name: "Get", doc: "Get returns one channel."},
	{of: "channels.create", name: "Create", class: "opCreateChannel", opts: "CreateChannel", lastOnConn: true,
		doc: "Create makes an outgoing leg without dialling it. The leg enters the application at once, in state Down: its StasisStart does not " +
			"mean that anybody answered, and may come before Create returns. A taken id is ErrConflict, see Made; an endpoint that cannot be " +
			"reached is ErrAllocation.\n\n" +
			"Each call uses up its connection. Asterisk (22.10.1) remembers \"id exists\" with the thread that serves a connection and never " +
			"forgets it, so that after one such answer an endpoint that cannot be reached would look like a taken id on the same connection."},
	{of: "channels.originate", name: "Originate", class: "opOriginate", opts: "Originate", lastOnConn: true,
		doc: "Originate makes an outgoing leg and dials it. The leg enters the application, or the dialplan, only when it was answered; until then " +
			"the application sees its Dial and ChannelStateChange events. Create and Dial leave more to the caller. Ids, errors and connections " +
			"are as with Create."},
	{of: "channels.externalMedia", name: "ExternalMedia", class: "opExternalMedia", opts: "ExternalMedia", lastOnConn: true,
		doc: "ExternalMedia makes a channel whose audio goes to another program. It stays until it is hung up, whoever it was made for: a sweep " +
			"should look for it. Unlike with Create a taken id is no ErrConflict: 22.10.1 answers with a plain 500."},
	{of: "channels.dial", name: "Dial", class: "opDial", opts: "Dial",
		doc: "Dial rings a leg made by Create, after its StasisStart (before it, the answer is ErrNotInStasis). It returns before anything rings. " +
			"The answer is seen as a ChannelStateChange to Up."},
	{of: "channels.answer", name: "Answer", doc: "Answer answers an incoming leg and waits until that is done."},
	{of: "channels.hangup", name: "Hangup", args: []string{"reason"}, typed: map[string]string{"reason": "Reason"},
		doc: "Hangup ends a channel, also one outside Stasis. An empty reason is ReasonNormal."},
	{of: "channels.hangup", name: "HangupCode", args: []string{"cause reason_code count"},
		doc: "HangupCode ends a channel with a Q.850 cause, which reaches further than the reasons of Hangup."},
	{of: "channels.continueInDialplan", name: "Continue", op: "channels.continue",
		args: []string{"dialplanContext context", "exten extension", "priority priority number"},
		doc:  "Continue gives the channel back to the dialplan. Without a context it goes on behind Stasis; a priority of 0 is the first."},
	{of: "channels.continueInDialplan", name: "ContinueAt", op: "channels.continue",
		args: []string{"dialplanContext context", "exten extension", "label"},
		doc:  "ContinueAt is Continue with a label instead of a priority. A label that does not exist is ErrNotFound."},
	{of: "channels.move", name: "Move", args: []string{"app", "appArgs"},
		doc: "Move gives the channel to another application, which sees a StasisStart with these arguments, comma separated. It returns before " +
			"that happens; an application that is not connected shows as ApplicationMoveFailed."},
	{of: "channels.redirect", name: "Redirect", args: []string{"endpoint"},
		doc: "Redirect sends the caller elsewhere by signalling (SIP 302, or REFER when answered). Another technology than the channel's is " +
			"ErrInvalid."},
	{of: "channels.ring", name: "Ring", doc: "Ring signals ringing to an incoming leg."},
	{of: "channels.ringStop", name: "StopRing", op: "channels.stopRing", doc: "StopRing ends Ring."},
	{of: "channels.progress", name: "Progress", doc: "Progress signals progress to an incoming leg, so that it hears early media."},
	{of: "channels.sendDTMF", name: "SendDTMF", args: []string{"digits dtmf"}, opts: "DTMF",
		doc: `SendDTMF sends keys to the party; "w" and "W" among them wait half a second and a second. It returns before they were sent.`},
	{of: "channels.hold", name: "Hold", doc: "Hold puts the phone on hold by signalling."},
	{of: "channels.unhold", name: "Unhold", doc: "Unhold ends Hold."},
	{of: "channels.mute", name: "Mute", fixed: map[string]string{"direction": "both"},
		doc: "Mute silences the channel in both directions. (The description calls the direction optional; without it 22.10.1 answers 400.)"},
	{of: "channels.mute", name: "MuteOnly", args: []string{"direction"}, typed: map[string]string{"direction": "Direction"},
		doc: "MuteOnly silences the channel in one direction."},
	{of: "channels.unmute", name: "Unmute", fixed: map[string]string{"direction": "both"}, doc: "Unmute ends Mute."},
	{of: "channels.unmute", name: "UnmuteOnly", args: []string{"direction"}, typed: map[string]string{"direction": "Direction"},
		doc: "UnmuteOnly ends MuteOnly."},
	{of: "channels.startMoh", name: "StartMusic", args: []string{"class mohClass"},
		doc: "StartMusic plays music on hold to the channel. An empty class is Asterisk's default."},
	{of: "channels.stopMoh", name: "StopMusic", doc: "StopMusic ends StartMusic."},
	{of: "channels.startSilence", name: "StartSilence",
		doc: "StartSilence sends silence to the channel, which keeps media flowing. Play ends it for good."},
	{of: "channels.stopSilence", name: "StopSilence", doc: "StopSilence ends StartSilence."},
	{of: "channels.play", name: "Play", with: "p Play) (*Playback, error", body: `return p.start(ctx, c.c, "channels.play", "channels", id)`,
		doc: "Play starts a playback. On an unbridged channel later commands wait for its end; Playbacks.Stop does not. On a leg that is not " +
			"answered it is heard as early media. DTMF does not interrupt it."},
	{of: "channels.record", name: "Record", with: "r Record) (*LiveRecording, error", body: `return r.start(ctx, c.c, opRecordChannel, "channels", id)`,
		doc: "Record records what the party says. It answers the channel, works only outside a bridge, and may still fail after it returned: " +
			"RecordingFailed says so."},
	{of: "channels.snoopChannel", name: "Snoop", op: "channels.snoop", opts: "Snoop", lastOnConn: true,
		doc: "Snoop makes a channel that hears another one, or speaks into it, and puts it into an application. It ends with the other one. " +
			"A taken id is no ErrConflict: Asterisk answers with a plain 500."},
	{of: "channels.getChannelVar", name: "Variable", op: "channels.getVariable", args: []string{"name variable"},
		doc: "Variable reads a variable or a function such as CALLERID(num-pres). A variable that is not set is ErrNotFound, as is a channel " +
			"that is gone."},
	{of: "channels.setChannelVar", name: "SetVariable", op: "channels.setVariable", args: []string{"name variable", "value"},
		doc: "SetVariable sets a variable or writes a function, and waits until that is done. Asterisk reports success also where it refused " +
			"the function."},
	{of: "channels.setChannelVar", name: "ReportVariable", op: "channels.reportVariable", args: []string{"name variable", "value"},
		fixed: map[string]string{"report_events": "true"}, since: "20.20, 22.10 and 23.4: older ones set it without reporting",
		doc: "ReportVariable is SetVariable for a variable that Channel.Variables shows from then on, in events too."},
	{of: "channels.getChannelVars", name: "Variables", op: "channels.getVariables", args: []string{"names variables texts"},
		doc: "Variables reads several variables or functions. If one is not set, the answer is ErrNotFound for all."},
	{of: "channels.setChannelVars", name: "SetVariables", op: "channels.setVariables", args: []string{"values variables variables"},
		doc: "SetVariables sets several variables or writes several functions."},
	{of: "channels.setChannelVars", name: "ReportVariables", op: "channels.reportVariables", args: []string{"values variables reported"},
		doc: "ReportVariables is SetVariables for variables that Channel.Variables shows from then on, in events too."},
	{of: "channels.rtpstatistics", name: "RTPStatistics", class: "opRTPStatistics",
		doc: "RTPStatistics reads the RTP counters of a channel that has RTP; without it the answer is ErrNotFound."},
	{of: "channels.transfer_progress", name: "TransferProgress", op: "channels.transferProgress", args: []string{"state states"},
		typed: map[string]string{"state": "TransferState"},
		doc: "TransferProgress tells the phone that asked for a transfer (ChannelTransfer) how it goes. The phone waits until it hears of an end: " +
			"TransferAnswered, TransferUnavailable or TransferDeclined."},

	{of: "deviceStates.list", name: "List",
		doc: "List returns the states that applications set. It knows nothing of phones (res/res_stasis_device_state.c): ask Get for those."},
	{of: "deviceStates.get", name: "Get", doc: `Get returns the state of any device, such as "PJSIP/1001". One that does not exist is DeviceInvalid.`},
	{of: "deviceStates.update", name: "Set", op: "deviceStates.set", class: "opSetDevice", args: []string{"state deviceState"},
		doc: `Set makes or changes a device that an application controls: its name begins with "Stasis:", another one is ErrInvalid. The state is one of the Device constants except DeviceUnknown.`},
	{of: "deviceStates.delete", name: "Delete", class: "opDeleteDevice", doc: "Delete ends Set."},

	{of: "endpoints.get", name: "Get", doc: "Get returns one endpoint."},
	{of: "endpoints.list", name: "List", doc: "List returns all endpoints."},
	{of: "endpoints.listByTech", name: "ListTech", op: "endpoints.listTech",
		doc: "ListTech returns the endpoints of one technology. One that has none is ErrNotFound."},
	{of: "endpoints.sendMessage", name: "SendMessage", args: []string{"to"}, opts: "Message",
		doc: `SendMessage sends a text outside a call to an address, such as "pjsip:1001/sip:1001@example.org".`},
	{of: "endpoints.sendMessageToEndpoint", name: "SendMessageTo", op: "endpoints.sendMessage", opts: "Message",
		doc: "SendMessageTo sends a text outside a call to an endpoint."},
	{of: "endpoints.refer", name: "Refer", args: []string{"to"}, opts: "Refer",
		doc: "Refer asks an address to call another one."},
	{of: "endpoints.referToEndpoint", name: "ReferEndpoint", op: "endpoints.refer", opts: "Refer",
		doc: "ReferEndpoint asks an endpoint to call an address."},

	{of: "events.eventWebsocket", name: "Listen", byHand: true},
	{of: "events.userEvent", name: "Send", class: "opUserEvent", args: []string{"app application", "name eventName"}, opts: "UserEvent",
		doc: "Send makes a ChannelUserevent for an application, of this or another program."},
	{of: "events.claimChannel", name: "Claim", class: "opClaim", args: []string{"channelID channelId", "app application"},
		since: "20.20, 22.10 and 23.4; the description says otherwise",
		doc: "Claim takes a call that was broadcast (CallBroadcast) for an application. ErrClaimed means that another one was faster, ErrNotFound " +
			"that there is nothing to be claimed any more."},

	{of: "mailboxes.list", name: "List", doc: "List returns the mailboxes that were set through ARI."},
	{of: "mailboxes.get", name: "Get", doc: "Get returns one mailbox."},
	{of: "mailboxes.update", name: "Set", op: "mailboxes.set", args: []string{"oldMessages oldMessages count", "newMessages newMessages count"},
		doc: "Set makes or changes a mailbox: phones that watch it show that messages wait."},
	{of: "mailboxes.delete", name: "Delete", doc: "Delete ends Set."},

	{of: "playbacks.get", name: "Get", doc: "Get returns a playback that has not ended."},
	{of: "playbacks.stop", name: "Stop",
		doc: "Stop ends a playback, also one that other commands wait for. One that ended already is ErrNotFound."},
	{of: "playbacks.control", name: "Control", class: "opControl", args: []string{"control operation"}, typed: map[string]string{"control": "Control"},
		doc: "Control pauses or moves a playback. One that has not begun is ErrBadState."},

	{of: "recordings.listStored", name: "ListStored", doc: "ListStored returns all finished recordings. It reads the whole folder: not for a busy machine."},
	{of: "recordings.getStored", name: "Stored", op: "recordings.stored", doc: "Stored returns a finished recording."},
	{of: "recordings.getStoredFile", name: "StoredFile", byHand: true},
	{of: "recordings.copyStored", name: "CopyStored", class: "opCopyStored", args: []string{"to destinationRecordingName"},
		doc: "CopyStored copies the file of a finished recording. A taken name is ErrConflict, see Made."},
	{of: "recordings.deleteStored", name: "DeleteStored", doc: "DeleteStored removes the file of a finished recording."},
	{of: "recordings.getLive", name: "Live", op: "recordings.live", doc: "Live returns a recording that is being written."},
	{of: "recordings.stop", name: "StopLive", doc: "StopLive ends a recording and keeps the file."},
	{of: "recordings.cancel", name: "DiscardLive", op: "recordings.discard", doc: "DiscardLive ends a recording and throws the file away."},
	{of: "recordings.pause", name: "PauseLive", doc: "PauseLive leaves out what is said from now on, so that the file gets shorter. One that has not begun is ErrBadState; one that is " +
		"paused already is a success."},
	{of: "recordings.unpause", name: "ResumeLive", op: "recordings.resume", doc: "ResumeLive ends PauseLive."},
	{of: "recordings.mute", name: "MuteLive", doc: "MuteLive writes silence from now on, so that the file keeps the time of the call."},
	{of: "recordings.unmute", name: "UnmuteLive", doc: "UnmuteLive ends MuteLive."},

	{of: "sounds.list", name: "List", args: []string{"lang", "format"}, doc: "List returns the prompts that Asterisk has; empty arguments do not narrow it. None at all is ErrNotFound."},
	{of: "sounds.get", name: "Get", doc: "Get returns one prompt."},
}

// leftOut are the operations that have no method.
var leftOut = map[string]string{
	"asterisk.getObject":          "configuration is deployed as files, reviewed and versioned",
	"asterisk.updateObject":       "as asterisk.getObject",
	"asterisk.deleteObject":       "as asterisk.getObject",
	"asterisk.addLog":             "as asterisk.getObject",
	"asterisk.deleteLog":          "as asterisk.getObject",
	"bridges.createWithId":        "bridges.create takes the id as well",
	"bridges.playWithId":          "bridges.play takes the id as well",
	"channels.originateWithId":    "channels.originate takes the id as well",
	"channels.playWithId":         "channels.play takes the id as well",
	"channels.snoopChannelWithId": "channels.snoopChannel takes the id as well",
}

// parametersLeftOut are the parameters that no method sends.
var parametersLeftOut = map[string]string{
	"asterisk.getInfo?only": "all of the answer is small",
	"bridges.create?variables": "22.10.1 answers 400 to the form that its description gives, and has made the bridge all the same: " +
		"use bridges.setBridgeVars",
	"channels.externalMedia?direction": "both is its only value",
	"events.eventWebsocket?subscribeAll": "loses events of calls after a reconnect and can stop Asterisk: " +
		"subscribe to what is needed",
}
