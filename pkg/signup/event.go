package signup

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/userpool"
)

// The sources of a PreSignUp event.
// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-sign-up.html
const (
	sourceSignUp           = "PreSignUp_SignUp"
	sourceAdminCreateUser  = "PreSignUp_AdminCreateUser"
	sourceExternalProvider = "PreSignUp_ExternalProvider"
)

// event is what the rules need of a PreSignUp event.
type event struct {
	triggerSource  string
	user           registry.User
	email          string // lower case; "" when absent
	phoneNumber    string // "" when absent
	cpf            string // "" when absent
	validationData map[string]string
	// resend is set for an event that a RESEND would have, should it run the
	// trigger: an AdminCreateUser without validation data.
	resend bool
}

// decodeEvent reads an event. Only what is needed is decoded, and each object by
// itself, so that names are compared exactly and the last of two equal ones
// counts whole. An attribute or value that is no text counts as missing; an
// error says what else is not as Cognito sends it, and holds no value.
func decodeEvent(payload []byte) (event, error) {
	const whole = "the event"
	if !json.Valid(payload) {
		return event{}, fmt.Errorf("%s is not a JSON object", whole)
	}
	var top, request, attributes, validation object
	var e event
	err := errors.Join(
		decodeObject(string(payload), whole, &top),
		top.text("triggerSource", &e.triggerSource),
		top.text("userPoolId", &e.user.PoolID),
		top.text("userName", &e.user.Name),
		top.object("request", &request),
		request.object("userAttributes", &attributes),
		request.object("validationData", &validation),
	)
	if err != nil {
		return event{}, err
	}
	e.email = strings.ToLower(attributes.optionalText("email"))
	e.phoneNumber = attributes.optionalText("phone_number")
	e.cpf = attributes.optionalText(userpool.AttributeCPF)
	e.validationData = validation.texts()
	e.resend = e.triggerSource == sourceAdminCreateUser && len(validation) == 0
	if e.user.Name == "" {
		e.user.Name = e.email
	}
	switch {
	case e.triggerSource != sourceSignUp && e.triggerSource != sourceAdminCreateUser && e.triggerSource != sourceExternalProvider:
		return e, errors.New("triggerSource is not one of PreSignUp")
	case e.user.PoolID == "":
		return e, errors.New("no userPoolId")
	case e.user.Name == "":
		return e, errors.New("neither userName nor e-mail")
	}
	return e, nil
}
