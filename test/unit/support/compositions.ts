import { App, Chart, Duration, Size } from "cdk8s";
import type { Construct } from "constructs";
import fc from "fast-check";

import * as placement from "../../../exports/placement";
import type { KubeObject } from "../../../fleet/kubernetes/object";
import type { Fleet } from "../../../fleet/model";
import { type Kind, KINDS, plusWorkload, rawWorkload } from "./placed-workloads";

/** Adds one construct to a workload. `other` is a second workload that it may refer to. */
export interface Step {
  /** Class name of the construct. */
  readonly construct: string;
  place(scope: Construct, id: string, workload: Construct, other: Construct): void;
}

/** Several constructs for one workload. */
export interface Composition {
  readonly kind: Kind;
  /** Whether the workload is one of cdk8s-plus, instead of an ApiObject. */
  readonly plus: boolean;
  /** Whether `placeIn` sets the fleet. */
  readonly placed: boolean;
  readonly steps: readonly Step[];
}

type Props<C> = C extends new (scope: Construct, id: string, props: infer P) => unknown
  ? Omit<P & object, "workload">
  : never;

function step<C extends new (scope: Construct, id: string, props: any) => unknown>(
  construct: C,
  props: Props<C>,
): Step {
  const place: Step["place"] = (scope, id, workload) => void new construct(scope, id, { ...props, workload });
  return { construct: construct.name, place };
}

/** Creates TogetherWith or AwayFrom with the other workload, or with the workload itself. */
function beside(
  construct: typeof placement.TogetherWith | typeof placement.AwayFrom,
  props: { readonly domain?: placement.Domain; readonly required?: boolean },
  itself = false,
): Step {
  const place: Step["place"] = (scope, id, workload, other) =>
    void new construct(scope, id, { ...props, workload, pods: itself ? workload : other });
  return { construct: construct.name, place };
}

const GIB = Size.gibibytes(1);

/** Every construct, with props that are valid for every kind in cluster `tokyo`. */
export const onEveryKind: readonly Step[] = [
  step(placement.NearRegion, { region: "tokyo", maxRtt: Duration.millis(80) }),
  step(placement.WithinRegion, { region: "osaka" }),
  step(placement.OnDevice, { device: "raspberry-pi-4" }),
  step(placement.OnNodePool, { pool: "tokyo-gw" }),
  step(placement.OnNodePool, { pool: ["osaka-gw", "tokyo-gw"] }),
  step(placement.Dedicated, { to: "iot" }),
  step(placement.SpreadAcrossRegions, { minDomains: 2 }),
  step(placement.SpreadAcrossZones, { maxSkew: 2 }),
  step(placement.SpreadAcrossNodes, { whenUnsatisfiable: "DoNotSchedule" }),
  beside(placement.TogetherWith, { domain: "region" }),
  beside(placement.AwayFrom, {}),
  step(placement.WithDisk, {}),
  step(placement.WithDisk, { required: false }),
  step(placement.WithProfile, { profile: { cpu: 0.2, io: 0.8 }, iops: 500 }),
  step(placement.Autonomous, { data: { path: "/data", size: GIB } }),
];

/** Constructs that are valid only for some kinds. */
export const onSomeKinds: readonly (Step & { readonly kinds: readonly Kind[] })[] = [
  { ...step(placement.HighlyAvailable, { replicas: 3, over: ["zone", "node"] }), kinds: ["Deployment", "StatefulSet"] },
  {
    ...step(placement.HighlyAvailable, { priority: "system-cluster-critical" }),
    kinds: ["DaemonSet", "Job", "CronJob"],
  },
  { ...step(placement.OnEveryNode, {}), kinds: ["DaemonSet"] },
  {
    ...step(placement.NearRegion, { region: "tokyo", fallback: ["osaka"], maxRtt: Duration.millis(80) }),
    kinds: ["Deployment", "StatefulSet", "Job", "CronJob"],
  },
];

/** Constructs with an arbitrary name in their props. */
export const namedBy = (name: string, labels: Readonly<Record<string, string>>): readonly Step[] => [
  step(placement.WithinRegion, { region: name }),
  step(placement.NearRegion, { region: "tokyo", fallback: [name] }),
  step(placement.OnDevice, { device: name }),
  step(placement.OnNodePool, { pool: [name, "other"] }),
  step(placement.Dedicated, { to: name }),
  step(placement.AwayFrom, { pods: { labels } }),
  step(placement.Autonomous, { data: { path: `/${name}`, size: GIB, name } }),
];

