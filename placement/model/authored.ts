import type { ApiObject } from "cdk8s";

import type { PodTemplate } from "../../fleet/kubernetes/pod-template";
import { requiredRegions } from "../../fleet/kubernetes/required-regions";
import { annotations, labels } from "../../fleet/labels";
import type { PlacementContext, RequestedConstraint, ValueConstraint, PlacementConstraint } from "./constraint";

/** Keys of claims: values that several fields express, but of which an object can have only one. */
export const claims = {
  /** The region from which round-trip times are measured. */
  served: "served region",
  /** The regions to fall back to. */
  fallback: "fallback regions",
} as const;

/** Names the object itself in messages, as opposed to its placements. */
export const nameAuthor = ({ target, object }: Pick<PlacementContext, "target" | "object">): string =>
  `${object.kind} (${target.node.path}) itself`;

/** Returns the constraints that an object's own fields express, except for its node affinity. */
export function readAuthoredConstraints(context: PlacementContext): RequestedConstraint[] {
  const { object, template, target } = context;
  const { schedulerName, priorityClassName, nodeSelector } = template.spec;
  const { replicas } = (object.spec ?? {}) as { replicas?: number };
  const labelEntries = Object.entries(template.metadata?.labels ?? {});
  const annotationEntries = Object.entries(template.metadata?.annotations ?? {});
  const value = (kind: "scheduler" | "priority" | "replicas", text: string | number | undefined): ValueConstraint[] =>
    text === undefined ? [] : [{ kind, value: String(text) }];
  const claim = (key: string, text: string): ValueConstraint => ({ kind: "claim", key, value: text });
  const constraints: PlacementConstraint[] = [
    ...labelEntries.map(([key, text]): PlacementConstraint => ({ kind: "label", key, value: text })),
    ...annotationEntries.map(([key, text]): PlacementConstraint => ({ kind: "annotation", key, value: text })),
    ...Object.entries(object.metadata.annotations ?? {}).map(([key, text]): PlacementConstraint => ({
      ...{ kind: "object-annotation", key, value: text },
    })),
    ...labelEntries.filter(([key]) => key === labels.requiredRegion).map(([, text]) => claim(claims.served, text)),
    ...annotationEntries
      .filter(([key]) => key === annotations.nearRegion)
      .map(([, text]) => claim(claims.served, text)),
    ...annotationEntries
      .filter(([key]) => key === annotations.fallbackRegions)
      .map(([, text]) => claim(claims.fallback, text)),
    ...value("scheduler", schedulerName),
    ...value("priority", priorityClassName),
    ...(hasDefaults(target) ? [] : value("replicas", replicas)),
    ...readRequiredRegions(template),
    ...Object.entries(nodeSelector ?? {}).map(([key, text]): PlacementConstraint => ({
      kind: "node",
      key,
      values: [text],
    })),
  ];
  return constraints.map((constraint) => ({ by: nameAuthor(context), constraint }));
}

/** Reports whether the object belongs to a cdk8s-plus workload, which sets replicas even if its author did not. */
function hasDefaults({ node }: ApiObject): boolean {
  return node.scope?.node.defaultChild?.node === node && "replicas" in node.scope;
}

/** Returns the regions to which the edge scheduler restricts a pod, by its label and annotation. */
function readRequiredRegions(template: PodTemplate): PlacementConstraint[] {
  const values = requiredRegions(template);
  return values === undefined ? [] : [{ kind: "reach", key: labels.edgeRegion, values }];
}
