package recording

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// log is a function's log that is being read. An invocation is an event and what
// stands in its stream until the invocation's end: an error, or none.
type log struct {
	open map[string]*Entry // by stream: the invocation that goes on
	held heldLine
}

// heldLine is a line that the next ones may go on with. Its Message is nil when
// there is none.
type heldLine struct {
	logEntry
	at Place
}

func newLog() *log { return &log{open: map[string]*Entry{}} }

// logTime is a time and, from `aws logs tail`, a stream, such as
// 2026/03/10/[$LATEST]0123456789abcdef.
var logTime = regexp.MustCompile(`^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))(?:[ \t]|$)(?:(\d{4}/\d\d/\d\d/\S*\[\S+\]\S*) )?`)

// isLogLine reports whether head begins with a line of a log.
func isLogLine(head []byte) bool {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	return logTime.Match(bytes.TrimSpace(line))
}

// logLine reads a line of a log. One without a time goes on with the message of
// the line before.
func (s *source) logLine(at Place, line []byte) error {
	found := logTime.FindSubmatch(line)
	held := s.log.held.Message
	switch {
	case found == nil && held == nil:
		return s.bad(at, "neither a time nor a line before it")
	case found == nil:
		if len(*held)+len(line) < maxLine {
			*held += "\n" + string(line)
		}
		return nil
	}
	if err := s.unhold(); err != nil {
		return err
	}
	message := string(line[len(found[0]):])
	e := logEntry{Stream: string(found[2]), Message: &message}
	if when, err := time.Parse(time.RFC3339, string(found[1])); err == nil {
		e.Timestamp = when.UnixMilli()
	}
	s.log.held = heldLine{e, at}
	return nil
}

// unhold reads the line that is held.
func (s *source) unhold() error {
	held := s.log.held
	s.log.held = heldLine{}
	if held.Message == nil {
		return nil
	}
	return s.entry(held.at, held.logEntry)
}

// What Lambda and its Python runtime write.
const (
	markStart   = "START RequestId: "
	markEnd     = "END RequestId: "
	markReport  = "REPORT RequestId: "
	markTimeout = "Task timed out after "
	markError   = "[ERROR] "
)

// entry reads an entry of a log.
func (s *source) entry(at Place, e logEntry) error {
	message := strings.TrimSpace(*e.Message)
	open := s.log.open[e.Stream]
	switch {
	case strings.HasPrefix(message, markStart):
		s.stats.Skipped++
		return s.end(e.Stream, Unrecorded)
	case strings.HasPrefix(message, markEnd), strings.HasPrefix(message, markReport):
		s.stats.Skipped++
		if open != nil && open.Answer != Unrecorded {
			return s.end(e.Stream, Unrecorded)
		}
		if strings.HasPrefix(message, markEnd) {
			return nil // whether it ended well the report says
		}
		if strings.Contains(message, "\tStatus: ") && !strings.Contains(message, "\tStatus: success") {
			return s.end(e.Stream, Other)
		}
		return s.end(e.Stream, Allowed)
	case strings.Contains(message, markTimeout):
		s.stats.Skipped++
		return s.end(e.Stream, Other)
	case strings.HasPrefix(message, markError):
		s.stats.Skipped++
		if open != nil {
			open.Answer = pythonError(strings.TrimPrefix(message, markError))
		}
		return nil
	}
	found, kind := jsonIn(message, 2)
	switch {
	case kind == anEvent && open != nil && bytes.Equal(open.Event, found):
		s.stats.Skipped++ // printed twice
		return nil
	case kind == anEvent:
		err := s.end(e.Stream, Unrecorded)
		next := &Entry{Place: at, Event: found}
		if e.Timestamp != 0 {
			next.At = time.UnixMilli(e.Timestamp)
		}
		s.log.open[e.Stream] = next
		return err
	}
	s.stats.Skipped++
	switch line := lambdaLineOf(found); {
	case line.ErrorMessage != nil && open != nil:
		open.Answer = answerOfText(*line.ErrorMessage)
	case line.Type == "platform.start":
		return s.end(e.Stream, Unrecorded)
	case line.Type == "platform.report" && line.Record.Status == "success":
		return s.end(e.Stream, Allowed)
	case line.Type == "platform.report":
		return s.end(e.Stream, Other)
	}
	return nil
}

// lambdaLine is a line of Lambda's own where its log format is JSON.
type lambdaLine struct {
	ErrorMessage *string `json:"errorMessage"`
	Type         string  `json:"type"`
	Record       struct {
		Status string `json:"status"`
	} `json:"record"`
}

// lambdaLineOf is what of such a line there is in an object, or in nothing.
func lambdaLineOf(object []byte) (line lambdaLine) {
	if json.Unmarshal(object, &line) != nil {
		return lambdaLine{}
	}
	return line
}

// end gives the stream's open invocation, which ended with answer unless another
// is known already.
func (s *source) end(stream string, answer Answer) error {
	open := s.log.open[stream]
	if open == nil {
		return nil
	}
	delete(s.log.open, stream)
	if open.Answer == Unrecorded {
		open.Answer = answer
	}
	return s.give(*open, nil)
}

// rest gives the invocations whose end is not in the log, in their order.
func (s *source) rest() error {
	if err := s.unhold(); err != nil {
		return err
	}
	streams := slices.SortedFunc(maps.Keys(s.log.open), func(a, b string) int {
		return s.log.open[a].Place.Number - s.log.open[b].Place.Number
	})
	for _, stream := range streams {
		if err := s.end(stream, Unrecorded); err != nil {
			return err
		}
	}
	return nil
}

// pythonError reads what Python's runtime prints of an exception that left the
// handler: "Exception: text", and a traceback after it.
func pythonError(message string) Answer {
	first, _, _ := strings.Cut(message, "\n")
	first, _, _ = strings.Cut(first, "\r") // as the runtime parts lines where it can
	_, text, ok := strings.Cut(first, ": ")
	if !ok {
		return Other
	}
	return answerOfText(text)
}

// kind is what was found in a message.
type kind int

const (
	nothing kind = iota
	anObject
	anEvent
)

// jsonIn finds the first JSON object, or Python dict, in a message: there may be
// words before it. A logger's line whose message has the event counts as it, and
// so on for as many loggers.
func jsonIn(message string, loggers int) ([]byte, kind) {
	start := strings.IndexByte(message, '{')
	if start < 0 {
		return nil, nothing
	}
	var found json.RawMessage
	if json.NewDecoder(strings.NewReader(message[start:])).Decode(&found) != nil {
		var ok bool
		if found, ok = fromPython(message[start:]); !ok {
			return nil, nothing
		}
	}
	var shape struct {
		TriggerSource string          `json:"triggerSource"`
		Message       json.RawMessage `json:"message"`
		Event         json.RawMessage `json:"event"`
	}
	if json.Unmarshal(found, &shape) != nil {
		return nil, nothing
	}
	if strings.HasPrefix(shape.TriggerSource, "PreSignUp_") {
		return found, anEvent
	}
	if loggers == 0 {
		return found, anObject
	}
	for _, inner := range []json.RawMessage{shape.Event, shape.Message} {
		var text string
		if json.Unmarshal(inner, &text) != nil {
			text = string(inner)
		}
		if event, kind := jsonIn(text, loggers-1); kind == anEvent {
			return event, anEvent
		}
	}
	return found, anObject
}
