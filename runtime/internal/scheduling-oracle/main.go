// Command scheduling-oracle answers questions about pods, nodes, selectors and quantities with Kubernetes' own code. Tests
// compare fleet/kubernetes with it. It reads one question per line from standard input, as JSON, and writes one answer per
// line.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	podresource "k8s.io/component-helpers/resource"
	corev1helpers "k8s.io/component-helpers/scheduling/corev1"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
	corev1defaults "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/scheduler/apis/config"
	"k8s.io/kubernetes/pkg/scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins/feature"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins/helper"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins/nodeaffinity"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins/noderesources"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins/nodeunschedulable"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins/tainttoleration"
)

// question has a pod and a node, a selector and labels, or a quantity.
type question struct {
	Pod  *corev1.Pod  `json:"pod"`
	Node *corev1.Node `json:"node"`

	Selector *metav1.LabelSelector `json:"selector"`
	Labels   labels.Set            `json:"labels"`

	Quantity *string `json:"quantity"`
}

// answer to a question.
type answer struct {
	*Fit     `json:"fit,omitempty"`
	Matches  *bool   `json:"matches,omitempty"`
	Quantity *string `json:"quantity,omitempty"`
}

// Fit of a pod on an empty node.
type Fit struct {
	// Affinity tells whether the node matches the pod's node selector and required node affinity.
	Affinity bool `json:"affinity"`
	// Repelling are the indexes of the taints that the pod does not tolerate.
	Repelling []int `json:"repelling"`
	// Placed tells whether the scheduler's filters let the pod in, resources aside.
	Placed bool `json:"placed"`
	// MilliCPU and Memory are what the scheduler reserves.
	MilliCPU int64 `json:"milliCPU"`
	Memory   int64 `json:"memory"`
	// Room tells whether the node has that.
	Room bool `json:"room"`
}

// oracle has the scheduler's filters that see only a pod and a node.
type oracle struct {
	features feature.Features
	filters  []fwk.FilterPlugin
}

func newOracle(ctx context.Context) (*oracle, error) {
	o := &oracle{features: feature.NewSchedulerFeaturesFromGates(utilfeature.DefaultFeatureGate)}
	affinity, err := nodeaffinity.New(ctx, &config.NodeAffinityArgs{}, nil, o.features)
	if err != nil {
		return nil, err
	}
	taints, err := tainttoleration.New(ctx, nil, nil, o.features)
	if err != nil {
		return nil, err
	}
	cordon, err := nodeunschedulable.New(ctx, nil, nil, o.features)
	if err != nil {
		return nil, err
	}
	o.filters = []fwk.FilterPlugin{affinity.(fwk.FilterPlugin), taints.(fwk.FilterPlugin), cordon.(fwk.FilterPlugin)}
	return o, nil
}

// fit answers for a pod and a node as the API server stores them.
func (o *oracle) fit(ctx context.Context, pod *corev1.Pod, node *corev1.Node) *Fit {
	corev1defaults.SetObjectDefaults_Pod(pod)
	corev1defaults.SetObjectDefaults_Node(node)
	info := framework.NewNodeInfo()
	info.SetNode(node)
	options := podresource.PodResourcesOptions{SkipPodLevelResources: !o.features.EnablePodLevelResources}
	// PodRequests adds the overhead to quantities that it shares with its pod.
	requests := framework.Resource{}
	requests.SetMaxResource(podresource.PodRequests(pod.DeepCopy(), options))
	result := &Fit{
		Affinity: o.filters[0].Filter(ctx, framework.NewCycleState(), pod, info).IsSuccess(),
		Placed:   true, Repelling: []int{},
		MilliCPU: requests.MilliCPU, Memory: requests.Memory,
	}
	for _, filter := range o.filters {
		result.Placed = result.Placed && filter.Filter(ctx, framework.NewCycleState(), pod, info).IsSuccess()
	}
	for i, taint := range node.Spec.Taints {
		_, repels := corev1helpers.FindMatchingUntoleratedTaint(klog.FromContext(ctx), []corev1.Taint{taint},
			pod.Spec.Tolerations, helper.DoNotScheduleTaintsFilterFunc(), o.features.EnableTaintTolerationComparisonOperators)
		if repels {
			result.Repelling = append(result.Repelling, i)
		}
	}
	level := noderesources.ResourceRequestsOptions{EnablePodLevelResources: o.features.EnablePodLevelResources}
	result.Room = len(noderesources.Fits(pod, info, nil, level)) == 0
	return result
}

// matches tells whether a selector matches labels. One that is malformed matches none.
func matches(selector *metav1.LabelSelector, set labels.Set) bool {
	parsed, err := metav1.LabelSelectorAsSelector(selector)
	return err == nil && parsed.Matches(set)
}

// nanos are a quantity in billionths, as a decimal number; "invalid" if the API server rejects it.
func nanos(text string) string {
	encoded, err := json.Marshal(text)
	if err != nil {
		return "invalid"
	}
	var quantity resource.Quantity
	if err := json.Unmarshal(encoded, &quantity); err != nil {
		return "invalid"
	}
	// No quantity is finer than a billionth.
	value := quantity.AsDec()
	factor := new(big.Int).Exp(big.NewInt(10), big.NewInt(9-int64(value.Scale())), nil)
	return factor.Mul(factor, value.UnscaledBig()).String()
}

func (o *oracle) answer(ctx context.Context, q question) answer {
	switch {
	case q.Pod != nil && q.Node != nil:
		return answer{Fit: o.fit(ctx, q.Pod, q.Node)}
	case q.Selector != nil:
		met := matches(q.Selector, q.Labels)
		return answer{Matches: &met}
	case q.Quantity != nil:
		value := nanos(*q.Quantity)
		return answer{Quantity: &value}
	}
	return answer{}
}

func run(ctx context.Context, input io.Reader, output io.Writer) error {
	o, err := newOracle(ctx)
	if err != nil {
		return err
	}
	decoder, writer := json.NewDecoder(bufio.NewReader(input)), bufio.NewWriter(output)
	for {
		var q question
		if err := decoder.Decode(&q); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		encoded, err := json.Marshal(o.answer(ctx, q))
		if err != nil {
			return err
		}
		fmt.Fprintf(writer, "%s\n", encoded)
		if err := writer.Flush(); err != nil {
			return err
		}
	}
}

func main() {
	klog.SetLogger(klog.Logger{})
	if err := run(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
