package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/certificatetest"
)

// certificates are files in PEM: an authority, and a certificate of it for servers and clients.
type certificates struct{ authority, certificate, key string }

func newCertificates(t *testing.T) certificates {
	t.Helper()
	folder := t.TempDir()
	// Mosquitto drops the privileges of root before it reads the files.
	for _, each := range []string{folder, filepath.Dir(folder)} {
		if err := os.Chmod(each, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	issuer := certificatetest.New(t)
	files := certificates{authority: filepath.Join(folder, "authority.crt")}
	issuer.Write(files.authority)
	files.certificate, files.key = issuer.Issue(folder, "ingest", "ingest", time.Hour)
	return files
}
