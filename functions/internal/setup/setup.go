// Package setup has what the wiring of every function has in common.
package setup

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/rs/zerolog"

	"github.com/pontte/portaria/pkg/metric"
)

// Start runs the function called name on Lambda, with the handler that wire builds
// from the environment, and never returns. What wire finds missing ends the
// process with wire's own words.
func Start[H lambda.Handler](name string, wire func(context.Context, Getenv, io.Writer) (H, error)) {
	if err := ReadRootsOnce(rootBundle); err != nil {
		log.Fatalf("%s: %v", name, err)
	}
	handler, err := wire(context.Background(), os.Getenv, os.Stdout)
	if err != nil {
		log.Fatalf("%s: %v", name, err)
	}
	log.SetFlags(0)
	log.SetOutput(RuntimeLog{os.Stderr})
	lambda.Start(handler)
}

// Getenv gives an environment variable, "" when it is not set.
type Getenv func(name string) string

// Required gives a variable that must be set. Its error names it, and what it
// must be.
func (g Getenv) Required(name, what string) (string, error) {
	if s := g(name); s != "" {
		return s, nil
	}
	return "", fmt.Errorf("%s is not set: it must %s", name, what)
}

// Logger returns a logger of JSON lines for the function called service, at the
// level of LOG_LEVEL, which is info when not set. Its error names that variable.
func Logger(getenv Getenv, service string, out io.Writer) (zerolog.Logger, error) {
	level := zerolog.InfoLevel
	if s := getenv("LOG_LEVEL"); s != "" {
		var err error
		if level, err = zerolog.ParseLevel(s); err != nil || level > zerolog.ErrorLevel {
			return zerolog.Logger{}, fmt.Errorf("LOG_LEVEL is %q: it must be trace, debug, info, warn or error", s)
		}
	}
	return zerolog.New(out).Level(level).With().Str("service", service).Logger(), nil
}

// Metrics is the namespace of METRICS_NAMESPACE, in which CloudWatch counts what
// the log lines tell; "" when not set: then nothing is counted. Its error names
// that variable.
func Metrics(getenv Getenv) (string, error) {
	namespace := getenv("METRICS_NAMESPACE")
	if namespace == "" {
		return "", nil
	}
	if err := metric.CheckNamespace(namespace); err != nil {
		return "", fmt.Errorf("METRICS_NAMESPACE: %w", err)
	}
	return namespace, nil
}

// RuntimeLog passes on what Lambda's runtime client prints, but for what stands in
// double quotes, where Go's errors have the other side's words, and for the errors
// that a handler returns: those stand in the handler's own line already.
type RuntimeLog struct{ io.Writer }

// Write writes a line, or leaves it out.
func (w RuntimeLog) Write(line []byte) (int, error) {
	if bytes.HasPrefix(line, []byte(`{"errorMessage":`)) {
		return len(line), nil
	}
	if _, err := w.Writer.Write(hideQuoted(line)); err != nil {
		return 0, err
	}
	return len(line), nil
}

// hideQuoted puts "…" in the place of every text in double quotes, where a
// backslash takes the meaning from the byte after it. One that does not end
// is hidden to the end of the line.
func hideQuoted(line []byte) []byte {
	var shown []byte
	for i := 0; i < len(line); i++ {
		if line[i] != '"' {
			shown = append(shown, line[i])
			continue
		}
		shown = append(shown, `"…"`...)
		for i++; i < len(line) && line[i] != '"'; i++ {
			if line[i] == '\\' {
				i++
			}
		}
		if i >= len(line) {
			shown = append(shown, '\n')
		}
	}
	return shown
}
