import { renderFleet } from "../../charts/render";
import { findFewestTaints } from "../../placement/model/tolerations";
import { iot, pi4, smallFleet } from "../fixtures/small-fleet";
import { type PodOwner, find, podOwners } from "./support/rendered";

const [tokyo, frankfurt] = renderFleet(smallFleet) as [
  ReturnType<typeof renderFleet>[0],
  ReturnType<typeof renderFleet>[0],
];
const pod = (cluster: typeof tokyo, kind: string, name: string) =>
  find<PodOwner>(cluster, kind, name).spec.template.spec;
const tolerated = (...taints: (typeof iot)[]) => taints.map((taint) => ({ operator: "Equal", ...taint }));
const namesIn = (cluster: typeof tokyo) =>
  podOwners(cluster)
    .filter(({ metadata }) => ["telemetry", "default"].includes(metadata.namespace!))
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    .sort();

it("is rendered for the clusters that it can run in", () => {
  expect(namesIn(tokyo)).toEqual([
    "DaemonSet node-probe",
    "DaemonSet sensor-gateway",
    "Deployment dashboard",
    "Deployment detector-sydney",
    "Deployment detector-tokyo",
  ]);
  expect(namesIn(frankfurt)).toEqual([
    "DaemonSet node-probe",
    "Deployment archive",
    "Deployment dashboard",
    "Deployment detector-paris",
  ]);
});

describe("every-node", () => {
  it("selects nodes by label and tolerates their taints", () => {
    const gateway = pod(tokyo, "DaemonSet", "sensor-gateway");
    expect(gateway.nodeSelector).toEqual({ "edge-node-type": "iot-gateway" });
    // The hard taints of the three gateway pools, without duplicates. PreferNoSchedule needs no toleration.
    expect(gateway.tolerations).toEqual(tolerated(iot, pi4));
  });

  it("without a label selects the nodes of all pools, but no servers", () => {
    const probe = pod(tokyo, "DaemonSet", "node-probe");
    expect(probe.nodeSelector).toBeUndefined();
    expect(probe.affinity!.nodeAffinity).toEqual({
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: "skerry.dev/node-pool", operator: "Exists" }] }],
      },
    });
    expect(probe.tolerations).toEqual(tolerated(iot, pi4));
  });
});

describe("each-region", () => {
  it("renders one Deployment per region, with the label that the edge scheduler reads", () => {
    for (const region of ["tokyo", "sydney"]) {
      const deployment = find<PodOwner>(tokyo, "Deployment", `detector-${region}`);
      expect(deployment.spec.replicas).toBe(2);
      expect(deployment.spec.template.metadata.labels["required-region"]).toBe(region);
      expect(deployment.spec.template.spec.schedulerName).toBe("edge-scheduler");
      expect(deployment.spec.template.spec.tolerations).toEqual(tolerated(iot));
    }
  });

  it("spreads replicas across nodes and allows one disruption at a time", () => {
    const selector = { matchLabels: find<PodOwner>(tokyo, "Deployment", "detector-sydney").spec.selector.matchLabels };
    expect(pod(tokyo, "Deployment", "detector-sydney").topologySpreadConstraints).toEqual([
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: selector,
      },
    ]);
    expect(find(tokyo, "PodDisruptionBudget", "detector-sydney")).toMatchObject({
      spec: { maxUnavailable: 1, selector },
    });
  });
});

it("region: keeps its name, requires the region, and has no disruption budget for a single replica", () => {
  const archive = find<PodOwner>(frankfurt, "Deployment", "archive");
  expect(archive.metadata.namespace).toBe("default");
  expect(archive.spec.template.metadata.labels["required-region"]).toBe("frankfurt");
  expect(frankfurt.objects.filter((o) => o.kind === "PodDisruptionBudget" && o.metadata.name === "archive")).toEqual(
    [],
  );
});

it("anywhere: has no constraints and prefers different zones and nodes", () => {
  const dashboard = find<PodOwner>(tokyo, "Deployment", "dashboard");
  expect(dashboard.spec.template.metadata.labels).not.toHaveProperty("required-region");
  const { schedulerName, nodeSelector, affinity, topologySpreadConstraints, tolerations } =
    dashboard.spec.template.spec;
  expect(schedulerName).toBe("edge-scheduler");
  expect([nodeSelector, affinity]).toEqual([undefined, undefined]);
  expect(topologySpreadConstraints).toEqual(
    ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
      maxSkew: 1,
      topologyKey,
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: dashboard.spec.selector.matchLabels },
    })),
  );
  expect(tolerations ?? []).toEqual([]);
});

it("sorts environment variables by name", () => {
  expect(pod(tokyo, "DaemonSet", "sensor-gateway").containers[0]!.env).toEqual([
    { name: "BROKER", value: "sydney.mqtt.svc:8883" },
    { name: "ZONE", value: "b" },
  ]);
});

it("has the requests of the fleet and limits memory, but not CPU", () => {
  expect(pod(tokyo, "DaemonSet", "sensor-gateway").containers[0]!.resources).toEqual({
    requests: { cpu: "50m", memory: "64Mi" },
    limits: { memory: "64Mi" },
  });
});

describe("the fewest taints", () => {
  const pools = smallFleet.clusters[0]!.nodePools;
  const named = (...names: string[]) => names.map((name) => pools.find((pool) => pool.name === name)!);

  it.each([
    ["none if a pool has no taints", named("sydney-pi4", "tokyo-cloud"), []],
    ["those of the pool with fewer taints", named("sydney-pi4", "sydney-gw"), [iot]],
    ["all of the only pool", named("sydney-pi4"), [iot, pi4]],
    ["none without pools", [], []],
  ])("are %s", (_, candidates, taints) => expect(findFewestTaints(candidates)).toEqual(taints));
});
