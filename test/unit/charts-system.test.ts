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

  it("has two replicas on the servers and allows one disruption at a time", () => {
    expect(deployment.spec.replicas).toBe(2);
    expect(pod.affinity).toMatchObject({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists" }] },
          ],
        },
      },
    });
    expect(find(tokyo, "PodDisruptionBudget", name)).toMatchObject({ spec: { maxUnavailable: 1 } });
  });

  it("listens only on the address of its pod", () => {
    const [{ args = [] }] = pod.containers as [(typeof pod.containers)[0]];
    const bound = args.filter((arg) => /address/.test(arg));
    expect(bound.length).toBeGreaterThan(0);
    bound.forEach((arg) => expect(arg).toContain("=$(POD_IP)"));
    expect(pod.containers[0]!.env).toContainEqual({
      name: "POD_IP",
      valueFrom: { fieldRef: { fieldPath: "status.podIP" } },
    });
  });

  it("has no absolute paths in its arguments", () => {
    pod.containers[0]!.args!.forEach((arg) => expect(arg).not.toMatch(/[= ]\//));
  });

  it("may only write its own lease", () => {
    const { rules, metadata } = find<Role>(tokyo, "Role", `${name}-leader-election`);
    expect(metadata.namespace).toBe("skerry-system");
    const named = rules.filter(({ verbs }) => !verbs.every((verb) => verb === "create"));
    expect(named).toHaveLength(1);
    expect(named[0]!.resourceNames).toEqual([name]);
    const clusterWide = find<Role>(tokyo, "ClusterRole", `skerry-${name}`).rules;
    expect(clusterWide.filter(({ resources }) => resources.includes("leases"))).toEqual([]);
  });

  it("has no wildcard permissions and none for secrets or roles", () => {
    find<Role>(tokyo, "ClusterRole", `skerry-${name}`).rules.forEach(({ apiGroups, resources, verbs }) => {
      [...apiGroups, ...resources, ...verbs].forEach((word) => expect(word).not.toContain("*"));
      ["secrets", "roles", "clusterroles", "rolebindings", "clusterrolebindings", "serviceaccounts/token"].forEach(
        (word) => expect(resources).not.toContain(word),
      );
    });
  });
});

it("the node controller may not create, delete or replace nodes", () => {
  const { rules } = find<Role>(tokyo, "ClusterRole", "skerry-node-controller");
  const verbs = (resource: string) => rules.filter((r) => r.resources.includes(resource)).flatMap((r) => r.verbs);
  expect(verbs("nodes")).toEqual(["get", "list", "watch", "patch"]);
  // The controller patches node pools to set their finalizer.
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

  it.each(programs)("of %s grows with the number of nodes, and can be set", (program) => {
    const limits = [0, 100, 1000, 2000, 5000].map((nodes) => memoryMiB(memoryOf(program, { nodes }).limit)!);
    expect(limits).toEqual([...limits].sort((a, b) => a - b));
    expect(limits[4]).toBeGreaterThan(limits[1]!);
    expect(memoryOf(program, {})).toEqual(memoryOf(program, { nodes: 1000 }));
    expect(memoryOf(program, { memory: "1Gi" })).toEqual({ limit: "1Gi", go: "921MiB" });
    expect(() => memoryOf(program, { memory: "much" })).toThrow('memory: got "much", must be a quantity above 0');
    expect(() => memoryOf(program, { nodes: -1 })).toThrow("nodes: got -1, must be a whole number of 0 or more");
  });

  it("is computed from the nodes of the rendered cluster", () => {
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

  it("has one profile with the plugins, and its own lease", () => {
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

  it("renders every argument as the file on which the scheduler's decoder is tested", () => {
    const text = readFileSync("test/fixtures/scheduler-config.yaml", "utf8");
    const [{ pluginConfig }] = (parse(text) as { profiles: [{ pluginConfig: { name: string; args: object }[] }] })
      .profiles;
    const argsOf = (plugin: string): object => {
      const {
        apiVersion: _version,
        kind: _kind,
        ...args
      } = pluginConfig.find(({ name }) => name === plugin)!.args as Record<string, unknown>;
      return args;
    };
    const rendered = schedulerConfig({
      edgeProximity: argsOf("EdgeProximity"),
      resourceProfile: argsOf("ResourceProfile"),
      loadAware: argsOf("LoadAware"),
      weights: { edgeProximity: 7, resourceProfile: 6, loadAware: 4 },
      percentageOfNodesToScore: 30,
    });
    expect(rendered).toBe(text);
  });

  it("is mounted where the scheduler and its plugin read it", () => {
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

  it("limits the requests in flight if maxInflightRequests is set", () => {
    const argsWith = (maxInflightRequests?: number) => {
      const chart = new EdgeSchedulerChart(new App(), "edge-scheduler", { links: "{}", maxInflightRequests });
      return find<PodOwner>({ objects: chartObjects(chart) }, "Deployment", "edge-scheduler").spec.template.spec
        .containers[0]!.args!;
    };
    expect(argsWith().join(" ")).not.toContain("--max-inflight-requests");
    expect(argsWith(0)).toContain("--max-inflight-requests=0");
    expect(argsWith(200)).toContain("--max-inflight-requests=200");
    for (const wrong of [-1, 1.5, Number.NaN]) {
      expect(() => argsWith(wrong)).toThrow(`maxInflightRequests: got ${wrong}, must be a whole number of 0 or more`);
    }
  });

  it("restarts the pods when the configuration changes, but not when the reloaded links change", () => {
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
  it("contain every ordered pair of regions, with the fleet's values where it has any", () => {
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

  it("are rejected if they do not fit into a ConfigMap", () => {
    const regions = Array.from({ length: 120 }, (_, i) => ({ name: `region-${i}`, latitude: i / 2, longitude: i }));
    const links = regions.flatMap(({ name: from }) =>
      regions
        .filter(({ name }) => name !== from)
        .map(({ name: to }) => ({ from, to, rttMs: 10, basis: "measured" as const, source: "a long text ".repeat(4) })),
    );
    expect(() => regionLinks({ ...smallFleet, regions, links })).toThrow(
      /links.json for 120 regions must be at most 1000000 bytes .*, got \d+/,
    );
  });
});

describe("node pools", () => {
  it("have the selector, labels, taints, capacity and count of the pool", () => {
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

  it("are rendered for their own cluster only", () => {
    const names = ({ objects }: typeof tokyo) =>
      objects.filter(({ kind }) => kind === "FleetNodePool").map((o) => o.metadata.name);
    expect(names(tokyo)).toEqual(["sydney-gw", "sydney-pi4", "tokyo-cloud", "tokyo-gw"]);
    expect(names(frankfurt)).toEqual(["frankfurt-edge", "paris-edge"]);
  });
});

describe("namespaces", () => {
  const names = ({ objects }: typeof tokyo) =>
    objects.filter(({ kind }) => kind === "Namespace").map((o) => o.metadata.name);

  it("are rendered for all objects, except those that every cluster has", () => {
    expect(names(tokyo)).toEqual(["mqtt", "skerry-node-agent", "skerry-system", "telemetry"]);
    expect(names(frankfurt)).toEqual(["skerry-node-agent", "skerry-system", "telemetry"]);
  });

  it("enforce the restricted level if only Skerry uses them", () => {
    ["mqtt", "skerry-system"].forEach((name) =>
      expect(find(tokyo, "Namespace", name).metadata.labels).toMatchObject({
        "pod-security.kubernetes.io/enforce": "restricted",
      }),
    );
  });
});
