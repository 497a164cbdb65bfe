package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/agent"
)

const wrapUpStep = 60 * time.Second // what one extension adds

type deskOutput struct{ Body DeskView }

// VersionBody is what every action on a desk carries.
type VersionBody struct {
	Version int64 `json:"version" minimum:"0" doc:"Of the desk on which the agent decided"`
}

type (
	readyInput struct {
		Body struct {
			VersionBody
			Device agent.Device `json:"device" enum:"browser,desk_phone"`
		}
	}
	awayInput struct {
		Body struct {
			VersionBody
			Reason string `json:"reason" enum:"break,meal,training,meeting,other"`
		}
	}
	versionInput struct{ Body VersionBody }
)

func (s *Server) deskRoutes() {
	register(s, DeskUse, huma.Operation{
		OperationID: "get-my-desk", Method: http.MethodGet, Path: "/me/desk", Tags: []string{"desk"},
		Summary: "The agent's own desk", Description: "The same as the stream desk carries.",
	}, func(ctx context.Context, _ *struct{}) (*deskOutput, error) {
		if user(ctx).Extension == "" {
			return nil, errNoExtension
		}
		return s.deskNow(ctx)
	})

	action := func(id, path, summary, description string) huma.Operation {
		return huma.Operation{
			OperationID: id, Method: http.MethodPost, Path: "/me/desk/actions/" + path, Tags: []string{"desk"},
			Summary: summary, Description: description, Errors: []int{http.StatusConflict},
		}
	}
	register(s, DeskUse, action("desk-ready", "ready", "Take calls",
		"On the device given, which rings. In wrap-up it ends that; while bound to a call it takes back a pending pause."),
		func(ctx context.Context, in *readyInput) (*deskOutput, error) {
			return s.command(ctx, in.Body.Version, agent.GoReady{Device: in.Body.Device})
		})
	register(s, DeskUse, action("desk-away", "away", "Pause",
		"While bound to a call it is remembered as next."),
		func(ctx context.Context, in *awayInput) (*deskOutput, error) {
			return s.command(ctx, in.Body.Version, agent.GoAway{Reason: in.Body.Reason})
		})
	register(s, DeskUse, action("desk-offline", "offline", "Sign off from the floor",
		"While bound to a call it is remembered as next. The session goes on."),
		func(ctx context.Context, in *versionInput) (*deskOutput, error) {
			return s.command(ctx, in.Body.Version, agent.GoOffline{})
		})
	register(s, DeskUse, action("desk-finish-wrap-up", "finish-wrap-up", "End wrap-up", "Goes to next, else to ready."),
		func(ctx context.Context, in *versionInput) (*deskOutput, error) {
			return s.command(ctx, in.Body.Version, agent.FinishWrapUp{})
		})
	register(s, DeskUse, action("desk-extend-wrap-up", "extend-wrap-up", "Extend wrap-up", "By 60 seconds, to 10 minutes at most."),
		func(ctx context.Context, in *versionInput) (*deskOutput, error) {
			return s.command(ctx, in.Body.Version, agent.ExtendWrapUp{By: wrapUpStep})
		})
}

func (s *Server) deskNow(ctx context.Context) (*deskOutput, error) {
	view, err := s.Views.desk(ctx, user(ctx).ID)
	return &deskOutput{Body: view}, err
}

func (s *Server) command(ctx context.Context, version int64, e agent.Event) (*deskOutput, error) {
	u := user(ctx)
	if u.Extension == "" {
		return nil, errNoExtension
	}
	if _, err := s.Floor.Command(ctx, u.ID, version, e); err != nil {
		return nil, err
	}
	return s.deskNow(ctx)
}
