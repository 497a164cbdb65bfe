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
	"StasisStart", "StasisEnd", "ChannelDestroyed", "ChannelStateChange", "ChannelDtmfReceived", "ChannelUserevent",
	"PlaybackFinished", "RecordingFinished", "RecordingFailed", "ApplicationReplaced",
}

// told is one thing for an actor: an event of the call, or news of its agent's
// leg that only the shell needs.
type told struct {
	event      call.Event
	legEntered string // the leg is in the application and may be dialled now
	legLeft    bool   // the leg has left the application; its end, with the cause, follows
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
		if _, l, isLeg := legOf(e.Channel.ID); isLeg {
			return e.Channel.ID, told{legLeft: true, leg: l}, true
		}
		return e.Channel.ID, told{event: call.CallerGone{}}, true
	case *ari.ChannelDestroyed:
		if _, l, isLeg := legOf(e.Channel.ID); isLeg {
			return e.Channel.ID, told{event: legEnd(l, e.Cause)}, true
		}
		return e.Channel.ID, told{event: call.CallerGone{}}, true
	case *ari.ChannelStateChange:
		_, l, isLeg := legOf(e.Channel.ID)
		switch {
		case isLeg && e.Channel.State == ari.StateUp:
			return e.Channel.ID, told{event: call.AgentAnswered{Attempt: l.attempt, Ring: l.ring}}, true
		case isLeg && e.Channel.State == ari.StateRinging:
			return e.Channel.ID, told{event: call.AgentRinging{Attempt: l.attempt, Ring: l.ring}}, true
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

// legEnd is the end of an agent's leg. A leg of ours ends with StasisEnd and then
// ChannelDestroyed, and only the latter has the cause: a dial that failed gets no
// final Dial event, and the cause of a ChannelHangupRequest is no Q.850 cause when
// we hang up. A caller's channel mostly ends with StasisEnd alone.
func legEnd(l leg, cause int) call.Event {
	return call.AgentLegEnded{Attempt: l.attempt, Ring: l.ring, Cause: causeOf(cause)}
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
