import { compareWithCluster } from "../../../fleet/existing/compare";
import { type ObservedCluster, observeNode } from "../../../fleet/existing/observed-cluster";
import { labels, protectedLabels } from "../../../fleet/labels";
import type { ClusterSpec } from "../../../fleet/model";
import { parseFleet } from "../../../fleet/reading/parse";
import type { FleetInput } from "../../../fleet/reading/schema";
import { node, observed, server } from "./nodes";

type Pool = FleetInput["clusters"][number]["nodePools"][number];

const gateways: Pool = {
  name: "gw",
  nodes: { names: ["a", "b"] },
  region: "london",
  device: "iot-gateway-x86",
  count: 2,
};

function cluster(pools: readonly Pool[] = [gateways], change: object = {}): ClusterSpec {
  const input: FleetInput = {
    name: "test",
    regions: [{ name: "london", latitude: 51.51, longitude: -0.13 }],
    clusters: [{ name: "east", kubeconfig: { path: "k" }, homeRegion: "london", nodePools: pools, ...change }],
  };
  return parseFleet(input).clusters[0]!;
}

const nodes = [server("s"), node("a"), node("b")];

const compare = (spec: ClusterSpec, found: ObservedCluster): string[] =>
  compareWithCluster(spec, found).map(({ severity, path, message }) => `${severity} ${path}: ${message}`);

test("a cluster that is as stated has no differences", () => expect(compare(cluster(), observed(nodes))).toEqual([]));

const label = { nodes: { label: { key: "group", value: "gw" } } };
const tainted = [{ key: "dedicated", value: "iot", effect: "NoSchedule" }] as const;

/** Each difference, by what causes it: the cluster of the fleet, what was found, and what is reported. */
const cases: Readonly<Record<string, readonly [ClusterSpec, ObservedCluster, readonly string[]]>> = {
  "a node that does not exist": [
    cluster([{ ...gateways, nodes: { names: ["a", "b-2"] } }]),
    observed([server("s"), node("a"), node("b-1")]),
    [
      'error nodePools[0].nodes.names[1]: the cluster has no node "b-2": did you mean "b-1"?',
      "warning nodePools: node b-1 has no pool: Skerry leaves them unchanged",
    ],
  ],
  "a label that no node has": [
    cluster([{ ...gateways, ...label }]),
    observed([server("s")]),
    ["error nodePools[0].nodes.label: no node of the cluster has the label group=gw"],
  ],
  "another count": [
    cluster([{ ...gateways, ...label }]),
    observed([server("s"), node("a", { labels: { group: "gw" } })]),
    ["warning nodePools[0].count: got 2, but the label selects 1 nodes"],
  ],
  "a node in two pools": [
    cluster([gateways, { ...gateways, name: "more", count: 1, ...label }]),
    observed([server("s"), node("a", { labels: { group: "gw" } }), node("b")]),
    ["error nodePools[1].nodes: node a has more than one pool: a node belongs to one pool"],
  ],
  "a server in a pool": [
    cluster([{ ...gateways, nodes: { names: ["a", "s"] } }]),
    observed([server("s"), node("a")]),
    ["error nodePools[0].nodes: must not select control-plane nodes, got s: they run no workloads"],
  ],
  "a node that is not ready": [
    cluster(),
    observed([server("s"), node("a"), node("b", { ready: false })]),
    ["warning nodePools: not ready: b"],
  ],
  "too little capacity": [
    cluster(),
    observed([server("s"), node("a", { cpuCores: 2 }), node("b", { memoryMiB: 3800 })]),
    [
      "error nodePools[0].capacity.cpuCores: got 4, but node a has 2 cores",
      "error nodePools[0].capacity.memoryMiB: got 8192, but node b has 3800 MiB",
    ],
  ],
  "more capacity": [
    cluster(),
    observed([server("s"), node("a", { cpuCores: 8 }), node("b", { memoryMiB: 16000 })]),
    [
      "warning nodePools[0].capacity.cpuCores: got 4, but node a has 8 cores",
      "warning nodePools[0].capacity.memoryMiB: got 8192, but node b has 16000 MiB",
    ],
  ],
  "another architecture": [
    cluster(),
    observed([server("s"), node("a", { architecture: "arm64" }), node("b")]),
    ["warning nodePools[0].device: iot-gateway-x86 has the architecture amd64, but node a has arm64"],
  ],
  "another region and zone": [
    cluster(),
    observed([
      server("s"),
      node("a", { labels: { [labels.topologyRegion]: "paris" } }),
      node("b", { labels: { [labels.topologyRegion]: "london", [labels.topologyZone]: "london-c" } }),
    ]),
    [
      'error nodePools[0].region: got "london", but node a has the label topology.kubernetes.io/region=paris',
      'error nodePools[0].zone: got "london-a", but node b has the label topology.kubernetes.io/zone=london-c',
    ],
  ],
  "labels that the pool changes": [
    cluster([{ ...gateways, labels: { rack: "7" } }]),
    observed([
      server("s"),
      node("a", { labels: { rack: "8", disktype: "hdd" } }),
      node("b", { labels: { rack: "7" } }),
    ]),
    [
      'warning nodePools[0].labels.rack: node a has the label rack=8: the pool sets it to "7", until they leave the pool',
      "warning nodePools[0].labels.disktype: node a has the label disktype=hdd: the pool removes it, until they leave the pool",
    ],
  ],
  "a taint that the pool does not state": [
    cluster(),
    observed([server("s"), node("a", { taints: tainted }), node("b")]),
    [
      "error nodePools[0].taints: node a has the taint dedicated=iot:NoSchedule, which the pool does not state: add it, or " +
        "remove it from the nodes",
    ],
  ],
  "taints that the pool adds or changes": [
    cluster([{ ...gateways, taints: [...tainted, { key: "slow", effect: "NoExecute" }] }]),
    observed([server("s"), node("a", { taints: [{ ...tainted[0], value: "video" }] }), node("b", { taints: tainted })]),
    [
      'warning nodePools[0].taints: node a has the taint dedicated=video:NoSchedule: the pool changes its value to "iot"',
      "warning nodePools[0].taints[1]: the pool adds slow:NoExecute to 2 of its nodes and evicts pods that do not tolerate it",
    ],
  ],
  "a cordoned node": [
    cluster(),
    observed([
      server("s"),
      node("a", { taints: [{ key: "node.kubernetes.io/unschedulable", value: "", effect: "NoSchedule" }] }),
      node("b"),
    ]),
    [],
  ],
  "an old version": [
    cluster(),
    observed(nodes, { version: "v1.33.9+k3s1" }),
    ["error kubernetesVersion: the cluster runs v1.33.9+k3s1: must be 1.34 to 1.37"],
  ],
  "another version": [
    cluster(),
    observed(nodes, { version: "v1.37.0" }),
    ["error kubernetesVersion: got 1.36.3, but the cluster runs v1.37.0"],
  ],
  "old and new kubelets": [
    cluster(),
    observed([server("s"), node("a", { kubeletVersion: "v1.32.1" }), node("b", { kubeletVersion: "v1.37.0" })]),
    [
      "warning nodePools: unsupported kubelet version: a (v1.32.1), b (v1.37.0); Kubernetes supports 1.33 to 1.36 with an API " +
        "server of v1.36.3+k3s1",
    ],
  ],
  "brokers without their storage class": [
    cluster([gateways, { ...gateways, name: "cloud", role: "cloud-worker", nodes: { names: ["c", "d"] } }], {
      cloudBroker: {},
    }),
    observed([...nodes, node("c"), node("d")], { storageClasses: ["gp3"] }),
    [
      "error cloudBroker: brokers need the StorageClass local-path, which does not exist: install " +
        "https://github.com/rancher/local-path-provisioner, or remove the brokers",
    ],
  ],
  "a managed control plane": [
    cluster(),
    observed([node("a"), node("b")]),
    [
      "error systemPool: missing required field: the cluster has no control-plane nodes, so name the pool that runs the " +
        "scheduler and the node controller",
    ],
  ],
  "a managed control plane with a system pool": [
    cluster([gateways], { systemPool: "gw" }),
    observed(nodes.slice(1)),
    [],
  ],
  "other servers": [
    cluster(),
    observed([server("s"), server("t"), server("u"), node("a"), node("b")]),
    ["warning servers: got 1, but the cluster has 3 control-plane nodes"],
  ],
  "no network policies": [
    cluster(),
    observed(nodes, { enforcesNetworkPolicies: false }),
    [
      "warning : found no known implementation of network policies: without one, the policies of the fleet have no effect",
    ],
  ],
};

