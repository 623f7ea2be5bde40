// The function of the tests: it does what the event says.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type function struct{ invocations int }

type event struct {
	Do   string
	URL  string
	Text string
}

type refusal struct{ text string }

func (r *refusal) Error() string { return r.text }

func (f *function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	f.invocations++
	var e event
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, err
	}
	switch e.Do {
	case "echo":
		return payload, nil
	case "refuse":
		return nil, &refusal{e.Text}
	case "panic":
		panic("a bug")
	case "exit 2":
		os.Exit(2)
	case "exit 0":
		os.Exit(0)
	case "killed":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	case "huge answer":
		return []byte(strings.Repeat("x", 6291557)), nil
	case "answer twice":
		lc, _ := lambdacontext.FromContext(ctx)
		url := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/" + lc.AwsRequestID + "/response"
		resp, err := http.Post(url, "application/json", strings.NewReader(`"first"`))
		if err != nil {
			return nil, err
		}
		resp.Body.Close()
		return []byte(`"second"`), nil
	case "wrong id":
		url := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/8476a536/response"
		resp, err := http.Post(url, "application/json", strings.NewReader(`"wrong"`))
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		return io.ReadAll(resp.Body)
	case "wait": // until the test's server answers
		resp, err := http.Get(e.URL)
		if err != nil {
			return nil, err
		}
		resp.Body.Close()
		return json.Marshal(os.Getpid())
	case "child":
		child := exec.Command("/bin/sleep", "600")
		child.Stdout = os.Stdout
		if err := child.Start(); err != nil {
			return nil, err
		}
		return json.Marshal([]int{os.Getpid(), child.Process.Pid})
	case "exit and leave a child":
		child := exec.Command("/bin/sleep", "600")
		if err := child.Start(); err != nil {
			return nil, err
		}
		fmt.Println(child.Process.Pid)
		os.Exit(2)
	case "print":
		fmt.Print(e.Text)
		return []byte("null"), nil
	case "facts":
		lc, _ := lambdacontext.FromContext(ctx)
		deadline, _ := ctx.Deadline()
		return json.Marshal(map[string]any{
			"env": os.Environ(), "pid": os.Getpid(), "invocations": f.invocations, "requestId": lc.AwsRequestID,
			"arn": lc.InvokedFunctionArn, "trace": os.Getenv("_X_AMZN_TRACE_ID"), "deadline": deadline,
		})
	}
	return nil, errors.New("nothing to do: " + e.Do)
}

func main() {
	switch os.Getenv("INIT") {
	case "exit":
		fmt.Fprintln(os.Stderr, "TABLE_NAME is not set")
		os.Exit(3)
	case "exit once":
		if _, err := os.Stat(os.Getenv("MARK")); err != nil {
			os.WriteFile(os.Getenv("MARK"), nil, 0o600)
			os.Exit(3)
		}
	case "error":
		url := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/init/error"
		resp, err := http.Post(url, "application/json", strings.NewReader(`{"errorMessage":"no table","errorType":"Config"}`))
		if err != nil {
			panic(err)
		}
		resp.Body.Close()
		os.Exit(1)
	case "hang":
		time.Sleep(time.Hour)
	}
	lambda.StartHandler(&function{})
}
