import { annotations, labels, taints, values } from "../../../fleet/labels";
import { DEVICES, TIERS } from "./generate-fleet";
import type { RandomChoice } from "./random-choice";

type Fields = Record<string, unknown>;

/** Values of the priority classes by name. */
export const PRIORITIES = { high: 1000, low: -10 } as const;

/** A pod's template while features are added to it. */
export interface Draft {
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

/** Features that pods of a kind do not get. */
const UNSUITABLE: Readonly<Record<string, readonly string[]>> = {
  // The pods would depend on each other, and the DaemonSet controller creates them in random order.
  DaemonSet: ["topology spread", "pod anti-affinity", "pod affinity"],
  // In the lab, the pod of a Job ends at once: pods that it preempted would find room again.
  Job: ["priority"],
};

/** Adds random features to a pod of a kind, and returns their names. */
export function addFeatures(random: RandomChoice, kind: string, draft: Draft): string[] {
  const chosen = Object.entries(FEATURES).filter(
    ([feature, { share, edge }]) =>
      random.chance(share) && (draft.edge || !edge) && !UNSUITABLE[kind]?.includes(feature),
  );
  for (const [, feature] of chosen) feature.add(random, draft);
  return chosen.map(([name]) => name);
}
