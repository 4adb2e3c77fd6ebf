package placement

import (
	"context"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/component-base/version"
	"k8s.io/klog/v2"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
)

// Simulate answers a request.
//
// It returns an error for input without which no result would mean anything: a configuration that no scheduler would
// start with, or round trips that cannot be read. Everything else that is wrong is a finding of the report.
func Simulate(ctx context.Context, request *simulationv1.Request) (*simulationv1.Report, error) {
	// The report says what the scheduler would log.
	ctx, end := context.WithCancel(klog.NewContext(ctx, klog.Logger{}))
	defer end()
	report := &simulationv1.Report{
		APIVersion: simulationv1.APIVersion, Kind: simulationv1.ReportKind, Cluster: request.Cluster,
		Kubernetes: version.Get().GitVersion, Seed: request.Options.Seed, Now: metav1.NewTime(defaultNow),
	}
	if request.Options.Now != nil {
		report.Now = *request.Options.Now
	}
	c := newCluster(ctx, &request.Options)
	if request.Before != nil {
		if err := c.enter(request.Before, "before"); err != nil {
			return nil, err
		}
		if len(request.Before.RunningPods) == 0 {
			c.run()
		}
		before := c.report(len(request.Before.RunningPods) == 0)
		before.Drills = c.drills(request.Options.Drills)
		report.Before = before
		if request.Options.RescheduleAll {
			c = newCluster(ctx, &request.Options)
		}
	}
	if err := c.enter(&request.After, "after"); err != nil {
		return nil, err
	}
	c.run()
	report.After = *c.report(true)
	report.After.Drills = c.drills(request.Options.Drills)
	report.After.Explanations = c.explainAll(request.Options.Explain)
	report.After.Fits = c.fitAll(request.Options.Fit)
	return report, nil
}

func (c *cluster) enter(state *simulationv1.State, path string) error {
	in, err := read(state, path)
	if err != nil {
		return err
	}
	if err := c.apply(in, state.SchedulerConfigurations); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// mostSteps ends a simulation in which controllers and schedulers undo each other's work for ever.
const mostSteps = 100_000

// run lets controllers and schedulers work in turns until nothing changes any more. In each step, every controller takes
// one step of its rollout, and every pod that is created gets its node.
func (c *cluster) run() {
	for range mostSteps {
		if !c.step() {
			return
		}
	}
	c.findings = append(c.findings, simulationv1.Finding{
		Severity: simulationv1.Error, Code: "DoesNotSettle", Message: fmt.Sprintf("pods are still created and removed after %d steps", mostSteps),
	})
}

func (c *cluster) step() bool {
	changed := false
	for _, w := range c.workloads {
		if !w.dirty || w.sync == nil || w.managed {
			continue
		}
		w.dirty = w.sync(c, w)
		if w.dirty {
			w.steps++
			changed = true
		}
	}
	return c.settle() || changed
}

// drills runs each drill on the state as it is.
func (c *cluster) drills(list []simulationv1.Drill) []simulationv1.DrillReport {
	reports := make([]simulationv1.DrillReport, 0, len(list))
	for _, each := range list {
		reports = append(reports, c.drill(each))
	}
	return reports
}

// mentions reports whether one of the texts contains a part.
func mentions(texts []string, part string) bool {
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, part) })
}
