/** Generated requests for the placement simulator. */
import { EDGE_SCHEDULER, labels } from "../../fleet/labels";
import { devices } from "../../fleet/devices";
import type { KubeObject } from "../../fleet/kubernetes/object";
import { API_VERSION, type Drill, type SimulationRequest } from "../../preview/simulator/protocol";

/** What pods require or prefer, by the name of the case. */
export const ASKS = {
  plain: "nothing",
  region: "one of ten regions",
  spread: "even spread over regions",
  affinity: "a region with their siblings",
  "anti-affinity": "a node without their siblings",
  budgets: "nothing; with priority and a disruption budget",
} as const;

export type Ask = keyof typeof ASKS;

export interface GeneratedFleet {
  readonly nodes: number;
  /** Number of pods, in Deployments of {@link REPLICAS}. */
  readonly pods: number;
  readonly ask: Ask;
  readonly scheduler: string;
  readonly drills?: readonly Drill[];
}

/** Replicas of a generated Deployment. */
export const REPLICAS = 50;

const DEVICES = ["raspberry-pi-4", "raspberry-pi-5", "jetson-orin-nano", "iot-gateway-x86", "m6i.large"];
const NAMESPACE = "bench";

function generateNode(index: number, regions: readonly string[]): KubeObject {
  const region = regions[index % regions.length]!;
  const type = DEVICES[Math.floor(index / regions.length) % DEVICES.length]!;
  const { cpuCores, memoryMiB } = devices[type]!.capacity;
  const name = `${region}-${String(index).padStart(5, "0")}`;
  const capacity = { cpu: `${cpuCores}`, memory: `${memoryMiB}Mi`, pods: "110" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "kubernetes.io/hostname": name,
        [labels.edgeRegion]: region,
        [labels.deviceType]: type,
        "topology.kubernetes.io/region": region,
        "topology.kubernetes.io/zone": `${region}-a`,
      },
    },
    status: { capacity, allocatable: capacity, conditions: [{ type: "Ready", status: "True" }] },
  };
}

/** Fields of the pods' spec for what they ask. */
function specFor(ask: Ask, matchLabels: Record<string, string>): Record<string, unknown> {
  const term = (topologyKey: string): unknown => ({
    requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector: { matchLabels } }],
  });
  switch (ask) {
    case "plain":
    case "region":
      return {};
    case "spread":
      return {
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: "topology.kubernetes.io/region",
            whenUnsatisfiable: "DoNotSchedule",
            labelSelector: { matchLabels },
          },
        ],
      };
    case "affinity":
      return { affinity: { podAffinity: term("topology.kubernetes.io/region") } };
    case "anti-affinity":
      return { affinity: { podAntiAffinity: term("kubernetes.io/hostname") } };
    case "budgets":
      return { priorityClassName: "bench" };
  }
}

function generateWorkload(
  number: number,
  { ask, scheduler }: GeneratedFleet,
  regions: readonly string[],
): readonly KubeObject[] {
  const name = `app-${String(number).padStart(5, "0")}`;
  const matchLabels = { app: name };
  const region = regions[number % regions.length]!;
  const byLabel = scheduler === EDGE_SCHEDULER;
  const metadata = {
    labels: { ...matchLabels, ...(ask === "region" && byLabel && { [labels.requiredRegion]: region }) },
  };
  const resources = { requests: { cpu: "100m", memory: "100Mi" } };
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: NAMESPACE },
    spec: {
      replicas: REPLICAS,
      selector: { matchLabels },
      template: {
        metadata,
        spec: {
          schedulerName: scheduler,
          ...(ask === "region" && !byLabel && { nodeSelector: { [labels.edgeRegion]: region } }),
          ...specFor(ask, matchLabels),
          containers: [{ name: "main", image: "bench:1", resources }],
        },
      },
    },
  };
  const budget = {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name, namespace: NAMESPACE },
    spec: { minAvailable: 1, selector: { matchLabels } },
  };
  return ask === "budgets" ? [deployment, budget] : [deployment];
}

/** Generates a request: mixed devices, shared out evenly over the regions of `links`, and Deployments that ask the same. */
export function generateRequest(fleet: GeneratedFleet, links: string, configuration: string): SimulationRequest {
  const regions = (JSON.parse(links) as { regions: { name: string }[] }).regions.map(({ name }) => name);
  const matrix = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "region-links", namespace: "skerry-system" },
    data: { "links.json": links },
  };
  const priority = {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name: "bench" },
    value: 1000,
  };
  return {
    apiVersion: API_VERSION,
    kind: "SimulationRequest",
    cluster: "bench",
    after: {
      nodes: Array.from({ length: fleet.nodes }, (_, index) => generateNode(index, regions)),
      objects: [
        matrix,
        priority,
        ...Array.from({ length: fleet.pods / REPLICAS }, (_, number) =>
          generateWorkload(number, fleet, regions),
        ).flat(),
      ] as readonly KubeObject[],
      schedulerConfigurations: [configuration],
    },
    options: { seed: 1, drills: fleet.drills ?? [] },
  };
}
