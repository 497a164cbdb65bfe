// Package aritest is an Asterisk to test against: it speaks ARI over real HTTP
// and WebSockets, on TCP or on connections in memory, so that it also runs
// inside a bubble of testing/synctest, where a conversation of minutes takes
// none.
//
// It has channels, bridges, playbacks that last, keys, recordings, telephones
// that answer, ring out, are busy or cannot be reached, transfers, and the
// applications with their failover. It can cut sockets, restart, and lose,
// delay and repeat events. What it does was seen on Asterisk 22.10.1, and the
// suite in package conform runs against both.
//
// Nobody talks: there is no media and no dialplan language. REST over the
// WebSocket, external media, device states, mailboxes and broadcasts are not
// there: they answer 404.
package aritest
