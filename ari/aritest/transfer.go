package aritest

import "net/http"

// ariOnly says that the application handles the transfers of this channel's
// telephone itself (PJSIP_TRANSFER_HANDLING, 22.3.0).
func (c *channel) ariOnly() bool { return c.vars["PJSIP_TRANSFER_HANDLING()"] == "ari-only" }

// tellTransfer says who asks for which transfer, and how far it is.
func (c *channel) tellTransfer(state string) {
	by := object{"source_channel": c.json()}
	if c.bridge != nil {
		by["bridge"] = c.bridge.json()
		for _, other := range c.bridge.channels {
			if other != c {
				by["connected_channel"] = other.json()
			}
		}
	}
	event := object{"referred_by": by, "refer_to": object{"requested_destination": object{"destination": c.referTo}}}
	if state != "" {
		event["state"] = state
	}
	c.tell("ChannelTransfer", event)
}

// transferProgress is what the application says of a transfer that it carries
// out. It comes back as an event; a telephone that hears of success leaves.
func (w *world) transferProgress(r *call) {
	c := w.control(r)
	switch {
	case c == nil:
	case c.referTo == "":
		r.refuse(http.StatusConflict, "Channel is not being transferred")
	default:
		r.ok()
		c.tellTransfer(r.get("states"))
		if r.get("states") == "channel_answered" {
			c.hangUp(16)
		}
	}
}

// transfer is a REFER to a number. Asterisk puts a Local channel in the
// transferer's place, and its other half goes to the number; the transferer's
// telephone is told and leaves.
func (c *channel) transfer(number string) {
	if c.ariOnly() {
		c.referTo = number
		c.tellTransfer("")
		return
	}
	b := c.bridge
	if b == nil {
		return // nobody to transfer: the telephone is refused
	}
	c.tell("ChannelUnhold", nil)
	half := c.replace()
	far := c.w.newChannel("", half.name+";2", ring)
	far.peer, half.peer = half, far
	far.goTo(number)
	half.setState(up)
	half.tellDial("ANSWER")
	c.tell("BridgeBlindTransfer", object{
		"exten": number, "context": "conform", "result": "Success", "is_external": true, "bridge": b.json(), "replace_channel": half.json(),
	})
	c.hangUp(16)
}

// transferTo is a REFER that replaces a second call of the same telephone: a
// pair of Local channels joins the two bridges, the second leg goes first.
func (c *channel) transferTo(second *channel) {
	if c.bridge == nil || second.bridge == nil {
		return
	}
	c.tell("ChannelUnhold", nil)
	second.tell("ChannelUnhold", nil)
	far := second.replace()
	near := c.replace()
	near.peer, far.peer = far, near
	second.leave()
	second.hangUp(16)
	c.tell("BridgeAttendedTransfer", object{
		"transferer_first_leg": c.json(), "transferer_second_leg": second.json(), "result": "Success", "is_external": true,
		"destination_type": "link", "destination_link_first_leg": near.json(), "destination_link_second_leg": far.json(),
	})
	near.setState(up)
	near.tellDial("ANSWER")
	c.hangUp(16)
}

// replace makes a Local channel and puts it where c is: it enters the
// application without arguments, then c leaves the bridge and it joins.
func (c *channel) replace() *channel {
	b := c.bridge
	half := c.w.newChannel("", "Local/replaces-"+c.id, ring)
	half.enter(c.app.name, nil, c)
	c.leaveBridge()
	b.join(half)
	c.watchers = nil // its StasisEnd is the last that is told of it
	return half
}
