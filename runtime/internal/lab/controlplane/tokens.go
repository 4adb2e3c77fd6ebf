package controlplane

import (
	"bytes"
	"crypto/rand"
	"encoding/csv"
	"fmt"
	"os"
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

// ensureTokens returns the path of the token file and the token of each client, and creates them if they are missing. A
// restarted control plane keeps its tokens, because the lab still uses them.
func (s *server) ensureTokens() (path string, tokens map[string]string, err error) {
	path = s.path("cred/tokens.csv")
	content, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		var buffer bytes.Buffer
		for _, client := range clients {
			// Fields of --token-auth-file: token, user, uid, groups.
			fmt.Fprintf(&buffer, "%s,%s,%s,%s\n", rand.Text(), client.user, client.name, client.group)
		}
		content = buffer.Bytes()
		_, err = s.write("cred/tokens.csv", content)
	}
	if err != nil {
		return "", nil, err
	}
	rows, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", path, err)
	}
	tokens = map[string]string{}
	for _, row := range rows {
		tokens[row[2]] = row[0]
	}
	return path, tokens, nil
}
