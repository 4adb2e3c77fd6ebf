package agent

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/component-base/version"

	"github.com/skerry-dev/skerry/runtime/internal/lab/userdata"
)

// Labels of reserved namespaces that a kubelet may set on its own node. Source: the kubelet's --node-labels.
var allowedReserved = map[string]bool{
	"kubernetes.io/arch": true, "kubernetes.io/os": true, "kubernetes.io/hostname": true,
	"beta.kubernetes.io/arch": true, "beta.kubernetes.io/os": true, "beta.kubernetes.io/instance-type": true,
	"node.kubernetes.io/instance-type": true,
	"topology.kubernetes.io/region":    true, "topology.kubernetes.io/zone": true,
	"failure-domain.beta.kubernetes.io/region": true, "failure-domain.beta.kubernetes.io/zone": true,
}

func reserved(key string) bool {
	namespace, _, found := strings.Cut(key, "/")
	if !found || allowedReserved[key] {
		return false
	}
	inside := func(domain string) bool { return namespace == domain || strings.HasSuffix(namespace, "."+domain) }
	if inside("kubelet.kubernetes.io") || inside("node.kubernetes.io") {
		return false
	}
	return inside("kubernetes.io") || inside("k8s.io")
}

// Labels reads node-label as K3s does, and refuses what the kubelet would refuse.
func Labels(config userdata.Config) (map[string]string, error) {
	labels, refused := map[string]string{}, []string{}
	for _, pair := range config.List("node-label") {
		key, value, _ := strings.Cut(pair, "=")
		if problems := append(validation.IsQualifiedName(key), validation.IsValidLabelValue(value)...); len(problems) > 0 {
			return nil, fmt.Errorf("node-label %q: %s", pair, strings.Join(problems, "; "))
		}
		if reserved(key) {
			refused = append(refused, key)
		}
		labels[key] = value
	}
	if len(refused) > 0 {
		return nil, fmt.Errorf("unknown 'kubernetes.io' or 'k8s.io' labels specified with --node-labels: %v", refused)
	}
	return labels, nil
}

var taintForm = regexp.MustCompile(`^([^=:]+)(?:=([^:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$`)

// Taints reads node-taint: key=value:effect or key:effect.
func Taints(config userdata.Config) ([]corev1.Taint, error) {
	var taints []corev1.Taint
	for _, text := range config.List("node-taint") {
		parts := taintForm.FindStringSubmatch(text)
		if parts == nil {
			return nil, fmt.Errorf("node-taint %q: invalid taint spec, must be key=value:effect or key:effect", text)
		}
		taints = append(taints, corev1.Taint{Key: parts[1], Value: parts[2], Effect: corev1.TaintEffect(parts[3])})
	}
	return taints, nil
}

// Describe is the Node that a machine registers.
func Describe(hostname, address string, hardware Hardware, config userdata.Config) (*corev1.Node, error) {
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
		if _, stated := labels[key]; !stated {
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
				KubeletVersion: version.Get().GitVersion, KubeProxyVersion: "",
			},
		},
	}, nil
}
