import type { V1Toleration } from "@kubernetes/client-node";
import { isDeepStrictEqual } from "node:util";

import { type PlacementContext, selectKind, type RequestedConstraint } from "../model/constraint";

/** Returns the object's own tolerations, followed by those that placements add. */
export function tolerationsOf(
  { template }: Pick<PlacementContext, "template">,
  requested: readonly RequestedConstraint[],
): V1Toleration[] {
  const own = template.spec.tolerations ?? [];
  const added = selectKind(requested, "tolerate")
    .map(({ constraint: { key, value, effect } }): V1Toleration =>
      value === undefined ? { key, operator: "Exists", effect } : { key, operator: "Equal", value, effect },
    )
    .sort((a, b) => (serialize(a) < serialize(b) ? -1 : 1))
    .filter((each, index, all) => !isDeepStrictEqual(each, all[index - 1]))
    .filter((each) => !own.some((other) => isDeepStrictEqual(withDefaults(other), each)));
  return [...own, ...added];
}

const serialize = ({ key, value = "", effect }: V1Toleration): string => [key, value, effect].join("\0");

/** The operator defaults to `Equal`. */
const withDefaults = ({ operator = "Equal", ...rest }: V1Toleration): V1Toleration => ({ ...rest, operator });
