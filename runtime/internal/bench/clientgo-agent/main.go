// Command clientgo-agent is the baseline of bench/node-agent.ts: it takes the same samples as the node agent and publishes
// them with client-go.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"math"
	"os"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/nodeagent/usage"
)

func main() {
	node := flag.String("node-name", "", "name of the node")
	server := flag.String("server", "", "URL of the API server")
	token := flag.String("token-file", "", "file with the token")
	authority := flag.String("certificate-authority", "", "file with the certificates of the authority")
	proc := flag.String("proc", "/proc", "folder where procfs is mounted")
	sys := flag.String("sys", "/sys", "folder where sysfs is mounted")
	interval := flag.Duration("interval", 30*time.Second, "time between samples")
	flag.Parse()
	sampler := usage.Sampler{Proc: *proc, Sys: *sys}
	if err := run(*node, *interval, sampler, &rest.Config{Host: *server, BearerTokenFile: *token, TLSClientConfig: rest.TLSClientConfig{CAFile: *authority}}); err != nil {
		_, _ = os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}

func run(name string, interval time.Duration, sampler usage.Sampler, config *rest.Config) error {
	clients, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	profiles, err := v1alpha1.ClientFor(config)
	if err != nil {
		return err
	}
	ctx := context.Background()
	if _, err := clients.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{}); err != nil {
		return err
	}
	history := usage.History{}
	for {
		if sample, _ := sampler.Sample(time.Now(), 0); sample != nil {
			history.Add(*sample)
		}
		body, err := json.Marshal(map[string]any{"status": statusOf(history.Samples())})
		if err != nil {
			return err
		}
		if err := profiles.Patch(types.MergePatchType).Resource(v1alpha1.NodeProfiles).Name(name).SubResource("status").Body(body).Do(ctx).Error(); err != nil {
			return err
		}
		time.Sleep(interval)
	}
}

func statusOf(samples []usage.Sample) v1alpha1.NodeProfileStatus {
	status := v1alpha1.NodeProfileStatus{}
	percent := func(value float64) *float64 {
		if math.IsNaN(value) {
			return nil
		}
		return &value
	}
	for _, sample := range samples {
		status.Samples = append(status.Samples, v1alpha1.Sample{
			Time: metav1.NewMicroTime(sample.Time), WindowSeconds: int32(sample.Window.Seconds()),
			Usage: v1alpha1.Usage{
				CPUPercent: percent(sample.CPU), MemoryPercent: percent(sample.Memory), IOPercent: percent(sample.IO), NetworkPercent: percent(sample.Network),
			},
		})
	}
	if len(samples) > 0 {
		for _, pod := range samples[len(samples)-1].Pods {
			status.Pods = append(status.Pods, v1alpha1.PodUsage{UID: types.UID(pod.UID), CPUCores: pod.Cores, MemoryBytes: pod.Bytes})
		}
	}
	return status
}
