package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/agent"
	"hotline/crm"
)

// Problem is how an error is told (RFC 9457). It never repeats what was sent.
type Problem struct {
	Type     string       `json:"type" doc:"Which problem, as /problems/<name>; a name keeps its meaning"`
	Title    string       `json:"title" doc:"What it is, for people, in the language asked for"`
	Status   int          `json:"status"`
	Detail   string       `json:"detail,omitempty" doc:"What can be done, or what exactly is missing"`
	Instance string       `json:"instance,omitempty" doc:"This occurrence; names it in the server's log"`
	Errors   []FieldFault `json:"errors,omitempty" doc:"Every fault of the input"`

	retryAfter time.Duration
}

// FieldFault is one fault of an input.
type FieldFault struct {
	Location string `json:"location" doc:"Where, such as body.promise.due_on or query.limit"`
	Message  string `json:"message"`
}

func (p *Problem) Error() string  { return p.Title }
func (p *Problem) GetStatus() int { return p.Status }

// ContentType makes the answer a problem document.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders tells when to try again.
func (p *Problem) GetHeaders() http.Header {
	if p.retryAfter <= 0 {
		return nil
	}
	seconds := int(math.Ceil(p.retryAfter.Seconds()))
	return http.Header{"Retry-After": {strconv.Itoa(seconds)}}
}

// slug names a problem.
type slug string

// The problems; their names are part of the API.
const (
	invalidCredentials slug = "invalid-credentials"
	loginLocked        slug = "login-locked"
	notSignedIn        slug = "not-signed-in"
	forbiddenSlug      slug = "forbidden"
	notFound           slug = "not-found"
	methodNotAllowed   slug = "method-not-allowed"
	staleVersion       slug = "stale-version"
	notYourCall        slug = "not-your-call"
	notAllowedNow      slug = "not-allowed-now"
	keyMissing         slug = "idempotency-key-missing"
	keyReused          slug = "idempotency-key-reused"
	invalidInput       slug = "invalid-input"
	tooLarge           slug = "too-large"
	unavailable        slug = "unavailable"
	internal           slug = "internal"
)

var problems = map[slug]struct {
	status int
	title  text
	detail text
}{
	invalidCredentials: {401, text{"用户名或密码不正确。", "The user name or the password is wrong."}, text{}},
	loginLocked: {429, text{"登录失败次数过多，请稍后再试。", "Too many failed attempts to sign in."},
		text{"请等待提示的时间后重试。", "Wait for the time given before the next attempt."}},
	notSignedIn:      {401, text{"请先登录。", "You are not signed in."}, text{}},
	forbiddenSlug:    {403, text{"您没有此操作的权限。", "You are not permitted to do this."}, text{}},
	notFound:         {404, text{"没有找到。", "There is no such thing."}, text{}},
	methodNotAllowed: {405, text{"不支持此请求方法。", "This method is not supported here."}, text{}},
	staleVersion: {409, text{"内容已被更新，请刷新后再试。", "It has changed meanwhile."},
		text{"请以最新内容为准，重新提交。", "Look at its present state and try again."}},
	notYourCall: {409, text{"这通电话当前不在您这里。", "This call is not with you now."}, text{}},
	notAllowedNow: {409, text{"当前状态下不能进行此操作。", "This is not possible in the present state."},
		text{"您的坐席状态不允许此操作。", "Your state at the desk does not allow it."}},
	keyMissing: {400, text{"请求缺少 Idempotency-Key。", "The header Idempotency-Key is missing."},
		text{"请为每次新建提供 1 至 200 个字符的键，重试时使用同一个键。", "Give each creation a key of 1 to 200 characters and repeat it in retries."}},
	keyReused:    {422, text{"此 Idempotency-Key 已用于另一个请求。", "This Idempotency-Key was used for another request."}, text{}},
	invalidInput: {422, text{"提交的内容有误，请检查。", "Some of the input is not valid."}, text{}},
	tooLarge:     {413, text{"提交的内容过大。", "The request is too large."}, text{}},
	unavailable: {503, text{"服务暂时不可用，请稍后再试。", "The service is not available for the moment."},
		text{"系统会自动恢复，您可以稍后重试。", "It recovers by itself; try again in a moment."}},
	internal: {500, text{"服务器内部错误。", "Something went wrong here."},
		text{"请将编号告知管理员。", "Tell the administrator the number of this occurrence."}},
}

// Errors of this package; problemOf gives each its answer.
var (
	errNotSignedIn = errors.New("not signed in")
	errNotYourCall = errors.New("the call is not with this agent")
	errKeyMissing  = errors.New("idempotency key missing")
	errNoSuchPath  = errors.New("no such path")
	errNoExtension = errors.New("user has no extension")
	errOtherOrigin = errors.New("request of another origin")
)

// forbidden tells which permission is missing.
type forbidden struct{ permission Permission }

func (e forbidden) Error() string { return "permission " + string(e.permission) + " is missing" }

// locked tells when the next attempt to sign in counts.
type locked struct{ retryAfter time.Duration }

