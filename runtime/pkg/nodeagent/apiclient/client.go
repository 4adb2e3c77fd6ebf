// Package apiclient is a small client of the Kubernetes API. It has just what the node agent needs, because client-go alone
// takes more memory than the agent may use.
package apiclient

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

const (
	requestTimeout = 20 * time.Second
	// idleTimeout keeps the connection between two samples, because a TLS handshake is the most expensive part of a request.
	idleTimeout = 5 * time.Minute
	// maxResponse limits what is read of a response.
	maxResponse = 4 << 20
	// maxErrorText limits what an error quotes of a response.
	maxErrorText = 512
)

// Client sends requests with the token of a service account.
type Client struct {
	// Server is the URL of the API server.
	Server string
	// TokenFile and AuthorityFile are read before each request, because the kubelet rotates them.
	TokenFile, AuthorityFile string
	// Clock learns the time from the responses. Optional.
	Clock *Clock

	authority []byte
	client    *http.Client
}

// StatusError is an error response.
type StatusError struct {
	Code    int
	Message string
}

func (e *StatusError) Error() string { return fmt.Sprintf("status %d: %s", e.Code, e.Message) }

// IsNotFound reports whether an error is a response that the object does not exist.
func IsNotFound(err error) bool {
	var status *StatusError
	return errors.As(err, &status) && status.Code == http.StatusNotFound
}

// request describes a request. Body and result are JSON; both are optional.
type request struct {
	method, path        string
	contentType, accept string
	body, result        any
}

// do sends a request and decodes the response.
func (c *Client) do(ctx context.Context, r request) error {
	token, err := os.ReadFile(c.TokenFile)
	if err != nil {
		return err
	}
	if err := c.loadAuthority(); err != nil {
		return err
	}
	var body []byte
	if r.body != nil {
		if body, err = json.Marshal(r.body); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	message, err := http.NewRequestWithContext(ctx, r.method, strings.TrimSuffix(c.Server, "/")+r.path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	message.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	message.Header.Set("User-Agent", "skerry-node-agent")
	message.Header.Set("Accept", r.accept)
	if r.body != nil {
		message.Header.Set("Content-Type", r.contentType)
	}
	response, err := c.client.Do(message)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	c.Clock.learn(response.Header.Get("Date"))
	content, err := io.ReadAll(io.LimitReader(response.Body, maxResponse))
	if err != nil {
		return err
	}
	if response.StatusCode >= http.StatusBadRequest {
		var status struct{ Message string }
		if json.Unmarshal(content, &status) != nil || status.Message == "" {
			status.Message = strings.TrimSpace(string(content))
		}
		return &StatusError{Code: response.StatusCode, Message: status.Message[:min(len(status.Message), maxErrorText)]}
	}
	if r.result == nil {
		return nil
	}
	return json.Unmarshal(content, r.result)
}

// loadAuthority creates the HTTP client, again if the certificates of the authority have changed.
func (c *Client) loadAuthority() error {
	authority, err := os.ReadFile(c.AuthorityFile)
	if err != nil {
		return err
	}
	if c.client != nil && bytes.Equal(authority, c.authority) {
		return nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authority) {
		return fmt.Errorf("%s: contains no certificate", c.AuthorityFile)
	}
	if c.client != nil {
		c.client.CloseIdleConnections()
	}
	c.authority, c.client = authority, &http.Client{Transport: &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: requestTimeout, MaxIdleConns: 1, IdleConnTimeout: idleTimeout,
		WriteBufferSize: 4 << 10, ReadBufferSize: 4 << 10,
		// One request at a time needs no HTTP/2, whose buffers are larger.
		TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{},
	}}
	return nil
}
