import { ISOLATED_NAMESPACES, type IngressPolicy } from "../../fleet/k3s/hardening/namespace-isolation";
import { hardeningObjects } from "../../fleet/k3s/hardening/objects";
import type { KubeObject } from "../../fleet/kubernetes/object";
import type { ClusterSpec } from "../../fleet/model";
import { formatPath } from "../../fleet/problem";
import type { FleetRule } from "../engine/rule";

const isIngressPolicy = (object: KubeObject): object is IngressPolicy =>
  object.kind === "NetworkPolicy" && object.apiVersion.startsWith("networking.k8s.io/");

const selectsAll = ({ spec: { podSelector } }: IngressPolicy): boolean => Object.keys(podSelector).length === 0;

/** Whether a policy allows traffic from other namespaces, whose pods could then reach every pod that it selects. */
const allowsOthers = ({ spec: { ingress } }: IngressPolicy): boolean =>
  ingress.some(({ from = [{}] }) => from.some((peer) => !peer.podSelector || peer.namespaceSelector));

/** Returns what is wrong with the network policies of a namespace. */
function findProblems(policies: readonly IngressPolicy[], namespace: string): string[] {
  const all = policies.filter((policy) => policy.metadata.namespace === namespace && selectsAll(policy));
  if (all.length === 0) return [`no NetworkPolicy for ingress selects all pods of namespace ${namespace}`];
  return all
    .filter(allowsOthers)
    .map(({ metadata: { name } }) => `NetworkPolicy ${namespace}/${name} must not allow traffic from other namespaces`);
}

/** @param objectsOf returns the objects of a cluster's hardening settings */
export const isolateNamespaces = (objectsOf: (cluster: ClusterSpec) => readonly KubeObject[]): FleetRule => ({
  subject: "fleet",
  id: "k3s-namespaces-isolated",
  title: "Pods of kube-system, default and kube-public accept traffic from their own namespace only",
  why: "Any pod of the cluster could otherwise connect to K3s' own programs, and to pods that someone created without naming a namespace.",
  severity: "error",
  remedy:
    "Give each of the namespaces a NetworkPolicy with an empty podSelector that allows traffic from the same namespace, and let single programs accept more.",
  controls: ["CIS 5.3.2"],
  check: ({ clusters }) =>
    clusters.flatMap((cluster, index) => {
      const { name, kubeconfig, hardening } = cluster;
      if (kubeconfig || hardening?.exceptions.some(({ setting }) => setting === "network-policies")) return [];
      const policies = objectsOf(cluster).filter(isIngressPolicy);
      return ISOLATED_NAMESPACES.flatMap((namespace) => findProblems(policies, namespace)).map((problem) => ({
        path: formatPath(["clusters", index]),
        message: `cluster ${name}: ${problem}`,
      }));
    }),
});

export const k3sNamespacesIsolated = isolateNamespaces(hardeningObjects);
