import { App } from "cdk8s";

import { chartObjects } from "../../charts/chart-objects";
import { renderFleet } from "../../charts/render";
import { NamespacesChart } from "../../charts/system/namespaces";
import { NodeAgentChart } from "../../charts/system/node-agent";
import { NodeControllerChart } from "../../charts/system/node-controller";
import type { KubeObject } from "../../fleet/kubernetes/object";
import type { Taint } from "../../fleet/model";
import { evaluate } from "../../policies/engine/evaluate";
import { rules } from "../../policies/rules";
import { smallFleet } from "../fixtures/small-fleet";
import { find, type PodOwner } from "./support/rendered";

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}
interface Role extends KubeObject {
  readonly rules: readonly Rule[];
}

const NAMESPACE = "skerry-node-agent";
const gatewayTaint: Taint = { key: "gateway", value: "x", effect: "NoSchedule" };
const otherTaint: Taint = { key: "other", value: "x", effect: "NoSchedule" };
const [tokyo] = renderFleet(smallFleet) as [ReturnType<typeof renderFleet>[0]];
const agent = find<PodOwner>(tokyo, "DaemonSet", "node-agent");
const pod = agent.spec.template.spec;

describe("the node agent", () => {
  it("tolerates the taints of all nodes, each by its key", () => {
    const pools = smallFleet.clusters[0]!.nodePools.flatMap(({ taints }) => taints);
    expect(pools.length).toBeGreaterThan(0);
    for (const { key, value, effect } of pools) {
      expect(pod.tolerations).toContainEqual({ key, operator: "Equal", value, effect });
    }
    expect(pod.tolerations).toContainEqual({
      key: "node-role.kubernetes.io/control-plane",
      operator: "Exists",
      effect: "NoSchedule",
    });
    const unique = new Set(pod.tolerations!.map((each) => JSON.stringify(each)));
    expect(unique.size).toBe(pod.tolerations!.length);
  });

  it("is neither root nor in a namespace of the node, and can only read the node's /sys", () => {
    expect(pod).not.toHaveProperty("hostNetwork");
    expect(pod).not.toHaveProperty("hostPID");
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    const [container] = pod.containers;
    expect(container!.securityContext).toMatchObject({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    });
    expect(pod.volumes!.filter((volume) => "hostPath" in volume)).toEqual([
      { name: "sys", hostPath: { path: "/sys", type: "Directory" } },
    ]);
    expect(container!.volumeMounts).toContainEqual(expect.objectContaining({ name: "sys", readOnly: true }));
  });

  it("may write profiles and read nodes, and nothing else", () => {
    expect(find<Role>(tokyo, "ClusterRole", "skerry-node-agent").rules).toEqual([
      { apiGroups: [""], resources: ["nodes"], verbs: ["get"] },
      { apiGroups: ["skerry.dev"], resources: ["nodeprofiles"], verbs: ["create", "patch"] },
      { apiGroups: ["skerry.dev"], resources: ["nodeprofiles/status"], verbs: ["patch"] },
    ]);
  });

  it("may write only the profile of its own node", () => {
    const policy = find(tokyo, "ValidatingAdmissionPolicy", "skerry-node-agent");
    expect(policy.spec).toMatchObject({
      failurePolicy: "Fail",
      matchConditions: [
        { expression: 'request.userInfo.username == "system:serviceaccount:skerry-node-agent:node-agent"' },
      ],
      matchConstraints: {
        resourceRules: [{ resources: ["nodeprofiles", "nodeprofiles/status"], operations: ["CREATE", "UPDATE"] }],
      },
    });
    const binding = find(tokyo, "ValidatingAdmissionPolicyBinding", "skerry-node-agent");
    expect(binding.spec).toEqual({ policyName: "skerry-node-agent", validationActions: ["Deny", "Audit"] });
  });

  it("exchanges probes with other agents and nothing else", () => {
    const peers = [{ podSelector: { matchLabels: { "app.kubernetes.io/name": "node-agent" } } }];
    const probes = [{ protocol: "UDP", port: 9464 }];
    expect(find(tokyo, "NetworkPolicy", "node-agent").spec).toMatchObject({
      ingress: [{ from: peers, ports: probes }, { ports: [{ protocol: "TCP", port: 8081 }] }],
      egress: [{ ports: [{ port: 443 }, { port: 6443 }] }, { to: peers, ports: probes }],
    });
  });

  it("violates no rule", () => {
    const chart = new NodeAgentChart(new App(), "node-agent", { kubernetesVersion: "1.36.3" });
    const namespaces = new NamespacesChart(new App(), "namespaces", { restricted: ["skerry-system"], shared: [] });
    const objects = [namespaces, chart].flatMap(chartObjects);
    const subjects = { clusters: [{ kubernetesVersion: "1.36.3", objects }] };
    const { findings } = evaluate(rules, subjects, { environment: "local", today: "2026-11-27" });
    expect(findings.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([]);
  });

  it.each(["1.29.9", "1.30.0"])("exists with Kubernetes %s only if a node cannot write any profile", (version) => {
    const supported = version !== "1.29.9";
    const chart = new NodeAgentChart(new App(), "node-agent", { kubernetesVersion: version });
    expect(chartObjects(chart).length > 0).toBe(supported);
    const [old] = renderFleet({
      ...smallFleet,
      clusters: [{ ...smallFleet.clusters[0]!, kubernetesVersion: version }],
    }) as [ReturnType<typeof renderFleet>[0]];
    const controller = find<PodOwner>(old, "Deployment", "node-controller").spec.template.spec.containers[0]!;
    expect(controller.args!.includes("--measured-links")).toBe(supported);
  });

  it("runs on every node of a cluster of its own, and only on the fleet's nodes of an existing cluster", () => {
    const affinity = (existing: boolean) => {
      const [cluster] = smallFleet.clusters;
      const [rendered] = renderFleet({
        ...smallFleet,
        clusters: [{ ...cluster!, ...(existing && { kubeconfig: { path: "kubeconfig" } }) }],
      }) as [ReturnType<typeof renderFleet>[0]];
      return find<PodOwner>(rendered, "DaemonSet", "node-agent").spec.template.spec.affinity;
    };
    expect(affinity(false)).toBeUndefined();
    expect(JSON.stringify(affinity(true))).toContain(
      '{"key":"skerry.dev.node-restriction.kubernetes.io/pool","operator":"Exists"}',
    );
  });

  it.each([
    ["only on the pools that the fleet names", false, true, { operator: "In", values: ["gateways"] }],
    [
      "on every node but those of pools that the fleet excludes",
      true,
      false,
      { operator: "NotIn", values: ["gateways"] },
    ],
  ] as const)("runs %s", (_, nodeAgent, ofPool, expected) => {
    const [first, ...others] = smallFleet.clusters;
    const [pool] = first!.nodePools;
    const nodePools = [
      { ...pool!, name: "gateways", taints: [gatewayTaint], nodeAgent: ofPool },
      { ...pool!, name: "others", taints: [otherTaint] },
    ];
    const [rendered, ...rest] = renderFleet({
      ...smallFleet,
      nodeAgent,
      clusters: [{ ...first!, nodePools }, ...others],
    });
    const { affinity, tolerations } = find<PodOwner>(rendered!, "DaemonSet", "node-agent").spec.template.spec;
    const key = "skerry.dev.node-restriction.kubernetes.io/pool";
    expect(affinity).toEqual({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key, ...expected }] }],
        },
      },
    });
    const tolerated = (taint: Taint) => tolerations!.some(({ key: tolerates }) => tolerates === taint.key);
    expect([tolerated(gatewayTaint), tolerated(otherTaint)]).toEqual([ofPool, nodeAgent]);
    for (const other of rest) {
      expect(other.objects.some(({ kind, metadata }) => kind === "DaemonSet" && metadata.name === "node-agent")).toBe(
        nodeAgent,
      );
    }
  });

  it("does not exist where the fleet says so", () => {
    const rendered = renderFleet({ ...smallFleet, nodeAgent: false });
    for (const { objects } of rendered) {
      expect(objects.filter(({ metadata }) => `${metadata.namespace} ${metadata.name}`.includes("node-agent"))).toEqual(
        [],
      );
    }
  });
});

