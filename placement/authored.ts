import type { ApiObject } from "cdk8s";

import type { PodTemplate } from "../fleet/kubernetes/pod-template";
import { annotations, EDGE_SCHEDULER, labels } from "../fleet/labels";
import type { Facts, Wanted, ValuePiece, Piece } from "./intent";

/** Claims: values that can be stated once, though by different fields. */
export const claims = {
  /** The region from which round trips count. */
  served: "the region that it serves",
  /** What to fall back to from there. */
  fallback: "the regions that it falls back to",
} as const;

/** How messages call what an object's author wrote. */
export const authorOf = ({ target, object }: Pick<Facts, "target" | "object">): string =>
  `${object.kind} (${target.node.path}) itself`;

/** What an object says already, as if a construct had asked for it. Node affinity is looked at apart. */
export function authoredBy(facts: Facts): Wanted[] {
  const { object, template, target } = facts;
  const { schedulerName, priorityClassName, nodeSelector } = template.spec;
  const { replicas } = (object.spec ?? {}) as { replicas?: number };
  const own = Object.entries(template.metadata?.labels ?? {});
  const notes = Object.entries(template.metadata?.annotations ?? {});
  const value = (kind: "scheduler" | "priority" | "replicas", text: string | number | undefined): ValuePiece[] =>
    text === undefined ? [] : [{ kind, value: String(text) }];
  const claim = (key: string, text: string): ValuePiece => ({ kind: "claim", key, value: text });
  const pieces: Piece[] = [
    ...own.map(([key, text]): Piece => ({ kind: "label", key, value: text })),
    ...notes.map(([key, text]): Piece => ({ kind: "annotation", key, value: text })),
    ...own.filter(([key]) => key === labels.requiredRegion).map(([, text]) => claim(claims.served, text)),
    ...notes.filter(([key]) => key === annotations.nearRegion).map(([, text]) => claim(claims.served, text)),
    ...notes.filter(([key]) => key === annotations.fallbackRegions).map(([, text]) => claim(claims.fallback, text)),
    ...value("scheduler", schedulerName),
    ...value("priority", priorityClassName),
    ...(hasDefaults(target) ? [] : value("replicas", replicas)),
    ...demandedBy(template),
    ...Object.entries(nodeSelector ?? {}).map(([key, text]): Piece => ({ kind: "node", key, values: [text] })),
  ];
  return pieces.map((piece) => ({ by: authorOf(facts), piece }));
}

/** A workload of cdk8s-plus states a number of replicas though its author did not. */
function hasDefaults({ node }: ApiObject): boolean {
  return node.scope?.node.defaultChild?.node === node && "replicas" in node.scope;
}

/** The regions that the edge scheduler keeps a pod to, as its label and annotation say. */
function demandedBy({ metadata, spec }: PodTemplate): Piece[] {
  const region = metadata?.labels?.[labels.requiredRegion];
  if (region === undefined || spec.schedulerName !== EDGE_SCHEDULER) return [];
  const fallback = metadata?.annotations?.[annotations.fallbackRegions]?.split(",") ?? [];
  return [{ kind: "reach", key: labels.edgeRegion, values: [region, ...fallback.map((each) => each.trim())] }];
}
