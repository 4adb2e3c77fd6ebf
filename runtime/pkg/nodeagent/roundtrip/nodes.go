package roundtrip

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"slices"
)

// Node is a node that takes part in the measurement.
type Node struct {
	Name    string `json:"name"`
	Region  string `json:"region"`
	Address string `json:"address"`
}

// NodesFile is the content of nodes.json, which the node controller writes: the few nodes of each region that measure.
type NodesFile struct {
	Version int    `json:"version"`
	Nodes   []Node `json:"nodes"`
}

// NodesVersion is the version of NodesFile.
const NodesVersion = 1

// ParseNodes parses nodes.json.
func ParseNodes(content []byte) ([]Node, error) {
	var file NodesFile
	if err := json.Unmarshal(content, &file); err != nil {
		return nil, err
	}
	if file.Version != NodesVersion {
		return nil, fmt.Errorf("version: must be %d, got %d", NodesVersion, file.Version)
	}
	return file.Nodes, nil
}

// target is a node to probe.
type target struct {
	node    string
	address netip.AddrPort
}

// targetsFor returns the targets of a node by region: every listed node of another region whose address is valid. It returns
// none if the node is not listed. The order of the targets starts at the node's own place in its region, so the nodes of one
// region do not all probe the same target at first.
func targetsFor(node string, nodes []Node) map[string][]target {
	own := slices.IndexFunc(nodes, func(each Node) bool { return each.Name == node })
	if own < 0 {
		return nil
	}
	place := 0
	for _, each := range nodes[:own] {
		if each.Region == nodes[own].Region {
			place++
		}
	}
	targets := map[string][]target{}
	for _, each := range nodes {
		if address, err := netip.ParseAddrPort(each.Address); err == nil && each.Region != nodes[own].Region {
			targets[each.Region] = append(targets[each.Region], target{each.Name, address})
		}
	}
	for _, list := range targets {
		rotation := place % len(list)
		rotated := append(slices.Clone(list[rotation:]), list[:rotation]...)
		copy(list, rotated)
	}
	return targets
}

// ReadNodes returns a function that reads a file. While the file is missing or invalid, it returns the last valid nodes. The
// file is missing or empty until the node controller has chosen nodes.
func ReadNodes(file string, logger *slog.Logger) func() []Node {
	var nodes []Node
	var last []byte
	return func() []Node {
		content, err := os.ReadFile(file)
		if err != nil || bytes.Equal(content, last) {
			return nodes
		}
		last = content
		parsed, err := ParseNodes(content)
		if err != nil {
			logger.Warn("invalid list of nodes; keeping the last valid one", "file", file, "err", err.Error())
			return nodes
		}
		nodes = parsed
		return nodes
	}
}
