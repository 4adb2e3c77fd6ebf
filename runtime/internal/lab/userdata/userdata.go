// Package userdata reads what a machine is born with: cloud-init user data that carries a K3s configuration.
package userdata

import (
	"encoding/base64"
	"errors"
	"fmt"
	"path"
	"sort"
	"strings"

	"sigs.k8s.io/yaml"
)

// Role says what K3s on the machine is.
type Role string

const (
	// Server runs a control plane.
	Server Role = "server"
	// Agent joins one.
	Agent Role = "agent"
)

const (
	header     = "#cloud-config"
	configFile = "/etc/rancher/k3s/config.yaml"
	configDir  = "/etc/rancher/k3s/config.yaml.d/"
	serverTLS  = "/var/lib/rancher/k3s/server/tls/"
)

// Machine is what user data makes of a machine.
type Machine struct {
	Role   Role
	Config Config
	// TLS holds the files below K3s's server/tls, by their path below it.
	TLS map[string][]byte
}

type cloudConfig struct {
	WriteFiles []struct {
		Path     string `json:"path"`
		Content  string `json:"content"`
		Encoding string `json:"encoding"`
	} `json:"write_files"`
	RunCmd []any `json:"runcmd"`
}

// Parse reads user data. Its errors name keys and paths, never contents: user data holds credentials.
func Parse(text string) (*Machine, error) {
	if !strings.HasPrefix(text, header) {
		return nil, fmt.Errorf("user data does not begin with %q: only cloud-init's cloud-config is understood", header)
	}
	var cloud cloudConfig
	if err := yaml.Unmarshal([]byte(text), &cloud); err != nil {
		return nil, errors.New("user data is not valid YAML, or write_files and runcmd are no lists")
	}
	machine := &Machine{TLS: map[string][]byte{}}
	configs := map[string][]byte{}
	for _, file := range cloud.WriteFiles {
		content, err := decode(file.Content, file.Encoding)
		if err != nil {
			return nil, fmt.Errorf("write_files %s: %w", file.Path, err)
		}
		switch clean := path.Clean(file.Path); {
		case clean == configFile, strings.HasPrefix(clean, configDir) && strings.HasSuffix(clean, ".yaml"):
			configs[clean] = content
		case strings.HasPrefix(clean, serverTLS):
			machine.TLS[strings.TrimPrefix(clean, serverTLS)] = content
		}
	}
	if len(configs) == 0 {
		return nil, fmt.Errorf("user data writes no %s: K3s would start with nothing to go by", configFile)
	}
	role, err := roleOf(cloud.RunCmd)
	if err != nil {
		return nil, err
	}
	machine.Role = role
	machine.Config, err = merge(role, configs)
	return machine, err
}

func decode(content, encoding string) ([]byte, error) {
	switch strings.ToLower(encoding) {
	case "", "text/plain":
		return []byte(content), nil
	case "b64", "base64":
		return base64.StdEncoding.DecodeString(content)
	}
	return nil, fmt.Errorf("encoding %q is not understood: use none, b64 or base64", encoding)
}

// roleOf finds the unit that the user data enables: k3s is a server, k3s-agent an agent.
func roleOf(commands []any) (Role, error) {
	for _, command := range commands {
		words := strings.Fields(strings.Trim(fmt.Sprint(command), "[]"))
		for _, word := range words {
			switch strings.TrimSuffix(word, ".service") {
			case "k3s":
				return Server, nil
			case "k3s-agent":
				return Agent, nil
			}
		}
	}
	return "", errors.New("runcmd enables neither unit k3s (a server) nor k3s-agent: K3s would never start")
}

// merge reads config.yaml and then the drop-ins in the order of their names: a later value replaces an earlier one.
func merge(role Role, files map[string][]byte) (Config, error) {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		if (names[i] == configFile) != (names[j] == configFile) {
			return names[i] == configFile
		}
		return names[i] < names[j]
	})
	config := Config{}
	for _, name := range names {
		values := map[string]any{}
		if err := yaml.Unmarshal(files[name], &values); err != nil {
			return nil, fmt.Errorf("%s is not a YAML mapping", name)
		}
		for key, value := range values {
			config[key] = value
		}
	}
	return config, config.check(role)
}
