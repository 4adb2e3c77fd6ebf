import type { ClusterRule } from "../../../policies/engine/rule";
import { KUBERNETES } from "./cases/alone";
import { rules } from "../../../policies/rules";
import { apiCases } from "./cluster-cases/apis";
import { availabilityCases } from "./cluster-cases/availability";
import { capacityCases } from "./cluster-cases/capacity";
import { nodeCases } from "./cluster-cases/nodes";
import { referenceCases } from "./cluster-cases/references";

const cases = { ...apiCases, ...availabilityCases, ...capacityCases, ...nodeCases, ...referenceCases };
const clusterRules = rules.filter((rule): rule is ClusterRule => rule.subject === "cluster");

test("every rule has clusters that keep it and that break it", () => {
  expect(Object.keys(cases).sort()).toEqual(clusterRules.map(({ id }) => id).sort());
  for (const { kept, broken } of Object.values(cases)) {
    expect(Object.keys(kept)).not.toEqual([]);
    expect(Object.keys(broken)).not.toEqual([]);
  }
});

describe.each(clusterRules.map((rule) => [rule.id, rule] as const))("%s", (id, rule) => {
  const { kept, broken } = cases[id]!;
  const told = (objects: Parameters<ClusterRule["check"]>[0]["objects"], kubernetesVersion = KUBERNETES): string[] =>
    rule
      .check({ kubernetesVersion, objects })
      .map(({ object, path, message }) => `${object.kind} ${object.metadata.name} ${path}: ${message}`);

  test.each(Object.entries(kept))("is kept: %s", (_what, objects) => expect(told(objects)).toEqual([]));
  test.each(Object.entries(broken))("is broken: %s", (_what, { objects, found, version }) =>
    expect(told(objects, version).sort()).toEqual([...found].sort()),
  );
});
