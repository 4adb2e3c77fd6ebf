import type { V1NetworkPolicySpec } from "@kubernetes/client-node";

import type { ClusterRule } from "../engine/rule";
import { namespaceOf } from "../../fleet/kubernetes/object";
import { Selectors } from "../../fleet/kubernetes/selectors";
import { podMakers } from "../kubernetes/workloads";

/** A policy that states no types is one for what comes in. */
const guardsIngress = ({ policyTypes }: V1NetworkPolicySpec): boolean => policyTypes?.includes("Ingress") ?? true;

export const networkPoliciesPresent: ClusterRule = {
  subject: "cluster",
  id: "network-policies-present",
  title: "A network policy decides who may reach each pod",
  why: "A pod that no policy selects takes connections from every pod of the cluster, on devices that stand where anybody may open them too.",
  severity: "error",
  remedy:
    "Deny all traffic of the namespace by a NetworkPolicy with an empty podSelector, and allow what each workload needs.",
  check: ({ objects }) => {
    const policies = objects
      .filter(({ apiVersion, kind }) => kind === "NetworkPolicy" && apiVersion.startsWith("networking.k8s.io/"))
      .flatMap((object) => {
        const spec = (object.spec ?? {}) as V1NetworkPolicySpec;
        // A policy without a selector selects every pod of its namespace.
        return guardsIngress(spec)
          ? [{ item: object, selector: spec.podSelector ?? {}, namespace: namespaceOf(object) }]
          : [];
      });
    const selectors = new Selectors(policies);
    return (
      podMakers(objects)
        // On its node's own network no policy holds; that it is there is no-host-namespaces' finding.
        .filter(({ pod }) => !pod.value.hostNetwork)
        .filter(({ namespace, labels }) => selectors.matching(namespace, labels).length === 0)
        .map(({ object, namespace }) => ({
          object,
          path: "",
          message: `no NetworkPolicy of namespace ${namespace} selects its pods for what comes in`,
        }))
    );
  },
};
