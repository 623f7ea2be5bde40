package reconcile_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/pontte/portaria/cmd/portaria/internal/reconcile"
	"github.com/pontte/portaria/local/dynamodb"
)

// bigPool is a pool that makes its users up when it is asked for them.
type bigPool struct{ users int }

func (p bigPool) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct{ PaginationToken, Username string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	type pair struct{ Name, Value string }
	type user struct {
		Username   string
		UserStatus string
		Attributes []pair
	}
	var out struct {
		Users           []user
		PaginationToken string `json:",omitempty"`
	}
	first, _ := strconv.Atoi(in.PaginationToken)
	for i := first; i < min(first+60, p.users); i++ {
		name := fmt.Sprintf("4d5f2e0c-5a3c-4f0e-9d63-%012d", i)
		out.Users = append(out.Users, user{name, "CONFIRMED", []pair{
			{"sub", name}, {"email", fmt.Sprintf("person-%d@example.com", i)}, {"phone_number", "+5551981980387"}, {"custom:cpf", reconcile.Number(i).Digits()},
		}})
	}
	if first+60 < p.users {
		out.PaginationToken = strconv.Itoa(first + 60)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(out)
}

// meter counts the requests of a process, and looks now and then at the most
// memory that it has had. What the system tells of it in the end, ru_maxrss, would
// be this process's own, from which it was forked.
type meter struct {
	requests, pid atomic.Int64
	peak          atomic.Int64 // KiB
}

func (m *meter) watch(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if m.requests.Add(1)%20 == 0 {
			m.look()
		}
		h.ServeHTTP(w, r)
	})
}

func (m *meter) look() {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", m.pid.Load()))
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	if fields := strings.Fields(after); len(fields) > 0 {
		if kib, err := strconv.ParseInt(fields[0], 10, 64); err == nil {
			m.peak.Store(kib)
		}
	}
}

// BenchmarkReconcile measures the command's own process: the backfill of an empty
// table, and a second run over what it wrote. Its memory must not grow with the
// pool.
func BenchmarkReconcile(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "portaria")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", binary, "github.com/pontte/portaria/cmd/portaria").CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	peaks := map[string]float64{}
	for _, users := range []int{10_000, 100_000} {
		var m meter
		pool := httptest.NewServer(m.watch(bigPool{users}))
		table := httptest.NewServer(m.watch(dynamodb.NewHandler()))
		if err := dynamodb.CreateTable(b.Context(), dynamodb.Client(table.URL), "claims"); err != nil {
			b.Fatal(err)
		}
		for _, run := range []string{"backfill", "second run"} {
			b.Run(fmt.Sprintf("%s of %d", run, users), func(b *testing.B) {
				for range b.N { // with -benchtime 1x
					m.requests.Store(0)
					cmd := exec.CommandContext(b.Context(), binary, "reconcile", "--fix", "--yes", "--user-pool", poolID, "--table", "claims", "--output", "json",
						"--state", filepath.Join(b.TempDir(), "state.json"), "--rate", "1000000", "--table-rate", "1000000")
					cmd.Env = []string{"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_REGION=us-east-1", "HOME=" + b.TempDir(),
						"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=" + pool.URL, "AWS_ENDPOINT_URL_DYNAMODB=" + table.URL}
					var all strings.Builder
					cmd.Stdout, cmd.Stderr = &all, &all
					if err := cmd.Start(); err != nil {
						b.Fatal(err)
					}
					m.pid.Store(int64(cmd.Process.Pid))
					err := cmd.Wait()
					out := all.String()
					if err != nil {
						b.Fatalf("%v\n%.2000s", err, out)
					}
					if want := fmt.Sprintf(`"user_without_claim":{"mended":%d}`, users); strings.Contains(out, want) != (run == "backfill") {
						b.Fatalf("%s: %s", run, out[max(0, len(out)-2000):])
					}
					peak := float64(m.peak.Load()) / 1024
					if peak == 0 {
						b.Fatal("the system does not tell the memory of a process: this needs Linux")
					}
					b.ReportMetric(peak, "peak-MiB")
					b.ReportMetric(cmd.ProcessState.UserTime().Seconds()+cmd.ProcessState.SystemTime().Seconds(), "cpu-s")
					b.ReportMetric(float64(m.requests.Load()), "requests")
					peaks[fmt.Sprint(run, users)] = peak
				}
			})
		}
		pool.Close()
		table.Close()
	}
	for _, run := range []string{"backfill", "second run"} {
		if small, large := peaks[run+"10000"], peaks[run+"100000"]; large > 1.5*small {
			b.Errorf("%s: %.0f MiB for ten times the users of %.0f MiB", run, large, small)
		}
	}
}