test.each(Object.entries(cases))("reports %s", (_, [spec, found, expected]) => {
  expect(compare(spec, found)).toEqual(expected);
});

test("a node is compared as it was before Skerry changed it", () => {
  const status = { capacity: { cpu: "4", memory: "7800Mi" }, nodeInfo: { architecture: "amd64" } };
  const object = (name: string, own: Record<string, string>, taints: readonly object[]) => ({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: own },
    spec: { taints },
    status,
  });
  const pool = {
    apiVersion: "skerry.dev/v1alpha1",
    kind: "FleetNodePool",
    metadata: { name: "gw" },
    spec: { selector: { registrationLabel: { key: "group", value: "gw" } } },
    status: {
      managedKeys: {
        labels: ["rack", "group", labels.edgeRegion],
        taints: [{ key: "dedicated", effect: "NoSchedule" }],
      },
      originals: [
        {
          nodes: ["b", "a"],
          labels: { rack: "8" },
          taints: [{ key: "dedicated", value: "video", effect: "NoSchedule" }],
        },
      ],
    },
  };
  const ours = { rack: "7", group: "gw", [labels.edgeRegion]: "london", owner: "team", [protectedLabels.pool]: "gw" };
  const other = { key: "other", effect: "NoSchedule" };
  expect(observeNode(object("a", ours, [...tainted, other]), [pool])).toMatchObject({
    labels: { rack: "8", group: "gw", owner: "team" },
    taints: [
      { key: "other", value: "", effect: "NoSchedule" },
      { key: "dedicated", value: "video", effect: "NoSchedule" },
    ],
  });
  // A node that claims to be in a pool that does not exist is taken as it is.
  expect(observeNode(object("c", ours, tainted), [])).toMatchObject({
    labels: { rack: "7", owner: "team" },
    taints: tainted,
  });
});
