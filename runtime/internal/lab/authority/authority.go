// Package authority issues certificates from the certificate authorities in user data, as K3s does at startup.
package authority

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"time"
)

const (
	validity = 365 * 24 * time.Hour
	// clockSkew is the tolerated difference between the clocks of two machines.
	clockSkew = time.Hour
)

// Authority is a certificate authority. Its bundle holds its certificate and the chain above it.
type Authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
	bundle      []byte
}

// Load parses an authority from its PEM-encoded bundle and key.
func Load(bundle, key []byte) (*Authority, error) {
	chain, err := parseCertificates(bundle)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(key)
	if block == nil {
		return nil, errors.New("key must be PEM-encoded")
	}
	parsed, err := parseKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	if !chain[0].IsCA {
		return nil, errors.New("first certificate must be a certificate authority")
	}
	return &Authority{certificate: chain[0], key: parsed, bundle: bundle}, nil
}

func parseKey(der []byte) (crypto.Signer, error) {
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		if signer, ok := key.(crypto.Signer); ok {
			return signer, nil
		}
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key, nil
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	return nil, errors.New("key must be in one of the formats: PKCS#8, SEC 1, PKCS#1")
}

func parseCertificates(bundle []byte) ([]*x509.Certificate, error) {
	var chain []*x509.Certificate
	for rest := bundle; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		chain = append(chain, certificate)
	}
	if len(chain) == 0 {
		return nil, errors.New("must contain a PEM-encoded certificate")
	}
	return chain, nil
}

// Bundle returns the authority's certificate and its chain, PEM-encoded.
func (a *Authority) Bundle() []byte { return a.bundle }

// Certificate returns the authority's certificate without its chain, PEM-encoded.
func (a *Authority) Certificate() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
}

// Request describes a certificate.
type Request struct {
	CommonName   string
	Organization []string
	// Hosts are DNS names and IP addresses. If there are any, the certificate is valid for servers too.
	Hosts []string
}

// Issue creates a key and a certificate. It returns the certificate with its chain and the key, both PEM-encoded.
func (a *Authority) Issue(request Request) (certificate, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: request.CommonName, Organization: request.Organization},
		NotBefore:    time.Now().Add(-clockSkew),
		NotAfter:     time.Now().Add(validity),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if len(request.Hosts) > 0 {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
	}
	for _, host := range request.Hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, private.Public(), a.key)
	if err != nil {
		return nil, nil, err
	}
	privateDER, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		return nil, nil, err
	}
	leaf := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return append(leaf, a.bundle...), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: privateDER}), nil
}

// Hash returns the hash of a served bundle as K3s's secure tokens contain it: the SHA-256 of the file for a single
// certificate or an invalid chain, and that of the root's DER encoding for a valid chain. Source: K3s, pkg/clientaccess.
func Hash(bundle []byte) (string, error) {
	chain, err := parseCertificates(bundle)
	if err != nil {
		return "", fmt.Errorf("parsing the served certificate authority: %w", err)
	}
	sum := sha256.Sum256(bundle)
	if len(chain) > 1 {
		roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
		for _, certificate := range chain[1:] {
			if len(certificate.AuthorityKeyId) == 0 || bytes.Equal(certificate.AuthorityKeyId, certificate.SubjectKeyId) {
				roots.AddCert(certificate)
			} else {
				intermediates.AddCert(certificate)
			}
		}
		verified, err := chain[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: intermediates})
		if err == nil {
			path := verified[0]
			sum = sha256.Sum256(path[len(path)-1].Raw)
		}
	}
	return hex.EncodeToString(sum[:]), nil
}
