import type { ApiObject } from "cdk8s";

import type { PodTemplate } from "../../fleet/kubernetes/pod-template";
import { requiredRegions } from "../../fleet/kubernetes/required-regions";
import { annotations, labels } from "../../fleet/labels";
import type { PlacementContext, RequestedConstraint, ValueConstraint, PlacementConstraint } from "./constraint";

/** Claims: values that can be stated once, though by different fields. */
export const claims = {
  /** The region from which round trips count. */
  served: "the region that it serves",
  /** What to fall back to from there. */
  fallback: "the regions that it falls back to",
} as const;

/** How messages call what an object's author wrote. */
export const nameAuthor = ({ target, object }: Pick<PlacementContext, "target" | "object">): string =>
  `${object.kind} (${target.node.path}) itself`;

/** What an object says already, as if a construct had asked for it. Node affinity is looked at apart. */
export function readAuthoredConstraints(context: PlacementContext): RequestedConstraint[] {
  const { object, template, target } = context;
  const { schedulerName, priorityClassName, nodeSelector } = template.spec;
  const { replicas } = (object.spec ?? {}) as { replicas?: number };
  const own = Object.entries(template.metadata?.labels ?? {});
  const notes = Object.entries(template.metadata?.annotations ?? {});
  const value = (kind: "scheduler" | "priority" | "replicas", text: string | number | undefined): ValueConstraint[] =>
    text === undefined ? [] : [{ kind, value: String(text) }];
  const claim = (key: string, text: string): ValueConstraint => ({ kind: "claim", key, value: text });
  const constraints: PlacementConstraint[] = [
    ...own.map(([key, text]): PlacementConstraint => ({ kind: "label", key, value: text })),
    ...notes.map(([key, text]): PlacementConstraint => ({ kind: "annotation", key, value: text })),
    ...own.filter(([key]) => key === labels.requiredRegion).map(([, text]) => claim(claims.served, text)),
    ...notes.filter(([key]) => key === annotations.nearRegion).map(([, text]) => claim(claims.served, text)),
    ...notes.filter(([key]) => key === annotations.fallbackRegions).map(([, text]) => claim(claims.fallback, text)),
    ...value("scheduler", schedulerName),
    ...value("priority", priorityClassName),
    ...(hasDefaults(target) ? [] : value("replicas", replicas)),
    ...demandedBy(template),
    ...Object.entries(nodeSelector ?? {}).map(([key, text]): PlacementConstraint => ({
      kind: "node",
      key,
      values: [text],
    })),
  ];
  return constraints.map((constraint) => ({ by: nameAuthor(context), constraint }));
}

/** A workload of cdk8s-plus states a number of replicas though its author did not. */
function hasDefaults({ node }: ApiObject): boolean {
  return node.scope?.node.defaultChild?.node === node && "replicas" in node.scope;
}

/** The regions that the edge scheduler keeps a pod to, as its label and annotation say. */
function demandedBy(template: PodTemplate): PlacementConstraint[] {
  const values = requiredRegions(template);
  return values === undefined ? [] : [{ kind: "reach", key: labels.edgeRegion, values }];
}
