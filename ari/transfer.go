package ari

// TransferState is how a transfer goes that the application carries out, see
// ChannelTransfer. The values stand in no list of Asterisk's description but
// in its source (res/ari/resource_channels.c).
type TransferState string

// The states that Channels.TransferProgress accepts. The last three end the
// transfer for the phone that asked for it.
const (
	TransferProgress    TransferState = "channel_progress"
	TransferAnswered    TransferState = "channel_answered"
	TransferUnavailable TransferState = "channel_unavailable"
	TransferDeclined    TransferState = "channel_declined"
)
