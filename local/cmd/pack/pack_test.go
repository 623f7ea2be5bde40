package main

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// file writes a file into a folder of its own and gives its path.
func file(t *testing.T, name, content string, mode os.FileMode, changed time.Time) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, changed, changed); err != nil {
		t.Fatal(err)
	}
	return path
}

func pack(t *testing.T, files ...string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out.zip")
	if err := run(append([]string{out}, files...)); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSameBytesFromOtherFolderTimeModeAndOrder(t *testing.T) {
	then, later := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC), time.Date(2020, 2, 3, 4, 5, 6, 0, time.FixedZone("", 3600))
	one := pack(t, file(t, "bootstrap", "binary", 0o755, then), file(t, "notice", "text", 0o644, then))
	other := pack(t, file(t, "notice", "text", 0o600, later), file(t, "bootstrap", "binary", 0o700, later))
	if !bytes.Equal(one, other) {
		t.Errorf("%x\n%x", one, other)
	}
	if changed := pack(t, file(t, "notice", "text", 0o644, then), file(t, "bootstrap", "other", 0o755, then)); bytes.Equal(one, changed) {
		t.Error("other content, same zip")
	}
}

func TestWhatLambdaFinds(t *testing.T) {
	b := pack(t, file(t, "bootstrap", "binary", 0o600, time.Unix(0, 0)))
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.File) != 1 || r.File[0].Name != "bootstrap" || r.File[0].Mode() != 0o755 {
		t.Fatalf("%d files, the first %s %v, want bootstrap alone, executable by all", len(r.File), r.File[0].Name, r.File[0].Mode())
	}
	f, err := r.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	if content, err := io.ReadAll(f); err != nil || string(content) != "binary" {
		t.Errorf("content = %q, %v", content, err)
	}
}

func TestRefusals(t *testing.T) {
	bootstrap := file(t, "bootstrap", "", 0o755, time.Unix(0, 0))
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"no file", []string{"out.zip"}, "usage"},
		{"file missing", []string{"out.zip", "nowhere/bootstrap"}, "nowhere/bootstrap"},
		{"two of one name", []string{"out.zip", bootstrap, file(t, "bootstrap", "", 0o755, time.Unix(0, 0))}, "same name"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := run(tt.args); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one that says %q", err, tt.want)
			}
			if _, err := os.Stat("out.zip"); err == nil {
				t.Error("half a zip was written")
			}
		})
	}
}
