import { renderFleet } from "skerry/charts";
import { checkFleet, parseFleet } from "skerry/fleet";
import { evaluate, rules } from "skerry/policies";

import { fleet } from "./fleet";
import policy from "./policy";

test("the fleet is valid", () => expect(checkFleet(fleet)).toMatchObject({ ok: true }));

test("what it renders keeps every rule", () => {
  const parsed = parseFleet(fleet);
  const clusters = renderFleet(parsed).map(({ cluster, definitions, objects }, index) => ({
    name: cluster,
    kubernetesVersion: parsed.clusters[index]!.kubernetesVersion,
    objects: [...definitions, ...objects],
  }));
  const report = evaluate(rules, { fleet: parsed, clusters }, { policy, environment: "local", today: "2026-01-01" });
  expect(report.findings.filter(({ severity, waived }) => severity === "error" && !waived)).toEqual([]);
});
