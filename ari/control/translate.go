package control

import (
	"strconv"
	"strings"
	"time"

	"hotline/ari"
	"hotline/ari/call"
)

// The events that a slot asks Asterisk for; everything else stays out of the
// socket (PUT eventFilter). A filtered call costs about an eighth of the events.
var wanted = []string{
	"StasisStart", "StasisEnd", "ChannelDestroyed", "ChannelStateChange", "ChannelDtmfReceived", "Dial",
	"PlaybackFinished", "RecordingFinished", "RecordingFailed", "ApplicationReplaced",
}

// told is one thing for an actor: an event of the call, or news of its agent's
// leg that only the shell needs.
type told struct {
	event      call.Event
	legEntered string // the leg is in the application and may be dialled now
	dialStatus string // what Asterisk said of the dial, kept for the leg's end
	attempt    int
}

// translate turns what Asterisk says into what happened to a call. It is the
// only place where both vocabularies meet. resource names the channel,
// playback or recording that the event is about.
func translate(ev ari.Event) (resource string, t told, ok bool) {
	switch e := ev.(type) {
	case *ari.StasisStart:
		if _, attempt, isLeg := legOf(e.Channel.ID); isLeg {
			return e.Channel.ID, told{legEntered: e.Channel.ID, attempt: attempt}, true
		}
	case *ari.StasisEnd:
		return e.Channel.ID, gone(e.Channel.ID, 0), true
	case *ari.ChannelDestroyed:
		return e.Channel.ID, gone(e.Channel.ID, e.Cause), true
	case *ari.ChannelStateChange:
		_, attempt, isLeg := legOf(e.Channel.ID)
		switch {
		case isLeg && e.Channel.State == ari.StateUp:
			return e.Channel.ID, told{event: call.AgentAnswered{Attempt: attempt}}, true
		case isLeg && e.Channel.State == ari.StateRinging:
			return e.Channel.ID, told{event: call.AgentRinging{Attempt: attempt}}, true
		}
	case *ari.DialEvent:
		if _, attempt, isLeg := legOf(e.Peer.ID); isLeg && e.DialStatus != "" {
			return e.Peer.ID, told{dialStatus: e.DialStatus, attempt: attempt}, true
		}
	case *ari.ChannelDtmfReceived:
		return e.Channel.ID, told{event: call.Digit{Key: e.Digit}}, true
	case *ari.PlaybackFinished:
		return e.Playback.ID, told{event: call.PromptEnded{Playback: e.Playback.ID}}, true
	case *ari.RecordingFinished:
		if strings.HasSuffix(e.Recording.Name, "/message") {
			return e.Recording.Name, told{event: call.MessageRecorded{Length: time.Duration(e.Recording.Duration) * time.Second}}, true
		}
	case *ari.RecordingFailed:
		if strings.HasSuffix(e.Recording.Name, "/message") {
			return e.Recording.Name, told{event: call.MessageRecorded{}}, true
		}
	}
	return "", told{}, false
}

// gone is the end of a channel. StasisEnd and ChannelDestroyed come in any
// order and either may be missing; the second one means nothing any more.
func gone(channel string, cause int) told {
	if _, attempt, isLeg := legOf(channel); isLeg {
		return told{event: call.AgentLegEnded{Attempt: attempt, Cause: causeOf(cause)}}
	}
	return told{event: call.CallerGone{}}
}

// causeOf maps Q.850 causes as chan_pjsip sets them
// (asterisk/res/res_pjsip.c, ast_sip_hangup_sip2cause). Zero is unknown.
func causeOf(q850 int) call.LegCause {
	switch q850 {
	case 17, 21:
		return call.LegRejected
	case 18, 19:
		return call.LegNoAnswer
	case 1, 3, 20, 27, 34, 38, 41, 42, 58:
		return call.LegUnreachable
	}
	return call.LegHungUp
}

// causeOfDial maps the dial status of a leg that was never answered.
func causeOfDial(status string) call.LegCause {
	switch status {
	case "BUSY", "DONTCALL", "TORTURE":
		return call.LegRejected
	case "NOANSWER":
		return call.LegNoAnswer
	case "CHANUNAVAIL", "CONGESTION":
		return call.LegUnreachable
	}
	return call.LegHungUp
}

// idLength is that of a call's id, a UUID in text form. All names that we make
// in Asterisk begin with it.
const idLength = 36

// callOf finds the call to which a resource of ours belongs.
func callOf(resource string) (id string, ok bool) {
	if len(resource) <= idLength+1 || (resource[idLength] != '-' && resource[idLength] != '/') || strings.Count(resource[:idLength], "-") != 4 {
		return "", false
	}
	return resource[:idLength], true
}

// legOf tells whether a channel is an agent's leg, and of which attempt.
func legOf(channel string) (id string, attempt int, ok bool) {
	id, ok = callOf(channel)
	if !ok || !strings.HasPrefix(channel[idLength:], "-a") {
		return "", 0, false
	}
	attempt, err := strconv.Atoi(channel[idLength+2:])
	return id, attempt, err == nil
}
