package controlplane

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
)

// newEncryptionConfig returns an EncryptionConfiguration for Secrets with a new key, as K3s creates it.
func newEncryptionConfig(provider string) ([]byte, error) {
	if provider != "aescbc" && provider != "secretbox" {
		return nil, fmt.Errorf("secrets-encryption-provider: must be one of: aescbc, secretbox; got %q", provider)
	}
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	type object = map[string]any
	return json.Marshal(object{
		"apiVersion": "apiserver.config.k8s.io/v1",
		"kind":       "EncryptionConfiguration",
		"resources": []any{object{
			"resources": []string{"secrets"},
			"providers": []any{
				object{provider: object{"keys": []any{object{"name": "key", "secret": base64.StdEncoding.EncodeToString(key)}}}},
				object{"identity": object{}},
			},
		}},
	})
}

func urlText(u url.URL) string { return u.String() }
