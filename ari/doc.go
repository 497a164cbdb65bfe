// Package ari is a client of the Asterisk REST Interface: requests over
// pooled HTTP, events over one WebSocket.
//
// The package needs Asterisk 20.14 or newer and follows the API description
// that Asterisk itself serves (GET /ari/api-docs/*.json). It never logs and
// never retries: a request is sent once, a connection that ends ends with an
// error, and whoever connects again has to compare its own picture with
// Applications.Get, Channels.List and Bridges.List, because Asterisk does not
// keep events for an application that is not connected.
//
// # Requests
//
// Each resource of the API is a field of Client. Every answer outside 2xx is
// an *Error; test it with errors.Is against ErrNotFound, ErrNotInStasis and so
// on rather than by its status, since Asterisk gives one status several
// meanings. A request that got no answer is a *TransportError: it may or may
// not have been carried out. Choose the ids of what you create, so that a
// repeated request is answered with ErrConflict instead of creating a second
// thing; Made and Gone turn such answers into success. Playbacks are the
// exception: a second one under the same id is played as well.
//
// An answer longer than 64 MiB is an error; only the file of a recording may
// have any length.
//
// Asterisk answers some requests only when the command ran on the channel
// (Answer, SetVariable, AddChannels, RemoveChannels): these wait behind a
// playback on a channel that is in no bridge (Asterisk:
// res/stasis/control.c). Give each context a deadline.
//
// # Events
//
// Client.Listen connects, Stream.All delivers. The order is Asterisk's own. An
// event may come before the answer of the request that caused it. A type that
// the package does not know arrives as *UnknownEvent. There is no reconnecting
// and no subscribing to everything (subscribeAll): after a reconnect the latter
// loses the ends of calls that were up, and it can stop Asterisk.
//
// # What the package is made of
//
// Operations, objects and events are generated from a digest of the API
// description of Asterisk 22.10.1 and from tables with our names and comments,
// in internal/gen. Since when Asterisk has something is said where that is
// later than 20.14. Operations that are left out stand there with a reason.
package ari

//go:generate go run ./internal/gen .
