package peer

import (
	"archive/zip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Size is how many bytes the program takes as a deployment package: a zip of
// its files. What Python compiles for itself, and the tools of a virtual
// environment, are left out, as a deployment leaves them out.
func (p Program) Size() (int64, error) {
	var size count
	w := zip.NewWriter(&size)
	for _, root := range p.Package {
		if err := add(w, root); err != nil {
			return 0, err
		}
	}
	if err := w.Close(); err != nil {
		return 0, err
	}
	return int64(size), nil
}

func add(w *zip.Writer, root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains([]string{"__pycache__", "pip", "setuptools", "pkg_resources", "_distutils_hack", "wheel"}, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		name, err := filepath.Rel(filepath.Dir(root), path)
		if err != nil {
			return err
		}
		to, err := w.Create(filepath.ToSlash(name))
		if err != nil {
			return err
		}
		from, err := os.Open(path)
		if err != nil {
			return err
		}
		_, err = io.Copy(to, from)
		return errors.Join(err, from.Close())
	})
}

// count counts what is written.
type count int64

func (c *count) Write(p []byte) (int, error) {
	*c += count(len(p))
	return len(p), nil
}