func (e locked) Error() string { return "locked for " + e.retryAfter.String() }

func newProblem(ctx context.Context, which slug) *Problem {
	lang := languageOf(ctx)
	known := problems[which]
	p := &Problem{
		Type: "/problems/" + string(which), Status: known.status,
		Title: known.title.in(lang), Detail: known.detail.in(lang),
	}
	if id := requestID(ctx); id != "" {
		p.Instance = "urn:request:" + id
	}
	return p
}

// problemOf is the only place that knows what an error means for a caller.
// What it does not know is "internal", and its text is not shown.
func problemOf(ctx context.Context, err error) *Problem {
	var (
		ready  *Problem
		denied forbidden
		lock   locked
		netErr net.Error
	)
	if errors.As(err, &ready) {
		return ready
	}
	if faults, ok := crm.AsInvalidInput(err); ok {
		p := newProblem(ctx, invalidInput)
		for _, f := range faults {
			where := "body."
			if f.Field == "cursor" {
				where = "query."
			}
			p.Errors = append(p.Errors, FieldFault{where + f.Field, reasonText(f.Reason).in(languageOf(ctx))})
		}
		return p
	}
	switch {
	case errors.Is(err, crm.ErrBadCredentials):
		return newProblem(ctx, invalidCredentials)
	case errors.Is(err, errNotSignedIn):
		return newProblem(ctx, notSignedIn)
	case errors.As(err, &denied):
		p := newProblem(ctx, forbiddenSlug)
		p.Detail = text{"缺少权限：" + string(denied.permission), "The permission " + string(denied.permission) + " is missing."}.in(languageOf(ctx))
		return p
	case errors.Is(err, errNoExtension):
		p := newProblem(ctx, forbiddenSlug)
		p.Detail = text{"您的账号没有分机，不能使用接线台。", "Your account has no extension and so no desk."}.in(languageOf(ctx))
		return p
	case errors.Is(err, errOtherOrigin):
		p := newProblem(ctx, forbiddenSlug)
		p.Detail = text{"请求来自其他网站，已拒绝。", "The request came from another site."}.in(languageOf(ctx))
		return p
	case errors.As(err, &lock):
		p := newProblem(ctx, loginLocked)
		p.retryAfter = lock.retryAfter
		return p
	case errors.Is(err, crm.ErrNotFound), errors.Is(err, errNoSuchPath):
		return newProblem(ctx, notFound)
	case errors.Is(err, crm.ErrStale), errors.Is(err, agent.ErrStale):
		return newProblem(ctx, staleVersion)
	case errors.Is(err, errNotYourCall):
		return newProblem(ctx, notYourCall)
	case errors.Is(err, agent.ErrNotNow):
		return newProblem(ctx, notAllowedNow)
	case errors.Is(err, errKeyMissing):
		return newProblem(ctx, keyMissing)
	case errors.Is(err, crm.ErrKeyReused):
		return newProblem(ctx, keyReused)
	case errors.As(err, &netErr), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return newProblem(ctx, unavailable) // a store that is away
	}
	return newProblem(ctx, internal)
}

// problem makes an error's answer and remembers its cause for the request's
// log line when the fault is ours.
func (s *Server) problem(ctx context.Context, err error) *Problem {
	p := problemOf(ctx, err)
	if p.Status >= http.StatusInternalServerError {
		setCause(ctx, err)
	}
	return p
}

// refuse answers an operation before its handler has run.
func (s *Server) refuse(c huma.Context, err error) {
	p := s.problem(c.Context(), err)
	for name, values := range p.GetHeaders() {
		for _, v := range values {
			c.AppendHeader(name, v)
		}
	}
	c.SetHeader("Content-Type", p.ContentType(""))
	c.SetStatus(p.Status)
	// An error here means that the caller is gone.
	_ = json.NewEncoder(c.BodyWriter()).Encode(p)
}

// fail answers a request that is no operation of the API.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := s.problem(r.Context(), err)
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

// frameworkProblem turns what huma has to say into ours: mostly faults of the
// input, of which it gives the value too, which is dropped.
func frameworkProblem(ctx context.Context, status int, errs []error) huma.StatusError {
	which := internal
	switch {
	case status == http.StatusRequestEntityTooLarge:
		which = tooLarge
	case status == http.StatusNotFound:
		which = notFound
	case status == http.StatusMethodNotAllowed:
		which = methodNotAllowed
	case status >= 400 && status < 500:
		which = invalidInput
	}
	p := newProblem(ctx, which)
	if which != invalidInput {
		if len(errs) > 0 {
			setCause(ctx, fmt.Errorf("framework: %w", errors.Join(errs...)))
		}
		return p
	}
	for _, err := range errs {
		var d huma.ErrorDetailer
		if errors.As(err, &d) {
			detail := d.ErrorDetail()
			p.Errors = append(p.Errors, FieldFault{detail.Location, faultText(detail.Message).in(languageOf(ctx))})
		}
	}
	return p
}
