package apiclient

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

const (
	profilesPath = "/apis/skerry.dev/v1alpha1/nodeprofiles"
	mergePatch   = "application/merge-patch+json"
	jsonType     = "application/json"
	// metadataOnly asks for the metadata of an object instead of the object.
	metadataOnly = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
	// capacityAnnotation holds the declared capacity of a node; the node controller writes it.
	capacityAnnotation = "skerry.dev/capacity"
)

// The types below are the JSON of NodeProfile in package v1alpha1, which a test compares. The agent imports no Kubernetes
// libraries, to stay small (docs/decisions/0025-node-agent.md). A nil number is written as null, which removes an earlier
// number in a merge patch.

// Capability is the hardware of the node.
type Capability struct {
	CPU         *float64 `json:"cpu"`
	CoreSpeed   *float64 `json:"coreSpeed"`
	MemoryGB    *float64 `json:"memoryGB"`
	IOPS        *float64 `json:"iops"`
	NetworkGbps *float64 `json:"networkGbps"`
}

// Usage is a percentage of the capability.
type Usage struct {
	CPUPercent     *float64 `json:"cpuPercent,omitempty"`
	MemoryPercent  *float64 `json:"memoryPercent,omitempty"`
	IOPercent      *float64 `json:"ioPercent,omitempty"`
	NetworkPercent *float64 `json:"networkPercent,omitempty"`
}

// Trend is the change of usage per hour.
type Trend struct {
	CPUPercent     *float64 `json:"cpuPercent"`
	MemoryPercent  *float64 `json:"memoryPercent"`
	IOPercent      *float64 `json:"ioPercent"`
	NetworkPercent *float64 `json:"networkPercent"`
}

// Sample is the mean usage over a window.
type Sample struct {
	Time          MicroTime `json:"time"`
	WindowSeconds int32     `json:"windowSeconds"`
	Usage
}

// PodUsage is the usage of one pod.
type PodUsage struct {
	UID         string  `json:"uid"`
	CPUCores    float64 `json:"cpuCores"`
	MemoryBytes float64 `json:"memoryBytes"`
}

// RoundTrip is the round-trip time to another region.
type RoundTrip struct {
	Region   string    `json:"region"`
	MedianMs float64   `json:"medianMs"`
	SpreadMs float64   `json:"spreadMs"`
	Probes   int32     `json:"probes"`
	Time     MicroTime `json:"time"`
}

// Status is the observed usage. A merge patch replaces each list as a whole.
type Status struct {
	Samples      []Sample    `json:"samples"`
	Pods         []PodUsage  `json:"pods"`
	Trend        Trend       `json:"trend"`
	ProbeAddress *string     `json:"probeAddress"`
	RoundTrips   []RoundTrip `json:"roundTrips"`
}

// MicroTime is a time with six decimals. The API accepts no other form.
type MicroTime time.Time

// MarshalText implements encoding.TextMarshaler.
func (t MicroTime) MarshalText() ([]byte, error) {
	return time.Time(t).UTC().AppendFormat(nil, "2006-01-02T15:04:05.000000Z07:00"), nil
}

// Node is what the agent needs to know about its node.
type Node struct {
	UID string
	// Capacity is the declared capacity as JSON; empty if none is declared.
	Capacity string
}

// Node returns a node.
func (c *Client) Node(ctx context.Context, name string) (Node, error) {
	var object struct {
		Metadata struct {
			UID         string
			Annotations map[string]string
		}
	}
	err := c.do(ctx, request{method: http.MethodGet, path: "/api/v1/nodes/" + url.PathEscape(name), accept: metadataOnly, result: &object})
	return Node{UID: object.Metadata.UID, Capacity: object.Metadata.Annotations[capacityAnnotation]}, err
}

type object map[string]any

// CreateProfile creates a profile without content. The API server deletes it with its node.
func (c *Client) CreateProfile(ctx context.Context, name, nodeUID string) error {
	return c.do(ctx, request{method: http.MethodPost, path: profilesPath, contentType: jsonType, accept: metadataOnly, body: object{
		"apiVersion": "skerry.dev/v1alpha1", "kind": "NodeProfile",
		"metadata": object{"name": name, "ownerReferences": []object{{"apiVersion": "v1", "kind": "Node", "name": name, "uid": nodeUID}}},
		"spec":     object{"capability": object{}},
	}})
}

// PatchCapability sets the capability of a profile.
func (c *Client) PatchCapability(ctx context.Context, name string, capability Capability) error {
	return c.patch(ctx, profilesPath+"/"+url.PathEscape(name), object{"spec": object{"capability": capability}})
}

// PatchStatus sets the status of a profile.
func (c *Client) PatchStatus(ctx context.Context, name string, status Status) error {
	return c.patch(ctx, profilesPath+"/"+url.PathEscape(name)+"/status", object{"status": status})
}

func (c *Client) patch(ctx context.Context, path string, body object) error {
	return c.do(ctx, request{method: http.MethodPatch, path: path, contentType: mergePatch, accept: metadataOnly, body: body})
}
