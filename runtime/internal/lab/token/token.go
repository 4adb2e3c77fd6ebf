// Package token parses the tokens with which machines join a K3s cluster.
package token

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Token is a parsed K3s token.
type Token struct {
	// Hash is the hash of the certificate authority. A token in the short form has none.
	Hash string
	// Password is the password of a server token or an agent token.
	Password string
	// Bootstrap is a bootstrap token, <id>.<secret>. It excludes a password.
	Bootstrap string
}

const securePrefix = "K10"

var (
	hashPattern      = regexp.MustCompile(`^[0-9a-f]{64}$`)
	bootstrapPattern = regexp.MustCompile(`^[a-z0-9]{6}\.[a-z0-9]{16}$`)
)

// Parse parses a token in the secure form, K10<hash>::<user>:<password> or K10<hash>::<id>.<secret>, or in the short form,
// which is the password or the bootstrap token alone. Its errors contain no part of the token.
func Parse(text string) (Token, error) {
	switch {
	case text == "":
		return Token{}, errors.New("token must not be empty")
	case strings.ContainsAny(text, " \t\r\n"):
		return Token{}, errors.New("token must not contain white space")
	}
	rest, secure := strings.CutPrefix(text, securePrefix)
	if !secure {
		if bootstrapPattern.MatchString(text) {
			return Token{Bootstrap: text}, nil
		}
		return Token{Password: text}, nil
	}
	hash, credentials, found := strings.Cut(rest, "::")
	if !found {
		return Token{}, errors.New("invalid token format: must be K10<hash>::<user>:<password> or K10<hash>::<id>.<secret>")
	}
	if !hashPattern.MatchString(hash) {
		return Token{}, fmt.Errorf("invalid token CA hash: must have 64 hex digits, got %d characters", len(hash))
	}
	if bootstrapPattern.MatchString(credentials) {
		return Token{Hash: hash, Bootstrap: credentials}, nil
	}
	user, password, found := strings.Cut(credentials, ":")
	switch {
	case !found:
		return Token{}, errors.New("invalid token format: must end with <user>:<password>, or with a bootstrap token of 6 and 16 characters")
	case user != "server" && user != "node":
		return Token{}, errors.New("invalid token user: must be one of: server, node")
	case password == "":
		return Token{}, errors.New("invalid token format: the password must not be empty")
	}
	return Token{Hash: hash, Password: password}, nil
}