const region = fc.constantFrom("tokyo", "osaka", "sydney");
const domain = fc.constantFrom("node" as const, "zone" as const, "region" as const);
const spread = fc.record(
  {
    maxSkew: fc.integer({ min: 1, max: 3 }),
    minDomains: fc.integer({ min: 1, max: 4 }),
    whenUnsatisfiable: fc.constantFrom("DoNotSchedule" as const, "ScheduleAnyway" as const),
  },
  { requiredKeys: [] },
);

/** Any construct. Many of them contradict each other. */
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc
    .record({ region, fallback: fc.uniqueArray(region, { maxLength: 2 }), ms: fc.constantFrom(20, 80, 200) })
    .map(({ ms, ...props }) => step(placement.NearRegion, { ...props, maxRtt: Duration.millis(ms) })),
  region.map((name) => step(placement.WithinRegion, { region: name })),
  fc
    .constantFrom("raspberry-pi-4", "raspberry-pi-5", "jetson-orin-nano", "iot-gateway-x86", "m6i.xlarge")
    .map((device) => step(placement.OnDevice, { device })),
  fc
    .uniqueArray(fc.constantFrom("tokyo-gw", "osaka-pi4", "sydney-pi5", "tokyo-cloud"), { minLength: 1, maxLength: 3 })
    .map((pool) => step(placement.OnNodePool, { pool })),
  fc.boolean().map((only) => step(placement.Dedicated, { to: "iot", only })),
  fc.constant(step(placement.OnEveryNode, {})),
  spread.map((props) => step(placement.SpreadAcrossRegions, props)),
  spread.map((props) => step(placement.SpreadAcrossZones, props)),
  spread.map((props) => step(placement.SpreadAcrossNodes, props)),
  fc
    .tuple(fc.record({ domain, required: fc.boolean() }), fc.boolean())
    .map(([props, itself]) => beside(placement.TogetherWith, props, itself)),
  fc
    .tuple(fc.record({ domain, required: fc.boolean() }), fc.boolean())
    .map(([props, itself]) => beside(placement.AwayFrom, props, itself)),
  fc.boolean().map((required) => step(placement.WithDisk, { required })),
  fc
    .constantFrom("io-heavy" as const, "balanced" as const, { cpu: 1, network: 2 })
    .map((profile) => step(placement.WithProfile, { profile })),
  fc
    .option(fc.constantFrom("/data", "/var/lib/queue"), { nil: undefined })
    .map((path) => step(placement.Autonomous, path === undefined ? {} : { data: { path, size: GIB } })),
  fc
    .record(
      {
        replicas: fc.integer({ min: 2, max: 5 }),
        over: fc.uniqueArray(domain, { minLength: 1 }),
        priority: fc.constantFrom("system-node-critical"),
      },
      { requiredKeys: [] },
    )
    .map((props) => step(placement.HighlyAvailable, props)),
);

export const composition: fc.Arbitrary<Composition> = fc.record({
  kind: fc.constantFrom(...KINDS),
  plus: fc.boolean(),
  placed: fc.boolean(),
  steps: fc.array(anyStep, { minLength: 1, maxLength: 5 }),
});

/** The rendered objects of a composition, or the error. */
export type Outcome = { readonly objects: KubeObject[] } | { readonly problem: string };

/** Renders a composition whose constructs are created in the given order. Their paths do not depend on it. */
export function compose(
  { kind, plus, placed, steps }: Composition,
  fleet: Fleet,
  order: readonly number[] = steps.map((_, index) => index),
): Outcome {
  const chart = new Chart(new App(), "app", { disableResourceNameHashes: true });
  if (placed) placement.placeIn(chart, fleet, "tokyo");
  const workload = plus ? plusWorkload(chart, kind) : rawWorkload(chart, kind);
  const other = rawWorkload(chart, "Deployment", "other");
  order.forEach((index) => steps[index]!.place(chart, `step-${index}`, workload, other));
  try {
    const objects = JSON.parse(JSON.stringify(chart.toJson())) as KubeObject[];
    const id = (object: KubeObject): string => `${object.kind} ${object.metadata.name}`;
    return { objects: objects.sort((a, b) => (id(a) < id(b) ? -1 : 1)) };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}
