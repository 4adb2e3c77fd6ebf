import type { KubeObject } from "../fleet/kubernetes/object";
import { objectId } from "../fleet/kubernetes/object";
import { SYSTEM_NAMESPACE } from "./system/namespaces";

/** What others refer to comes first, so that the list can be applied from top to bottom. */
const KINDS = [
  "Namespace",
  "PriorityClass",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "ServiceAccount",
  "ClusterRole",
  "ClusterRoleBinding",
  "Role",
  "RoleBinding",
  "NetworkPolicy",
  "ConfigMap",
  "FleetNodePool",
  "Service",
  "PodDisruptionBudget",
  "StatefulSet",
  "DaemonSet",
  "Deployment",
];

/**
 * Sorts objects into the order in which they can be applied: by kind, the system's own workloads before those that
 * they place, then by namespace and name. Equal input gives equal output, whatever the order it came in.
 *
 * @throws Error when a kind has no place in the order, or when two objects share an identity; every such object is named.
 */
export function inApplyOrder(objects: readonly KubeObject[]): KubeObject[] {
  const unknown = objects.filter((object) => !KINDS.includes(object.kind)).map(objectId);
  const ids = objects.map(objectId);
  const doubled = [
    ...new Set(
      ids.filter(
        (
          (seen) => (id: string) =>
            seen.has(id) || !seen.add(id)
        )(new Set<string>()),
      ),
    ),
  ];
  const problems = [
    ...unknown.map((id) => `${id}: its kind has no place in the order of charts/apply-order.ts: add it there`),
    ...doubled.map((id) => `${id}: rendered twice: rename one of the two, for one would overwrite the other`),
  ];
  if (problems.length > 0) throw new Error(`cannot order the rendered objects:\n  ${problems.join("\n  ")}`);

  const keyed = objects.map((object) => ({ object, key: sortKey(object) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ object }) => object);
}

function sortKey(object: KubeObject): string {
  const { namespace = "", name } = object.metadata;
  const system = namespace === SYSTEM_NAMESPACE ? 0 : 1;
  const isWorkload = ["StatefulSet", "DaemonSet", "Deployment"].includes(object.kind);
  const rank = isWorkload ? KINDS.length + system : KINDS.indexOf(object.kind);
  return [String(rank).padStart(2, "0"), String(KINDS.indexOf(object.kind)).padStart(2, "0"), namespace, name].join(
    "\0",
  );
}
