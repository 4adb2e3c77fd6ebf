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

test("every cluster rule has valid and invalid examples", () => {
  expect(Object.keys(cases).sort()).toEqual(clusterRules.map(({ id }) => id).sort());
  for (const { valid, invalid } of Object.values(cases)) {
    expect(Object.keys(valid)).not.toEqual([]);
    expect(Object.keys(invalid)).not.toEqual([]);
  }
});

describe.each(clusterRules.map((rule) => [rule.id, rule] as const))("%s", (id, rule) => {
  const { valid, invalid } = cases[id]!;
  const findViolations = (
    objects: Parameters<ClusterRule["check"]>[0]["objects"],
    kubernetesVersion = KUBERNETES,
  ): string[] =>
    rule
      .check({ kubernetesVersion, objects })
      .map(({ object, path, message }) => `${object.kind} ${object.metadata.name} ${path}: ${message}`);

  test.each(Object.entries(valid))("accepts %s", (_name, objects) => expect(findViolations(objects)).toEqual([]));
  test.each(Object.entries(invalid))("rejects %s", (_name, { objects, violations, version }) =>
    expect(findViolations(objects, version).sort()).toEqual([...violations].sort()),
  );
});
