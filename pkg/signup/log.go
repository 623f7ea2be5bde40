package signup

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/rs/zerolog"

	"github.com/pontte/portaria/pkg/redact"
)

// logVisit writes the one line of an invocation. It holds no e-mail, phone,
// user name or whole CPF.
func (h *Handler) logVisit(ctx context.Context, v visit) {
	outcome, level := "allowed", zerolog.InfoLevel
	switch {
	case v.code == Internal:
		outcome, level = "failed", zerolog.ErrorLevel
	case v.code != "":
		outcome = "refused"
		if v.doubtful() {
			level = zerolog.WarnLevel
		}
	}
	ended := h.now()
	line := h.log.WithLevel(level)
	if !line.Enabled() {
		h.logFigures(v, outcome, ended.Sub(v.began))
		return
	}
	line.Str("timestamp", ended.UTC().Format("2006-01-02T15:04:05.000Z")).
		Bool("cold_start", v.coldStart)
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		line.Str("function_request_id", lc.AwsRequestID)
	}
	if id, ok := ctx.Value("x-amzn-trace-id").(string); ok && id != "" {
		line.Str("xray_trace_id", id)
	}
	line.Str("trigger_source", loggable(v.event.triggerSource)).Str("outcome", outcome)
	if v.code != "" {
		line.Str("code", string(v.code))
	}
	if v.claim != "" {
		line.Str("claim", v.claim)
	}
	if !v.cpf.IsZero() {
		line.Str("cpf", v.cpf.Masked())
	}
	if v.cause != nil {
		line.Str("error", redact.Cause(v.cause, v.event.secrets()...))
	}
	line.Int64("duration_ms", ended.Sub(v.began).Milliseconds())
	h.metrics.addTo(line, v)
	line.Msg("sign-up " + outcome)
}

// loggable is a trigger source as it may be logged: those of Cognito are letters
// and an underscore, which can hold nobody's number or e-mail.
func loggable(triggerSource string) string {
	const longest = 64
	other := func(r rune) bool { return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '_' }
	if len(triggerSource) > longest || strings.ContainsFunc(triggerSource, other) {
		return "?"
	}
	return triggerSource
}

// secrets are the values of an event that no line may hold.
func (e event) secrets() []string {
	values := []string{e.email, e.phoneNumber, e.cpf, e.user.Name}
	return slices.AppendSeq(values, maps.Values(e.validationData))
}
