import { readdirSync } from "node:fs";
import { join } from "node:path";

import * as placement from "../../../exports/placement";
import { compilerComplaints, docstringExamples, pageExamples } from "../support/examples";

/** Declarations that the examples in docstrings use. */
const PREAMBLE = `
import { type Chart, Duration, Size } from "cdk8s";
import type { Deployment, DaemonSet, StatefulSet } from "cdk8s-plus-27";
import type { Construct } from "constructs";
import type { Fleet } from "skerry/fleet";
import { ${Object.keys(placement).join(", ")}, type PlacementConstraint, type PlacementProps } from "skerry/placement";
declare const chart: Chart, fleet: Fleet, detector: Deployment, inspector: Deployment, broker: StatefulSet, probe: DaemonSet;
`;

const sources = readdirSync(join(__dirname, "../../../placement"))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => `placement/${file}`);
const inDocstrings = sources.flatMap((file) =>
  docstringExamples(file).map((code, index) => [`${file}-${index}`, PREAMBLE + code] as const),
);
const onPage = pageExamples("docs/placement.md").map((code, index) => [`docs/placement.md-${index}`, code] as const);

it("finds an example of every construct", () => {
  const code = inDocstrings.map(([, example]) => example.slice(PREAMBLE.length)).join("\n");
  const missing = Object.keys(placement).filter(
    (name) => !new RegExp(`(new |extends |^)${name}\\(|extends ${name} `, "m").test(code),
  );
  expect(missing).toEqual([]);
});

/** Must fail, which proves that the examples are compiled. */
const wrong = `${PREAMBLE}new WithinRegion(chart, "in", { workload: detector, regoin: "tokyo" });`;

it("compiles the examples in docstrings and on the page", () => {
  expect(onPage.length).toBeGreaterThan(2);
  const complaints = compilerComplaints({ ...Object.fromEntries([...inDocstrings, ...onPage]), wrong });
  expect(complaints).toEqual([expect.stringMatching(/^wrong\.example\.ts:\d+: .*'regoin'/s)]);
}, 120_000);
