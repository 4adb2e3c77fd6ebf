package placement

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation/scheduling"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation/store"
)

// apply changes the cluster to what a state declares. Pods that run stay unless the change removes them here; run lets
// the controllers and schedulers follow.
func (c *cluster) apply(in *input, configs []string) error {
	before := c.input
	if before == nil {
		before = &input{}
	}
	c.input, c.removed = in, nil
	c.findings = slices.Clone(in.findings)
	for _, each := range c.pods {
		each.origin = simulationv1.Kept
	}
	c.applyObjects(before.stored)
	if err := c.applyConfigurations(configs); err != nil {
		return err
	}
	c.applyNodes(before.nodes)
	c.applyProfiles(before)
	c.applyWorkloads()
	for _, each := range in.running {
		c.adopt(each)
	}
	c.queue.freed++
	return nil
}

// applyObjects stores the objects that schedulers read. Volumes and claims that exist keep what they are bound to.
func (c *cluster) applyObjects(before []runtime.Object) {
	keep := map[string]bool{}
	for _, object := range c.input.stored {
		keep[identity(object)] = true
		switch object.(type) {
		case *corev1.PersistentVolume, *corev1.PersistentVolumeClaim:
			if c.store.Exists(object) {
				continue
			}
		}
		if volume, ok := object.(*corev1.PersistentVolume); ok && volume.Spec.ClaimRef == nil {
			volume.Status.Phase = corev1.VolumeAvailable
		}
		c.store.Put(object)
	}
	for _, object := range before {
		if !keep[identity(object)] {
			c.store.Delete(object)
		}
	}
	for _, claim := range store.List[*corev1.PersistentVolumeClaim](c.store) {
		c.store.BindImmediately(claim)
	}
}

func identity(object runtime.Object) string {
	accessor := object.(metav1.Object)
	return fmt.Sprintf("%T %s/%s", object, accessor.GetNamespace(), accessor.GetName())
}

// applyConfigurations starts the schedulers anew if their configurations changed.
func (c *cluster) applyConfigurations(configs []string) error {
	if c.schedulers != nil && slices.Equal(configs, c.configs) {
		return c.refreshLinks()
	}
	if c.end != nil {
		c.end()
	}
	c.store.Detach()
	c.links, c.profiles = &linkSource{}, &load.Store{}
	ctx, end := context.WithCancel(c.ctx)
	c.end, c.configs, c.schedulers = end, configs, map[string]*scheduling.Scheduler{}
	for i, config := range c.input.configs {
		made, err := scheduling.New(ctx, scheduling.Options{
			Store: c.store, Config: config, Environment: c.environment(), Seed: c.options.Seed, BeforePreemption: c.refreshBudgets,
		})
		if err != nil {
			return fmt.Errorf("schedulerConfigurations[%d]: %w", i, err)
		}
		for _, name := range made.Names() {
			c.schedulers[name] = made
		}
	}
	return nil
}

// refreshLinks reads the file of round trips again: the scheduler follows it without a restart.
func (c *cluster) refreshLinks() error {
	if c.links.file == "" {
		return nil
	}
	matrix, err := c.input.linksOf(c.links.file)
	if err != nil {
		return err
	}
	c.links.set(matrix)
	return nil
}

func (c *cluster) applyNodes(before []*corev1.Node) {
	earlier := map[string]*corev1.Node{}
	for _, node := range before {
		earlier[node.Name] = node
	}
	onNode := map[string][]*pod{}
	for _, each := range c.sortedPods() {
		onNode[each.node()] = append(onNode[each.node()], each)
	}
	changed := len(before) != len(c.input.nodes)
	for _, node := range c.input.nodes {
		old := earlier[node.Name]
		delete(earlier, node.Name)
		if old != nil && sameNode(old, node) {
			continue
		}
		changed = true
		c.store.Put(node)
		for _, each := range onNode[node.Name] {
			if seconds, tolerated := tolerates(each.object, node.Spec.Taints); !tolerated || seconds != nil {
				c.remove(each, simulationv1.Evicted, nil)
			}
		}
	}
	for _, node := range before {
		if earlier[node.Name] != nil {
			for _, each := range onNode[node.Name] {
				c.remove(each, simulationv1.NodeRemoved, nil)
			}
			c.store.Delete(node)
		}
	}
	if changed {
		for _, w := range c.workloads {
			w.eligible = nil
		}
	}
}

func sameNode(one, other *corev1.Node) bool {
	return apiequality.Semantic.DeepEqual(one.Labels, other.Labels) && apiequality.Semantic.DeepEqual(one.Annotations, other.Annotations) &&
		apiequality.Semantic.DeepEqual(one.Spec, other.Spec) && apiequality.Semantic.DeepEqual(one.Status, other.Status)
}

func (c *cluster) applyProfiles(before *input) {
	gone := map[string]bool{}
	for _, profile := range before.profiles {
		gone[profile.Name] = true
	}
	for _, profile := range c.input.profiles {
		delete(gone, profile.Name)
		c.profiles.Put(profile.Name, load.FromObject(profile, c.clock.Now()))
	}
	for _, profile := range before.profiles {
		if gone[profile.Name] {
			c.profiles.Put(profile.Name, nil)
		}
	}
}
