package placement

import (
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/kubernetes/pkg/controller/daemon"
	daemonutil "k8s.io/kubernetes/pkg/controller/daemon/util"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
)

// syncDaemonSet keeps one pod on every node that the controller deems eligible, and takes one step of a rollout.
func syncDaemonSet(c *cluster, w *workload) bool {
	set := w.object.(*appsv1.DaemonSet)
	if w.current == nil {
		return false
	}
	changed := c.checkEligible(w, set)
	byNode := map[string][]*pod{}
	for _, each := range w.pods {
		byNode[each.target] = append(byNode[each.target], each)
	}
	for _, node := range w.eligible {
		if len(byNode[node]) == 0 {
			c.createDaemon(w, node)
			changed = true
		}
	}
	if changed || set.Spec.UpdateStrategy.Type == appsv1.OnDeleteDaemonSetStrategyType {
		return changed
	}
	if surge, err := daemonutil.SurgeCount(set, len(w.eligible)); err == nil && surge > 0 {
		return c.surgeDaemons(w, byNode, surge)
	}
	return c.replaceDaemons(w, set, byNode)
}

// checkEligible finds the nodes anew if they changed, and removes pods from nodes that are not eligible any more.
func (c *cluster) checkEligible(w *workload, set *appsv1.DaemonSet) bool {
	if w.eligible != nil {
		return false
	}
	w.eligible = []string{}
	stays := map[string]bool{}
	for _, node := range c.input.nodes {
		run, continues := daemon.NodeShouldRunDaemonPod(logger, node, set)
		if run {
			w.eligible = append(w.eligible, node.Name)
		}
		stays[node.Name] = continues
	}
	changed := false
	for _, each := range slices.Clone(w.pods) {
		if !stays[each.target] {
			c.remove(each, simulationv1.NotEligible, nil)
			changed = true
		}
	}
	return changed
}

func (c *cluster) createDaemon(w *workload, node string) {
	c.create(w, w.current, node, func(p *pod) {
		p.target = node
		p.object.Spec.Affinity = daemonutil.ReplaceDaemonSetPodNodeNameNodeAffinity(p.object.Spec.Affinity.DeepCopy(), node)
		tolerateAsDaemon(&p.object.Spec)
	})
}

// tolerateAsDaemon adds the tolerations that the controller of DaemonSets adds.
func tolerateAsDaemon(spec *corev1.PodSpec) {
	spec.Tolerations = slices.Clone(spec.Tolerations)
	daemonutil.AddOrUpdateDaemonPodTolerations(spec)
	spec.Tolerations = withoutLossSeconds(spec.Tolerations)
}

// withoutLossSeconds drops the tolerations that admission added before the controller's own, which last for ever: in a
// cluster, the controller adds its own first.
func withoutLossSeconds(tolerations []corev1.Toleration) []corev1.Toleration {
	return slices.DeleteFunc(tolerations, func(each corev1.Toleration) bool {
		return each.TolerationSeconds != nil && (each.Key == corev1.TaintNodeNotReady || each.Key == corev1.TaintNodeUnreachable)
	})
}

// replaceDaemons removes pods of earlier revisions, as many as may be unavailable.
func (c *cluster) replaceDaemons(w *workload, set *appsv1.DaemonSet, byNode map[string][]*pod) bool {
	allowed, err := daemonutil.UnavailableCount(set, len(w.eligible))
	if err != nil {
		allowed = 1
	}
	var outdated []*pod
	for _, node := range w.eligible {
		for _, each := range byNode[node] {
			switch {
			case each.set != w.current && !each.available():
				// The controller replaces these at once: they count as unavailable already.
				allowed--
				outdated = slices.Insert(outdated, 0, each)
			case each.set != w.current:
				outdated = append(outdated, each)
			case !each.available():
				allowed--
			}
		}
	}
	changed := false
	for _, each := range outdated {
		switch {
		case !each.available():
		case allowed <= 0:
			continue
		default:
			allowed--
		}
		c.remove(each, simulationv1.Replaced, nil)
		changed = true
	}
	return changed
}

// surgeDaemons creates pods of the current revision next to earlier ones, and removes these when their successor runs.
func (c *cluster) surgeDaemons(w *workload, byNode map[string][]*pod, surge int) bool {
	changed := false
	for _, node := range w.eligible {
		var earlier, successor *pod
		for _, each := range byNode[node] {
			if each.set == w.current {
				successor = each
			} else {
				earlier = each
			}
		}
		switch {
		case earlier == nil:
		case successor != nil && successor.available() || successor != nil && !earlier.available():
			c.remove(earlier, simulationv1.Replaced, nil)
			changed = true
		case successor != nil:
			surge--
		case surge > 0:
			c.createDaemon(w, node)
			surge--
			changed = true
		}
	}
	return changed
}
