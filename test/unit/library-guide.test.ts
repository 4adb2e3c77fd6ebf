import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { compilerComplaints, pageExamples } from "./support/examples";

const root = join(__dirname, "..", "..");
const PAGE = "docs/library.md";

test("the guide's examples compile", () => {
  const examples = pageExamples(PAGE).map((code, index) => [`${PAGE}-${index}`, code] as const);
  expect(examples.length).toBeGreaterThan(2);
  // An example with an error proves that the compiler checks them.
  const wrong = 'import { renderFleets } from "skerry/charts";\nrenderFleets();';
  expect(compilerComplaints({ ...Object.fromEntries(examples), wrong })).toEqual([
    expect.stringMatching(/^wrong\.example\.ts:1: .*'renderFleets'/s),
  ]);
}, 120_000);

test("the guide names every entry point, and its links lead to existing pages", () => {
  const text = readFileSync(join(root, PAGE), "utf8");
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { exports: object };
  const entries = Object.keys(exports).filter((entry) => !/load$|package\.json$/.test(entry));
  expect(entries.filter((entry) => !text.includes(`skerry/${entry.slice(2)}`))).toEqual([]);
  const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => join(root, "docs", link!));
  expect(links.filter((link) => !existsSync(link))).toEqual([]);
});
