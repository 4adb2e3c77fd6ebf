import type { V1NetworkPolicySpec } from "@kubernetes/client-node";

import type { ClusterRule } from "../engine/rule";
import { namespaceOf } from "../../fleet/kubernetes/object";
import { Selectors } from "../../fleet/kubernetes/selectors";
import { podMakers } from "../kubernetes/workloads";

/** `policyTypes` defaults to Ingress. */
const appliesToIngress = ({ policyTypes }: V1NetworkPolicySpec): boolean => policyTypes?.includes("Ingress") ?? true;

export const networkPoliciesPresent: ClusterRule = {
  subject: "cluster",
  id: "network-policies-present",
  title: "A NetworkPolicy restricts the ingress traffic of every pod",
  why: "A pod that no policy selects accepts connections from every pod of the cluster, including pods on devices in unprotected places.",
  severity: "error",
  controls: ["CIS 5.3.2"],
  remedy:
    "Deny all traffic in the namespace with a NetworkPolicy whose podSelector is empty, and allow what each workload needs.",
  check: ({ objects }) => {
    const policies = objects
      .filter(({ apiVersion, kind }) => kind === "NetworkPolicy" && apiVersion.startsWith("networking.k8s.io/"))
      .flatMap((object) => {
        const spec = (object.spec ?? {}) as V1NetworkPolicySpec;
        // A policy without a selector selects every pod of its namespace.
        return appliesToIngress(spec)
          ? [{ item: object, selector: spec.podSelector ?? {}, namespace: namespaceOf(object) }]
          : [];
      });
    const selectors = new Selectors(policies);
    return (
      podMakers(objects)
        // Network policies do not apply to host-network pods, which no-host-namespaces reports.
        .filter(({ pod }) => !pod.value.hostNetwork)
        .filter(({ namespace, labels }) => selectors.matching(namespace, labels).length === 0)
        .map(({ object, namespace }) => ({
          object,
          path: "",
          message: `no NetworkPolicy for ingress in namespace ${namespace} selects the pods`,
        }))
    );
  },
};
