import type { IConstruct } from "constructs";

import type { KubeObject } from "../fleet/kubernetes/object";
import { makersBelow } from "../policies/jest/made-by";

/** Where an object comes from. */
export interface Origin {
  /** Path of the construct that makes it: `workloads/dashboard`. */
  readonly construct: string;
  /** Path of the fleet that states it: `workloads.dashboard`. Absent for what every fleet gets. */
  readonly fleet?: string;
  /** Fields of that part of the fleet, by the path in the object that follows from them. */
  readonly fields: Readonly<Record<string, string>>;
}

/** What a construct follows from. */
interface Statement {
  /** From what a construct around it says: `clusters[1]` and, in it, `brokers[0]`. */
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
}

const STATED = "skerry:stated";

/**
 * Says which part of the fleet states what a construct makes.
 *
 * @param fields of that part, by the path in the object that follows from them: `spec.replicas` from `placement.replicas`
 */
export function stated<Made extends IConstruct>(
  made: Made,
  path: string,
  fields: Readonly<Record<string, string>> = {},
): Made {
  const statement: Statement = { path, fields };
  made.node.addMetadata(STATED, statement);
  return made;
}

/** Where each of a chart's objects comes from. */
export function originsOf(chart: IConstruct, objects: readonly KubeObject[]): [KubeObject, Origin][] {
  const makerOf = makersBelow(chart);
  return objects.flatMap((object): [KubeObject, Origin][] => {
    const maker = makerOf(object);
    if (!maker) return [];
    const statements = maker.node.scopes.flatMap(({ node }) =>
      node.metadata.filter(({ type }) => type === STATED).map(({ data }) => data as Statement),
    );
    const fleet = statements.map(({ path }) => path).join(".");
    const fields = Object.assign({}, ...statements.map((each) => each.fields)) as Record<string, string>;
    return [[object, { construct: maker.node.path, ...(fleet !== "" && { fleet }), fields }]];
  });
}

/** The path of the fleet that states what lies at a path of an object; undefined where none does. */
export function fleetPath({ fleet, fields }: Origin, path: string): string | undefined {
  if (fleet === undefined) return undefined;
  const [nearest] = Object.keys(fields)
    .filter((each) => path === each || (path.startsWith(each) && /^[.[]/.test(path.slice(each.length))))
    .sort((a, b) => b.length - a.length);
  return nearest === undefined ? fleet : `${fleet}.${fields[nearest]}`;
}
