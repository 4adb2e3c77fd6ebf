import { ApiObject, Chart } from "cdk8s";
import { k8s } from "cdk8s-plus-27";
import type { Construct } from "constructs";

import { protectedLabels } from "../../fleet/labels";
import type { Taint } from "../../fleet/model";
import { NONROOT, restrictedContainer, restrictedPod } from "../hardening";
import { httpProbe } from "../http-probe";
import { images } from "../images";
import { DENY_ALL, tcp, toKubernetesApi, udp } from "../network";
import { OWNED, SYSTEM_NAMESPACE } from "./namespaces";
import { NODE_AGENT, NODE_AGENT_NAMESPACE, PROBE_NODES } from "./node-agent-names";
import { measuredLinksRules, nodeAgentRules, ownProfilePolicy, probeNodesRules } from "./node-agent-rules";
import { CONTROL_PLANE_TAINTS } from "./system-placement";

/** UDP port at which agents answer probes. */
const PROBE_PORT = 9464;
const HEALTH_PORT = 8081;

/** Three times the resident memory; see "Node agent" in bench/RESULTS.md. */
const MEMORY = "32Mi";
const GO_MEMORY_LIMIT = "28MiB";

const RBAC = "rbac.authorization.k8s.io";
const POLICY_API = "admissionregistration.k8s.io/v1";

/** The first minor version of Kubernetes 1 whose tokens name the node of their pod, and which enables admission policies. */
const SINCE_MINOR = 30;

/** Props of {@link NodeAgentChart}. */
export interface NodeAgentProps {
  /** Kubernetes version, `major.minor.patch`. Nothing is rendered before 1.30, because a node could then write any profile. */
  readonly kubernetesVersion: string;
  /** Taints of the cluster's nodes. The agent runs on every node, except those with other taints. @default [] */
  readonly taints?: readonly Taint[];
  /**
   * Whether to run only on nodes of the fleet's pools, because others use the cluster too, or the names of the only pools on
   * whose nodes to run. @default false
   */
  readonly onlyPools?: boolean | readonly string[];
  /** Names of pools on whose nodes not to run. @default [] */
  readonly exceptPools?: readonly string[];
  /** Image of the agent. @default the image of this release */
  readonly image?: string;
  /** Whether to create the namespace. @default true */
  readonly createNamespace?: boolean;
}

/**
 * Renders the node agent, which measures its node, and publishes the result as the node's `NodeProfile`.
 *
 * The DaemonSet is neither root nor in a namespace of the node. It reads `/proc`, which shows the usage of the node in every
 * container, and the node's own `/sys`, for the counters of its network interfaces and of its pods' control groups. The Pod
 * Security level of its namespace is `privileged`, because the other levels forbid every host path.
 *
 * @see docs/node-agent.md
 */
export class NodeAgentChart extends Chart {
  constructor(scope: Construct, id: string, props: NodeAgentProps) {
    super(scope, id, { labels: OWNED, disableResourceNameHashes: true });
    if (!supportsNodeAgent(props.kubernetesVersion)) return;
    const { createNamespace = true } = props;
    const labels = { "app.kubernetes.io/name": NODE_AGENT };
    const metadata = { name: NODE_AGENT, namespace: NODE_AGENT_NAMESPACE, labels };
    if (createNamespace) {
      new k8s.KubeNamespace(this, "namespace", {
        metadata: { name: NODE_AGENT_NAMESPACE, labels: { "pod-security.kubernetes.io/enforce": "privileged" } },
      });
    }
    new k8s.KubeServiceAccount(this, "account", { metadata, automountServiceAccountToken: false });
    new k8s.KubeClusterRole(this, "role", {
      metadata: { name: `skerry-${NODE_AGENT}`, labels },
      rules: [...nodeAgentRules],
    });
    new k8s.KubeClusterRoleBinding(this, "binding", {
      metadata: { name: `skerry-${NODE_AGENT}`, labels },
      roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: `skerry-${NODE_AGENT}` },
      subjects: [{ kind: "ServiceAccount", name: NODE_AGENT, namespace: NODE_AGENT_NAMESPACE }],
    });
    this.limitToOwnProfile();
    this.grantNodeController("measured-links", SYSTEM_NAMESPACE, measuredLinksRules);
    this.grantNodeController(PROBE_NODES, NODE_AGENT_NAMESPACE, probeNodesRules);
    new k8s.KubeConfigMap(this, "probe-nodes", { metadata: { name: PROBE_NODES, namespace: NODE_AGENT_NAMESPACE } });
    const agents: k8s.NetworkPolicyPeer[] = [{ podSelector: { matchLabels: labels } }];
    new k8s.KubeNetworkPolicy(this, "traffic", {
      metadata,
      spec: {
        ...DENY_ALL,
        ingress: [{ from: agents, ports: udp(PROBE_PORT) }, { ports: tcp(HEALTH_PORT) }],
        egress: [toKubernetesApi, { to: agents, ports: udp(PROBE_PORT) }],
      },
    });
    new k8s.KubeDaemonSet(this, "daemon-set", {
      // A device that is offline must not make an update of the fleet wait for its agent.
      metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
      spec: {
        revisionHistoryLimit: 3,
        selector: { matchLabels: labels },
        updateStrategy: {
          type: "RollingUpdate",
          // Nothing depends on an agent, and those of lost nodes count as unavailable.
          rollingUpdate: { maxUnavailable: k8s.IntOrString.fromString("50%") },
        },
        template: { metadata: { labels }, spec: podSpec(props) },
      },
    });
  }

  private limitToOwnProfile(): void {
    const name = `skerry-${NODE_AGENT}`;
    new ApiObject(this, "policy", {
      apiVersion: POLICY_API,
      kind: "ValidatingAdmissionPolicy",
      metadata: { name },
      spec: ownProfilePolicy,
    });
    new ApiObject(this, "policy-binding", {
      apiVersion: POLICY_API,
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name },
      spec: { policyName: name, validationActions: ["Deny", "Audit"] },
    });
  }

  private grantNodeController(name: string, namespace: string, rules: readonly k8s.PolicyRule[]): void {
    const metadata = { name: `node-controller-${name}`, namespace };
    new k8s.KubeRole(this, `${name}-role`, { metadata, rules: [...rules] });
    new k8s.KubeRoleBinding(this, `${name}-binding`, {
      metadata,
      roleRef: { apiGroup: RBAC, kind: "Role", name: metadata.name },
      subjects: [{ kind: "ServiceAccount", name: "node-controller", namespace: SYSTEM_NAMESPACE }],
    });
  }
}

