package main

import "strings"

// resource is a field of ari.Client.
type resource struct {
	name     string
	receiver string
	doc      string
}

var resources = map[string]resource{
	"applications": {"Applications", "a", "Applications are the Stasis applications that are, or were, connected."},
	"asterisk":     {"Asterisk", "a", "Asterisk is the server itself."},
	"bridges":      {"Bridges", "b", "Bridges connect channels."},
	"channels":     {"Channels", "c", "Channels are the legs of calls."},
	"deviceStates": {"DeviceStates", "d", "DeviceStates say which devices are free or busy."},
	"endpoints":    {"Endpoints", "e", "Endpoints are the configured phones and trunks."},
	"events": {"Events", "e", "Events are what applications tell each other through Asterisk. The events of Asterisk itself come by " +
		"Client.Listen."},
	"mailboxes": {"Mailboxes", "m", "Mailboxes light the lamps of phones. They need the module res_ari_mailboxes, which Debian does not ship: " +
		"without it every answer is ErrNotFound."},
	"playbacks": {"Playbacks", "p", "Playbacks are media being played. They cannot be listed: give them ids that can be derived again."},
	"recordings": {"Recordings", "r", `Recordings are files in Asterisk's recording folder, live while they are written and stored afterwards. ` +
		`The name is their only id and may hold "/". Never build it from what a caller sent.`},
	"sounds": {"Sounds", "s", "Sounds are the prompts that Asterisk can play."},
}

// arguments are the parts of paths as arguments.
var arguments = map[string]string{
	"applicationName": "app", "bridgeId": "id", "channelId": "id", "playbackId": "id", "soundId": "id",
	"deviceName": "name", "eventName": "name", "logChannelName": "name", "mailboxName": "name", "moduleName": "name", "recordingName": "name",
	"tech": "tech", "resource": "resource",
}

// initialisms keep their case in Go.
var initialisms = map[string]string{
	"aor": "AOR", "id": "ID", "ids": "IDs", "ms": "MS", "os": "OS", "rdnis": "RDNIS", "rtt": "RTT", "uri": "URI",
}

// goName spells a name of the description in Go's way.
func goName(s string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r == '_' || r == ' ' || r == '-' }) {
		if known, ok := initialisms[word]; ok {
			b.WriteString(known)
			continue
		}
		b.WriteString(upperFirst(word))
	}
	return b.String()
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// lowerFirst lowers a first word, which may be an initialism.
func lowerFirst(s string) string {
	capitals := 0
	for capitals < len(s) && 'A' <= s[capitals] && s[capitals] <= 'Z' {
		capitals++
	}
	if capitals > 1 && capitals < len(s) {
		capitals-- // the last one begins the next word
	}
	return strings.ToLower(s[:capitals]) + s[capitals:]
}

// snake is the name of a file.
func snake(s string) string {
	var b strings.Builder
	for _, r := range s {
		if 'A' <= r && r <= 'Z' {
			b.WriteByte('_')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
