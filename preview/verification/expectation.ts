import { templateOf } from "../../fleet/kubernetes/pod-template";
import type { RenderedState } from "../rendering";
import type { ExpectedCluster, ExpectedWorkload } from "../report";
import type { Outcome, SimulatedPod, SimulationReport } from "../simulator/protocol";
import { ownerOf, workloadKey } from "../workloads";
import { formatPositions } from "./positions";
import { digestTemplate } from "./template";

/** The pods of each workload. The next run of a CronJob takes no part: nothing runs yet. */
function groupPods(outcome: Outcome | undefined): Map<string, SimulatedPod[]> {
  const groups = new Map<string, SimulatedPod[]>();
  for (const pod of outcome?.pods ?? []) {
    if (pod.origin === "WouldRun") continue;
    const key = workloadKey(ownerOf(pod));
    const group = groups.get(key);
    if (group) group.push(pod);
    else groups.set(key, [pod]);
  }
  return groups;
}

function digestTemplates({ objects }: RenderedState): Map<string, string> {
  return new Map(
    objects.flatMap((object): [string, string][] => {
      const template = templateOf(object);
      const { namespace = "default", name = "" } = object.metadata;
      return template ? [[workloadKey({ kind: object.kind, namespace, name }), digestTemplate(template.spec)]] : [];
    }),
  );
}

/** Lists where the pods of a cluster run after a change, without the names of pods that do not exist yet. */
export function expectPlacements(
  { cluster, before, after }: SimulationReport,
  head: RenderedState | undefined,
): ExpectedCluster {
  const index = new Map(after.nodes.map(({ name }, position) => [name, position]));
  const templates = head ? digestTemplates(head) : new Map<string, string>();
  const [old, current] = [groupPods(before), groupPods(after)];
  // A workload that the change removes is expected to have no pods.
  const keys = [...new Set([...old.keys(), ...current.keys()])].sort();
  const workloads = keys.map((key): ExpectedWorkload => {
    const [namespace = "", kind = "", name = ""] = key.split("\0");
    const pods = current.get(key) ?? [];
    const placed = pods.filter(({ node }) => node !== undefined);
    const template = templates.get(key);
    const positions = ({ node, ties = [] }: SimulatedPod): number[] => [node!, ...ties].map((each) => index.get(each)!);
    const tied = placed.filter(({ ties }) => ties?.length).map(positions);
    return {
      kind,
      namespace,
      name,
      ...(template !== undefined && { template }),
      nodes: placed
        .filter(({ ties }) => !ties?.length)
        .map(({ node }) => index.get(node!)!)
        .sort((a, b) => a - b),
      ...(tied.length > 0 && { ties: tied.map(formatPositions) }),
      ...(pods.length > placed.length && { pending: pods.length - placed.length }),
    };
  });
  return {
    cluster,
    nodes: after.nodes.map(({ name, region = "" }) => ({ node: name, region })),
    workloads,
  };
}
