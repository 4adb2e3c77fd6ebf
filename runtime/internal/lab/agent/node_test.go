package agent

import (
	"strings"
	"testing"

	"github.com/skerry-dev/skerry/runtime/internal/lab/userdata"
)

func TestReservedLabelsAreRefusedAsK3sWould(t *testing.T) {
	allowed := []any{
		"edge-region=tokyo", "skerry.dev/node-pool=tokyo-gw", "topology.kubernetes.io/region=tokyo",
		"node.kubernetes.io/instance-type=pi", "kubelet.kubernetes.io/x=y",
	}
	if _, err := Labels(userdata.Config{"node-label": allowed}); err != nil {
		t.Error(err)
	}
	for _, label := range []any{"node-role.kubernetes.io/gateway=true", "k8s.io/x=y", "sub.k8s.io/x=y"} {
		_, err := Labels(userdata.Config{"node-label": []any{label}})
		if err == nil || !strings.Contains(err.Error(), "unknown 'kubernetes.io' or 'k8s.io' labels") {
			t.Errorf("%s: %v", label, err)
		}
	}
}

func TestTaints(t *testing.T) {
	taints, err := Taints(userdata.Config{"node-taint": []any{"dedicated=iot:NoSchedule", "flag:NoExecute"}})
	if err != nil || len(taints) != 2 || taints[0].Value != "iot" || taints[1].Value != "" {
		t.Errorf("%v %v", taints, err)
	}
	for _, bad := range []any{"dedicated", "dedicated=iot", "dedicated=iot:Never", "=iot:NoSchedule"} {
		if _, err := Taints(userdata.Config{"node-taint": []any{bad}}); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}
