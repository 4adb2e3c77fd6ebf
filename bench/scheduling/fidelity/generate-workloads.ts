import type { KubeObject } from "../../../fleet/kubernetes/object";
import { annotations, EDGE_SCHEDULER, labels, taints, values } from "../../../fleet/labels";
import { parseFleet } from "../../../fleet/reading/parse";
import { renderStates } from "../../../preview/rendering";
import { DEVICES, generateFleet, TIERS } from "./generate-fleet";
import { RandomChoice } from "./random-choice";
import type { Scenario, ScenarioWorkload } from "./scenario";

type Fields = Record<string, unknown>;

export const NAMESPACE = "shop";

const PRIORITIES = { high: 1000, low: -10 } as const;

/** Images of simulated pods are never pulled. */
const IMAGE = "ghcr.io/skerry-dev/none:1";

/** A pod's template while features are added to it. */
interface Draft {
  readonly name: string;
  readonly regions: readonly string[];
  /** Names of the workloads before this one. */
  readonly earlier: readonly string[];
  readonly edge: boolean;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly spec: Fields;
  readonly affinity: Record<string, Fields>;
}

const selector = (name: string): Fields => ({ labelSelector: { matchLabels: { app: name } } });
const pick = (random: RandomChoice): string =>
  random.of(["kubernetes.io/hostname", labels.topologyRegion, labels.topologyZone]);

/** What a pod can ask for: how often, whether only the edge scheduler understands it, and how it is written. */
const FEATURES: Readonly<
  Record<
    string,
    { readonly share: number; readonly edge?: true; readonly add: (random: RandomChoice, to: Draft) => void }
  >
> = {
  tolerations: {
    share: 0.4,
    add: (random, { spec }) => {
      spec.tolerations = [
        { key: taints.dedicated, operator: "Equal", value: values.iot, effect: "NoSchedule" },
        ...(random.chance(0.5) ? [{ key: taints.deviceType, operator: "Exists" }] : []),
      ];
    },
  },
  "node selector": {
    share: 0.12,
    add: (random, { spec }) => void (spec.nodeSelector = { tier: random.of(TIERS) }),
  },
  "required node affinity": {
    share: 0.12,
    add: (random, { affinity }) => {
      const expression = random.of([
        { key: "tier", operator: "In", values: [random.of(TIERS)] },
        { key: labels.deviceType, operator: "NotIn", values: [random.of(DEVICES)] },
        { key: labels.diskType, operator: "Exists" },
      ]);
      (affinity.nodeAffinity ??= {}).requiredDuringSchedulingIgnoredDuringExecution = {
        nodeSelectorTerms: [{ matchExpressions: [expression] }],
      };
    },
  },
  "preferred node affinity": {
    share: 0.15,
    add: (random, { affinity, regions }) => {
      (affinity.nodeAffinity ??= {}).preferredDuringSchedulingIgnoredDuringExecution = [
        {
          weight: random.integer(1, 100),
          preference: {
            matchExpressions: [{ key: labels.topologyRegion, operator: "In", values: [random.of(regions)] }],
          },
        },
      ];
    },
  },
  "topology spread": {
    share: 0.2,
    add: (random, { name, spec }) => {
      spec.topologySpreadConstraints = [
        {
          maxSkew: random.integer(1, 2),
          topologyKey: pick(random),
          whenUnsatisfiable: random.of(["DoNotSchedule", "ScheduleAnyway"]),
          ...selector(name),
        },
      ];
    },
  },
  "pod anti-affinity": {
    share: 0.15,
    add: (random, { name, affinity }) => {
      const term = { topologyKey: pick(random), ...selector(name) };
      affinity.podAntiAffinity = random.chance(0.6)
        ? { requiredDuringSchedulingIgnoredDuringExecution: [term] }
        : { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 50, podAffinityTerm: term }] };
    },
  },
  "pod affinity": {
    share: 0.15,
    add: (random, { name, earlier, affinity }) => {
      const term = { topologyKey: pick(random), ...selector(earlier.length > 0 ? random.of(earlier) : name) };
      affinity.podAffinity = random.chance(0.6)
        ? { requiredDuringSchedulingIgnoredDuringExecution: [term] }
        : { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 50, podAffinityTerm: term }] };
    },
  },
  priority: {
    share: 0.3,
    add: (random, { spec }) => void (spec.priorityClassName = random.of(Object.keys(PRIORITIES))),
  },
  "required region": {
    share: 0.3,
    edge: true,
    add: (random, { labels: own, annotations: notes, regions }) => {
      const [required, ...others] = random.some(regions, 3);
      own[labels.requiredRegion] = required!;
      if (others.length > 0 && random.chance(0.5)) notes[annotations.fallbackRegions] = others.join(",");
    },
  },
  "near region": {
    share: 0.35,
    edge: true,
    add: (random, { annotations: notes, regions }) => {
      notes[annotations.nearRegion] = random.of(regions);
      if (random.chance(0.3)) notes[annotations.maxRttMs] = String(random.integer(10, 200));
    },
  },
  "resource profile": {
    share: 0.2,
    edge: true,
    add: (random, { annotations: notes }) =>
      void (notes[annotations.resourceProfile] = random.of(["io-heavy", "cpu=0.2,io=0.8", "cpu-heavy"])),
  },
  "host port": {
    share: 0.05,
    add: (_, { spec }) => {
      const [container] = spec.containers as Fields[];
      container!.ports = [{ containerPort: 8080, hostPort: 8080 }];
    },
  },
};

