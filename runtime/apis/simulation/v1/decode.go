package v1

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	kjson "sigs.k8s.io/json"
)

// Problems are all that is wrong with a request, each with its path.
type Problems []string

// Error lists the problems, one per line.
func (p Problems) Error() string {
	if len(p) == 1 {
		return p[0]
	}
	return fmt.Sprintf("%d problems\n  %s", len(p), strings.Join(p, "\n  "))
}

// Add a problem of a path.
func (p *Problems) Add(path, format string, args ...any) {
	*p = append(*p, path+": "+fmt.Sprintf(format, args...))
}

// Decode reads a request in JSON. It refuses unknown and duplicate fields and reports every problem.
func Decode(text []byte) (*Request, error) {
	var request Request
	strict, err := kjson.UnmarshalStrict(text, &request)
	if err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	var problems Problems
	for _, problem := range strict {
		problems.Add("request", "%s", problem)
	}
	if request.APIVersion != APIVersion {
		problems.Add("apiVersion", "must be %q, got %q", APIVersion, request.APIVersion)
	}
	if request.Kind != RequestKind {
		problems.Add("kind", "must be %q, got %q", RequestKind, request.Kind)
	}
	if len(request.After.RunningPods) > 0 {
		problems.Add("after.runningPods", "must be empty: a snapshot belongs in before.runningPods")
	}
	if n := request.Options.Alternatives; n != nil && *n < 0 {
		problems.Add("options.alternatives", "must be at least 0, got %d", *n)
	}
	for i, drill := range request.Options.Drills {
		drill.check(fmt.Sprintf("options.drills[%d]", i), &problems)
	}
	for i, reference := range request.Options.Explain {
		reference.check(fmt.Sprintf("options.explain[%d]", i), &problems)
	}
	for i, fit := range request.Options.Fit {
		fit.check(fmt.Sprintf("options.fit[%d]", i), &problems)
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return &request, nil
}

func (d Drill) check(path string, problems *Problems) {
	set := 0
	for _, name := range []string{d.Region, d.Node} {
		if name != "" {
			set++
		}
	}
	if d.Link != nil {
		set++
		if d.Link.From == "" || d.Link.To == "" || d.Link.From == d.Link.To {
			problems.Add(path+".link", "must name two regions, got %q and %q", d.Link.From, d.Link.To)
		}
	}
	if set != 1 {
		problems.Add(path, "must have exactly one of region, node, link, got %d", set)
	}
}

func (r ObjectReference) check(path string, problems *Problems) {
	for _, field := range []struct{ name, value string }{{"kind", r.Kind}, {"namespace", r.Namespace}, {"name", r.Name}} {
		if field.value == "" {
			problems.Add(path+"."+field.name, "must not be empty")
		}
	}
}

func (f Fit) check(path string, problems *Problems) {
	if len(f.Workloads) == 0 {
		problems.Add(path+".workloads", "must not be empty")
	}
	for i, workload := range f.Workloads {
		at := fmt.Sprintf("%s.workloads[%d]", path, i)
		workload.check(at, problems)
		if workload.Replicas < 0 {
			problems.Add(at+".replicas", "must be at least 0, got %d", workload.Replicas)
		}
	}
	if f.Limit < 0 {
		problems.Add(path+".limit", "must be at least 0, got %d", f.Limit)
	}
}

// Write a report as JSON, without indentation: that of a large cluster has millions of lines otherwise.
func Write(out io.Writer, report *Report) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(report)
}
