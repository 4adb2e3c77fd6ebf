import type { IConstruct } from "constructs";

import type { KubeObject } from "../fleet/kubernetes/object";
import { makersBelow } from "../policies/made-by";

/** The construct and the part of the fleet that an object comes from. */
export interface Origin {
  /** Path of the construct that creates it, such as `workloads/dashboard`. */
  readonly construct: string;
  /** Path in the fleet that describes it, such as `workloads.dashboard`. Absent for objects that every fleet has. */
  readonly fleet?: string;
  /** Fields of that part of the fleet, by the path in the object that they determine. */
  readonly fields: Readonly<Record<string, string>>;
}

/** The part of the fleet that a construct is rendered from. */
interface FleetReference {
  /** Path relative to the reference of the enclosing construct: `clusters[1]`, and `brokers[0]` inside it. */
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
}

const FLEET_REFERENCE = "skerry:fleet-reference";

/**
 * Records which part of the fleet a construct is rendered from, and returns the construct.
 *
 * @param fields fields of that part, by the path in the object that they determine: `spec.replicas` from
 *   `placement.replicas`
 */
export function recordOrigin<T extends IConstruct>(
  construct: T,
  path: string,
  fields: Readonly<Record<string, string>> = {},
): T {
  const reference: FleetReference = { path, fields };
  construct.node.addMetadata(FLEET_REFERENCE, reference);
  return construct;
}

/** Finds the origin of each object of a chart. */
export function findOrigins(chart: IConstruct, objects: readonly KubeObject[]): [KubeObject, Origin][] {
  const makerOf = makersBelow(chart);
  return objects.flatMap((object): [KubeObject, Origin][] => {
    const maker = makerOf(object);
    if (!maker) return [];
    const references = maker.node.scopes.flatMap(({ node }) =>
      node.metadata.filter(({ type }) => type === FLEET_REFERENCE).map(({ data }) => data as FleetReference),
    );
    const fleet = references.map(({ path }) => path).join(".");
    const fields = Object.assign({}, ...references.map((reference) => reference.fields)) as Record<string, string>;
    return [[object, { construct: maker.node.path, ...(fleet !== "" && { fleet }), fields }]];
  });
}

/** Finds the path in the fleet that determines a path of an object. Undefined for objects that every fleet has. */
export function findFleetPath({ fleet, fields }: Origin, path: string): string | undefined {
  if (fleet === undefined) return undefined;
  const [nearest] = Object.keys(fields)
    .filter((field) => path === field || (path.startsWith(field) && /^[.[]/.test(path.slice(field.length))))
    .sort((a, b) => b.length - a.length);
  return nearest === undefined ? fleet : `${fleet}.${fields[nearest]}`;
}