/** Requests: mostly small, some large, and a few that no node has. */
function generateRequests(random: RandomChoice): Fields {
  if (random.chance(0.06)) return random.of([{ cpu: "64" }, { memory: "100Gi" }, { cpu: "4", memory: "8Gi" }]);
  if (random.chance(0.08)) return {};
  const large = random.chance(0.35);
  return {
    cpu: `${random.integer(2, large ? 60 : 12) * 25}m`,
    memory: `${random.integer(2, large ? 100 : 16) * 32}Mi`,
  };
}

/** Objects that own the pods, by kind. */
function wrap(random: RandomChoice, kind: string, name: string, template: Fields): KubeObject {
  const metadata = { namespace: NAMESPACE, name };
  const matching = { selector: { matchLabels: { app: name } }, template };
  const replicas = random.integer(1, 8);
  switch (kind) {
    case "StatefulSet": {
      const claim = {
        metadata: { name: "data" },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
      };
      return {
        apiVersion: "apps/v1",
        kind,
        metadata,
        spec: {
          serviceName: name,
          replicas: Math.min(replicas, 4),
          podManagementPolicy: random.of(["Parallel", "OrderedReady"]),
          ...(random.chance(0.6) && { volumeClaimTemplates: [claim] }),
          ...matching,
        },
      };
    }
    case "DaemonSet":
      return { apiVersion: "apps/v1", kind, metadata, spec: matching };
    case "Job":
      // One pod: a simulated Job's pod ends at once and leaves room that a second one would find.
      return { apiVersion: "batch/v1", kind, metadata, spec: { template } };
    case "Pod":
      return {
        apiVersion: "v1",
        kind,
        metadata: { ...metadata, ...(template.metadata as Fields) },
        spec: template.spec,
      };
  }
  return { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { replicas, ...matching } };
}

/** Features that pods of a kind do not get. */
const UNSUITABLE: Readonly<Record<string, readonly string[]>> = {
  // The pods would depend on each other, and the DaemonSet controller creates them in random order.
  DaemonSet: ["topology spread", "pod anti-affinity", "pod affinity"],
  // In the lab, the pod of a Job ends at once: pods that it preempted would find room again.
  Job: ["priority"],
};

const KINDS = ["Deployment", "Deployment", "Deployment", "Deployment", "StatefulSet", "DaemonSet", "Job", "Pod"];

