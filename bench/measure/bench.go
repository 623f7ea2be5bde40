// Package measure runs the programs of the bench and takes their figures.
package measure

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"github.com/pontte/portaria/bench/fake"
	"github.com/pontte/portaria/bench/peer"
	"github.com/pontte/portaria/bench/report"
)

// Plan says how much is measured.
type Plan struct {
	Seed        uint64 `json:"seed"`        // of the order in each round
	Cold        int    `json:"cold"`        // rounds of cold starts
	Warm        int    `json:"warm"`        // rounds of warm runs
	WarmUp      int    `json:"warmUp"`      // invocations of a warm run that do not count
	Invocations int    `json:"invocations"` // those that do
}

// Open starts the bench's AWS, with what it needs on disk in the folder dir. The
// sign-ups are made of the event original. Close ends it.
func Open(dir string, original []byte, plan Plan) (*Bench, error) {
	signUps, err := fake.SignUps(original, plan.WarmUp+plan.Invocations)
	if err != nil {
		return nil, err
	}
	authority, err := fake.NewAuthority()
	if err != nil {
		return nil, err
	}
	file, none := filepath.Join(dir, "root.pem"), filepath.Join(dir, "no-roots")
	if err := os.MkdirAll(none, 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(file, authority.Root, 0o644); err != nil {
		return nil, err
	}
	dynamodb, err := fake.StartDynamoDB(authority.Server)
	if err != nil {
		return nil, err
	}
	b := &Bench{dynamodb: dynamodb, signUps: signUps, root: authority.Root}
	b.env = []string{
		"TABLE_NAME=" + fake.Table, "CLAIM_LEASE=30s", "LOG_LEVEL=info", "METRICS_NAMESPACE=Portaria/bench",
		"AWS_ENDPOINT_URL_DYNAMODB=" + dynamodb.URL,
		"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=" + dynamodb.URL, // nobody asks for it on the good path
		"SSL_CERT_FILE=" + file, "SSL_CERT_DIR=" + none, "AWS_CA_BUNDLE=" + file,
	}
	return b, nil
}

// Close ends it.
func (b *Bench) Close() error { return b.dynamodb.Close() }

func (b *Bench) environ(p peer.Program) []string {
	folders := noFolder
	switch p.Roots {
	case peer.BenchRoot:
		return b.env
	case peer.SystemRootsThrice:
		folders = filepath.Join(b.systemRoots, "ssl") + ":" + filepath.Join(b.systemRoots, "pki")
	}
	// The last of two equal names counts; AWS_CA_BUNDLE would replace the rest.
	return append(slices.Clone(b.env), "SSL_CERT_FILE="+filepath.Join(b.systemRoots, bundleName), "SSL_CERT_DIR="+folders, "AWS_CA_BUNDLE=")
}

const (
	bundleName = "ca-bundle.crt"
	noFolder   = "/nonexistent" // as our function has it
)

// LayOutRoots lays the root certificates of bundle, and the bench's own, out in
// the folder dir as they are on provided.al2023: one file, and two folders that
// have it too. Programs with other roots than BenchRoot need them.
func (b *Bench) LayOutRoots(dir string, bundle []byte) error {
	b.systemRoots = filepath.Join(dir, "roots")
	file := filepath.Join(b.systemRoots, bundleName)
	for _, folder := range []string{"ssl", "pki"} {
		if err := os.MkdirAll(filepath.Join(b.systemRoots, folder), 0o755); err != nil {
			return err
		}
		link := filepath.Join(b.systemRoots, folder, bundleName)
		os.Remove(link)
		if err := os.Symlink(file, link); err != nil {
			return err
		}
	}
	return os.WriteFile(file, slices.Concat(bundle, b.root), 0o644)
}

// Measure measures the programs in rounds, each in an order of its own, and says
// on progress how far it is. One more round, the first, does not count: it brings
// the programs' files into memory.
func (b *Bench) Measure(ctx context.Context, plan Plan, programs []peer.Program, progress io.Writer) (report.Samples, error) {
	samples := report.Samples{}
	random := rand.New(rand.NewPCG(plan.Seed, 0))
	round := func(kind string, programs []peer.Program, i, of int, one func(peer.Program) (report.Sample, error)) error {
		order := slices.Clone(programs)
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, p := range order {
			s, err := one(p)
			if err != nil {
				return err
			}
			if i > 0 {
				samples.Add(p.Name, s)
			}
		}
		if i == of || i > 0 && i%10 == 0 {
			fmt.Fprintf(progress, "%s: %d of %d rounds\n", kind, i, of)
		}
		return nil
	}
	for i := range plan.Cold + 1 {
		if err := round("cold", programs, i, plan.Cold, func(p peer.Program) (report.Sample, error) { return b.cold(ctx, p) }); err != nil {
			return nil, err
		}
	}
	programs = slices.DeleteFunc(slices.Clone(programs), func(p peer.Program) bool { return p.ColdOnly })
	for i := range plan.Warm {
		err := round("warm", programs, i+1, plan.Warm, func(p peer.Program) (report.Sample, error) {
			return b.warm(ctx, p, plan.WarmUp, plan.Invocations)
		})
		if err != nil {
			return nil, err
		}
	}
	return samples, nil
}

// ItemSize is about how many bytes our program's claim takes in the table.
func (b *Bench) ItemSize(ctx context.Context, p peer.Program) (int, error) {
	b.dynamodb.Take()
	pr, err := start(ctx, p, b.environ(p), [][]byte{b.signUps[0].Event}, nil, nil)
	if err != nil {
		return 0, err
	}
	defer pr.stop()
	if _, _, err := pr.wait(ctx); err != nil {
		return 0, err
	}
	writes := b.dynamodb.Take()
	if len(writes) != 1 {
		return 0, fmt.Errorf("%d writes for one sign-up", len(writes))
	}
	return writes[0].ItemSize()
}

// fields are those of the one log line of every invocation.
var fields = []string{"level", "message", "timestamp", "service", "cold_start", "function_request_id", "xray_trace_id",
	"trigger_source", "outcome", "duration_ms"}

// lines reads the log lines that have an outcome; a runtime client may print
// more.
func lines(out *bytes.Buffer) []map[string]any {
	var all []map[string]any
	for line := range bytes.Lines(out.Bytes()) {
		if l := object(line); l["outcome"] != nil {
			all = append(all, l)
		}
	}
	return all
}

// missingFields are the fields of a log line that are not there.
func missingFields(line map[string]any, more ...string) []string {
	return slices.DeleteFunc(append(slices.Clone(fields), more...), func(name string) bool {
		return slices.Contains(slices.Collect(maps.Keys(line)), name)
	})
}
