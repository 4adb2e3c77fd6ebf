package agent

import (
	"context"
	"net/http"
	"strings"
)

// FetchAsServer requests a path of a K3s server with the server token, after it has verified the server's authority with the
// hash in the token.
func FetchAsServer(ctx context.Context, server, token, path string) ([]byte, error) {
	server = strings.TrimSuffix(server, "/")
	credentials, err := parseToken(token)
	if err != nil {
		return nil, err
	}
	bundle, err := fetchAuthority(ctx, server, credentials.hash)
	if err != nil {
		return nil, err
	}
	return get(ctx, server+path, verifyingConfig(bundle), func(r *http.Request) { r.SetBasicAuth("server", credentials.password) })
}
