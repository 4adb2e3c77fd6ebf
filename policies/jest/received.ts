import { ApiObject, App, Chart } from "cdk8s";
import { Construct, type IConstruct } from "constructs";

import type { KubeObject } from "../../fleet/kubernetes/object";
import { formatValue } from "../../fleet/problem";
import { makersBelow } from "./made-by";

/** What a test may hand to a matcher: constructs of cdk8s, plain objects, or a cluster as `renderFleet` gives it. */
export type Judgeable = IConstruct | KubeObject | RenderedObjects | readonly (IConstruct | KubeObject)[];

/** A cluster as `renderFleet` gives it. */
export interface RenderedObjects {
  readonly cluster?: string;
  readonly definitions?: readonly KubeObject[];
  readonly objects: readonly KubeObject[];
  readonly origins?: ReadonlyMap<KubeObject, { readonly construct: string }>;
}

/** What a matcher was given, as plain objects. */
export interface Received {
  readonly cluster?: string;
  readonly objects: readonly KubeObject[];
  /** Path of the construct that made an object. */
  readonly construct: (object: KubeObject) => string | undefined;
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
const isObject = (value: unknown): value is KubeObject => isFields(value) && "kind" in value && "apiVersion" in value;
const isRendered = (value: unknown): value is RenderedObjects => isFields(value) && Array.isArray(value.objects);

/**
 * The plain objects of what a test was given.
 *
 * @throws TypeError when it makes none
 */
export function received(value: unknown): Received {
  const single = parts(value);
  if (single) return single;
  if (Array.isArray(value)) {
    const each = value.map((item) => parts(item) ?? refuse(item));
    return {
      objects: each.flatMap(({ objects }) => objects),
      construct: (object) => each.map(({ construct }) => construct(object)).find((path) => path !== undefined),
    };
  }
  return refuse(value);
}

function parts(value: unknown): Received | undefined {
  if (Construct.isConstruct(value)) return ofConstruct(value);
  if (isObject(value)) return { objects: [value], construct: () => undefined };
  if (!isRendered(value)) return undefined;
  const { cluster, definitions = [], objects, origins } = value;
  return {
    ...(cluster !== undefined && { cluster }),
    objects: [...definitions, ...objects],
    construct: (object) => origins?.get(object)?.construct,
  };
}

function ofConstruct(construct: IConstruct): Received {
  // Through JSON, so that rules see what a cluster would.
  const objects = JSON.parse(JSON.stringify(rendered(construct))) as KubeObject[];
  const maker = makersBelow(construct);
  return { objects, construct: (object) => maker(object)?.node.path };
}

function rendered(construct: IConstruct): unknown[] {
  if (construct instanceof App) return construct.charts.flatMap((chart) => chart.toJson() as unknown[]);
  if (Chart.isChart(construct)) return construct.toJson() as unknown[];
  return construct.node
    .findAll()
    .filter((each): each is ApiObject => ApiObject.isApiObject(each))
    .map((each) => each.toJson() as unknown);
}

function refuse(value: unknown): never {
  throw new TypeError(
    `got ${formatValue(value)}, wanted are a cdk8s construct, Kubernetes objects, or a cluster of renderFleet`,
  );
}
