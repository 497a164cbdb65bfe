package ari_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"hotline/ari"
)

// Ring an agent: make the leg under an id of our own, then dial it when its
// StasisStart has come. The answers show what can go wrong.
func ExampleChannels_Create() {
	client, done := clientOf(map[string]string{
		"POST /ari/channels/create":     `200 {"id":"call-17-agent-1","state":"Down"}`,
		"POST /ari/channels/{id}/dial":  `204`,
		"DELETE /ari/channels/{id}":     `404 {"message":"Channel not found"}`,
		"GET /ari/endpoints/PJSIP/1001": `200 {"technology":"PJSIP","resource":"1001","state":"online"}`,
	})
	defer done()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()

	leg, err := client.Channels.Create(ctx, ari.CreateChannel{
		ID: "call-17-agent-1", Endpoint: "PJSIP/1001", App: "hotline", AppArgs: "agent,17", Originator: "call-17",
	})
	switch {
	case errors.Is(err, ari.ErrAllocation):
		fmt.Println("the phone cannot be reached")
		return
	case errors.Is(err, ari.ErrConflict):
		fmt.Println("made before: the answer to the first request was lost")
	case err != nil:
		fmt.Println(err)
		return
	}
	fmt.Println(leg.ID, leg.State)

	// When the StasisStart of the leg has come:
	if err := client.Channels.Dial(ctx, leg.ID, ari.Dial{Caller: "call-17", Timeout: 20 * time.Second}); err != nil {
		fmt.Println(err)
	}
	// Another agent was faster. That this one hung up by itself is fine too.
	fmt.Println(ari.Gone(client.Channels.Hangup(ctx, leg.ID, ari.ReasonAnsweredElsewhere)))
	// Output:
	// call-17-agent-1 Down
	// <nil>
}

// Two parties talk in a bridge whose id both sides of a restart can derive.
func ExampleMade() {
	client, done := clientOf(map[string]string{
		"POST /ari/bridges":                 `409 {"message":"Bridge with id 'call-17-talk' already exists"}`,
		"POST /ari/bridges/{id}/addChannel": `204`,
	})
	defer done()
	ctx := context.Background()

	_, err := client.Bridges.Create(ctx, ari.CreateBridge{ID: "call-17-talk", Type: "mixing"})
	if err := ari.Made(err); err != nil {
		fmt.Println(err)
		return
	}
	err = client.Bridges.AddChannels(ctx, "call-17-talk", []string{"call-17", "call-17-agent-1"}, ari.AddChannels{})
	fmt.Println(err)
	// Output:
	// <nil>
}

// A prompt in pieces, all under one id, so that one Stop ends it.
func ExampleChannels_Play() {
	client, done := clientOf(map[string]string{
		"POST /ari/channels/{id}/play": `201 {"id":"call-17-play-1","media_uri":"sound:queue/you-are","state":"queued"}`,
		"DELETE /ari/playbacks/{id}":   `404 {"message":"Playback not found"}`,
	})
	defer done()
	ctx := context.Background()

	playback, err := client.Channels.Play(ctx, "call-17", ari.Play{
		ID: "call-17-play-1", Media: []string{"sound:queue/you-are", "number:3", "sound:queue/in-line"}, Lang: "zh",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(playback.State)
	// The caller pressed a key. The prompt may have ended in the meantime.
	fmt.Println(ari.Gone(client.Playbacks.Stop(ctx, playback.ID)))
	// Output:
	// queued
	// <nil>
}

// A recording goes to a file without being held in memory.
func ExampleRecordings_StoredFile() {
	client, done := clientOf(map[string]string{"GET /ari/recordings/stored/{name}/file": `200 RIFF....WAVE`})
	defer done()

	file, err := client.Recordings.StoredFile(context.Background(), "2026/11/call-17")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	_, err = io.Copy(os.Stdout, file)
	fmt.Println("", err)
	// Output:
	// RIFF....WAVE <nil>
}

// Connecting again is the caller's business, because something has to be done
// with what happened in between.
func ExampleClient_Listen() {
	client, done := clientOf(map[string]string{"GET /ari/events": `503 {"message":"Asterisk not booted"}`})
	defer done()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	for attempt := 1; attempt <= 2; attempt++ {
		stream, err := client.Listen(ctx, "hotline")
		if err != nil {
			fmt.Println("not ready:", errors.Is(err, ari.ErrUnavailable))
			continue // after a pause, in a program
		}
		// Here: Channels.List, Bridges.List, Applications.Get, and compare.
		for event, err := range stream.All() {
			if errors.Is(err, ari.ErrApplicationReplaced) {
				return // somebody else does our work: do not fight for it
			}
			if err != nil {
				fmt.Println(err)
				break
			}
			fmt.Println(event.Header().Type)
		}
	}
	// Output:
	// not ready: true
	// not ready: true
}

// Frames that were kept, in a test or a log, are decoded in the same way.
func ExampleDecodeEvent() {
	for _, frame := range []string{
		`{"type":"ChannelDtmfReceived","digit":"5","duration_ms":120,"channel":{"id":"call-17"}}`,
		`{"type":"ChannelSings","song":"x"}`,
		`{"type":"StasisEnd","channel":7}`,
	} {
		switch e := ari.DecodeEvent([]byte(frame)).(type) {
		case *ari.ChannelDtmfReceived:
			fmt.Println(e.Channel.ID, "pressed", e.Digit)
		case *ari.UnknownEvent:
			fmt.Println(e.Type, "malformed:", e.Err != nil)
		}
	}
	// Output:
	// call-17 pressed 5
	// ChannelSings malformed: false
	// StasisEnd malformed: true
}

// clientOf returns a client of a server that gives these answers.
func clientOf(answers map[string]string) (*ari.Client, func()) {
	mux := http.NewServeMux()
	for pattern, answer := range answers {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) {
			status, body, _ := strings.Cut(answer, " ")
			var code int
			_, _ = fmt.Sscan(status, &code)
			w.WriteHeader(code)
			_, _ = io.WriteString(w, body)
		})
	}
	server := httptest.NewServer(mux)
	client, err := ari.New(ari.Options{URL: server.URL + "/ari", User: "hotline", Password: "secret"})
	if err != nil {
		panic(err) // an example has no test to fail
	}
	return client, server.Close
}
