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
	"StasisStart", "StasisEnd", "ChannelDestroyed", "ChannelStateChange", "ChannelDtmfReceived", "Dial", "ChannelHangupRequest",
	"PlaybackFinished", "RecordingFinished", "RecordingFailed", "ApplicationReplaced",
}

// told is one thing for an actor: an event of the call, or news of its agent's
// leg that only the shell needs.
type told struct {
	event      call.Event
	legEntered string // the leg is in the application and may be dialled now
	dialStatus string // what Asterisk said of the dial, kept for the leg's end
	hangUp     int    // the Q.850 cause of a hang-up that begins, kept likewise
	leg        leg
}

// leg is an agent's leg: of one attempt, rung again so many times.
type leg struct{ attempt, ring int }

// translate turns what Asterisk says into what happened to a call. It is the
// only place where both vocabularies meet. resource names the channel,
// playback or recording that the event is about.
func translate(ev ari.Event) (resource string, t told, ok bool) {
	switch e := ev.(type) {
	case *ari.StasisStart:
		if _, l, isLeg := legOf(e.Channel.ID); isLeg {
			return e.Channel.ID, told{legEntered: e.Channel.ID, leg: l}, true
		}
	case *ari.StasisEnd:
		return e.Channel.ID, gone(e.Channel.ID, 0), true
	case *ari.ChannelDestroyed:
		return e.Channel.ID, gone(e.Channel.ID, e.Cause), true
	case *ari.ChannelStateChange:
		_, l, isLeg := legOf(e.Channel.ID)
		switch {
		case isLeg && e.Channel.State == ari.StateUp:
			return e.Channel.ID, told{event: call.AgentAnswered{Attempt: l.attempt, Ring: l.ring}}, true
		case isLeg && e.Channel.State == ari.StateRinging:
			return e.Channel.ID, told{event: call.AgentRinging{Attempt: l.attempt, Ring: l.ring}}, true
		}
	case *ari.DialEvent:
		if _, l, isLeg := legOf(e.Peer.ID); isLeg && e.DialStatus != "" {
			return e.Peer.ID, told{dialStatus: e.DialStatus, leg: l}, true
		}
	case *ari.ChannelHangupRequest:
		if _, l, isLeg := legOf(e.Channel.ID); isLeg && e.Cause != 0 {
			return e.Channel.ID, told{hangUp: e.Cause, leg: l}, true
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
	if _, l, isLeg := legOf(channel); isLeg {
		return told{event: call.AgentLegEnded{Attempt: l.attempt, Ring: l.ring, Cause: causeOf(cause)}}
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
	case rtpTimeout:
		return call.LegLost
	}
	return call.LegHungUp
}

// rtpTimeout is the cause with which Asterisk ends a leg whose media stopped
// (asterisk/res/res_pjsip_sdp_rtp.c, rtp_check_timeout: requested channel unavailable).
const rtpTimeout = 44

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

// legOf tells whether a channel is an agent's leg, and which one; call.LegID
// makes these names.
func legOf(channel string) (id string, l leg, ok bool) {
	id, ok = callOf(channel)
	if !ok || !strings.HasPrefix(channel[idLength:], "-a") {
		return "", leg{}, false
	}
	attempt, ring, again := strings.Cut(channel[idLength+2:], "r")
	var err, ringErr error
	l.attempt, err = strconv.Atoi(attempt)
	if again {
		l.ring, ringErr = strconv.Atoi(ring)
	}
	return id, l, err == nil && ringErr == nil
}
