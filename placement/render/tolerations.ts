import type { V1Toleration } from "@kubernetes/client-node";
import { isDeepStrictEqual } from "node:util";

import { type PlacementContext, selectKind, type RequestedConstraint } from "../model/constraint";

/** The object's tolerations: its author's as they are, then those that placements add, each once. */
export function tolerationsOf(
  { template }: Pick<PlacementContext, "template">,
  asked: readonly RequestedConstraint[],
): V1Toleration[] {
  const own = template.spec.tolerations ?? [];
  const added = selectKind(asked, "tolerate")
    .map(({ constraint: { key, value, effect } }): V1Toleration =>
      value === undefined ? { key, operator: "Exists", effect } : { key, operator: "Equal", value, effect },
    )
    .sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1))
    .filter((each, index, all) => !isDeepStrictEqual(each, all[index - 1]))
    .filter((each) => !own.some((other) => isDeepStrictEqual(withDefaults(other), each)));
  return [...own, ...added];
}

const textOf = ({ key, value = "", effect }: V1Toleration): string => [key, value, effect].join("\0");

/** `Equal` need not be said. */
const withDefaults = ({ operator = "Equal", ...rest }: V1Toleration): V1Toleration => ({ ...rest, operator });
