package agent

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/skerry-dev/skerry/runtime/internal/lab/userdata"
)

// kubeletLabels are the labels in reserved namespaces that a kubelet may set on its own node. Source: the kubelet's flag
// --node-labels.
var kubeletLabels = map[string]bool{
	"kubernetes.io/arch": true, "kubernetes.io/os": true, "kubernetes.io/hostname": true,
	"beta.kubernetes.io/arch": true, "beta.kubernetes.io/os": true, "beta.kubernetes.io/instance-type": true,
	"node.kubernetes.io/instance-type": true,
	"topology.kubernetes.io/region":    true, "topology.kubernetes.io/zone": true,
	"failure-domain.beta.kubernetes.io/region": true, "failure-domain.beta.kubernetes.io/zone": true,
}

func isReserved(key string) bool {
	namespace, _, found := strings.Cut(key, "/")
	if !found || kubeletLabels[key] {
		return false
	}
	inDomain := func(domain string) bool { return namespace == domain || strings.HasSuffix(namespace, "."+domain) }
	if inDomain("kubelet.kubernetes.io") || inDomain("node.kubernetes.io") {
		return false
	}
	return inDomain("kubernetes.io") || inDomain("k8s.io")
}

// Labels parses node-label like K3s. It returns an error for labels that the kubelet would reject.
func Labels(config userdata.Config) (map[string]string, error) {
	labels, rejected := map[string]string{}, []string{}
	for _, pair := range config.List("node-label") {
		key, value, _ := strings.Cut(pair, "=")
		if problems := append(validation.IsQualifiedName(key), validation.IsValidLabelValue(value)...); len(problems) > 0 {
			return nil, fmt.Errorf("node-label %q: %s", pair, strings.Join(problems, "; "))
		}
		if isReserved(key) {
			rejected = append(rejected, key)
		}
		labels[key] = value
	}
	if len(rejected) > 0 {
		return nil, fmt.Errorf("unknown 'kubernetes.io' or 'k8s.io' labels specified with --node-labels: %v", rejected)
	}
	return labels, nil
}

var taintPattern = regexp.MustCompile(`^([^=:]+)(?:=([^:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$`)

// Taints parses node-taint, in the form key=value:effect or key:effect.
func Taints(config userdata.Config) ([]corev1.Taint, error) {
	var taints []corev1.Taint
	for _, text := range config.List("node-taint") {
		parts := taintPattern.FindStringSubmatch(text)
		if parts == nil {
			return nil, fmt.Errorf("node-taint %q: invalid taint spec, must be key=value:effect or key:effect", text)
		}
		taints = append(taints, corev1.Taint{Key: parts[1], Value: parts[2], Effect: corev1.TaintEffect(parts[3])})
	}
	return taints, nil
}

// NewNode returns the Node that a machine with a version of K3s registers.
func NewNode(hostname, address string, hardware Hardware, config userdata.Config, k3s string) (*corev1.Node, error) {
	labels, err := Labels(config)
	if err != nil {
		return nil, err
	}
	taints, err := Taints(config)
	if err != nil {
		return nil, err
	}
	for key, value := range map[string]string{
		"kubernetes.io/hostname": hostname, "kubernetes.io/os": "linux", "kubernetes.io/arch": runtime.GOARCH,
		"node.kubernetes.io/instance-type": hardware.InstanceType,
	} {
		if _, ok := labels[key]; !ok {
			labels[key] = value
		}
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: hostname, Labels: labels},
		Spec:       corev1.NodeSpec{Taints: taints, ProviderID: "lab://" + hostname},
		Status: corev1.NodeStatus{
			Capacity: hardware.Capacity(), Allocatable: hardware.Allocatable(),
			Addresses: []corev1.NodeAddress{
				{Type: corev1.NodeInternalIP, Address: address}, {Type: corev1.NodeHostName, Address: hostname},
			},
			NodeInfo: corev1.NodeSystemInfo{
				OperatingSystem: "linux", Architecture: runtime.GOARCH,
				ContainerRuntimeVersion: "kwok://lab", KernelVersion: "lab", OSImage: "Skerry lab",
				KubeletVersion: k3s, KubeProxyVersion: "",
			},
		},
	}, nil
}
