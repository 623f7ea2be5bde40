package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/pontte/portaria/local"
)

func TestDemoOfItsOwnStack(t *testing.T) {
	var out, log bytes.Buffer
	if err := run(t.Context(), nil, &out, &log); err != nil {
		t.Fatalf("run = %v\n%s%s", err, out.String(), log.String())
	}
	if !strings.Contains(out.String(), "26 lines, 0 not as they must be.") {
		t.Errorf("printed\n%s", out.String())
	}
}

// TestDemoOfARunningStack plays it twice: the second time the customer of the
// original call exists.
func TestDemoOfARunningStack(t *testing.T) {
	for name, tt := range map[string]struct {
		untriggered bool
		want        error
	}{"with the gate": {false, nil}, "without it": {true, errStory}} {
		t.Run(name, func(t *testing.T) {
			preSignUp, err := local.BuildFunction(t.Context(), "pre-signup")
			if err != nil {
				t.Fatal(err)
			}
			api, err := local.BuildFunction(t.Context(), "api")
			if err != nil {
				t.Fatal(err)
			}
			stack, err := local.Start(t.Context(), local.Config{Binary: preSignUp, APIBinary: api, Untriggered: tt.untriggered})
			if err != nil {
				t.Fatal(err)
			}
			defer stack.Close()
			for range 2 {
				var out, log bytes.Buffer
				err := run(t.Context(), []string{"-running", "-cognito-url", stack.CognitoURL(), "-web-url", stack.WebURL()}, &out, &log)
				if err != tt.want {
					t.Errorf("run = %v, want %v\n%s", err, tt.want, out.String())
				}
			}
		})
	}
}

func TestDemoWithoutAStackSaysSo(t *testing.T) {
	var out, log bytes.Buffer
	err := run(t.Context(), []string{"-running", "-cognito-url", "http://127.0.0.1:1"}, &out, &log)
	if err == nil || !strings.Contains(err.Error(), "make run starts one") {
		t.Errorf("run = %v, want it to tell the cure", err)
	}
}
