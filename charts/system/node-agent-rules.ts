import type { k8s } from "cdk8s-plus-27";

import { MEASURED_LINKS, NODE_AGENT, NODE_AGENT_NAMESPACE, PROBE_NODES, REGION_LINKS } from "./node-agent-names";

/**
 * Cluster-wide permissions of the node agents. A policy limits writing to the profile of the agent's own node, which RBAC
 * cannot express. Reading nodes is for the declared capacity of the agent's own.
 */
export const nodeAgentRules: readonly k8s.PolicyRule[] = [
  { apiGroups: [""], resources: ["nodes"], verbs: ["get"] },
  { apiGroups: ["skerry.dev"], resources: ["nodeprofiles"], verbs: ["create", "patch"] },
  { apiGroups: ["skerry.dev"], resources: ["nodeprofiles/status"], verbs: ["patch"] },
];

/** Permissions of the node controller, in the system namespace, to maintain the measured links. */
export const measuredLinksRules: readonly k8s.PolicyRule[] = [
  { apiGroups: [""], resources: ["configmaps"], resourceNames: [REGION_LINKS], verbs: ["get"] },
  { apiGroups: [""], resources: ["configmaps"], resourceNames: [MEASURED_LINKS], verbs: ["get", "patch"] },
];

/** Permissions of the node controller, in the namespace of the node agents, to choose the nodes that measure. */
export const probeNodesRules: readonly k8s.PolicyRule[] = [
  { apiGroups: [""], resources: ["configmaps"], resourceNames: [PROBE_NODES], verbs: ["get", "patch"] },
];

/** Claim of a pod's token. The API server adds it, and the kubelet obtains such tokens only for pods of its own node. */
const NODE_CLAIM = "authentication.kubernetes.io/node-name";

/** The spec of the `ValidatingAdmissionPolicy` by which a node agent can write the profile of its own node and no other. */
export const ownProfilePolicy = {
  failurePolicy: "Fail",
  matchConstraints: {
    resourceRules: [
      {
        apiGroups: ["skerry.dev"],
        apiVersions: ["*"],
        operations: ["CREATE", "UPDATE"],
        resources: ["nodeprofiles", "nodeprofiles/status"],
        scope: "Cluster",
      },
    ],
  },
  matchConditions: [
    {
      name: "node-agents",
      expression: `request.userInfo.username == "system:serviceaccount:${NODE_AGENT_NAMESPACE}:${NODE_AGENT}"`,
    },
  ],
  validations: [
    {
      expression: `request.userInfo.?extra["${NODE_CLAIM}"].orValue([]) == [object.metadata.name]`,
      message: "A node agent may write only the profile of the node that its pod runs on.",
      reason: "Forbidden",
    },
  ],
} as const;
