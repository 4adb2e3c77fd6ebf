import { rules } from "../../../policies/rules";
import type { ObjectRule } from "../../../policies/rule";
import { cases } from "./cases";

const objectRules = rules.filter((rule): rule is ObjectRule => rule.subject === "object");

test("every rule has examples that keep it and that break it", () => {
  expect(Object.keys(cases).sort()).toEqual(objectRules.map(({ id }) => id).sort());
  for (const { kept, broken } of Object.values(cases)) {
    expect(kept.length).toBeGreaterThan(0);
    expect(broken.length).toBeGreaterThan(0);
  }
});

describe.each(objectRules.map((rule) => [rule.id, rule] as const))("%s", (id, rule) => {
  test.each(cases[id]!.kept.map((object) => [object.kind, object] as const))("is kept by a %s", (_kind, object) => {
    expect(rule.check(object)).toEqual([]);
  });
  test.each(cases[id]!.broken.map(({ object, paths }) => [object.kind, object, paths] as const))(
    "is broken by a %s",
    (_kind, object, paths) => expect(rule.check(object).map(({ path }) => path)).toEqual(paths),
  );
});
