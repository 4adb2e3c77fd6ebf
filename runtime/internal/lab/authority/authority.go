// Package authority issues certificates from the authorities that user data brings, as K3s does when it starts.
package authority

import (
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
	life      = 365 * 24 * time.Hour
	backdated = time.Hour
)

// Authority signs certificates. Its bundle is its own certificate and the chain above it.
type Authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
	bundle      []byte
}

// Load reads an authority from PEM.
func Load(bundle, key []byte) (*Authority, error) {
	chain, err := certificates(bundle)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(key)
	if block == nil {
		return nil, errors.New("its key is not PEM")
	}
	parsed, err := parseKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	if !chain[0].IsCA {
		return nil, errors.New("its first certificate is not an authority's")
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
	return nil, errors.New("its key is neither PKCS#8, SEC 1 nor PKCS#1")
}

func certificates(bundle []byte) ([]*x509.Certificate, error) {
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
		return nil, errors.New("no certificate in PEM")
	}
	return chain, nil
}

// Bundle is the authority's certificate with its chain, PEM.
func (a *Authority) Bundle() []byte { return a.bundle }

// Certificate is the authority's own, without its chain, PEM.
func (a *Authority) Certificate() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
}

// Request says what a certificate is for.
type Request struct {
	CommonName   string
	Organization []string
	// Hosts are names and addresses; with any, the certificate is a server's too.
	Hosts []string
}

// Issue makes a key and a certificate with its chain, both PEM.
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
		NotBefore:    time.Now().Add(-backdated),
		NotAfter:     time.Now().Add(life),
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

// Hash is what K3s's secure tokens carry of the served bundle: of one certificate the SHA-256 of the file, of a chain
// that of the root's DER (K3s, pkg/clientaccess). A chain that does not hold together counts as a file.
func Hash(bundle []byte) (string, error) {
	chain, err := certificates(bundle)
	if err != nil {
		return "", fmt.Errorf("the served authority: %w", err)
	}
	sum := sha256.Sum256(bundle)
	if len(chain) > 1 {
		roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
		for _, certificate := range chain[1:] {
			if certificate.CheckSignatureFrom(certificate) == nil {
				roots.AddCert(certificate)
			} else {
				intermediates.AddCert(certificate)
			}
		}
		verified, err := chain[0].Verify(x509.VerifyOptions{
			Roots: roots, Intermediates: intermediates, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
		})
		if err == nil {
			path := verified[0]
			sum = sha256.Sum256(path[len(path)-1].Raw)
		}
	}
	return hex.EncodeToString(sum[:]), nil
}
