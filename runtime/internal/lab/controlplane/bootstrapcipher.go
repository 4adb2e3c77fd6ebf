package controlplane

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
)

// Parameters of the key that K3s derives from the server token. Source: K3s, pkg/cluster/encrypt.go.
const (
	cipherIterations = 4096
	cipherKeyBytes   = 32
	cipherSaltBytes  = 8
)

func bootstrapCipher(password string, salt string) (cipher.AEAD, error) {
	key, err := pbkdf2.Key(sha1.New, password, []byte(salt), cipherIterations, cipherKeyBytes)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// encryptBootstrap encrypts the bootstrap data with the password of the server token, in the format of K3s.
func encryptBootstrap(password string, plain []byte) (string, error) {
	random := make([]byte, cipherSaltBytes)
	_, _ = rand.Read(random)
	salt := hex.EncodeToString(random)
	gcm, err := bootstrapCipher(password, salt)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, gcm.NonceSize())
	_, _ = rand.Read(nonce)
	return salt + ":" + base64.StdEncoding.EncodeToString(gcm.Seal(nonce, nonce, plain, nil)), nil
}

func decryptBootstrap(password, text string) ([]byte, error) {
	salt, encoded, found := strings.Cut(text, ":")
	sealed, err := base64.StdEncoding.DecodeString(encoded)
	if !found || err != nil {
		return nil, errors.New("bootstrap data is malformed")
	}
	gcm, err := bootstrapCipher(password, salt)
	if err != nil {
		return nil, err
	}
	if len(sealed) < gcm.NonceSize() {
		return nil, errors.New("bootstrap data is malformed")
	}
	return gcm.Open(nil, sealed[:gcm.NonceSize()], sealed[gcm.NonceSize():], nil)
}
