package recording

import (
	"encoding/json"
	"strings"

	"github.com/pontte/portaria/pkg/signup"
)

// Answer is what was answered to an event: Allowed, the code of a refusal, or
// one of the other two.
type Answer string

// The answers that are no codes.
const (
	Unrecorded Answer = ""
	Allowed    Answer = "allowed"
	Other      Answer = "other" // an error of another text than the known ones
)

// codes are those whose texts an answer may have.
var codes = []signup.Code{
	signup.InvalidCPF, signup.CPFTaken, signup.MissingTrackCode, signup.InvalidSimulation, signup.SignupInProgress, signup.Internal,
}

// answerOf reads a recorded answer: the event that came back or one of the words
// for it, an error as Lambda gives it, the text of one as it was thrown or as
// Cognito passed it on, or a code.
func answerOf(raw json.RawMessage) (a Answer, ok bool) {
	var text string
	var object struct {
		ErrorMessage  *string         `json:"errorMessage"`
		TriggerSource string          `json:"triggerSource"`
		Response      json.RawMessage `json:"response"`
	}
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return Unrecorded, true
	case json.Unmarshal(raw, &text) == nil:
		switch text {
		case "event", "allowed", "ok":
			return Allowed, true
		}
		return answerOfText(text), true
	case json.Unmarshal(raw, &object) != nil:
		return Unrecorded, false
	case object.ErrorMessage != nil:
		return answerOfText(*object.ErrorMessage), true
	case object.TriggerSource != "" || object.Response != nil:
		return Allowed, true
	}
	return Unrecorded, false
}

// answerOfText finds the code of a text.
func answerOfText(text string) Answer {
	text = strings.TrimSpace(text)
	if rest, ok := strings.CutPrefix(text, "PreSignUp failed with error "); ok {
		text = strings.TrimSuffix(rest, ".")
	}
	for _, code := range codes {
		if text == code.Text() || text == string(code) {
			return Answer(code)
		}
	}
	return Other
}
