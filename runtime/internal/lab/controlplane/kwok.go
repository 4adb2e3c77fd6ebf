package controlplane

import (
	"context"
	"encoding/json"
	"fmt"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	nodefast "sigs.k8s.io/kwok/kustomize/stage/node/fast"
	heartbeat "sigs.k8s.io/kwok/kustomize/stage/node/heartbeat-with-lease"
	podfast "sigs.k8s.io/kwok/kustomize/stage/pod/fast"
	"sigs.k8s.io/kwok/pkg/apis/internalversion"
	"sigs.k8s.io/kwok/pkg/client/clientset/versioned"
	"sigs.k8s.io/kwok/pkg/config"
	"sigs.k8s.io/kwok/pkg/kwok/controllers"
	"sigs.k8s.io/kwok/pkg/utils/client"

	"github.com/skerry-dev/skerry/runtime/internal/lab/programs"
)

// KWOK's parallelism lets 3,000 nodes become ready in one to two minutes.
const (
	nodeParallelism  = 16
	podParallelism   = 16
	leaseParallelism = 16
)

// StoppedLabel marks the Node of an agent whose K3s does not run. Its lease expires, and then the Node is not ready.
const StoppedLabel = "lab.skerry.dev/stopped"

// podRecover makes a pod ready again, as a kubelet does: the node lifecycle controller marks the pods of a node as not ready when
// the node has not answered for too long.
const podRecover = `
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata:
  name: pod-recover
spec:
  resourceRef:
    apiGroup: v1
    kind: Pod
  selector:
    matchExpressions:
    - key: '.metadata.deletionTimestamp'
      operator: 'DoesNotExist'
    - key: '.status.phase'
      operator: 'In'
      values: ['Running']
    - key: '.status.conditions.[] | select( .type == "Ready" ) | .status'
      operator: 'In'
      values: ['False']
  next:
    statusTemplate: |
      conditions:
      - lastTransitionTime: {{ Now | Quote }}
        status: "True"
        type: Ready
`

// loadStages returns the stages of KWOK, which skip the pods of local programs.
func loadStages(table programs.Table) (map[internalversion.StageResourceRef][]*internalversion.Stage, error) {
	pattern, err := json.Marshal(table.Pattern())
	if err != nil {
		return nil, err
	}
	simulated := internalversion.MatchExpression{JQ: &internalversion.SelectorJQ{
		Key:      fmt.Sprintf(".spec.containers.[].image | select(test(%s))", pattern),
		Operator: internalversion.SelectorOpDoesNotExist,
	}}
	groups := map[internalversion.StageResourceRef][]*internalversion.Stage{}
	for _, text := range []string{
		nodefast.DefaultNodeInit, heartbeat.DefaultNodeHeartbeatWithLease,
		podfast.DefaultPodReady, podRecover, podfast.DefaultPodComplete, podfast.DefaultPodDelete,
	} {
		stage, err := config.UnmarshalWithType[*internalversion.Stage](text)
		if err != nil {
			return nil, err
		}
		if stage.Spec.ResourceRef.Kind == "Pod" {
			stage.Spec.Selector.MatchExpressions = append(stage.Spec.Selector.MatchExpressions, simulated)
		}
		groups[stage.Spec.ResourceRef] = append(groups[stage.Spec.ResourceRef], stage)
	}
	return groups, nil
}

// simulateAgents keeps the nodes of agents ready, and simulates their pods except those of local programs. Its identity is that
// of the cluster, so the server that continues after another holds the leases of all nodes.
func (s *server) simulateAgents(ctx context.Context) error {
	return s.runKWOK(ctx, controllers.Config{ManageNodesWithLabelSelector: "!" + controlPlaneLabel + ",!" + StoppedLabel, ID: s.Name})
}

// simulateOwnNode does the same for the server's own node, which becomes not ready when this process ends.
func (s *server) simulateOwnNode(ctx context.Context) error {
	return s.runKWOK(ctx, controllers.Config{ManageSingleNode: s.Hostname, ID: s.Hostname})
}

// runKWOK runs KWOK for the nodes that a configuration selects.
func (s *server) runKWOK(ctx context.Context, selected controllers.Config) error {
	local, err := loadStages(programs.NewTable(s.settings.Simulated))
	if err != nil {
		return err
	}
	clients, err := client.NewClientset("", s.path("admin.kubeconfig"))
	if err != nil {
		return err
	}
	restConfig, err := clients.ToRESTConfig()
	if err != nil {
		return err
	}
	dynamic, err := clients.ToDynamicClient()
	if err != nil {
		return err
	}
	mapper, err := clients.ToRESTMapper()
	if err != nil {
		return err
	}
	raw, err := rest.RESTClientFor(restConfig)
	if err != nil {
		return err
	}
	typed, err := kubernetes.NewForConfig(restConfig)
	if err != nil {
		return err
	}
	own, err := versioned.NewForConfig(restConfig)
	if err != nil {
		return err
	}
	controller, err := controllers.NewController(controllers.Config{
		Clock:         clock.RealClock{},
		DynamicClient: dynamic, RESTClient: raw, RESTMapper: mapper,
		ImpersonatingDynamicClient: clients.ToImpersonatingDynamicClient(),
		ImpersonatingTypedClient:   clients.ToImpersonatingTypedClient(),
		TypedClient:                typed, TypedKwokClient: own,
		ManageSingleNode: selected.ManageSingleNode, ManageNodesWithLabelSelector: selected.ManageNodesWithLabelSelector,
		CIDR:                      s.clusterCIDR(),
		NodeIP:                    s.Address,
		LocalStages:               local,
		PodPlayStageParallelism:   podParallelism,
		NodePlayStageParallelism:  nodeParallelism,
		NodeLeaseParallelism:      leaseParallelism,
		NodeLeaseDurationSeconds:  uint(s.settings.NodeLease.Seconds()),
		PodsOnNodeSyncParallelism: podParallelism,
		ID:                        selected.ID,
	})
	if err != nil {
		return err
	}
	if err := controller.Start(ctx); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}
