package pods

import (
	"os"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

func TestFoldersOfDeletedVolumesAreDeleted(t *testing.T) {
	kept := &corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: "pvc-kept"}}
	runner := &Runner{VolumesDir: filepath.Join(t.TempDir(), "volumes"), client: fake.NewClientset(kept)}
	if err := runner.removeOldVolumes(t.Context()); err != nil {
		t.Fatalf("without a folder: %v", err)
	}
	for _, name := range []string{"pvc-kept", "pvc-deleted"} {
		folder := filepath.Join(runner.VolumesDir, name)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "edge.db"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := runner.removeOldVolumes(t.Context()); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(runner.VolumesDir)
	if err != nil || len(entries) != 1 || entries[0].Name() != "pvc-kept" {
		t.Errorf("got %v, %v", entries, err)
	}
}
