package pods

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// linkClaim creates the folder of a claim, which outlives the pod, and links the volume to it.
func (i *instance) linkClaim(ctx context.Context, dir string, volume corev1.Volume) error {
	name := volume.PersistentVolumeClaim.ClaimName
	claim, err := i.runner.client.CoreV1().PersistentVolumeClaims(i.pod.Namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if claim.Spec.VolumeName == "" {
		return fmt.Errorf("claim %s has no volume yet", name)
	}
	folder := filepath.Join(i.runner.VolumesDir, claim.Spec.VolumeName)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	link := volumeDir(dir, volume.Name)
	if target, err := os.Readlink(link); err == nil && target == folder {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(link), 0o700); err != nil {
		return err
	}
	return os.Symlink(folder, link)
}

// removeOldVolumes deletes the folders of volumes that no longer exist.
func (r *Runner) removeOldVolumes(ctx context.Context) error {
	entries, err := os.ReadDir(r.VolumesDir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	var errs []error
	for _, entry := range entries {
		_, err := r.client.CoreV1().PersistentVolumes().Get(ctx, entry.Name(), metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			err = os.RemoveAll(filepath.Join(r.VolumesDir, entry.Name()))
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// keepRemovingVolumes deletes the folders of volumes that no longer exist, until the context ends.
func (r *Runner) keepRemovingVolumes(ctx context.Context) {
	for {
		if err := r.removeOldVolumes(ctx); err != nil && ctx.Err() == nil {
			r.Logger.Warn("failed to delete old volumes", "cluster", r.Cluster, "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(resync):
		}
	}
}
