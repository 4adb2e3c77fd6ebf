import { readdirSync } from "node:fs";
import { join } from "node:path";

import { rules } from "../../../policies/rules";
import { isAdmitted } from "../../../policies/engine/rule";
import { cases } from "./cases";
import { violationsAlone } from "./cases/alone";

const singleObjectRules = rules.filter(({ id }) => id in cases);

test("every file in policies/rules is a rule in the index, in alphabetical order", () => {
  const files = readdirSync(join(__dirname, "..", "..", "..", "policies", "rules")).filter(
    (file) => file !== "index.ts",
  );
  expect(rules.map(({ id }) => `${id}.ts`)).toEqual(files.sort());
});

test("every rule that a single object can violate has valid and invalid examples", () => {
  const needed = rules.filter((rule) => rule.subject === "object" || isAdmitted(rule)).map(({ id }) => id);
  expect(Object.keys(cases)).toEqual(expect.arrayContaining(needed));
  expect(singleObjectRules.map(({ id }) => id).sort()).toEqual(Object.keys(cases).sort());
  for (const { valid, invalid } of Object.values(cases)) {
    expect(valid.length).toBeGreaterThan(0);
    expect(invalid.length).toBeGreaterThan(0);
  }
});

describe.each(singleObjectRules.map((rule) => [rule.id, rule] as const))("%s", (id, rule) => {
  test.each(cases[id]!.valid.map((object) => [object.kind, object] as const))("accepts a %s", (_kind, object) => {
    expect(violationsAlone(rule, object)).toEqual([]);
  });
  test.each(cases[id]!.invalid.map(({ object, paths }) => [object.kind, object, paths] as const))(
    "rejects a %s",
    (_kind, object, paths) => expect(violationsAlone(rule, object).map(({ path }) => path)).toEqual(paths),
  );
});
