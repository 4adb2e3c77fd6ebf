import fc from "fast-check";
import { parse } from "yaml";

import { type AdoptedFleet, describeFleet } from "../../../cli/adopt/describe-fleet";
import { FORMATS } from "../../../cli/adopt/render";
import { compareWithCluster } from "../../../fleet/existing/compare";
import { selects } from "../../../fleet/existing/node-selection";
import type { ObservedCluster, ObservedNode } from "../../../fleet/existing/observed-cluster";
import { labels } from "../../../fleet/labels";
import type { ClusterSpec } from "../../../fleet/model";
import { nodeLabels } from "../../../fleet/nodes";
import { checkFleet, parseFleet } from "../../../fleet/reading/parse";
import { compilerComplaints } from "../support/examples";
import { arbitraryFleet } from "../support/arbitrary-fleet";
import { node, observed, observedFrom, server } from "./nodes";

const kubeconfig = { path: "kubeconfig" };

const adopt = (found: ObservedCluster, name = "east"): AdoptedFleet =>
  describeFleet("adopted", [{ name, kubeconfig, observed: found }]);

/** Fills in what a user must. */
function fillIn(fleet: AdoptedFleet): unknown {
  const values: Readonly<Record<string, unknown>> = {
    latitude: 1,
    longitude: 2,
    disk: "ssd",
    iops: 9000,
    networkMbps: 1000,
  };
  return JSON.parse(JSON.stringify(fleet), (key, value: unknown) =>
    typeof value === "string" && value.startsWith("TODO: ") ? values[key] : value,
  );
}

