import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";

import ts from "typescript";

import { checkFleet } from "../../../fleet/reading/parse";
import { compilerComplaints, pageExamples } from "../support/examples";

const PAGE = "docs/existing-clusters.md";
const examples = pageExamples(PAGE);

test("the guide's examples compile", () => {
  expect(examples).toHaveLength(2);
  expect(compilerComplaints(Object.fromEntries(examples.map((code, index) => [`${PAGE}-${index}`, code])))).toEqual([]);
}, 120_000);

test("the guide's fleet is valid", () => {
  const { outputText } = ts.transpileModule(examples[0]!, { compilerOptions: { module: ts.ModuleKind.CommonJS } });
  const exported: { fleet?: unknown } = {};
  runInNewContext(outputText, { exports: exported });
  expect(checkFleet(exported.fleet)).toMatchObject({ ok: true });
});

test("the guide's links lead to existing pages", () => {
  const root = join(__dirname, "..", "..", "..");
  const text = readFileSync(join(root, PAGE), "utf8");
  const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, link]) => join(root, "docs", link!));
  expect(links.filter((link) => !existsSync(link))).toEqual([]);
});
