import { isDeepStrictEqual } from "node:util";

import { type KubeObject, objectId } from "../fleet/kubernetes/object";
import { formatPath } from "../fleet/problem";
import type { ObjectChange } from "./report";
import { withoutSecretValues } from "./secrets";

type Fields = ObjectChange["fields"][number][];

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Items of a list that Kubernetes merges by name are compared by name. */
function nameItems(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (!Array.isArray(value)) return undefined;
  const names = value.map((item: unknown) =>
    isMapping(item) && typeof item.name === "string" ? item.name : undefined,
  );
  if (names.includes(undefined) || new Set(names).size < names.length) return undefined;
  return new Map(names.map((name, index) => [name!, value[index]]));
}

function compareValues(before: unknown, after: unknown, path: readonly PropertyKey[], fields: Fields): void {
  if (isDeepStrictEqual(before, after)) return;
  if (isMapping(before) && isMapping(after)) {
    for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort())
      compareValues(before[key], after[key], [...path, key], fields);
    return;
  }
  const [old, current] = [nameItems(before), nameItems(after)];
  if (old && current) {
    for (const name of new Set([...old.keys(), ...current.keys()]))
      compareValues(old.get(name), current.get(name), [...path, name], fields);
    return;
  }
  fields.push({
    path: formatPath(path),
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  });
}

/** NodeProfiles follow from nodes, which a preview reports by region. */
const isReported = ({ kind }: KubeObject): boolean => kind !== "NodeProfile";

const identify = (object: KubeObject): string => `${object.apiVersion.replace(/\/v.*/, "")} ${objectId(object)}`;

/** The objects of a cluster that differ between two revisions, with the fields that differ. */
export function compareObjects(
  cluster: string,
  before: readonly KubeObject[],
  after: readonly KubeObject[],
): ObjectChange[] {
  const index = (objects: readonly KubeObject[]): Map<string, KubeObject> =>
    new Map(objects.filter(isReported).map((object) => [identify(object), withoutSecretValues(object)]));
  const [old, current] = [index(before), index(after)];
  return [...new Set([...old.keys(), ...current.keys()])].sort().flatMap((id): ObjectChange[] => {
    const [one, other] = [old.get(id), current.get(id)];
    if (!one || !other)
      return [{ cluster, object: objectId((one ?? other)!), change: one ? "removed" : "added", fields: [] }];
    const fields: Fields = [];
    compareValues(one, other, [], fields);
    return fields.length === 0 ? [] : [{ cluster, object: objectId(other), change: "changed", fields }];
  });
}
