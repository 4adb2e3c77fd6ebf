// Package k3supgrade stands in for the script of the image rancher/k3s-upgrade.
package k3supgrade

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// pollInterval is the interval of the script.
const pollInterval = 5 * time.Second

var plans = schema.GroupVersionResource{Group: "upgrade.cattle.io", Version: "v1", Resource: "plans"}

// script is one run of the script, in a container on a node.
type script struct {
	socket, cluster, node string
	// version is that of K3s in the image.
	version string
}

// NewCommand returns the script with its functions upgrade and prepare.
func NewCommand() *cobra.Command {
	var s script
	root := &cobra.Command{Use: "k3s-upgrade", Short: "The script of rancher/k3s-upgrade (started by pods)", Hidden: true}
	root.PersistentFlags().StringVar(&s.socket, "socket", "", "socket of the lab")
	root.PersistentFlags().StringVar(&s.cluster, "cluster", "", "name of the cluster")
	root.PersistentFlags().StringVar(&s.node, "node", "", "name of the node")
	root.PersistentFlags().StringVar(&s.version, "version", "", "version of K3s in the image")
	root.AddCommand(
		&cobra.Command{Use: "upgrade", Short: "Replace K3s and restart it", Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error { return s.upgrade(cmd.Context()) }},
		&cobra.Command{Use: "prepare", Short: "Wait for the servers", Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error { return s.prepare(cmd.Context(), args[0]) }},
	)
	return root
}

// upgrade replaces K3s on the machine of the node. Like the script, it does not wait until K3s runs again.
func (s script) upgrade(ctx context.Context) error {
	body, err := json.Marshal(map[string]string{"version": s.version})
	if err != nil {
		return err
	}
	url := fmt.Sprintf("http://lab/v1/nodes/%s/%s/k3s", s.cluster, s.node)
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", s.socket)
	}}}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 1000))
		return fmt.Errorf("the lab did not replace K3s: %s", text)
	}
	fmt.Println("K3s was replaced by", s.version)
	return nil
}

// prepare waits until a plan upgrades no node, and all servers run the version of the plan of this container. Like the script, it
// ignores errors of the API server.
func (s script) prepare(ctx context.Context, plan string) error {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return err
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	typed, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	namespace, _, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(), nil).Namespace()
	if err != nil {
		return err
	}
	latest := os.Getenv("SYSTEM_UPGRADE_PLAN_LATEST_VERSION")
	for {
		object, err := client.Resource(plans).Namespace(namespace).Get(ctx, plan, metav1.GetOptions{})
		if err == nil {
			applying, _, _ := unstructured.NestedSlice(object.Object, "status", "applying")
			if len(applying) == 0 && serversRun(ctx, typed, latest) {
				return nil
			}
		}
		fmt.Println("waiting for plan", plan, "and all servers to run", latest)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pollInterval):
		}
	}
}

func serversRun(ctx context.Context, client kubernetes.Interface, tag string) bool {
	servers, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{LabelSelector: "node-role.kubernetes.io/control-plane"})
	if err != nil || len(servers.Items) == 0 {
		return false
	}
	for _, server := range servers.Items {
		if strings.ReplaceAll(server.Status.NodeInfo.KubeletVersion, "+", "-") != tag {
			return false
		}
	}
	return true
}
