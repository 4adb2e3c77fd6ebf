// Package plugins is the list of Skerry's scheduler plugins, for the scheduler and for whatever replays its decisions.
package plugins

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
	frameworkruntime "k8s.io/kubernetes/pkg/scheduler/framework/runtime"
	"k8s.io/utils/clock"

	"github.com/skerry-dev/skerry/runtime/apis/config/validation"
	"github.com/skerry-dev/skerry/runtime/pkg/links"
	"github.com/skerry-dev/skerry/runtime/pkg/plugins/edgeproximity"
)

// Environment is what plugins have from outside.
type Environment struct {
	Clock clock.PassiveClock
}

// Registry makes each plugin by its name.
func (e Environment) Registry() frameworkruntime.Registry {
	return frameworkruntime.Registry{
		edgeproximity.Name: e.edgeProximity,
	}
}

func (e Environment) edgeProximity(ctx context.Context, object runtime.Object, _ fwk.Handle) (fwk.Plugin, error) {
	args, err := validation.DecodeEdgeProximity(object)
	if err != nil {
		return nil, err
	}
	source, err := links.OpenFile(args.LinksFile, e.Clock, klog.FromContext(ctx).WithName(edgeproximity.Name))
	if err != nil {
		return nil, fmt.Errorf("%s: linksFile: %w", edgeproximity.Name, err)
	}
	return edgeproximity.New(source), nil
}
