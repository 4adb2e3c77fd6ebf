import { rules } from "../../../policies/rules";
import { isAdmitted } from "../../../policies/engine/rule";
import { cases } from "./cases";
import { violationsAlone } from "./cases/alone";

const tested = rules.filter(({ id }) => id in cases);

test("every rule that one object can break has examples that keep it and that break it", () => {
  const needed = rules.filter((rule) => rule.subject === "object" || isAdmitted(rule)).map(({ id }) => id);
  expect(Object.keys(cases)).toEqual(expect.arrayContaining(needed));
  expect(tested.map(({ id }) => id).sort()).toEqual(Object.keys(cases).sort());
  for (const { kept, broken } of Object.values(cases)) {
    expect(kept.length).toBeGreaterThan(0);
    expect(broken.length).toBeGreaterThan(0);
  }
});

describe.each(tested.map((rule) => [rule.id, rule] as const))("%s", (id, rule) => {
  test.each(cases[id]!.kept.map((object) => [object.kind, object] as const))("is kept by a %s", (_kind, object) => {
    expect(violationsAlone(rule, object)).toEqual([]);
  });
  test.each(cases[id]!.broken.map(({ object, paths }) => [object.kind, object, paths] as const))(
    "is broken by a %s",
    (_kind, object, paths) => expect(violationsAlone(rule, object).map(({ path }) => path)).toEqual(paths),
  );
});
