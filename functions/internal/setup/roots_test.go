package setup_test

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/pontte/portaria/functions/internal/setup"
)

// TestMain makes this program a client that trusts the system's roots, where it
// is told a server to call.
func TestMain(m *testing.M) {
	server, bundle := os.Getenv("ROOTS_SERVER"), os.Getenv("ROOTS_BUNDLE")
	if server == "" {
		os.Exit(m.Run())
	}
	if err := setup.ReadRootsOnce(bundle); err != nil {
		panic(err)
	}
	response, err := http.Get(server)
	if err != nil {
		os.Exit(1)
	}
	response.Body.Close()
}

func TestReadRootsOnce(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	dir := t.TempDir()
	root := func(name string, der []byte) string {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	theirs := root("bundle.crt", server.Certificate().Raw)
	for _, c := range []struct {
		name   string
		bundle string
		env    []string
		trusts bool
	}{
		{name: "the bundle's roots", bundle: theirs, trusts: true},
		{name: "no such bundle, so the system's", bundle: filepath.Join(dir, "none")},
		{name: "a file of the environment's", bundle: theirs, env: []string{"SSL_CERT_FILE=" + os.DevNull}},
		{name: "a folder of the environment's", bundle: theirs, env: []string{"SSL_CERT_DIR=" + filepath.Join(dir, "empty")}},
		{name: "a folder of the environment's that has it", bundle: os.DevNull, trusts: true,
			env: []string{"SSL_CERT_FILE=" + os.DevNull, "SSL_CERT_DIR=" + filepath.Dir(root("folder/root.pem", server.Certificate().Raw))}},
	} {
		client := exec.CommandContext(t.Context(), os.Args[0])
		client.Env = append([]string{"ROOTS_SERVER=" + server.URL, "ROOTS_BUNDLE=" + c.bundle, "GODEBUG="}, c.env...)
		out, err := client.CombinedOutput()
		if trusts := err == nil; trusts != c.trusts {
			t.Errorf("%s: trusted = %t, want %t (%v)\n%s", c.name, trusts, c.trusts, err, out)
		}
	}
}
