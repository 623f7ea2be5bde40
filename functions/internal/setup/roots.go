package setup

import "os"

// Where a system keeps its roots in one file: Amazon Linux, and what descends
// from Red Hat.
const rootBundle = "/etc/pki/tls/certs/ca-bundle.crt"

// noFolder is a folder without certificates, for there is none.
const noFolder = "/nonexistent"

// ReadRootsOnce has crypto/x509 read the system's roots from bundle alone, if
// bundle is there and the environment does not say otherwise. By itself it reads
// every file of the system's folders after that, where Amazon Linux has the same
// roots twice more: two fifths of a cold start on such a system. Which roots are
// trusted is the same. It must run before the first connection.
func ReadRootsOnce(bundle string) error {
	if os.Getenv("SSL_CERT_FILE") != "" || os.Getenv("SSL_CERT_DIR") != "" {
		return nil
	}
	f, err := os.Open(bundle)
	if err != nil {
		return nil // the folders have them
	}
	f.Close()
	if err := os.Setenv("SSL_CERT_FILE", bundle); err != nil {
		return err
	}
	return os.Setenv("SSL_CERT_DIR", noFolder)
}
