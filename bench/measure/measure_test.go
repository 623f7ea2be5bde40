package measure_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/pontte/portaria/bench/fake"
	"github.com/pontte/portaria/bench/measure"
	"github.com/pontte/portaria/bench/peer"
	"github.com/pontte/portaria/bench/report"
)

// actor makes this test's own file a program that is measured.
const actor = "PORTARIA_BENCH_ACTOR"

func TestMain(m *testing.M) {
	if how := os.Getenv(actor); how != "" {
		if err := act(how); err != nil {
			os.Stderr.WriteString(err.Error())
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// act answers every event with itself, and writes each CPF as often as how says.
func act(how string) error {
	if how == "cannot start" {
		return errors.New("no table")
	}
	if how == "roots" {
		return errors.New(rootsFound())
	}
	times, err := strconv.Atoi(how)
	if err != nil {
		return err
	}
	api := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	for {
		next, err := http.Get(api + "next")
		if err != nil {
			return err
		}
		event, err := io.ReadAll(next.Body)
		if err != nil {
			return err
		}
		for range times {
			if err := write(event); err != nil {
				return err
			}
		}
		if _, err := http.Post(api+next.Header.Get("Lambda-Runtime-Aws-Request-Id")+"/response", "", bytes.NewReader(event)); err != nil {
			return err
		}
	}
}

// rootsFound says how many certificates are where crypto/x509 looks.
func rootsFound() string {
	count := func(pattern string) (certificates int) {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			content, _ := os.ReadFile(file)
			certificates += bytes.Count(content, []byte("BEGIN CERTIFICATE"))
		}
		return certificates
	}
	found := fmt.Sprintf("%d in the file", count(os.Getenv("SSL_CERT_FILE")))
	for _, folder := range filepath.SplitList(os.Getenv("SSL_CERT_DIR")) {
		found += fmt.Sprintf(", %d in a folder", count(filepath.Join(folder, "*")))
	}
	return found
}

func write(event []byte) error {
	var e struct {
		Request struct{ UserAttributes map[string]string }
	}
	if err := json.Unmarshal(event, &e); err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{
		"TableName": os.Getenv("TABLE_NAME"), "ConditionExpression": "attribute_not_exists(cpf)", "ReturnValues": string(event),
		"Item": map[string]any{"cpf": map[string]string{"S": e.Request.UserAttributes["custom:cpf"]}},
	})
	if err != nil {
		return err
	}
	r, err := http.NewRequest(http.MethodPost, os.Getenv("AWS_ENDPOINT_URL_DYNAMODB"), bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810.PutItem")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=a/20260310/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature="+strings.Repeat("0", 64))
	_, err = http.DefaultClient.Do(r)
	return err
}

var plan = measure.Plan{Seed: 1, Cold: 1, Warm: 2, WarmUp: 1, Invocations: 3}

func open(t *testing.T) *measure.Bench {
	t.Helper()
	original, err := os.ReadFile("../../events/admin-create-user.json")
	if err != nil {
		t.Fatal(err)
	}
	b, err := measure.Open(t.TempDir(), original, plan)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func program(t *testing.T, how string) peer.Program {
	t.Helper()
	file, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return peer.Program{Name: "actor", Command: []string{file}, Env: []string{actor + "=" + how}}
}

func TestMeasureTakesEveryFigureOnceARound(t *testing.T) {
	start := program(t, "1")
	start.Name, start.ColdOnly = "start", true
	samples, err := open(t).Measure(t.Context(), plan, []peer.Program{program(t, "1"), start}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if cold, warm := samples.Of("start", report.Cold).N, samples.Of("start", report.CPU).N; cold != 1 || warm != 0 {
		t.Errorf("a program of which the start matters was measured %d times cold and %d warm, want 1 and 0", cold, warm)
	}
	for figure, rounds := range map[report.Figure]int{
		report.Cold: 1, report.Init: 1, report.First: 1, report.ColdCPU: 1, report.P50: 2, report.P99: 2, report.CPU: 2, report.Memory: 2,
	} {
		if got := samples.Of("actor", figure); got.N != rounds || got.Q1 <= 0 {
			t.Errorf("%s = %+v, want %d values above zero", figure, got, rounds)
		}
	}
}

func TestRootsAreWhereTheProgramLooks(t *testing.T) {
	// One more root than the bench's, whoever it is of.
	other, err := fake.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	for roots, want := range map[peer.Roots]string{
		peer.BenchRoot:         "1 in the file, 0 in a folder",
		peer.SystemRootsOnce:   "2 in the file, 0 in a folder",
		peer.SystemRootsThrice: "2 in the file, 2 in a folder, 2 in a folder",
	} {
		b := open(t)
		if err := b.LayOutRoots(t.TempDir(), other.Root); err != nil {
			t.Fatal(err)
		}
		p := program(t, "roots")
		p.Roots = roots
		if _, err := b.Measure(t.Context(), plan, []peer.Program{p}, io.Discard); err == nil || !strings.HasSuffix(err.Error(), "\n"+want) {
			t.Errorf("roots %d: the program says %v, want %q", roots, err, want)
		}
		p = program(t, "1") // writes over HTTPS
		p.Roots = roots
		if _, err := b.Measure(t.Context(), plan, []peer.Program{p}, io.Discard); err != nil {
			t.Errorf("roots %d: %v", roots, err)
		}
	}
}

func TestMeasureCatchesWhoDoesNotDoTheJob(t *testing.T) {
	for how, want := range map[string]string{
		"0":            "never written",
		"2":            "more than once",
		"cannot start": "no table", // its own words
	} {
		_, err := open(t).Measure(t.Context(), plan, []peer.Program{program(t, how)}, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "actor") {
			t.Errorf("Measure of an actor that writes %s times = %v, want %q of actor", how, err, want)
		}
	}
}

func TestCheckCatchesWhoDoesNotDoTheJob(t *testing.T) {
	err := open(t).Check(t.Context(), program(t, "1"))
	if err == nil || !strings.Contains(err.Error(), "0 log lines for") {
		t.Errorf("Check of an actor that logs nothing = %v, want an error", err)
	}
}

// TestGoPeersDoTheJob sends the peers that need no other toolchain the events
// that all are checked with.
func TestGoPeersDoTheJob(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	programs, err := peer.Builder{Root: root, Out: t.TempDir()}.Build(t.Context(), peer.GoLimit, peer.GoNaive)
	if err != nil {
		t.Fatal(err)
	}
	b := open(t)
	for _, p := range programs {
		if err := b.Check(t.Context(), p); err != nil {
			t.Error(err)
		}
	}
}
