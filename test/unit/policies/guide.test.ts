import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { FORMATS } from "../../../cli/policy/options";
import { engineRules } from "../../../policies/engine/engine-rules";
import { rules } from "../../../policies/rules";
import { compilerComplaints, docstringExamples, pageExamples } from "../support/examples";

const root = join(__dirname, "..", "..", "..");
const PAGE = "docs/policies.md";
const text = readFileSync(join(root, PAGE), "utf8");

/** What an example in a matcher's docstring takes for granted. */
const GIVEN = `
import "skerry/jest";
import type { Chart } from "cdk8s";
import type { Fleet } from "skerry/fleet";
import type { Policy } from "skerry/policies";
declare const chart: Chart, fleet: Fleet, policy: Policy;
`;

test("the guide's examples and those of the matchers compile", () => {
  const onPage = pageExamples(PAGE).map((code, index) => [`${PAGE}-${index}`, code] as const);
  expect(onPage).toHaveLength(3);
  const ofMatchers = docstringExamples("policies/jest/index.ts").map(
    (code, index) => [`policies/jest-${index}`, GIVEN + code] as const,
  );
  // Beside the others, so that the compiler is known to have looked.
  const wrong = `${GIVEN}expect(chart).toBePlacedIn(5);`;
  expect(compilerComplaints({ ...Object.fromEntries([...onPage, ...ofMatchers]), wrong })).toEqual([
    expect.stringMatching(/^wrong\.example\.ts:\d+: .*'number'/s),
  ]);
}, 120_000);

test("the guide names every format, every finding about a policy, rules that there are, and pages that are there", () => {
  expect(FORMATS.filter((format) => !text.includes(`\`${format}\``))).toEqual([]);
  expect(Object.values(engineRules).filter(({ id }) => !text.includes(`\`${id}\``))).toEqual([]);
  const stated = [...text.matchAll(/(?:"([a-z]+(?:-[a-z0-9]+)+)"|\b(probes)): "(?:off|error|warning)"/g)].map(
    ([, quoted, bare]) => quoted ?? bare,
  );
  expect(stated.length).toBeGreaterThan(2);
  expect(stated.filter((id) => !rules.some((rule) => rule.id === id))).toEqual([]);
  const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => join(root, "docs", link!));
  expect(links.filter((link) => !existsSync(link))).toEqual([]);
});
