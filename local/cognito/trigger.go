package cognito

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pontte/portaria/local/lambda"
)

const (
	triggerTries          = 3
	sourceSignUp          = "PreSignUp_SignUp"
	sourceAdminCreateUser = "PreSignUp_AdminCreateUser"
	noClient              = "CLIENT_ID_NOT_APPLICABLE"
)

// event is the PreSignUp event in Cognito's shape.
type event struct {
	Version       string        `json:"version"`
	Region        string        `json:"region"`
	UserPoolID    string        `json:"userPoolId"`
	UserName      string        `json:"userName"`
	CallerContext callerContext `json:"callerContext"`
	TriggerSource string        `json:"triggerSource"`
	Request       eventRequest  `json:"request"`
	Response      eventResponse `json:"response"`
}

type callerContext struct {
	SDKVersion string `json:"awsSdkVersion"`
	ClientID   string `json:"clientId"`
}

// eventRequest has validationData null and clientMetadata absent when they
// were not sent, as Cognito's has.
type eventRequest struct {
	UserAttributes map[string]string               `json:"userAttributes"`
	ValidationData map[string]string               `json:"validationData"`
	ClientMetadata map[metadataValue]metadataValue `json:"clientMetadata,omitzero"`
}

type eventResponse struct {
	AutoConfirmUser bool `json:"autoConfirmUser"`
	AutoVerifyEmail bool `json:"autoVerifyEmail"`
	AutoVerifyPhone bool `json:"autoVerifyPhone"`
}

// preSignUp runs the pool's PreSignUp trigger, if it has one, and returns what
// it answered. Every try gets the same bytes; a try that has not answered in
// time or could not be made is followed by another, and what it answers later
// is thrown away. No lock may be held.
func (s *Service) preSignUp(ctx context.Context, settings *poolInput, e event) (eventResponse, error) {
	name := string(settings.LambdaConfig.PreSignUp)
	if name == "" {
		return eventResponse{}, nil
	}
	function, ok := s.config.Functions[name]
	if !ok {
		return eventResponse{}, unreachable("AccessDeniedException")
	}
	e.Version = "1"
	e.Region = s.config.Region
	e.CallerContext.SDKVersion = sdkVersion(ctx)
	if e.Request.UserAttributes == nil {
		e.Request.UserAttributes = map[string]string{}
	}
	payload, err := json.Marshal(e)
	if err != nil {
		return eventResponse{}, fmt.Errorf("encode event: %w", err)
	}
	for range triggerTries {
		var answer []byte
		answer, err = s.try(ctx, function, bytes.Clone(payload))
		if err == nil {
			return parseAnswer(answer)
		}
		if failed, ok := errors.AsType[*lambda.FunctionError](err); ok {
			return eventResponse{}, refuse(userLambdaValidation, "PreSignUp failed with error %s.", failed.Message)
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return eventResponse{}, unreachable("Socket timeout while invoking Lambda function")
	}
	return eventResponse{}, unreachable(err.Error())
}

// try invokes the function once and waits for at most AnswerWithin, also for a
// function that does not heed its context.
func (s *Service) try(ctx context.Context, function lambda.Function, payload []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.AnswerWithin)
	defer cancel()
	type answer struct {
		payload []byte
		err     error
	}
	answers := make(chan answer, 1)
	go func() {
		out, err := function.Invoke(ctx, payload)
		answers <- answer{out, err}
	}()
	select {
	case a := <-answers:
		return a.payload, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// parseAnswer reads the response of the event that a function gave back.
func parseAnswer(answer []byte) (eventResponse, error) {
	var out eventResponse
	var members, response map[string]json.RawMessage
	if json.Unmarshal(answer, &members) != nil ||
		json.Unmarshal(members["response"], &response) != nil || response == nil {
		return out, unrecognizable()
	}
	for name, flag := range map[string]*bool{
		"autoConfirmUser": &out.AutoConfirmUser,
		"autoVerifyEmail": &out.AutoVerifyEmail,
		"autoVerifyPhone": &out.AutoVerifyPhone,
	} {
		if value, ok := response[name]; ok && json.Unmarshal(value, flag) != nil {
			return out, unrecognizable()
		}
	}
	return out, nil
}

func unreachable(cause string) error {
	return refuse(unexpectedLambda, "PreSignUp invocation failed due to error %s.", cause)
}

func unrecognizable() error {
	return refuse(invalidLambdaResponse, "Unrecognizable lambda output")
}
