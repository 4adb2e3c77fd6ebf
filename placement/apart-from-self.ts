import { isDeepStrictEqual } from "node:util";

import { type Facts, ofKind, type SpreadPiece, type Wanted } from "./intent";
import { podSelectorOf } from "./workload";

/** Pods that are kept apart from their own like need as many domains as there are of them, as by a spread that is hard. */
export function apartFromSelf({ object, perNode }: Facts, all: readonly Wanted[]): Wanted<SpreadPiece>[] {
  const [replicas] = all.flatMap(({ piece }) => (piece.kind === "replicas" ? [Number(piece.value)] : []));
  if (perNode || replicas === undefined || replicas < 2) return [];
  const { matchLabels } = podSelectorOf(object);
  return ofKind(all, "pods")
    .filter(({ piece }) => piece.apart && piece.required && piece.namespace === undefined)
    .filter(({ piece }) => isDeepStrictEqual({ ...piece.labels }, matchLabels))
    .map(({ by, piece: { domain } }) => ({
      by,
      piece: { kind: "spread", over: domain, maxSkew: 1, minDomains: replicas, whenUnsatisfiable: "DoNotSchedule" },
    }));
}
