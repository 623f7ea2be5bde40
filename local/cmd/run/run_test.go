package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/pontte/portaria/local/lambda"
)

// The command and the function, built once for all tests.
var command, function string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "run")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		command, function = filepath.Join(dir, "run"), filepath.Join(dir, "bootstrap")
		if words, err := exec.Command("go", "build", "-o", command, ".").CombinedOutput(); err != nil {
			panic(fmt.Sprintf("go build: %v\n%s", err, words))
		}
		if err := lambda.Build(context.Background(), ".", "github.com/pontte/portaria/functions/pre-signup", function); err != nil {
			panic(err)
		}
		return m.Run()
	}())
}

// freePorts are the flags for any ports.
var freePorts = []string{"--cognito-addr=127.0.0.1:0", "--dynamodb-addr=127.0.0.1:0", "--web-addr=127.0.0.1:0"}

func TestBuildsTheFunctionAndSaysSo(t *testing.T) {
	cmd := exec.CommandContext(patience(t), command, freePorts...)
	out := start(t, cmd)
	if got := out.until(t, "\n"); got != "building functions/pre-signup…\n" {
		t.Errorf("first line = %q, want that it is building", got)
	}
	summary := out.until(t, "Ctrl-C ends it.")
	createUser(t, cognitoURL(t, summary))
}

// The command is run as people run it.
func TestRun(t *testing.T) {
	tests := []struct {
		name   string
		shell  string // what starts the command given as $0 and $@
		signal syscall.Signal
	}{
		{"Ctrl-C", `exec "$0" "$@"`, syscall.SIGINT},
		{"SIGTERM", `exec "$0" "$@"`, syscall.SIGTERM},
		{"SIGINT in the background of a script, which ignores it", `trap "" INT; exec "$0" "$@"`, syscall.SIGINT},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			args := append([]string{"-c", tt.shell, command, "--resend-trigger=stored", "--function=" + function, "--api-function=" + function}, freePorts...)
			cmd := exec.CommandContext(patience(t), "sh", args...)
			out := start(t, cmd)
			cognito := cognitoURL(t, out.until(t, "Ctrl-C ends it."))
			createUser(t, cognito)
			out.until(t, `"outcome":"allowed"`)
			resend(t, cognito)
			out.until(t, "email.test@gmail.com") // the message

			process := child(t, cmd.Process.Pid)
			if err := cmd.Process.Signal(tt.signal); err != nil {
				t.Fatal(err)
			}
			rest := out.rest(t)
			if err := cmd.Wait(); err != nil {
				t.Errorf("the command ended with %v, want exit status 0:\n%s", err, rest)
			}
			if err := syscall.Kill(process, 0); err != syscall.ESRCH {
				t.Errorf("the function, process %d, outlives the command", process)
			}
			if conn, err := net.Dial("tcp", strings.TrimPrefix(cognito, "http://")); err == nil {
				conn.Close()
				t.Error("Cognito still answers")
			}
		})
	}
}

