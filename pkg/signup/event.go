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
	var top, request, attributes, validation object
	var e event
	err := errors.Join(
		decodeObject(payload, "the event", &top),
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

// object is a JSON object whose values are not decoded yet.
type object map[string]json.RawMessage

// decodeObject reads an object, or null, which is like an empty one.
func decodeObject(data []byte, name string, to *object) error {
	if json.Unmarshal(data, to) != nil {
		return fmt.Errorf("%s is not a JSON object", name)
	}
	return nil
}

// object reads the object called name, which may be absent.
func (o object) object(name string, to *object) error {
	if raw, ok := o[name]; ok {
		return decodeObject(raw, name, to)
	}
	return nil
}

// text reads the text called name, which may be absent or null.
func (o object) text(name string, to *string) error {
	if raw, ok := o[name]; ok && json.Unmarshal(raw, to) != nil {
		return fmt.Errorf("%s is not a text", name)
	}
	return nil
}

// optionalText is the text called name, "" where there is none.
func (o object) optionalText(name string) string {
	var s string
	if o.text(name, &s) != nil {
		return ""
	}
	return s
}

// texts are all values of o that are texts.
func (o object) texts() map[string]string {
	m := make(map[string]string, len(o))
	for name, raw := range o {
		var s *string
		if json.Unmarshal(raw, &s) == nil && s != nil {
			m[name] = *s
		}
	}
	return m
}
