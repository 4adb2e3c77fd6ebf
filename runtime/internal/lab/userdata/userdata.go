// Package userdata parses cloud-init user data that contains a K3s configuration.
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

// Role is the role of K3s on a machine.
type Role string

const (
	// Server runs a control plane.
	Server Role = "server"
	// Agent joins a cluster.
	Agent Role = "agent"
)

const (
	header     = "#cloud-config"
	configFile = "/etc/rancher/k3s/config.yaml"
	configDir  = "/etc/rancher/k3s/config.yaml.d/"
	serverTLS  = "/var/lib/rancher/k3s/server/tls/"
)

// Machine is the configuration of a machine from its user data.
type Machine struct {
	Role     Role
	Config   Config
	Document Document
	// files are the files of the machine, by absolute path.
	files map[string][]byte
}

type cloudConfig struct {
	WriteFiles []struct {
		Path     string `json:"path"`
		Content  string `json:"content"`
		Encoding string `json:"encoding"`
	} `json:"write_files"`
	RunCmd []any `json:"runcmd"`
}

// Parse parses user data. Its errors contain keys and paths but no values, because user data may contain credentials.
func Parse(text string) (*Machine, error) {
	if !strings.HasPrefix(text, header) {
		return nil, fmt.Errorf("user data must be a cloud-init cloud-config, which starts with %q", header)
	}
	var cloud cloudConfig
	if err := yaml.Unmarshal([]byte(text), &cloud); err != nil {
		return nil, errors.New("user data must be valid YAML, and write_files and runcmd must be lists")
	}
	machine := &Machine{files: map[string][]byte{}}
	configs := map[string][]byte{}
	for _, file := range cloud.WriteFiles {
		content, err := decode(file.Content, file.Encoding)
		if err != nil {
			return nil, fmt.Errorf("write_files %s: %w", file.Path, err)
		}
		clean := path.Clean(file.Path)
		machine.files[clean] = content
		if clean == configFile || strings.HasPrefix(clean, configDir) && strings.HasSuffix(clean, ".yaml") {
			configs[clean] = content
		}
	}
	if len(configs) == 0 {
		return nil, fmt.Errorf("user data must write %s: K3s would start without a configuration", configFile)
	}
	role, err := findRole(cloud.RunCmd)
	if err != nil {
		return nil, err
	}
	document, found := machine.files[documentFile]
	if !found {
		return nil, fmt.Errorf("user data must write %s: the machine could not read its secrets", documentFile)
	}
	if machine.Document, err = parseDocument(document); err != nil {
		return nil, err
	}
	if machine.Document.Role != role {
		return nil, fmt.Errorf("%s: role: must be %s, the role of the unit that runcmd enables, got %s", documentFile, role, machine.Document.Role)
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
	return nil, fmt.Errorf("unsupported encoding %q: must be one of: text/plain, b64, base64", encoding)
}

// findRole returns the role of the systemd unit that the commands enable: k3s is a server, k3s-agent an agent.
func findRole(commands []any) (Role, error) {
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
	return "", errors.New("runcmd must enable unit k3s (a server) or k3s-agent: K3s would never start")
}

// merge merges config.yaml and then the drop-ins by file name. Later values replace earlier ones.
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
			return nil, fmt.Errorf("%s must be a YAML mapping", name)
		}
		for key, value := range values {
			config[key] = value
		}
	}
	return config, config.validate(role)
}
