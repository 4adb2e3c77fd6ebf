import { readFileSync } from "node:fs";

import { App, type Chart } from "cdk8s";
import { parse } from "yaml";
import { chartObjects } from "../../charts/chart-objects";
import { EdgeSchedulerChart } from "../../charts/system/edge-scheduler";
import { NodeControllerChart } from "../../charts/system/node-controller";
import { regionLinks } from "../../charts/system/region-links";
import { renderFleet } from "../../charts/render";
import { schedulerConfig } from "../../charts/system/scheduler-config";
import { memoryMiB } from "../../fleet/kubernetes/quantity";
import { smallFleet } from "../fixtures/small-fleet";
import { type PodOwner, find } from "./support/rendered";
import type { KubeObject } from "../../fleet/kubernetes/object";

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}
interface Role extends KubeObject {
  readonly rules: readonly Rule[];
}
interface ConfigMap extends KubeObject {
  readonly data: Readonly<Record<string, string>>;
}

const [tokyo, frankfurt] = renderFleet(smallFleet) as [
  ReturnType<typeof renderFleet>[0],
  ReturnType<typeof renderFleet>[0],
];
const programs = ["edge-scheduler", "node-controller"] as const;

describe.each(programs)("%s", (name) => {
  const deployment = find<PodOwner>(tokyo, "Deployment", name);
  const pod = deployment.spec.template.spec;

  it("runs twice on the servers, and one disruption at a time is allowed", () => {
    expect(deployment.spec.replicas).toBe(2);
    expect(pod.nodeSelector).toEqual({ "node-role.kubernetes.io/control-plane": "true" });
    expect(find(tokyo, "PodDisruptionBudget", name)).toMatchObject({ spec: { maxUnavailable: 1 } });
  });

  it("binds to its pod's address only", () => {
    const [{ args = [] }] = pod.containers as [(typeof pod.containers)[0]];
    const bound = args.filter((arg) => /address/.test(arg));
    expect(bound.length).toBeGreaterThan(0);
    bound.forEach((arg) => expect(arg).toContain("=$(POD_IP)"));
    expect(pod.containers[0]!.env).toContainEqual({
      name: "POD_IP",
      valueFrom: { fieldRef: { fieldPath: "status.podIP" } },
    });
  });

  it("names no absolute path in its arguments", () => {
    pod.containers[0]!.args!.forEach((arg) => expect(arg).not.toMatch(/[= ]\//));
  });

  it("holds its own lease and no other", () => {
    const { rules, metadata } = find<Role>(tokyo, "Role", `${name}-leader-election`);
    expect(metadata.namespace).toBe("skerry-system");
    const named = rules.filter(({ verbs }) => !verbs.every((verb) => verb === "create"));
    expect(named).toHaveLength(1);
    expect(named[0]!.resourceNames).toEqual([name]);
    const clusterWide = find<Role>(tokyo, "ClusterRole", `skerry-${name}`).rules;
    expect(clusterWide.filter(({ resources }) => resources.includes("leases"))).toEqual([]);
  });

  it("has no rights by wildcard, and none to secrets or to roles", () => {
    find<Role>(tokyo, "ClusterRole", `skerry-${name}`).rules.forEach(({ apiGroups, resources, verbs }) => {
      [...apiGroups, ...resources, ...verbs].forEach((word) => expect(word).not.toContain("*"));
      ["secrets", "roles", "clusterroles", "rolebindings", "clusterrolebindings", "serviceaccounts/token"].forEach(
        (word) => expect(resources).not.toContain(word),
      );
    });
  });
});

it("the node controller has the rights that it uses: it neither creates, deletes nor replaces nodes", () => {
  const { rules } = find<Role>(tokyo, "ClusterRole", "skerry-node-controller");
  const verbs = (resource: string) => rules.filter((r) => r.resources.includes(resource)).flatMap((r) => r.verbs);
  expect(verbs("nodes")).toEqual(["get", "list", "watch", "patch"]);
  // Pools are patched for their finalizer.
  expect(verbs("fleetnodepools")).toEqual(["get", "list", "watch", "patch"]);
  expect(verbs("fleetnodepools/status")).toEqual(["patch"]);
});

describe("memory of the programs", () => {
  const containerOf = (chart: Chart, name: string) =>
    find<PodOwner>({ objects: chartObjects(chart) }, "Deployment", name).spec.template.spec.containers[0]!;
  const memoryOf = (program: (typeof programs)[number], props: { nodes?: number; memory?: string }) => {
    const chart =
      program === "node-controller"
        ? new NodeControllerChart(new App(), program, props)
        : new EdgeSchedulerChart(new App(), program, { links: "{}", ...props });
    const { resources, env } = containerOf(chart, program);
    expect(resources.requests.memory).toBe(resources.limits.memory);
    return { limit: String(resources.limits.memory), go: env!.find(({ name }) => name === "GOMEMLIMIT")!.value };
  };

  it.each(programs)("of %s grows with the nodes, and is what is stated where it is stated", (program) => {
    const limits = [0, 100, 1000, 2000, 5000].map((nodes) => memoryMiB(memoryOf(program, { nodes }).limit)!);
    expect(limits).toEqual([...limits].sort((a, b) => a - b));
    expect(limits[4]).toBeGreaterThan(limits[1]!);
    expect(memoryOf(program, {})).toEqual(memoryOf(program, { nodes: 1000 }));
    expect(memoryOf(program, { memory: "1Gi" })).toEqual({ limit: "1Gi", go: "921MiB" });
    expect(() => memoryOf(program, { memory: "much" })).toThrow('memory: got "much", must be a quantity above 0');
    expect(() => memoryOf(program, { nodes: -1 })).toThrow("nodes: got -1, must be a whole number of 0 or more");
  });

  it("follows from the nodes of the cluster that is rendered", () => {
    const [cluster] = smallFleet.clusters;
    const nodePools = cluster!.nodePools.map((pool) => ({ ...pool, count: 2000 }));
    const large = renderFleet({ ...smallFleet, clusters: [{ ...cluster!, nodePools }] })[0]!;
    for (const name of programs) {
      const limit = (rendered: typeof large) =>
        memoryMiB(
          String(
            find<PodOwner>(rendered, "Deployment", name).spec.template.spec.containers[0]!.resources.limits.memory,
          ),
        )!;
      expect(limit(large)).toBeGreaterThan(limit(tokyo));
    }
  });
});

describe("the scheduler's configuration", () => {
  const config = find<ConfigMap>(tokyo, "ConfigMap", "edge-scheduler").data["config.yaml"]!;
  const scheduler = find<PodOwner>(tokyo, "Deployment", "edge-scheduler");

  it("has one profile, with the plugins, and a lease apart from the default scheduler's", () => {
    expect(parse(config)).toMatchObject({
      apiVersion: "kubescheduler.config.k8s.io/v1",
      kind: "KubeSchedulerConfiguration",
      leaderElection: { leaderElect: true, resourceName: "edge-scheduler", resourceNamespace: "skerry-system" },
      profiles: [
        {
          schedulerName: "edge-scheduler",
          pluginConfig: [
            { name: "EdgeProximity", args: { kind: "EdgeProximityArgs", linksFile: "links/links.json" } },
            { name: "ResourceProfile", args: { kind: "ResourceProfileArgs" } },
            { name: "LoadAware", args: { kind: "LoadAwareArgs" } },
          ],
        },
      ],
    });
  });

  it("with every argument is what the scheduler's own decoder is tested on", () => {
    const data = { freshFor: "90s", clockSkew: "5s" };
    const every = schedulerConfig({
      edgeProximity: { linksFile: "somewhere/links.json" },
      resourceProfile: {
        scale: { cpu: 8, memoryGB: 16, iops: 40000, networkGbps: 2.5 },
        headroom: 3,
        trendHorizon: "10m",
        data,
      },
      loadAware: {
        weights: { cpu: 0.5, memory: 0.3, network: 0.1 },
        threshold: { cpu: 80, memory: 85, network: 100 },
        whenMissing: "Closed",
        data,
      },
      weights: { edgeProximity: 7, resourceProfile: 6, loadAware: 4 },
      percentageOfNodesToScore: 30,
    });
    expect(every).toBe(readFileSync("test/fixtures/scheduler-config.yaml", "utf8"));
  });

  it("lies where its arguments and the plugin look for it", () => {
    const { containers, volumes } = scheduler.spec.template.spec;
    const [container] = containers;
    const pathOf = (configMap: string) => {
      const volume = volumes!.find((candidate) => candidate.configMap?.name === configMap)!;
      return container!.volumeMounts!.find(({ name }) => name === volume.name)!.mountPath;
    };
    expect(container!.args).toContain("--config=config.yaml");
    expect(pathOf("edge-scheduler")).toBe(container!.workingDir);
    expect(pathOf("region-links")).toBe(`${container!.workingDir}/links`);
  });

  it("bounds what waits for the API server by the scheduler's default, or as it is told", () => {
    const argsWith = (requestsAtOnce?: number) => {
      const chart = new EdgeSchedulerChart(new App(), "edge-scheduler", { links: "{}", requestsAtOnce });
      return find<PodOwner>({ objects: chartObjects(chart) }, "Deployment", "edge-scheduler").spec.template.spec
        .containers[0]!.args!;
    };
    expect(argsWith().join(" ")).not.toContain("--requests-at-once");
    expect(argsWith(0)).toContain("--requests-at-once=0");
    expect(argsWith(200)).toContain("--requests-at-once=200");
    for (const wrong of [-1, 1.5, Number.NaN]) {
      expect(() => argsWith(wrong)).toThrow(`requestsAtOnce: got ${wrong}; allowed are whole numbers of 0 or more`);
    }
  });

  it("rolls the pods when the configuration changes, and not when the links do, which are followed", () => {
    const hash = (links: string, percentageOfNodesToScore?: number) => {
      const chart = new EdgeSchedulerChart(new App(), "edge-scheduler", {
        links,
        ...(percentageOfNodesToScore !== undefined && { config: { percentageOfNodesToScore } }),
      });
      return find<PodOwner>({ objects: chartObjects(chart) }, "Deployment", "edge-scheduler").spec.template.metadata
        .annotations!["checksum/config"];
    };
    expect(hash("{}")).toMatch(/^[0-9a-f]{64}$/);
    expect(hash('{ "links": [] }')).toBe(hash("{}"));
    expect(hash("{}", 100)).not.toBe(hash("{}"));
  });
});

describe("region links", () => {
  it("hold every ordered pair of regions, as stated where it is stated", () => {
    const { version, unit, regions, links } = JSON.parse(regionLinks(smallFleet)) as {
      version: number;
      unit: string;
      regions: { name: string }[];
      links: { from: string; to: string; rttMs: number; basis: string }[];
    };
    expect([version, unit]).toEqual([1, "ms"]);
    expect(regions.map(({ name }) => name)).toEqual(["frankfurt", "paris", "sydney", "tokyo"]);
    const pairs = new Map(links.map((link) => [`${link.from} ${link.to}`, link]));
    for (const { name: from } of regions)
      for (const { name: to } of regions) if (from !== to) expect(pairs.get(`${from} ${to}`)?.rttMs).toBeGreaterThan(0);
    expect(pairs.get("tokyo sydney")).toMatchObject({ rttMs: 102, basis: "measured" });
    expect(pairs.get("paris frankfurt")).toMatchObject({ basis: "estimated" });
  });

  it("are refused when they fit in no ConfigMap", () => {
    const regions = Array.from({ length: 120 }, (_, i) => ({ name: `region-${i}`, latitude: i / 2, longitude: i }));
    const links = regions.flatMap(({ name: from }) =>
      regions
        .filter(({ name }) => name !== from)
        .map(({ name: to }) => ({ from, to, rttMs: 10, basis: "measured" as const, source: "a long text ".repeat(4) })),
    );
    expect(() => regionLinks({ ...smallFleet, regions, links })).toThrow(/120 regions take \d+ bytes, allowed 1000000/);
  });
});

describe("node pools", () => {
  it("are found by the pool a node was born into, and state its labels, taints, capacity and count", () => {
    expect(find(tokyo, "FleetNodePool", "sydney-pi4")).toMatchObject({
      apiVersion: "skerry.dev/v1alpha1",
      spec: {
        selector: { registrationLabel: { key: "skerry.dev/node-pool", value: "sydney-pi4" } },
        labels: { "edge-region": "sydney", "edge-node-type": "iot-gateway", "device-type": "raspberry-pi-4" },
        taints: [
          { key: "dedicated", value: "iot", effect: "NoSchedule" },
          { key: "device-type", value: "raspberry-pi-4", effect: "NoSchedule" },
        ],
        capacity: { cpuCores: 4, memoryMiB: 4096, disk: "sd", diskGiB: 32, iops: 800, networkMbps: 1000 },
        count: 2,
      },
    });
  });

  it("are those of their own cluster", () => {
    const names = ({ objects }: typeof tokyo) =>
      objects.filter(({ kind }) => kind === "FleetNodePool").map((o) => o.metadata.name);
    expect(names(tokyo)).toEqual(["sydney-gw", "sydney-pi4", "tokyo-cloud", "tokyo-gw"]);
    expect(names(frankfurt)).toEqual(["frankfurt-edge", "paris-edge"]);
  });
});

describe("namespaces", () => {
  const names = ({ objects }: typeof tokyo) =>
    objects.filter(({ kind }) => kind === "Namespace").map((o) => o.metadata.name);

  it("are made where something is put, but for those that every cluster has", () => {
    expect(names(tokyo)).toEqual(["mqtt", "skerry-system", "telemetry"]);
    expect(names(frankfurt)).toEqual(["skerry-system", "telemetry"]);
  });

  it("refuse lesser pods where all pods are ours", () => {
    ["mqtt", "skerry-system"].forEach((name) =>
      expect(find(tokyo, "Namespace", name).metadata.labels).toMatchObject({
        "pod-security.kubernetes.io/enforce": "restricted",
      }),
    );
  });
});
