package agent

import (
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Files of a machine with which it proves its identity after it has joined. The paths are those of K3s.
const (
	nodePasswordFile  = "/etc/rancher/node/password"
	kubeletCertFile   = "/var/lib/rancher/k3s/agent/client-kubelet.crt"
	kubeletKeyFile    = "/var/lib/rancher/k3s/agent/client-kubelet.key"
	nodePasswordBytes = 16
)

// disk is the root directory of a machine.
type disk string

func (d disk) path(file string) string { return filepath.Join(string(d), filepath.FromSlash(file)) }

// write replaces a file of the machine atomically.
func (d disk) write(file string, content []byte) error {
	path := d.path(file)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(path+".part", content, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

// NodePassword returns the random password of the machine with a root directory, which distinguishes it from others with the
// same name. The first call creates it.
func NodePassword(root string) (string, error) {
	d := disk(root)
	content, err := os.ReadFile(d.path(nodePasswordFile))
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return string(content), err
	}
	random := make([]byte, nodePasswordBytes)
	if _, err := rand.Read(random); err != nil {
		return "", err
	}
	password := hex.EncodeToString(random)
	return password, d.write(nodePasswordFile, []byte(password))
}

// kubeletCertificates returns the client certificate that the machine got when it joined, if it has.
func (d disk) kubeletCertificates() []tls.Certificate {
	certificate, err := tls.LoadX509KeyPair(d.path(kubeletCertFile), d.path(kubeletKeyFile))
	if err != nil {
		return nil
	}
	return []tls.Certificate{certificate}
}

func (d disk) saveKubeletCertificate(certificate, key []byte) error {
	return errors.Join(d.write(kubeletCertFile, certificate), d.write(kubeletKeyFile, key))
}