func TestSecondCtrlCEndsAtOnce(t *testing.T) {
	// A function that does not end when asked to keeps the command waiting.
	deaf := filepath.Join(t.TempDir(), "deaf")
	script := "#!/bin/sh\ntrap '' TERM\necho deaf >&2\nwhile kill -0 $PPID; do sleep 0.1; done\n"
	if err := os.WriteFile(deaf, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(patience(t), command, append([]string{"--function=" + deaf, "--api-function=" + deaf}, freePorts...)...)
	out := start(t, cmd)
	cognito := cognitoURL(t, out.until(t, "Ctrl-C ends it."))
	go client(cognito).AdminCreateUser(t.Context(), original()) // never answered
	out.until(t, "deaf\n")
	cmd.Process.Signal(os.Interrupt)
	out.until(t, "ending…\n")
	cmd.Process.Signal(os.Interrupt)
	err := cmd.Wait()
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != syscall.SIGINT {
		t.Errorf("the command ended with %v, want it killed by the second interrupt", err)
	}
}

func TestPortInUse(t *testing.T) {
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	addr := other.Addr().String()
	cmd := exec.Command(command, "--function="+function, "--api-function="+function, "--cognito-addr="+addr)
	words, err := cmd.CombinedOutput()
	if want := fmt.Sprintf("run: cognito: %s is in use; choose another with --cognito-addr or PORTARIA_COGNITO_ADDR\n", addr); err == nil || string(words) != want {
		t.Errorf("the command ended with %v and said %q, want exit status 1 and %q", err, words, want)
	}
}

// patience ends the command when it does not do what is waited for.
func patience(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func cognitoURL(t *testing.T, summary string) string {
	t.Helper()
	found := regexp.MustCompile(`Cognito +(http://127\.0\.0\.1:\d+)`).FindStringSubmatch(summary)
	if found == nil {
		t.Fatalf("it does not say where Cognito is:\n%s", summary)
	}
	return found[1]
}

// output is what the command prints, standard error included.
type output struct{ r *bufio.Reader }

// start starts cmd and ends it with the test.
func start(t *testing.T, cmd *exec.Cmd) *output {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		r.Close()
	})
	return &output{bufio.NewReader(r)}
}

// until reads on until a line has words.
func (o *output) until(t *testing.T, words string) string {
	t.Helper()
	var read strings.Builder
	for {
		line, err := o.r.ReadString('\n')
		read.WriteString(line)
		if strings.Contains(line, words) {
			return read.String()
		}
		if err != nil {
			t.Fatalf("it ended and had not said %q, but:\n%s", words, read.String())
		}
	}
}

func (o *output) rest(t *testing.T) string {
	t.Helper()
	rest, err := io.ReadAll(o.r)
	if err != nil {
		t.Fatal(err)
	}
	return string(rest)
}

// child gives the only child of process pid.
func child(t *testing.T, pid int) int {
	t.Helper()
	out, err := exec.Command("pgrep", "-P", strconv.Itoa(pid)).Output()
	if err != nil {
		t.Fatalf("pgrep: %v", err)
	}
	children := strings.Fields(string(out))
	if len(children) != 1 {
		t.Fatalf("children = %q, want the function alone", children)
	}
	n, err := strconv.Atoi(children[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func client(endpoint string) *cognitoidentityprovider.Client {
	return cognitoidentityprovider.New(cognitoidentityprovider.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(endpoint), Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
}

// original is the call of the specification.
func original() *cognitoidentityprovider.AdminCreateUserInput {
	pairs := func(nameValue ...string) (list []types.AttributeType) {
		for i := 0; i < len(nameValue); i += 2 {
			list = append(list, types.AttributeType{Name: &nameValue[i], Value: &nameValue[i+1]})
		}
		return list
	}
	return &cognitoidentityprovider.AdminCreateUserInput{
		UserPoolId:             aws.String("us-east-1_portaria"),
		Username:               aws.String("email.test@gmail.com"),
		DesiredDeliveryMediums: []types.DeliveryMediumType{types.DeliveryMediumTypeEmail, types.DeliveryMediumTypeSms},
		MessageAction:          types.MessageActionTypeSuppress,
		UserAttributes:         pairs("email", "email.test@gmail.com", "phone_number", "+5551981980387", "custom:cpf", "04212286017"),
		ValidationData: pairs("trackCode", "21a81129400fbf441ae138e52eae8778", "simulationId", "mHPkDoN3TNqw7G3nxA4GAw",
			"loanValue", "123123", "term", "180", "installment", "2439.02", "loanValueSelected", "123123", "phone", "+55 (51) 99999-9999"),
	}
}

func createUser(t *testing.T, endpoint string) {
	t.Helper()
	if _, err := client(endpoint).AdminCreateUser(t.Context(), original()); err != nil {
		t.Fatal(err)
	}
}

func resend(t *testing.T, endpoint string) {
	t.Helper()
	in := original()
	in.MessageAction, in.UserAttributes, in.ValidationData = types.MessageActionTypeResend, nil, nil
	if _, err := client(endpoint).AdminCreateUser(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}
