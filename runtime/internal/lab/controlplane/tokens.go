package controlplane

import (
	"bytes"
	"crypto/rand"
	"encoding/csv"
	"fmt"
	"os"
)

// clients are the lab's own clients of the API server: the user and group that each one is.
//
// They authenticate by token. An API server verifies the chain of a client certificate with every request, which was a
// third of the processor time of an idle cluster; a token is looked up.
var clients = []struct{ name, user, group string }{
	{"admin", "system:admin", "system:masters"},
	{"controller", "system:kube-controller-manager", "system:authenticated"},
	{"scheduler", "system:kube-scheduler", "system:authenticated"},
}

// tokenFile makes a token for each client, once: a control plane that starts again keeps them, because the lab still
// holds them.
func (s *server) tokenFile() (path string, tokens map[string]string, err error) {
	path = s.path("cred/tokens.csv")
	content, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		var made bytes.Buffer
		for _, each := range clients {
			// Fields of --token-auth-file: token, user, uid, groups.
			fmt.Fprintf(&made, "%s,%s,%s,%s\n", rand.Text(), each.user, each.name, each.group)
		}
		content = made.Bytes()
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
