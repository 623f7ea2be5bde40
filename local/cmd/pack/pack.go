package main

import (
	"archive/zip"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// packed is when every file was last changed, as far as the zip tells: the
// first moment that a zip can hold.
var packed = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

// run writes args[0], a zip of the other files. What stood there is replaced
// when the whole zip is made, not before.
func run(args []string) error {
	if len(args) < 2 {
		return errors.New("usage: pack OUT.zip FILE…")
	}
	files := slices.Clone(args[1:])
	slices.SortFunc(files, func(a, b string) int { return cmp.Compare(filepath.Base(a), filepath.Base(b)) })
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i, file := range files {
		if i > 0 && filepath.Base(file) == filepath.Base(files[i-1]) {
			return fmt.Errorf("%s and %s would have the same name in the zip", files[i-1], file)
		}
		if err := add(w, file); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(args[0], out.Bytes(), 0o644)
}

func add(w *zip.Writer, file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	header := &zip.FileHeader{Name: filepath.Base(file), Method: zip.Deflate, Modified: packed}
	header.SetMode(0o755)
	entry, err := w.CreateHeader(header)
	if err != nil {
		return err
	}
	_, err = entry.Write(content)
	return err
}