/** The same nodes without the labels of Skerry, as a team has them that does not know it. */
const withoutSkerry = (found: ObservedCluster): ObservedCluster => ({
  ...found,
  nodes: found.nodes.map((each) => ({
    ...each,
    labels: Object.fromEntries(Object.entries(each.labels).filter(([key]) => /kubernetes\.io\//.test(key))),
  })),
});

function expectSamePools(cluster: ClusterSpec, found: ObservedCluster, original: ClusterSpec, all: boolean): void {
  for (const each of found.nodes.filter(({ controlPlane }) => !controlPlane)) {
    const [pool, ...others] = cluster.nodePools.filter((candidate) => selects(candidate, each));
    expect(others).toEqual([]);
    const before = original.nodePools.find(({ name }) => each.name.startsWith(`${name}-`))!;
    expect(pool).toMatchObject({ region: before.region, zone: before.zone, device: before.device });
    const byKey = (taints: readonly { key: string; effect: string }[]) =>
      [...taints].sort((a, b) => (`${a.key}${a.effect}` < `${b.key}${b.effect}` ? -1 : 1));
    expect(byKey(pool!.taints)).toEqual(byKey(before.taints));
    if (all) {
      expect({ ...nodeLabels(pool!), [labels.nodePool]: "" }).toEqual({ ...nodeLabels(before), [labels.nodePool]: "" });
    }
  }
}

test("a fleet that is adopted from nodes of a fleet has pools that match these nodes", () => {
  fc.assert(
    fc.property(arbitraryFleet, fc.boolean(), ({ clusters }, known) => {
      for (const original of clusters) {
        const found = known ? observedFrom(original) : withoutSkerry(observedFrom(original));
        const cluster = parseFleet(fillIn(adopt(found))).clusters[0]!;
        const errors = compareWithCluster(cluster, found).filter(({ severity }) => severity === "error");
        expect(errors).toEqual([]);
        expectSamePools(cluster, found, original, known);
      }
    }),
    { numRuns: 40 },
  );
});

test("does not depend on the order of the nodes", () => {
  fc.assert(
    fc.property(
      arbitraryFleet.chain(({ clusters }) => {
        const found = observedFrom(clusters[0]!);
        return fc.tuple(fc.constant(found), fc.shuffledSubarray([...found.nodes], { minLength: found.nodes.length }));
      }),
      ([found, nodes]) => expect(adopt({ ...found, nodes })).toEqual(adopt(found)),
    ),
    { numRuns: 30 },
  );
});

const eks = (name: string, change: Partial<ObservedNode> = {}): ObservedNode =>
  node(name, {
    labels: {
      [labels.topologyRegion]: "eu-central-1",
      [labels.topologyZone]: "eu-central-1a",
      "node.kubernetes.io/instance-type": "m6i.large",
      "eks.amazonaws.com/nodegroup": "general",
      "k8s.io/cloud-provider-aws": "1234",
      team: "shop",
    },
    providerId: `aws:///eu-central-1a/${name}`,
    cpuCores: 2,
    memoryMiB: 7700,
    ...change,
  });

test("describes a managed cluster by its node groups", () => {
  const found = observed([eks("ip-1"), eks("ip-2")], {
    version: "v1.36.1-eks-1234",
    namespaces: ["shop", "default", "kube-system"],
  });
  const fleet = adopt(found);
  expect(fleet).toEqual({
    name: "adopted",
    regions: [{ name: "eu-central-1", latitude: 50.11, longitude: 8.68 }],
    clusters: [
      {
        name: "east",
        kubeconfig,
        homeRegion: "eu-central-1",
        kubernetesVersion: "1.36.1",
        systemPool: "general",
        existingNamespaces: ["shop"],
        nodePools: [
          {
            name: "general",
            nodes: { label: { key: "eks.amazonaws.com/nodegroup", value: "general" } },
            region: "eu-central-1",
            zone: "eu-central-1a",
            device: "m6i.large",
            role: "cloud-worker",
            labels: { team: "shop" },
            count: 2,
          },
        ],
      },
    ],
  });
  expect(checkFleet(fleet)).toMatchObject({ ok: true });
});

test("marks what plain K3s nodes do not tell, and validate lists it", () => {
  const k3s = { labels: { "node.kubernetes.io/instance-type": "k3s", serial: "1" } };
  const fleet = adopt(
    observed([
      server("s"),
      node("b", { ...k3s, architecture: "arm64" }),
      node("a", { labels: { ...k3s.labels, serial: "2" } }),
    ]),
  );
  expect(fleet.clusters[0]!.nodePools).toMatchObject([
    { name: "east-amd64-4cpu-8192mib", nodes: { names: ["a"] }, region: "east", count: 1 },
    { name: "east-arm64-4cpu-8192mib", nodes: { names: ["b"] }, region: "east", count: 1 },
  ]);
  const checked = checkFleet(fleet);
  const pool = (index: number) => [
    [`clusters[0].nodePools[${index}].capacity.disk`, "must be filled in: type of the disk (sd, emmc, ssd, nvme)"],
    [`clusters[0].nodePools[${index}].capacity.iops`, "must be filled in: random reads of the disk per second"],
    [`clusters[0].nodePools[${index}].capacity.networkMbps`, "must be filled in: network bandwidth in Mbit/s"],
  ];
  expect(checked.ok ? [] : checked.problems.map(({ path, message }) => [path, message])).toEqual([
    ["regions[0].latitude", "must be filled in: degrees north of region east"],
    ["regions[0].longitude", "must be filled in: degrees east of region east"],
    ...pool(0),
    ...pool(1),
  ]);
});

test("marks a region that no fleet can have", () => {
  const { regions, clusters } = adopt(
    observed([server("s"), node("a", { labels: { [labels.topologyRegion]: "Hall_3" } })]),
  );
  expect(clusters[0]!.nodePools[0]!.region).toBe(
    "TODO: a DNS label, also on the nodes: their label topology.kubernetes.io/region=Hall_3 is none",
  );
  expect(regions).toEqual([]);
});

test("refuses a cluster with control-plane nodes only", () => {
  expect(() => adopt(observed([server("s")]))).toThrow(
    "cluster east: has no nodes other than 1 control-plane nodes, which cannot be in a node pool",
  );
});

test("every format has the same fleet", () => {
  const fleet = adopt(observed([eks("ip-1"), eks("ip-2")]));
  expect(parse(FORMATS[".yaml"]!(fleet))).toEqual(fleet);
  expect(JSON.parse(FORMATS[".json"]!(fleet))).toEqual(fleet);
  expect(compilerComplaints({ adopted: FORMATS[".ts"]!(fleet) })).toEqual([]);
}, 120_000);
