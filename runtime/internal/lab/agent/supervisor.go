package agent

import (
	"context"
	"net/http"
	"strings"

	"github.com/skerry-dev/skerry/runtime/internal/lab/token"
)

// FetchAsServer requests a path of a K3s server with the server token, after it has verified the server's authority with the
// hash in the token.
func FetchAsServer(ctx context.Context, server string, credentials token.Token, path string) ([]byte, error) {
	server = strings.TrimSuffix(server, "/")
	bundle, err := fetchAuthority(ctx, server, credentials.Hash)
	if err != nil {
		return nil, err
	}
	return get(ctx, server+path, verifyingConfig(bundle), func(r *http.Request) { r.SetBasicAuth("server", credentials.Password) })
}
