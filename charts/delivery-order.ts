import type { KubeObject } from "../fleet/kubernetes/object";
import { objectId } from "../fleet/kubernetes/object";
import { SYSTEM_NAMESPACE } from "./system/namespaces";
import { NODE_AGENT_NAMESPACE } from "./system/node-agent-names";

/**
 * The stages of a delivery, in order. Each stage is complete before the next one starts:
 *
 * 1. `definitions`: custom resource definitions.
 * 2. `foundation`: namespaces, classes and admission policies, so that policies check everything that follows.
 * 3. `configuration`: what workloads refer to.
 * 4. `system`: Skerry's own programs. Other pods need the scheduler, and nodes need the node controller.
 * 5. `nodes`: node pools. Deletion is in reverse order, so the node controller still runs to release their nodes.
 * 6. `workloads`: everything else that runs pods.
 */
export const STAGES = ["definitions", "foundation", "configuration", "system", "nodes", "workloads"] as const;

/** Name of a delivery stage. */
export type StageName = (typeof STAGES)[number];

/**
 * The kinds of each stage; objects come before those that refer to them. The stage `system` has the kinds of
 * `workloads`.
 */
const KINDS: Readonly<Record<Exclude<StageName, "system">, readonly string[]>> = {
  definitions: ["CustomResourceDefinition"],
  foundation: [
    "Namespace",
    "PriorityClass",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
  ],
  configuration: [
    "ServiceAccount",
    "ClusterRole",
    "ClusterRoleBinding",
    "Role",
    "RoleBinding",
    "NetworkPolicy",
    "Secret",
    "ConfigMap",
    "Service",
    "PodDisruptionBudget",
  ],
  nodes: ["FleetNodePool"],
  workloads: [
    "HelmChartConfig",
    "HelmChart",
    "StatefulSet",
    "DaemonSet",
    "Deployment",
    "ReplicaSet",
    "Job",
    "CronJob",
    "Pod",
  ],
};

/** Objects that may be applied in parallel. */
export interface Stage<T extends KubeObject = KubeObject> {
  readonly name: StageName;
  readonly objects: readonly T[];
}

const isSystem = (namespace: string | undefined): boolean =>
  namespace === SYSTEM_NAMESPACE || namespace === NODE_AGENT_NAMESPACE;

/** Returns the stage that delivers an object. Kinds that the table does not list belong to the configuration. */
export function stageOf({ kind, metadata }: KubeObject): StageName {
  if (KINDS.workloads.includes(kind)) return isSystem(metadata.namespace) ? "system" : "workloads";
  return STAGES.find((stage) => stage !== "system" && KINDS[stage].includes(kind)) ?? "configuration";
}

/**
 * Splits objects into stages and drops empty stages. Objects keep their order within a stage.
 *
 * @throws Error that names every object without a name and every object that occurs twice
 */
export function splitIntoStages<T extends KubeObject>(objects: readonly T[]): Stage<T>[] {
  checkDeliverable(objects);
  return STAGES.map((name) => ({ name, objects: objects.filter((object) => stageOf(object) === name) })).filter(
    (stage) => stage.objects.length > 0,
  );
}

/**
 * Sorts objects by stage, kind, namespace and name, so that the list can be applied from top to bottom. The result does
 * not depend on the order of the input.
 *
 * @throws Error that names every object without a name and every object that occurs twice
 */
export function sortForDelivery(objects: readonly KubeObject[]): KubeObject[] {
  checkDeliverable(objects);
  const keyed = objects.map((object) => ({ object, key: sortKey(object) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ object }) => object);
}

function checkDeliverable(objects: readonly KubeObject[]): void {
  const unnamed = objects.filter(({ metadata }) => !metadata.name).map(objectId);
  const seen = new Set<string>();
  const duplicates = objects.filter((object) => {
    const key = `${object.apiVersion.split("/").at(-2) ?? ""} ${objectId(object)}`;
    return seen.has(key) || !seen.add(key);
  });
  const problems = [
    ...unnamed.map(
      (id) =>
        `${id}: metadata.name: must not be empty; generateName is not supported, because every update would create ` +
        "another object",
    ),
    ...new Set(
      duplicates
        .filter(({ metadata }) => metadata.name)
        .map((object) => `${objectId(object)}: occurs twice; rename one, or it overwrites the other`),
    ),
  ];
  if (problems.length > 0) throw new Error(`cannot deliver these objects:\n  ${problems.join("\n  ")}`);
}

function sortKey(object: KubeObject): string {
  const { kind, metadata } = object;
  const stage = stageOf(object);
  const kinds = KINDS[stage === "system" ? "workloads" : stage];
  // Kinds that the table does not list come last in their stage, in alphabetical order.
  const rank = kinds.includes(kind) ? kinds.indexOf(kind) : kinds.length;
  const position = [STAGES.indexOf(stage), rank].map((number) => String(number).padStart(2, "0"));
  return [...position, kind, metadata.namespace ?? "", metadata.name].join("\0");
}