describe("the node controller", () => {
  it("may write the two ConfigMaps of measured links, and read the fleet's links", () => {
    const rulesOf = (name: string, namespace: string) => {
      const role = find<Role>(tokyo, "Role", name);
      expect(role.metadata.namespace).toBe(namespace);
      return role.rules;
    };
    const configMaps = { apiGroups: [""], resources: ["configmaps"] };
    expect(rulesOf("node-controller-measured-links", "skerry-system")).toEqual([
      { ...configMaps, resourceNames: ["region-links"], verbs: ["get"] },
      { ...configMaps, resourceNames: ["measured-links"], verbs: ["get", "patch"] },
    ]);
    expect(rulesOf("node-controller-probe-nodes", NAMESPACE)).toEqual([
      { ...configMaps, resourceNames: ["probe-nodes"], verbs: ["get", "patch"] },
    ]);
  });

  it("may read profiles only where agents run", () => {
    const resources = (nodeAgents: boolean) => {
      const chart = new NodeControllerChart(new App(), "node-controller", { nodeAgents });
      return find<Role>({ objects: chartObjects(chart) }, "ClusterRole", "skerry-node-controller").rules.flatMap(
        (rule) => rule.resources,
      );
    };
    expect(resources(true)).toContain("nodeprofiles");
    expect(resources(false)).not.toContain("nodeprofiles");
  });

  it("leaves its ConfigMaps to the controller: they are rendered without data", () => {
    expect(find(tokyo, "ConfigMap", "measured-links")).not.toHaveProperty("data");
    expect(find(tokyo, "ConfigMap", "probe-nodes")).not.toHaveProperty("data");
  });
});