function generateWorkload(
  random: RandomChoice,
  name: string,
  regions: readonly string[],
  earlier: readonly string[],
): ScenarioWorkload {
  const kind = random.of(KINDS);
  const edge = random.chance(0.6);
  const affinity: Draft["affinity"] = {};
  const spec: Fields = {
    ...(edge && { schedulerName: EDGE_SCHEDULER }),
    automountServiceAccountToken: false,
    containers: [{ name: "main", image: IMAGE, resources: { requests: generateRequests(random) } }],
    ...(kind === "Job" && { restartPolicy: "Never" }),
  };
  const draft: Draft = { name, regions, earlier, edge, labels: { app: name }, annotations: {}, spec, affinity };
  const features = Object.entries(FEATURES).filter(
    ([feature, { share, edge: onlyEdge }]) =>
      random.chance(share) && (edge || !onlyEdge) && !UNSUITABLE[kind]?.includes(feature),
  );
  for (const [, feature] of features) feature.add(random, draft);
  if (Object.keys(affinity).length > 0) spec.affinity = affinity;
  const template = { metadata: { labels: draft.labels, annotations: draft.annotations }, spec };
  const object = wrap(random, kind, name, template);
  const volume = "volumeClaimTemplates" in (object.spec as Fields);
  return {
    object,
    features: [
      kind,
      edge ? "edge scheduler" : "default scheduler",
      ...features.map(([feature]) => feature),
      ...(volume ? ["node-local volume"] : []),
    ],
  };
}

/** Adds usage to the NodeProfiles of most nodes. The type of the time has exactly six decimals. */
function addUsage(random: RandomChoice, profile: KubeObject, now: string): KubeObject {
  if (random.chance(0.2)) return profile;
  const percent = (): number => random.integer(0, 90);
  const sample = {
    time: now.replace(/(\.\d+)?Z$/, ".000000Z"),
    windowSeconds: 30,
    cpuPercent: percent(),
    memoryPercent: percent(),
    ioPercent: percent(),
    networkPercent: percent(),
  };
  return { ...profile, status: { samples: [sample], pods: [] } };
}

/**
 * Generates the scenario of a seed. Equal seeds and times give equal scenarios.
 *
 * @param now time of the usage samples, RFC 3339: samples older than half an hour do not count
 */
export function generateScenario(seed: number, now: string): Scenario {
  const random = new RandomChoice(seed);
  const fleet = parseFleet(generateFleet(random));
  const [rendering] = renderStates(fleet).clusters;
  const regions = fleet.regions.map(({ name }) => name);
  const measured = random.chance(0.5);
  const profiles = rendering!.objects
    .filter(({ kind }) => kind === "NodeProfile")
    .map((profile) => (measured ? addUsage(random, profile, now) : profile));
  const links = rendering!.objects.filter(
    ({ kind, data }) => kind === "ConfigMap" && "links.json" in ((data ?? {}) as Fields),
  );
  const names = Array.from({ length: random.integer(10, 18) }, (_, index) => `w${index}`);
  const defaults = { defaultRequest: { cpu: "50m", memory: "64Mi" }, type: "Container" };
  return {
    name: `generated ${seed}`,
    cluster: fleet.clusters[0]!,
    rendering: rendering!,
    foundation: [
      ...[...new Set([NAMESPACE, ...links.map(({ metadata }) => metadata.namespace!)])].map((name) => ({
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name },
      })),
      ...links,
      ...Object.entries(PRIORITIES).map(([name, value]) => ({
        apiVersion: "scheduling.k8s.io/v1",
        kind: "PriorityClass",
        metadata: { name },
        value,
      })),
      ...(random.chance(0.3)
        ? [
            {
              apiVersion: "v1",
              kind: "LimitRange",
              metadata: { namespace: NAMESPACE, name: "defaults" },
              spec: { limits: [defaults] },
            },
          ]
        : []),
      ...profiles,
    ],
    workloads: names.map((name, index) => generateWorkload(random, name, regions, names.slice(0, index))),
  };
}
