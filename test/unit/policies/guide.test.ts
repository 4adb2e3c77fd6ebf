import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { FORMATS } from "../../../cli/policy/options";
import { engineRules } from "../../../policies/engine/engine-rules";
import { rules } from "../../../policies/rules";
import { compilerComplaints, docstringExamples, pageExamples } from "../support/examples";

const root = join(__dirname, "..", "..", "..");
const PAGE = "docs/policies.md";
const text = readFileSync(join(root, PAGE), "utf8");

/** Declarations that the examples in docstrings of matchers use. */
const DECLARATIONS = `
import "skerry/jest";
import type { Chart } from "cdk8s";
import type { Fleet } from "skerry/fleet";
import type { Policy } from "skerry/policies";
declare const chart: Chart, fleet: Fleet, policy: Policy;
`;

test("the examples of the guide and of the matchers compile", () => {
  const onPage = pageExamples(PAGE).map((code, index) => [`${PAGE}-${index}`, code] as const);
  expect(onPage).toHaveLength(3);
  const ofMatchers = docstringExamples("policies/jest/index.ts").map(
    (code, index) => [`policies/jest-${index}`, DECLARATIONS + code] as const,
  );
  // An example that does not compile proves that the compiler ran.
  const wrong = `${DECLARATIONS}expect(chart).toBePlacedIn(5);`;
  expect(compilerComplaints({ ...Object.fromEntries([...onPage, ...ofMatchers]), wrong })).toEqual([
    expect.stringMatching(/^wrong\.example\.ts:\d+: .*'number'/s),
  ]);
}, 120_000);

test("the guide names every format and every rule of the engine, and refers to existing rules and pages only", () => {
  expect(FORMATS.filter((format) => !text.includes(`\`${format}\``))).toEqual([]);
  expect(Object.values(engineRules).filter(({ id }) => !text.includes(`\`${id}\``))).toEqual([]);
  const ruleIds = [...text.matchAll(/(?:"([a-z]+(?:-[a-z0-9]+)+)"|\b(probes)): "(?:off|error|warning)"/g)].map(
    ([, quoted, bare]) => quoted ?? bare,
  );
  expect(ruleIds.length).toBeGreaterThan(2);
  expect(ruleIds.filter((id) => !rules.some((rule) => rule.id === id))).toEqual([]);
  const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => join(root, "docs", link!));
  expect(links.filter((link) => !existsSync(link))).toEqual([]);
});
