import { matchesNodeAffinity } from "../../fleet/kubernetes/node-affinity";
import { type KubeObject, namespaceOf, nameOf, objectId } from "../../fleet/kubernetes/object";
import { type PodTemplate, templateOf, templatePath } from "../../fleet/kubernetes/pod-template";
import { requiredRegions } from "../../fleet/kubernetes/required-regions";
import { annotations, labels, protectedLabels } from "../../fleet/labels";
import { formatPath } from "../../fleet/problem";
import { appliesTo, type AvailabilityIntent, type AvailabilityUnit, findIntents } from "./availability";
import type { IntentState, IntentViolation } from "../report";
import type { ClusterState, DrillReport, ObjectReference, Outcome } from "../simulator/protocol";
import { ownerOf, workloadKey } from "../workloads";

/** One state of a cluster: what was simulated, and the result. */
export interface DrilledState {
  readonly state: ClusterState;
  readonly outcome: Outcome;
}

/** A violated intent in one state of a cluster, with the object that states it. */
export interface StateViolation {
  readonly object: KubeObject;
  readonly path: string;
  readonly workloads: readonly ObjectReference[];
  readonly unit: IntentViolation["unit"];
  readonly confined: boolean;
  readonly state: IntentState;
}

/** Labels by which a pod chooses a location. Conditions on others may be met anywhere. */
const LOCATIONS: readonly string[] = [
  labels.edgeRegion,
  labels.topologyRegion,
  labels.topologyZone,
  labels.nodePool,
  protectedLabels.pool,
  "kubernetes.io/hostname",
];

/** Reports whether a pod template chooses its location so that a node of that location may run it. */
function mayRunOn(template: PodTemplate, { metadata }: KubeObject): boolean {
  const { name, labels: own = {} } = metadata;
  const regions = requiredRegions(template);
  if (regions !== undefined && !regions.includes(own[labels.edgeRegion] ?? "")) return false;
  const node = { labels: own, ...(name !== undefined && { name }) };
  return matchesNodeAffinity(template.spec, node, (key) => !LOCATIONS.includes(key));
}

/** Nodes of pods at three moments of a drill: as before, until the first replacement starts, and in the end. */
interface Moments {
  readonly before: readonly string[];
  readonly during: readonly string[];
  readonly after: readonly string[];
}

/** The nodes of the pods of each workload during a drill, by workload. */
function traceDrill({ pods }: Outcome, { displaced = [], preempted = [] }: DrillReport): (key: string) => Moments {
  const podKey = (pod: { readonly namespace: string; readonly name: string }): string => `${pod.namespace}/${pod.name}`;
  const fates = new Map(displaced.map((pod) => [podKey(pod), pod]));
  const removed = new Set(preempted.map(podKey));
  const moments = new Map<string, { before: string[]; during: string[]; after: string[] }>();
  for (const pod of pods) {
    if (pod.node === undefined || pod.origin === "WouldRun") continue;
    const key = workloadKey(ownerOf(pod));
    const entry = moments.get(key) ?? { before: [], during: [], after: [] };
    moments.set(key, entry);
    entry.before.push(pod.node);
    const fate = fates.get(podKey(pod));
    if (!fate) entry.during.push(pod.node);
    const last = fate ? fate.to : removed.has(podKey(pod)) ? undefined : pod.node;
    if (last !== undefined) entry.after.push(last);
  }
  return (key) => moments.get(key) ?? { before: [], during: [], after: [] };
}

/** Judges the intents of one state of a cluster by a drill. */
class DrillJudge {
  private readonly regions: ReadonlyMap<string, string>;
  private readonly desired: ReadonlyMap<string, number>;
  private readonly objects: ReadonlyMap<string, KubeObject>;
  private readonly moments: (key: string) => Moments;

  constructor(
    private readonly drilled: DrilledState,
    private readonly report: DrillReport,
  ) {
    const { state, outcome } = drilled;
    this.regions = new Map(outcome.nodes.map(({ name, region = "" }) => [name, region]));
    this.desired = new Map(outcome.workloads.map((each) => [workloadKey(each), each.desired]));
    this.objects = new Map(
      state.objects.map((object) => [
        workloadKey({ kind: object.kind, namespace: namespaceOf(object), name: nameOf(object) }),
        object,
      ]),
    );
    this.moments = traceDrill(outcome, report);
  }

