package pods

import (
	"context"
	"fmt"
	"maps"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// defaultTokenLifetime is the API's default for tokens in volumes.
const defaultTokenLifetime = time.Hour

// projected returns the files of a projected volume by path. Sources of unsupported types have no files.
func (i *instance) projected(ctx context.Context, sources []corev1.VolumeProjection) (map[string][]byte, error) {
	all := map[string][]byte{}
	for _, source := range sources {
		files, err := i.projection(ctx, source)
		if err != nil {
			return nil, err
		}
		maps.Copy(all, files)
	}
	return all, nil
}

func (i *instance) projection(ctx context.Context, source corev1.VolumeProjection) (map[string][]byte, error) {
	switch {
	case source.ConfigMap != nil:
		return i.configMap(ctx, source.ConfigMap.Name, source.ConfigMap.Items, source.ConfigMap.Optional)
	case source.Secret != nil:
		return i.secret(ctx, source.Secret.Name, source.Secret.Items, source.Secret.Optional)
	case source.DownwardAPI != nil:
		return i.downwardAPI(source.DownwardAPI.Items)
	case source.ServiceAccountToken != nil:
		requested := source.ServiceAccountToken
		lifetime := defaultTokenLifetime
		if requested.ExpirationSeconds != nil {
			lifetime = time.Duration(*requested.ExpirationSeconds) * time.Second
		}
		token, err := i.token(ctx, requested.Audience, lifetime)
		return map[string][]byte{requested.Path: []byte(token)}, err
	}
	return nil, nil
}

func (i *instance) downwardAPI(items []corev1.DownwardAPIVolumeFile) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, item := range items {
		if item.FieldRef == nil {
			return nil, fmt.Errorf("file %s: unsupported source: must be fieldRef", item.Path)
		}
		value, err := i.field(item.FieldRef.FieldPath)
		if err != nil {
			return nil, fmt.Errorf("file %s: %w", item.Path, err)
		}
		files[item.Path] = []byte(value)
	}
	return files, nil
}
