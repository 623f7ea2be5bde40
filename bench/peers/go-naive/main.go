// Command go-naive is the trigger as it is mostly written: a typed event, the
// SDK's default configuration, `go build` without flags. A peer of the bench,
// not for use: it knows neither leases nor retries of Cognito.
package main

import (
	"context"
	"errors"
	"log"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/rs/zerolog"

	"github.com/pontte/portaria/bench/peers/rules"
)

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	h := &handler{
		client: dynamodb.NewFromConfig(cfg),
		table:  os.Getenv("TABLE_NAME"),
		log:    zerolog.New(os.Stdout).With().Str("service", "go-naive").Logger(),
		cold:   true,
	}
	lambda.Start(h.handle)
}

type handler struct {
	client *dynamodb.Client
	table  string
	log    zerolog.Logger
	cold   bool
}

func (h *handler) handle(ctx context.Context, e events.CognitoEventUserPoolsPreSignup) (events.CognitoEventUserPoolsPreSignup, error) {
	began := time.Now()
	cpf, refusal := rules.Check(e.Request.UserAttributes, e.Request.ValidationData)
	var cause error
	if refusal == nil {
		refusal, cause = h.claim(ctx, e, cpf, began)
	}
	h.logLine(ctx, e.TriggerSource, cpf, refusal, cause, began)
	if refusal != nil {
		return e, refusal
	}
	return e, nil
}

func (h *handler) claim(ctx context.Context, e events.CognitoEventUserPoolsPreSignup, cpf string, at time.Time) (*rules.Refusal, error) {
	values := e.Request.ValidationData
	_, err := h.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName:           &h.table,
		ConditionExpression: aws.String("attribute_not_exists(cpf)"),
		Item: map[string]types.AttributeValue{
			"cpf":           text(cpf),
			"userPoolId":    text(e.UserPoolID),
			"userName":      text(e.UserName),
			"email":         text(e.Request.UserAttributes["email"]),
			"phoneNumber":   text(e.Request.UserAttributes["phone_number"]),
			"trackCode":     text(values["trackCode"]),
			"triggerSource": text(e.TriggerSource),
			"claimedAt":     number(strconv.FormatInt(at.UnixMilli(), 10)),
			"simulation": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
				"id":                text(values["simulationId"]),
				"loanValue":         number(values["loanValue"]),
				"term":              number(values["term"]),
				"installment":       number(values["installment"]),
				"loanValueSelected": number(values["loanValueSelected"]),
				"phone":             text(values["phone"]),
			}},
		},
	})
	if _, taken := errors.AsType[*types.ConditionalCheckFailedException](err); taken {
		return rules.CPFTaken, nil
	}
	if err != nil {
		return rules.Internal, err
	}
	return nil, nil
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }

func (h *handler) logLine(ctx context.Context, source, cpf string, refusal *rules.Refusal, cause error, began time.Time) {
	ended := time.Now()
	outcome, line := "allowed", h.log.Info()
	if refusal != nil {
		outcome = "refused"
		line.Str("code", refusal.Code)
	}
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		line.Str("function_request_id", lc.AwsRequestID)
	}
	if trace, ok := ctx.Value("x-amzn-trace-id").(string); ok {
		line.Str("xray_trace_id", trace)
	}
	if cpf != "" {
		line.Str("cpf", rules.Masked(cpf)).Str("claim", "new")
	}
	line.AnErr("error", cause).
		Str("timestamp", ended.UTC().Format("2006-01-02T15:04:05.000Z")).
		Bool("cold_start", h.cold).
		Str("trigger_source", source).
		Str("outcome", outcome).
		Int64("duration_ms", ended.Sub(began).Milliseconds()).
		Msg("sign-up " + outcome)
	h.cold = false
}
