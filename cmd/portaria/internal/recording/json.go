package recording

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"time"
)

// lineShape is what a line of JSON may be: an event, an event with its answer, or
// an entry of a log.
type lineShape struct {
	TriggerSource json.RawMessage `json:"triggerSource"`
	UserPoolID    json.RawMessage `json:"userPoolId"`
	Request       json.RawMessage `json:"request"`

	Event  json.RawMessage `json:"event"`
	Answer json.RawMessage `json:"answer"`
	At     string          `json:"at"` // RFC 3339

	logEntry
}

// logEntry is an entry as CloudWatch Logs gives it.
type logEntry struct {
	Stream    string  `json:"logStreamName"`
	Timestamp int64   `json:"timestamp"` // epoch milliseconds
	Message   *string `json:"message"`
}

// line reads one line of JSON Lines.
func (s *source) line(at Place, line []byte) error {
	var shape lineShape
	if err := json.Unmarshal(line, &shape); err != nil {
		return s.bad(at, "not a JSON object with an event")
	}
	switch {
	case shape.TriggerSource != nil || shape.Request != nil && shape.UserPoolID != nil:
		return s.give(Entry{Place: at, Event: line}, nil)
	case shape.Message != nil:
		return s.entry(at, shape.logEntry)
	case shape.Event == nil:
		return s.bad(at, "there is no event in it")
	}
	e := Entry{Place: at, Event: shape.Event}
	var quoted string
	if json.Unmarshal(shape.Event, &quoted) == nil {
		e.Event = []byte(quoted)
	}
	var ok bool
	if e.Answer, ok = answerOf(shape.Answer); !ok {
		return s.bad(at, "its answer is neither the event, nor an error, nor a text")
	}
	if shape.At != "" {
		var err error
		if e.At, err = time.Parse(time.RFC3339, shape.At); err != nil {
			return s.bad(at, "its at is not a time of RFC 3339")
		}
	}
	return s.give(e, nil)
}

// documentKeys are those that CloudWatch Logs' documents begin with, in any
// order.
var documentKeys = []string{
	"events", "searchedLogStreams", "nextToken", "nextForwardToken", "nextBackwardToken", "messageType", "owner", "logGroup", "logStream", "subscriptionFilters", "logEvents",
}

var firstKey = regexp.MustCompile(`^\{\s*"([A-Za-z]+)"`)

// isDocument reports whether JSON that begins so is one of CloudWatch Logs.
func isDocument(head []byte) bool {
	key := firstKey.FindSubmatch(head)
	return key != nil && slices.Contains(documentKeys, string(key[1]))
}

// readDocuments reads documents of CloudWatch Logs, an entry of the log at a
// time.
func (s *source) readDocuments(in *bufio.Reader) error {
	d := json.NewDecoder(in)
	at := Place{"log entry", 0}
	for {
		err := s.document(d, &at)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errStopped):
			return err
		case err != nil:
			return fmt.Errorf("after %s: not the JSON of CloudWatch Logs: %w", at, err)
		}
	}
}

func (s *source) document(d *json.Decoder, at *Place) error {
	start, err := d.Token()
	switch {
	case err != nil:
		return err
	case start == json.Delim('['):
		return s.entries(d, at, "")
	case start != json.Delim('{'):
		return errors.New("neither an object nor an array")
	}
	stream := ""
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return broken(err)
		}
		switch key {
		case "events", "logEvents":
			if start, err := d.Token(); err != nil || start != json.Delim('[') {
				return fmt.Errorf("%s is no array", key)
			}
			err = s.entries(d, at, stream)
		case "logStream":
			err = broken(d.Decode(&stream))
		default:
			var other json.RawMessage
			err = broken(d.Decode(&other))
		}
		if err != nil {
			return err
		}
	}
	_, err = d.Token()
	return broken(err)
}

// entries reads the entries of an array whose bracket is read.
func (s *source) entries(d *json.Decoder, at *Place, stream string) error {
	for d.More() {
		at.Number++
		var e logEntry
		if err := d.Decode(&e); err != nil {
			if _, other := errors.AsType[*json.UnmarshalTypeError](err); !other {
				return broken(err)
			}
			e.Message = nil
		}
		if e.Message == nil {
			if err := s.bad(*at, "no entry of a log: it has no message"); err != nil {
				return err
			}
			continue
		}
		if e.Stream == "" {
			e.Stream = stream
		}
		if err := s.entry(*at, e); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return broken(err)
}

// broken is err, a document that ends early being no end of the file.
func broken(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
