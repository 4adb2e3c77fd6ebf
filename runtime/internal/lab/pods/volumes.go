package pods

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func volumeDir(dir, name string) string { return filepath.Join(dir, "volumes", name) }

// writeVolumes writes the content of every volume to its directory. It does not touch unchanged files.
func (i *instance) writeVolumes(ctx context.Context, dir string) error {
	for _, volume := range i.pod.Spec.Volumes {
		if volume.PersistentVolumeClaim != nil {
			if err := i.linkClaim(ctx, dir, volume); err != nil {
				return fmt.Errorf("volume %s: %w", volume.Name, err)
			}
			continue
		}
		files, err := i.volumeFiles(ctx, volume.VolumeSource)
		if err != nil {
			return fmt.Errorf("volume %s: %w", volume.Name, err)
		}
		target := volumeDir(dir, volume.Name)
		if err := os.MkdirAll(target, 0o700); err != nil {
			return err
		}
		for name, content := range files {
			if name == mosquittoConfig {
				content = listenOn(content, i.address)
			}
			if err := writeFile(filepath.Join(target, name), content); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeFile(path string, content []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, content) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// volumeFiles returns the files of a volume by path. Volumes of unsupported types are empty directories.
func (i *instance) volumeFiles(ctx context.Context, source corev1.VolumeSource) (map[string][]byte, error) {
	switch {
	case source.ConfigMap != nil:
		return i.configMap(ctx, source.ConfigMap.Name, source.ConfigMap.Items, source.ConfigMap.Optional)
	case source.Secret != nil:
		return i.secret(ctx, source.Secret.SecretName, source.Secret.Items, source.Secret.Optional)
	case source.Projected != nil:
		return i.projected(ctx, source.Projected.Sources)
	}
	return nil, nil
}

func (i *instance) configMap(ctx context.Context, name string, items []corev1.KeyToPath, optional *bool) (map[string][]byte, error) {
	object, err := i.runner.client.CoreV1().ConfigMaps(i.pod.Namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, ignoreOptional(err, optional)
	}
	data := map[string][]byte{}
	for key, value := range object.Data {
		data[key] = []byte(value)
	}
	for key, value := range object.BinaryData {
		data[key] = value
	}
	return project("ConfigMap "+name, data, items)
}

func (i *instance) secret(ctx context.Context, name string, items []corev1.KeyToPath, optional *bool) (map[string][]byte, error) {
	object, err := i.runner.client.CoreV1().Secrets(i.pod.Namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, ignoreOptional(err, optional)
	}
	return project("Secret "+name, object.Data, items)
}

func ignoreOptional(err error, optional *bool) error {
	if optional != nil && *optional && apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// project returns the files that items select, by path. Without items, it returns all keys.
func project(object string, data map[string][]byte, items []corev1.KeyToPath) (map[string][]byte, error) {
	if len(items) == 0 {
		return data, nil
	}
	files := map[string][]byte{}
	for _, item := range items {
		content, found := data[item.Key]
		if !found {
			return nil, fmt.Errorf("%s: key %q not found", object, item.Key)
		}
		files[item.Path] = content
	}
	return files, nil
}

// mount creates the root directory of a container, with a link to a volume at each mount path. Outer paths come first.
func (i *instance) mount(dir, root string, spec corev1.Container) error {
	for _, volumeMount := range sortByPath(spec.VolumeMounts) {
		link := filepath.Join(root, volumeMount.MountPath)
		if err := os.MkdirAll(filepath.Dir(link), 0o700); err != nil {
			return err
		}
		if err := os.Remove(link); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		if err := os.Symlink(filepath.Join(volumeDir(dir, volumeMount.Name), volumeMount.SubPath), link); err != nil {
			return err
		}
	}
	return nil
}

// sortByPath returns mounts with outer paths first.
func sortByPath(mounts []corev1.VolumeMount) []corev1.VolumeMount {
	sorted := slices.Clone(mounts)
	sort.Slice(sorted, func(a, b int) bool { return len(sorted[a].MountPath) < len(sorted[b].MountPath) })
	return sorted
}
