package token

import (
	"strings"
	"testing"
)

const (
	hash      = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	bootstrap = "abc123.0123456789abcdef"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]Token{
		"K10" + hash + "::server:hun:ter2": {Hash: hash, Password: "hun:ter2"},
		"K10" + hash + "::node:hunter2":    {Hash: hash, Password: "hunter2"},
		"K10" + hash + "::" + bootstrap:    {Hash: hash, Bootstrap: bootstrap},
		"hunter2":                          {Password: "hunter2"},
		bootstrap:                          {Bootstrap: bootstrap},
	} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", text, got, err, want)
		}
	}
}

func TestParseRejectsMalformedTokensWithoutQuotingThem(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "must not be empty",
		"K10hunter2":                         "invalid token format",
		"K10" + hash + ":node:hunter2":       "invalid token format",
		"K10" + hash[:10] + "::node:hunter2": "got 10 characters",
		"K10" + strings.ToUpper(hash) + "::node:hunter2": "64 hex digits",
		"K10" + hash + "::hunter2":                       "must end with",
		"K10" + hash + "::root:hunter2":                  "must be one of: server, node",
		"K10" + hash + "::node:":                         "password must not be empty",
		"hun ter2":                                       "white space",
	} {
		_, err := Parse(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got error %v, want one that contains %q", text, err, want)
		}
		if err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "root")) {
			t.Errorf("%q: the error quotes the token: %v", text, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("K10" + hash + "::node:hunter2")
	f.Fuzz(func(t *testing.T, text string) {
		if token, err := Parse(text); err == nil && (token.Password == "") == (token.Bootstrap == "") {
			t.Errorf("%q: got %+v, want one kind of credentials", text, token)
		}
	})
}
