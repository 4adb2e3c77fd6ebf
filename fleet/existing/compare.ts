import { minorOf, SUPPORTED_MINORS } from "../kubernetes/version";
import type { ClusterSpec } from "../model";
import { type Difference, error, listNames, warning } from "./difference";
import { checkNodeFacts } from "./node-facts";
import { checkNodeSelection } from "./node-selection";
import type { ObservedCluster } from "./observed-cluster";

/** Kubelets may be this many minor versions older than the API server, and must not be newer. */
const KUBELET_SKEW = 3;

/** @see https://kubernetes.io/releases/version-skew-policy/ */
function checkVersions({ kubernetesVersion }: ClusterSpec, { version, nodes }: ObservedCluster): Difference[] {
  const { first, last } = SUPPORTED_MINORS;
  const minor = minorOf(version);
  if (minor === undefined || minor < first || minor > last) {
    return [error("kubernetesVersion", `the cluster runs ${version}: must be 1.${first} to 1.${last}`)];
  }
  const skewed = nodes.filter(({ kubeletVersion }) => {
    const kubelet = minorOf(kubeletVersion);
    return kubelet !== undefined && (kubelet > minor || kubelet < minor - KUBELET_SKEW);
  });
  const supported = `Kubernetes supports 1.${minor - KUBELET_SKEW} to 1.${minor} with an API server of ${version}`;
  return [
    ...(minorOf(kubernetesVersion) === minor
      ? []
      : [error("kubernetesVersion", `got ${kubernetesVersion}, but the cluster runs ${version}`)]),
    ...(skewed.length > 0
      ? [
          warning(
            "nodePools",
            `unsupported kubelet version: ${listNames(skewed.map((node) => `${node.name} (${node.kubeletVersion})`))}; ${supported}`,
          ),
        ]
      : []),
  ];
}

/** Storage class of the volumes of MQTT brokers, which K3s provides. */
const BROKER_STORAGE = "local-path";

function checkServices(cluster: ClusterSpec, observed: ObservedCluster): Difference[] {
  const servers = observed.nodes.filter(({ controlPlane }) => controlPlane).length;
  const found: Difference[] = [];
  if (cluster.cloudBroker && !observed.storageClasses.includes(BROKER_STORAGE)) {
    const remedy = "install https://github.com/rancher/local-path-provisioner, or remove the brokers";
    found.push(
      error("cloudBroker", `brokers need the StorageClass ${BROKER_STORAGE}, which does not exist: ${remedy}`),
    );
  }
  if (servers === 0 && cluster.systemPool === undefined) {
    const rule = "missing required field: the cluster has no control-plane nodes";
    found.push(error("systemPool", `${rule}, so name the pool that runs the scheduler and the node controller`));
  }
  if (servers > 0 && servers !== cluster.servers) {
    found.push(warning("servers", `got ${cluster.servers}, but the cluster has ${servers} control-plane nodes`));
  }
  if (!observed.enforcesNetworkPolicies) {
    const message =
      "found no known implementation of network policies: without one, the policies of the fleet have no effect";
    found.push(warning("", message));
  }
  return found;
}

/**
 * Compares what a fleet states about an existing cluster with what it is. Paths are relative to the cluster.
 *
 * Errors: an unsupported or different Kubernetes version; a named node that does not exist, or a label that no node has; a
 * node that two pools select, or a control-plane node; less CPU or memory than stated; another region or zone; a taint that
 * the pool does not state; a missing storage class or system pool. Warnings: everything else.
 */
export function compareWithCluster(cluster: ClusterSpec, observed: ObservedCluster): Difference[] {
  const { nodePools } = cluster;
  return [
    ...checkVersions(cluster, observed),
    ...checkServices(cluster, observed),
    ...checkNodeSelection(nodePools, observed.nodes),
    ...checkNodeFacts(nodePools, observed.nodes),
  ];
}
