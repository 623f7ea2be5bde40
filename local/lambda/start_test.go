package lambda_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/local/lambda"
)

func TestWhatTheFunctionSees(t *testing.T) {
	t.Setenv("AWS_PROFILE", "production")
	t.Setenv("AWS_ACCESS_KEY_ID", "real")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	begin := time.Now()
	r, _ := start(t, lambda.Config{Name: "pre-signup", MemoryMB: 256, Timeout: time.Minute, Env: map[string]string{"TABLE_NAME": "claims", "TZ": "UTC"}})
	got := askFacts(t, r)

	env := map[string]string{}
	for _, pair := range got.Env {
		name, value, _ := strings.Cut(pair, "=")
		switch name {
		case "AWS_LAMBDA_RUNTIME_API", "AWS_LAMBDA_LOG_STREAM_NAME", "_X_AMZN_TRACE_ID", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR":
			value = "some"
		}
		env[name] = value
	}
	want := map[string]string{
		"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_SESSION_TOKEN": "local",
		"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
		"AWS_LAMBDA_FUNCTION_NAME": "pre-signup", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
		"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/pre-signup",
		"AWS_LAMBDA_LOG_STREAM_NAME": "some", "AWS_LAMBDA_RUNTIME_API": "some", "_X_AMZN_TRACE_ID": "some",
		"LAMBDA_TASK_ROOT": "some", "LAMBDA_RUNTIME_DIR": "some", "_HANDLER": "bootstrap",
		"LANG": "en_US.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin", "TABLE_NAME": "claims", "TZ": "UTC",
	}
	if diff := cmp.Diff(want, env); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	if arn := "arn:aws:lambda:us-east-1:000000000000:function:pre-signup"; got.ARN != arn {
		t.Errorf("ARN = %s, want %s", got.ARN, arn)
	}
	if !strings.HasPrefix(got.Trace, "Root=1-") || !requestID.MatchString("RequestId: "+got.RequestID) {
		t.Errorf("trace %q, request id %q", got.Trace, got.RequestID)
	}
	if earliest, latest := begin.Add(time.Minute).Truncate(time.Millisecond), time.Now().Add(time.Minute); got.Deadline.Before(earliest) || got.Deadline.After(latest) {
		t.Errorf("deadline = %v, want from %v to %v", got.Deadline, earliest, latest)
	}
}

func TestStartRefuses(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, binary := range map[string]string{"no such file": plain + "x", "not executable": plain, "a folder": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			if r, err := lambda.Start(t.Context(), lambda.Config{Binary: binary}); err == nil || !strings.Contains(err.Error(), binary) {
				t.Errorf("Start = %v, %v, want an error naming %s", r, err, binary)
			}
		})
	}
}

func TestBinaryOfNoKind(t *testing.T) {
	odd := filepath.Join(t.TempDir(), "odd")
	if err := os.WriteFile(odd, []byte("no program"), 0o700); err != nil {
		t.Fatal(err)
	}
	r, err := lambda.Start(t.Context(), lambda.Config{Binary: odd})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	_, err = r.Invoke(t.Context(), nil)
	want := lambda.FunctionError{Type: "Runtime.InvalidEntrypoint", Message: fmt.Sprintf("RequestId: ID Error: fork/exec %s: exec format error", odd)}
	if got := functionError(t, err); got != want {
		t.Errorf("Invoke = %v, want %v", got, want)
	}
}

func TestBuildErrorHasTheCompilersWords(t *testing.T) {
	err := lambda.Build(t.Context(), ".", "./testdata/nothing", filepath.Join(t.TempDir(), "out"))
	if err == nil || !strings.Contains(err.Error(), "build ./testdata/nothing") || !strings.Contains(err.Error(), "directory not found") {
		t.Errorf("Build = %v, want it to say what was not found", err)
	}
}
