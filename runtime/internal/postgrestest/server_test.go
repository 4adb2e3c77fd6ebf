package postgrestest

import (
	"os"
	"testing"
)

func TestAServerStartsAfterItWasKilledWhileItCreatedALock(t *testing.T) {
	server := Start(t)
	for _, lock := range server.locks() {
		server.Kill()
		if err := os.WriteFile(lock, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		// A killed server leaves files of its own user.
		if identity := unprivileged(); identity != nil {
			if err := os.Chown(lock, int(identity.Uid), int(identity.Gid)); err != nil {
				t.Fatal(err)
			}
		}
		if err := server.Run(); err != nil {
			t.Fatalf("with an empty %s: %v", lock, err)
		}
	}
}
