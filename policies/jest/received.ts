import { ApiObject, App, Chart } from "cdk8s";
import { Construct, type IConstruct } from "constructs";

import type { KubeObject } from "../../fleet/kubernetes/object";
import { formatValue } from "../../fleet/problem";
import { makersBelow } from "../made-by";

/** A value that matchers accept: cdk8s constructs, plain objects, or a cluster that `renderFleet` rendered. */
export type ObjectsUnderTest = IConstruct | KubeObject | RenderedObjects | readonly (IConstruct | KubeObject)[];

/** A cluster that `renderFleet` rendered. */
export interface RenderedObjects {
  readonly cluster?: string;
  readonly definitions?: readonly KubeObject[];
  readonly objects: readonly KubeObject[];
  readonly origins?: ReadonlyMap<KubeObject, { readonly construct: string }>;
}

/** The objects under test as plain objects. */
export interface Received {
  readonly cluster?: string;
  readonly objects: readonly KubeObject[];
  /** Returns the path of the construct that created an object. */
  readonly construct: (object: KubeObject) => string | undefined;
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
const isObject = (value: unknown): value is KubeObject => isFields(value) && "kind" in value && "apiVersion" in value;
const isRendered = (value: unknown): value is RenderedObjects => isFields(value) && Array.isArray(value.objects);

/**
 * Reads the objects under test from the value that a matcher received.
 *
 * @throws TypeError when the value is of another type
 */
export function readReceived(value: unknown): Received {
  const single = readOne(value);
  if (single) return single;
  if (Array.isArray(value)) {
    const each = value.map((item) => readOne(item) ?? rejectValue(item));
    return {
      objects: each.flatMap(({ objects }) => objects),
      construct: (object) => each.map(({ construct }) => construct(object)).find((path) => path !== undefined),
    };
  }
  return rejectValue(value);
}

function readOne(value: unknown): Received | undefined {
  if (Construct.isConstruct(value)) return readConstruct(value);
  if (isObject(value)) return { objects: [value], construct: () => undefined };
  if (!isRendered(value)) return undefined;
  const { cluster, definitions = [], objects, origins } = value;
  return {
    ...(cluster !== undefined && { cluster }),
    objects: [...definitions, ...objects],
    construct: (object) => origins?.get(object)?.construct,
  };
}

function readConstruct(construct: IConstruct): Received {
  // Through JSON, as the objects are sent to a cluster.
  const objects = JSON.parse(JSON.stringify(renderConstruct(construct))) as KubeObject[];
  const maker = makersBelow(construct);
  return { objects, construct: (object) => maker(object)?.node.path };
}

function renderConstruct(construct: IConstruct): unknown[] {
  if (construct instanceof App) return construct.charts.flatMap((chart) => chart.toJson() as unknown[]);
  if (Chart.isChart(construct)) return construct.toJson() as unknown[];
  return construct.node
    .findAll()
    .filter((each): each is ApiObject => ApiObject.isApiObject(each))
    .map((each) => each.toJson() as unknown);
}

function rejectValue(value: unknown): never {
  throw new TypeError(
    `got ${formatValue(value)}, must be a cdk8s construct, Kubernetes objects or a cluster that renderFleet rendered`,
  );
}