/** Reports whether a version of Kubernetes can limit a node to its own profile. */
export const supportsNodeAgent = (kubernetesVersion: string): boolean =>
  Number(kubernetesVersion.split(".")[1]) >= SINCE_MINOR;

function tolerationsFor(taints: readonly Taint[]): k8s.Toleration[] {
  const unique = new Map(
    taints.map(({ key, value, effect }) => [`${key}\0${value}\0${effect}`, { key, value, effect }]),
  );
  return [
    ...CONTROL_PLANE_TAINTS,
    ...[...unique]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, taint]): k8s.Toleration => ({ ...taint, operator: "Equal" })),
  ];
}

/** Limits the pods to nodes that the node controller has put into certain pools. */
function affinityTo({ onlyPools = false, exceptPools = [] }: NodeAgentProps): { affinity?: k8s.Affinity } {
  const key = protectedLabels.pool;
  const matchExpressions: k8s.NodeSelectorRequirement[] = [
    ...(onlyPools === true ? [{ key, operator: "Exists" }] : []),
    ...(typeof onlyPools === "object" ? [{ key, operator: "In", values: [...onlyPools] }] : []),
    ...(exceptPools.length > 0 ? [{ key, operator: "NotIn", values: [...exceptPools] }] : []),
  ];
  if (matchExpressions.length === 0) return {};
  const nodeSelectorTerms = [{ matchExpressions }];
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } };
}

function podSpec(props: NodeAgentProps): k8s.PodSpec {
  const { taints = [], image = images.nodeAgent } = props;
  const fieldRef = (fieldPath: string): k8s.EnvVarSource => ({ fieldRef: { fieldPath } });
  // Each probe starts a connection, which costs more than a sample.
  const probe = (path: string): k8s.Probe => httpProbe(path, HEALTH_PORT, { periodSeconds: 60 });
  return {
    serviceAccountName: NODE_AGENT,
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    priorityClassName: "system-node-critical",
    tolerations: tolerationsFor(taints),
    ...affinityTo(props),
    securityContext: restrictedPod(NONROOT),
    terminationGracePeriodSeconds: 5,
    containers: [
      {
        name: NODE_AGENT,
        image,
        imagePullPolicy: "IfNotPresent",
        args: [
          "--node-name=$(NODE_NAME)",
          "--sys=/host/sys",
          "--state-dir=/state",
          `--probe-address=$(POD_IP):${PROBE_PORT}`,
          "--nodes-file=/probe-nodes/nodes.json",
          `--health-probe-bind-address=$(POD_IP):${HEALTH_PORT}`,
        ],
        env: [
          { name: "NODE_NAME", valueFrom: fieldRef("spec.nodeName") },
          { name: "POD_IP", valueFrom: fieldRef("status.podIP") },
          { name: "GOMEMLIMIT", value: GO_MEMORY_LIMIT },
        ],
        ports: [
          { name: "probes", containerPort: PROBE_PORT, protocol: "UDP" },
          { name: "health", containerPort: HEALTH_PORT },
        ],
        livenessProbe: probe("/livez"),
        readinessProbe: probe("/readyz"),
        resources: {
          requests: { cpu: k8s.Quantity.fromString("5m"), memory: k8s.Quantity.fromString(MEMORY) },
          limits: { memory: k8s.Quantity.fromString(MEMORY) },
        },
        securityContext: restrictedContainer,
        volumeMounts: [
          { name: "sys", mountPath: "/host/sys", readOnly: true },
          { name: "state", mountPath: "/state" },
          { name: "probe-nodes", mountPath: "/probe-nodes", readOnly: true },
        ],
      },
    ],
    volumes: [
      { name: "sys", hostPath: { path: "/sys", type: "Directory" } },
      { name: "state", emptyDir: { sizeLimit: k8s.Quantity.fromString("1Mi") } },
      { name: "probe-nodes", configMap: { name: PROBE_NODES } },
    ],
  };
}
