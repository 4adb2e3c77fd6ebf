import type { KubeObject } from "../fleet/kubernetes/object";
import { templateOf } from "../fleet/kubernetes/pod-template";
import { describeAllowed, suggestName } from "../fleet/problem";
import type { WorkloadName } from "./report";
import type { ObjectReference, Outcome } from "./simulator/protocol";

/** Kinds that can be named, with the names that kubectl accepts for them. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  Pod: ["pod", "pods", "po"],
  Deployment: ["deployment", "deployments", "deploy"],
  StatefulSet: ["statefulset", "statefulsets", "sts"],
  DaemonSet: ["daemonset", "daemonsets", "ds"],
  ReplicaSet: ["replicaset", "replicasets", "rs"],
  Job: ["job", "jobs"],
  CronJob: ["cronjob", "cronjobs", "cj"],
};

const kindOf = (text: string): string | undefined =>
  Object.keys(KINDS).find((kind) => KINDS[kind]!.includes(text.toLowerCase()));

/** A pod or workload as the command line names it. Absent parts may be anything. */
export interface TargetName {
  /** As it was written. */
  readonly text: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
}

/**
 * Parses `deployment/detector`, `telemetry/detector` or `detector`.
 *
 * @param namespace namespace that `--namespace` gives
 * @throws Error if the text is none of these
 */
export function parseTarget(text: string, namespace?: string): TargetName {
  const parts = text.split("/");
  const [first, second] = parts;
  if (parts.length > 2 || !first || second === "")
    throw new Error(`${JSON.stringify(text)}: must be <kind>/<name>, <namespace>/<name> or <name>`);
  const scope = namespace === undefined ? {} : { namespace };
  if (second === undefined) return { text, ...scope, name: first };
  const kind = kindOf(first);
  if (kind !== undefined) return { text, ...scope, kind, name: second };
  if (namespace !== undefined) {
    const kinds = Object.keys(KINDS).map((each) => each.toLowerCase());
    throw new Error(
      `${JSON.stringify(text)}: unknown kind ${JSON.stringify(first)}${suggestName(first, kinds)} (${describeAllowed(kinds)})`,
    );
  }
  return { text, namespace: first, name: second };
}

/** The command line's notation for a workload: `deployment/detector --namespace telemetry --cluster tokyo`. */
export const formatTarget = ({ cluster, kind, namespace, name }: WorkloadName): string =>
  `${kind.toLowerCase()}/${name} --namespace ${namespace} --cluster ${cluster}`;

const isTarget = ({ kind, namespace }: TargetName, each: ObjectReference): boolean =>
  (kind === undefined || each.kind === kind) && (namespace === undefined || each.namespace === namespace);

/** The workloads among the objects of a cluster. */
export function listWorkloads(cluster: string, objects: readonly KubeObject[]): WorkloadName[] {
  return objects
    .filter((object) => templateOf(object) !== undefined)
    .map(({ kind, metadata: { namespace = "default", name = "" } }) => ({ cluster, kind, namespace, name }));
}

/** The pods that the workloads of a cluster have. Those of a CronJob's next run do not exist yet. */
export const listPods = (cluster: string, { pods }: Outcome): WorkloadName[] =>
  pods
    .filter(({ origin }) => origin !== "WouldRun")
    .map(({ namespace, name }) => ({ cluster, kind: "Pod", namespace, name }));

/** The candidates that a name means. */
export const matchTarget = (target: TargetName, candidates: readonly WorkloadName[]): WorkloadName[] =>
  candidates.filter((each) => each.name === target.name && isTarget(target, each));

/** Most names that a message lists. */
const LISTED = 12;

/** Says that nothing has a name, what has a similar one, and what the name may be if that is a short list. */
export function describeMissing(target: TargetName, candidates: readonly WorkloadName[], where: string): string {
  const allowed = [
    ...new Set(
      candidates.filter((each) => isTarget(target, each)).map(({ kind, name }) => `${kind.toLowerCase()}/${name}`),
    ),
  ].sort();
  const wanted = target.kind === undefined ? target.name : `${target.kind.toLowerCase()}/${target.name}`;
  const names = target.kind === undefined ? allowed.map((each) => each.split("/")[1]!) : allowed;
  const scope = target.namespace === undefined ? where : `namespace ${target.namespace} of ${where}`;
  // The names of pods end in hashes, so a list of them is no help.
  const listed = allowed.filter((each) => !each.startsWith("pod/"));
  const list = listed.length === 0 || listed.length > LISTED ? "" : ` (${describeAllowed(listed)})`;
  return `unknown ${target.kind === "Pod" ? "pod" : "pod or workload"} ${JSON.stringify(target.text)} in ${scope}${suggestName(wanted, names)}${list}`;
}

/** Says that a name means several pods or workloads, and how to name each. */
export function describeAmbiguous(target: TargetName, found: readonly WorkloadName[]): string {
  const lines = found.slice(0, LISTED).map((each) => `\n  ${formatTarget(each)}`);
  const more = found.length - lines.length;
  return `${JSON.stringify(target.text)} is ambiguous; name one of:${lines.join("")}${more > 0 ? `\n  and ${more} more` : ""}`;
}
