package probe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Names of the validation data by which a probe tells its function what to do.
const (
	dataAttempt = "probe"  // names the attempt in the log
	dataRefuse  = "refuse" // refuse with this text
	dataWait    = "wait"   // wait so many milliseconds before answering
	dataNull    = "null"   // answer with clientMetadata null
)

// Seen is what the function saw of one invocation.
type Seen struct {
	Attempt  string
	At       time.Time
	UserName string
	Metadata string // how the event has clientMetadata: absent, null or an object
}

// Function is the trigger of a probe's pool: it does what the validation data of
// an event asks for, and writes a line to Log about what it saw. An event without
// validation data it refuses, with a text that names the event's attributes.
type Function struct {
	Log io.Writer
	Now func() time.Time
}

// seen is how Seen stands in the log.
type seen struct {
	Attempt  string `json:"portariaProbe"`
	At       int64  `json:"at"` // epoch milliseconds
	UserName string `json:"userName"`
	Metadata string `json:"clientMetadata"`
}

// Invoke answers one event.
func (f *Function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var event struct {
		UserName string
		Request  struct {
			UserAttributes map[string]string
			ValidationData map[string]string
			ClientMetadata *json.RawMessage
		}
	}
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, errors.New("the event is not one of PreSignUp")
	}
	request := event.Request
	line, err := json.Marshal(seen{
		Attempt: request.ValidationData[dataAttempt], At: f.Now().UnixMilli(), UserName: event.UserName, Metadata: metadata(payload),
	})
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(f.Log, "%s\n", line)
	if len(request.ValidationData) == 0 {
		return nil, errors.New("attributes: " + strings.Join(slices.Sorted(maps.Keys(request.UserAttributes)), " "))
	}
	if text := request.ValidationData[dataRefuse]; text != "" {
		return nil, errors.New(text)
	}
	if wait, err := time.ParseDuration(request.ValidationData[dataWait] + "ms"); err == nil {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
	if request.ValidationData[dataNull] != "" {
		return withNullMetadata(payload)
	}
	return payload, nil
}

// metadata tells how an event has clientMetadata.
func metadata(payload []byte) string {
	var event struct{ Request map[string]json.RawMessage }
	if json.Unmarshal(payload, &event) != nil {
		return "unreadable"
	}
	switch raw, ok := event.Request["clientMetadata"]; {
	case !ok:
		return "absent"
	case string(raw) == "null":
		return "null"
	}
	return "an object"
}

func withNullMetadata(payload []byte) ([]byte, error) {
	var event map[string]json.RawMessage
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, err
	}
	var request map[string]json.RawMessage
	if err := json.Unmarshal(event["request"], &request); err != nil {
		return nil, err
	}
	request["clientMetadata"] = json.RawMessage("null")
	var err error
	if event["request"], err = json.Marshal(request); err != nil {
		return nil, err
	}
	return json.Marshal(event)
}

// ReadSeen gives the lines about attempt that stand in a log, oldest first.
func ReadSeen(log, attempt string) []Seen {
	var found []Seen
	for line := range strings.Lines(log) {
		var s seen
		if start := strings.Index(line, `{"portariaProbe"`); start >= 0 && json.Unmarshal([]byte(line[start:]), &s) == nil && s.Attempt == attempt {
			found = append(found, Seen{Attempt: s.Attempt, At: time.UnixMilli(s.At), UserName: s.UserName, Metadata: s.Metadata})
		}
	}
	slices.SortFunc(found, func(a, b Seen) int { return a.At.Compare(b.At) })
	return found
}
