package controlplane

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// clients are the API clients of the control plane, with the user and group of client.
//
// They authenticate with tokens, because the API server verifies the chain of a client certificate on every request, which
// took a third of the processor time of an idle cluster.
var clients = []struct{ name, user, group string }{
	{"admin", "system:admin", "system:masters"},
	{"controller", "system:kube-controller-manager", "system:authenticated"},
	{"scheduler", "system:kube-scheduler", "system:authenticated"},
}

// clientToken returns the token of a client. It is derived from a key that all servers of the cluster have, so each of them
// accepts it, also after a restart.
func (s *server) clientToken(client string) string {
	mac := hmac.New(sha256.New, s.files["service.key"])
	mac.Write([]byte("skerry lab client " + client))
	return hex.EncodeToString(mac.Sum(nil))
}

// writeTokens writes the tokens of the clients for --token-auth-file, and returns the path.
func (s *server) writeTokens() (string, error) {
	var buffer bytes.Buffer
	for _, client := range clients {
		// Fields of --token-auth-file: token, user, uid, groups.
		fmt.Fprintf(&buffer, "%s,%s,%s,%s\n", s.clientToken(client.name), client.user, client.name, client.group)
	}
	return s.write("cred/tokens.csv", buffer.Bytes())
}
