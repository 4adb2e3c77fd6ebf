import type { KubeObject } from "../../../fleet/kubernetes/object";
import { templateOf } from "../../../fleet/kubernetes/pod-template";
import { labels } from "../../../fleet/labels";
import type {
  ClusterState,
  Drill,
  DrillReport,
  Outcome,
  SimulatedPod,
  SimulationReport,
  SimulationRequest,
} from "../../../preview/simulator/protocol";

interface Node {
  readonly name: string;
  readonly region: string;
  readonly labels: Readonly<Record<string, string>>;
}

const readNodes = ({ nodes }: ClusterState): Node[] =>
  nodes.map(({ metadata }) => ({
    name: metadata.name!,
    region: metadata.labels?.["topology.kubernetes.io/region"] ?? "",
    labels: metadata.labels ?? {},
  }));

/** The nodes that a workload selects, by its node selector and its required region. */
function selectNodes(object: KubeObject, nodes: readonly Node[]): Node[] {
  const template = templateOf(object)!;
  const region = template.metadata?.labels?.[labels.requiredRegion];
  return nodes.filter(
    (node) =>
      (region === undefined || node.region === region) &&
      Object.entries(template.spec.nodeSelector ?? {}).every(([key, value]) => node.labels[key] === value),
  );
}

/** Nodes that a turn passes, so that the pods of a workload get into several regions. */
const STRIDE = 5;

/** Places the pods of each workload on nodes of their own, in turn. Pods that `running` has stay on nodes that are left. */
function place(state: ClusterState, running?: Outcome): Outcome {
  const nodes = readNodes(state);
  const kept = new Map(running?.pods.map((pod) => [`${pod.namespace}/${pod.name}`, pod.node]));
  const pods: SimulatedPod[] = [];
  let turn = 0;
  for (const object of state.objects.filter(({ kind }) => /^(Deployment|StatefulSet|DaemonSet)$/.test(kind))) {
    const { kind } = object;
    const { namespace = "default", name } = object.metadata;
    const selected = selectNodes(object, nodes);
    const owner = { kind, namespace, name: name! };
    const add = (pod: string, target: Node | undefined): void => {
      const common = { namespace, name: pod, owner, scheduler: "edge-scheduler", origin: "Created" } as const;
      if (target) pods.push({ ...common, status: "Placed", node: target.name, why: `round robin: ${target.region}` });
      else pods.push({ ...common, status: "Unschedulable", verdict: 0 });
    };
    if (kind === "DaemonSet") {
      for (const node of selected) add(`${name}-${node.name}`, node);
      continue;
    }
    const { replicas = 1 } = (object as { spec?: { replicas?: number } }).spec ?? {};
    const used = new Set<string>();
    for (let index = 0; index < replicas; index += 1) {
      const free = selected.filter(({ name }) => !used.has(name));
      const old = free.find((node) => node.name === kept.get(`${namespace}/${name}-${index}`));
      const node = old ?? free[(turn += STRIDE) % Math.max(1, free.length)];
      if (node && selected.length > 1) used.add(node.name);
      add(`${name}-${index}`, node);
    }
  }
  const counts = new Map<string, number>();
  for (const { node } of pods) if (node !== undefined) counts.set(node, (counts.get(node) ?? 0) + 1);
  const left = new Set(nodes.map(({ name }) => name));
  return {
    pods,
    removed: (running?.pods ?? [])
      .filter(({ node }) => node !== undefined && !left.has(node))
      .map(({ namespace, name, owner, node }) => ({ namespace, name, owner, node, reason: "NodeRemoved" })),
    workloads: [],
    nodes: nodes.map(({ name, region }) => ({
      name,
      region,
      ready: true,
      pods: counts.get(name) ?? 0,
      requested: { cpu: `${250 * (counts.get(name) ?? 0)}m`, memory: `${256 * (counts.get(name) ?? 0)}Mi` },
      allocatable: { cpu: "4", memory: "7936Mi" },
    })),
    unschedulable: [
      {
        message: `0/${nodes.length} nodes are available`,
        groups: [{ plugin: "NodeAffinity", reasons: ["node(s) didn't match"], nodes: nodes.map(({ name }) => name) }],
      },
    ],
  };
}

/** Moves the pods of a lost region or node to the workload's other nodes in turn. */
function lose(drill: Drill, state: ClusterState, { pods }: Outcome): DrillReport {
  const nodes = readNodes(state);
  const lost = nodes.filter(({ name, region }) => name === drill.node || region === drill.region);
  if (lost.length === 0) return { drill, error: `cluster has no ${JSON.stringify(drill.region ?? drill.node)}` };
  const names = new Set(lost.map(({ name }) => name));
  let turn = 0;
  const left = nodes.filter(({ name }) => !names.has(name));
  const displaced = pods
    .filter(({ node }) => node !== undefined && names.has(node))
    .map(({ namespace, name, owner, node }) => {
      const object = state.objects.find(({ kind, metadata }) => kind === owner!.kind && metadata.name === owner!.name)!;
      const selected = owner!.kind === "DaemonSet" ? [] : selectNodes(object, left);
      const to = selected[turn++ % Math.max(1, selected.length)]?.name;
      const pod = { namespace, name, owner, node: node! };
      return to === undefined
        ? { ...pod, fate: owner!.kind === "DaemonSet" ? ("Lost" as const) : ("Unplaceable" as const) }
        : { ...pod, fate: "Rescheduled" as const, afterSeconds: 345, to };
    });
  const owners = new Map(pods.map(({ owner }) => [`${owner!.kind} ${owner!.namespace}/${owner!.name}`, owner!]));
  const workloads = [...owners.values()].map((owner) => {
    const isOf = (pod: { owner?: typeof owner }): boolean =>
      pod.owner!.kind === owner.kind && pod.owner!.name === owner.name;
    const desired = pods.filter(isOf).length;
    const gone = displaced.filter(isOf);
    const after = desired - gone.filter(({ fate }) => fate !== "Rescheduled").length;
    return { ...owner, desired, before: desired, during: desired - gone.length, after };
  });
  return { drill, nodes: [...names], displaced, workloads };
}

/** A stand-in for the placement simulator that places pods on nodes in turn. It knows no resources and no scores. */
export async function simulateRoundRobin({
  cluster,
  before,
  after,
  options,
}: SimulationRequest): Promise<SimulationReport> {
  const run = (state: ClusterState, running?: Outcome): Outcome => {
    const outcome = place(state, running);
    return { ...outcome, drills: (options.drills ?? []).map((drill) => lose(drill, state, outcome)) };
  };
  const old = before && run(before);
  return {
    cluster,
    kubernetes: "v1.36.3",
    seed: options.seed ?? 1,
    ...(old && { before: old }),
    after: run(after, old),
  };
}