  /** Counts what an intent counts among the nodes of pods. */
  private count(unit: AvailabilityUnit, nodes: readonly string[]): number {
    if (unit === "pods") return nodes.length;
    return new Set(unit === "nodes" ? nodes : nodes.map((node) => this.regions.get(node) ?? "")).size;
  }

  /** Whether workloads choose a location of which the drill leaves nothing, in a cluster of which it leaves something. */
  private isConfined(workloads: readonly ObjectReference[]): boolean {
    const lost = new Set(this.report.nodes);
    const left = this.drilled.state.nodes.filter(({ metadata }) => !lost.has(metadata.name ?? ""));
    if (left.length === 0) return false;
    return workloads.every((workload) => {
      const template = templateOf(this.objects.get(workloadKey(workload))!);
      return template !== undefined && !left.some((node) => mayRunOn(template, node));
    });
  }

  judge(intent: AvailabilityIntent): StateViolation | undefined {
    const { workloads, unit, loss } = intent;
    const keys = workloads.map(workloadKey);
    const total = (moment: keyof Moments): number =>
      this.count(
        unit,
        keys.flatMap((key) => this.moments(key)[moment]),
      );
    const requires = intent.required(keys.reduce((sum, key) => sum + (this.desired.get(key) ?? 0), 0));
    const [before, during, after] = [total("before"), total("during"), total("after")];
    const isShort = (left: number): boolean => left < requires && left < before;
    if (!isShort(during) && !isShort(after)) return undefined;
    // Who states to survive a loss cannot be confined to what is lost.
    const confined = loss === undefined && this.isConfined(workloads);
    const broken = !confined && (isShort(after) || (loss !== undefined && isShort(during)));
    const { object, path } = intent;
    return { object, path, workloads, unit, confined, state: { requires, during, after, broken } };
  }

  /** The pods that a cut link leaves out of reach of the region that they serve, by workload. */
  judgeReach(): StateViolation[] {
    const groups = new Map<string, number>();
    for (const pod of this.report.violations ?? []) {
      const key = workloadKey(pod.owner ?? { kind: "Pod", namespace: pod.namespace, name: pod.name });
      groups.set(key, (groups.get(key) ?? 0) + 1);
    }
    return [...groups].flatMap(([key, count]): StateViolation[] => {
      const object = this.objects.get(key);
      if (!object) return [];
      const running = this.moments(key).before.length;
      const path = formatPath([...templatePath(object)!, "metadata", "annotations", annotations.maxRttMs]);
      const workload = { kind: object.kind, namespace: namespaceOf(object), name: nameOf(object) };
      const left = running - count;
      return [
        {
          ...{ object, path, workloads: [workload], unit: "pods in reach", confined: false },
          state: { requires: running, during: left, after: left, broken: true },
        },
      ];
    });
  }
}

/** The intents that a drill violates in one state of a cluster. */
export function findViolations(drilled: DrilledState, report: DrillReport): StateViolation[] {
  const judge = new DrillJudge(drilled, report);
  const intents = findIntents(drilled.state.objects).filter((intent) => appliesTo(intent, report.drill));
  return [...intents.flatMap((intent) => judge.judge(intent) ?? []), ...judge.judgeReach()];
}

/** Joins the violations of a cluster before and after a change, in the order of objects and paths. */
export function joinViolations(
  cluster: string,
  before: readonly StateViolation[],
  after: readonly StateViolation[],
): IntentViolation[] {
  const identify = ({ object, path }: StateViolation): string => `${objectId(object)}\0${path}`;
  const [old, current] = [before, after].map((list) => new Map(list.map((each) => [identify(each), each])));
  return [...new Set([...old!.keys(), ...current!.keys()])].sort().map((key) => {
    const [one, other] = [old!.get(key), current!.get(key)];
    const { object, path, workloads, unit, confined } = (other ?? one)!;
    return {
      cluster,
      object: objectId(object),
      path,
      workloads: workloads.map((workload) => ({ cluster, ...workload })),
      unit,
      confined,
      ...(one && { before: one.state }),
      ...(other && { after: other.state }),
    };
  });
}
