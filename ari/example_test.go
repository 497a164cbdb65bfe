package ari_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/gorilla/websocket"

	"hotline/ari"
)

// A small program: answer every call that enters the application "hotline" and
// say which number it dialled, which the dialplan passes as an argument.
func Example() {
	asterisk := smallAsterisk()
	defer asterisk.Close()

	client, err := ari.New(ari.Options{URL: asterisk.URL + "/ari", User: "hotline", Password: "secret"})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	stream, err := client.Listen(ctx, "hotline")
	if err != nil {
		fmt.Println(err)
		return
	}
	for event, err := range stream.All() {
		if errors.Is(err, ari.ErrApplicationReplaced) {
			fmt.Println("another controller took over")
			return
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		switch e := event.(type) {
		case *ari.StasisStart:
			err := client.Channels.Answer(ctx, e.Channel.ID)
			if errors.Is(err, ari.ErrNotFound) {
				continue // hung up in the meantime
			}
			fmt.Println("answered", e.Channel.ID, "for", e.Args, err)
		case *ari.StasisEnd:
			fmt.Println("ended", e.Channel.ID)
		}
	}
	// Output:
	// answered c1 for [4001] <nil>
	// ended c1
	// another controller took over
}

// smallAsterisk sends the events of one call, then that of a takeover.
func smallAsterisk() *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /ari/channels/c1/answer", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /ari/events", func(w http.ResponseWriter, r *http.Request) {
		upgrader := websocket.Upgrader{}
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer conn.Close()
		for _, event := range []string{
			`{"type":"StasisStart","application":"hotline","args":["4001"],"channel":{"id":"c1","state":"Ring"}}`,
			`{"type":"StasisEnd","application":"hotline","channel":{"id":"c1"}}`,
			`{"type":"ApplicationReplaced","application":"hotline"}`,
		} {
			_ = conn.WriteMessage(websocket.TextMessage, []byte(event))
		}
		_, _, _ = conn.ReadMessage() // until the client says goodbye
	})
	return httptest.NewServer(mux)
}
