import type { V1Toleration } from "@kubernetes/client-node";

import {
  createTolerations,
  findRepellingTaints,
  formatTaint,
  toleratesTaint,
} from "../../../fleet/kubernetes/tolerations";

const taint = { key: "dedicated", value: "iot", effect: "NoSchedule" };

const CASES: readonly (readonly [V1Toleration, boolean])[] = [
  [{ key: "dedicated", operator: "Equal", value: "iot", effect: "NoSchedule" }, true],
  [{ key: "dedicated", value: "iot" }, true],
  [{ key: "dedicated", operator: "", value: "iot" }, true],
  [{ key: "dedicated", operator: "Exists" }, true],
  [{ operator: "Exists" }, true],
  [{ value: "iot" }, true],
  [{ operator: "Exists", effect: "NoExecute" }, false],
  [{ key: "dedicated", operator: "Exists", effect: "NoExecute" }, false],
  [{ key: "dedicated", value: "ai" }, false],
  [{ key: "dedicated" }, false],
  [{ key: "other", operator: "Exists" }, false],
  [{ key: "dedicated", operator: "exists", value: "iot" }, false],
  [{ key: "dedicated", operator: "Gt", value: "iot" }, false],
];

test.each(CASES)("the toleration %o matches dedicated=iot:NoSchedule: %s", (toleration, matches) =>
  expect(toleratesTaint(toleration, taint)).toBe(matches),
);

test("only NoSchedule and NoExecute repel pods", () => {
  const taints = ["NoSchedule", "PreferNoSchedule", "NoExecute", "Never"].map((effect) => ({ ...taint, effect }));
  expect(findRepellingTaints(taints).map(({ effect }) => effect)).toEqual(["NoSchedule", "NoExecute"]);
  expect(findRepellingTaints(taints, [{ key: "dedicated", operator: "Exists", effect: "NoExecute" }])).toEqual([taint]);
});

test("tolerations are created for each taint once, sorted", () => {
  const other = { key: "a", value: "", effect: "NoExecute" };
  expect(createTolerations([taint, other, taint])).toEqual([
    { key: "a", operator: "Equal", value: "", effect: "NoExecute" },
    { key: "dedicated", operator: "Equal", value: "iot", effect: "NoSchedule" },
  ]);
});

test("a taint without a value is formatted without an equals sign", () => {
  expect([taint, { ...taint, value: "" }, { key: "a", effect: "NoExecute" }].map(formatTaint)).toEqual([
    "dedicated=iot:NoSchedule",
    "dedicated:NoSchedule",
    "a:NoExecute",
  ]);
});
