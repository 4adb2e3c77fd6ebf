import { readdirSync } from "node:fs";
import { join } from "node:path";

import * as placement from "../../../exports/placement";
import { compilerComplaints, docstringExamples, pageExamples } from "../support/examples";

/** What an example in a docstring takes for granted. */
const GIVEN = `
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
  docstringExamples(file).map((code, index) => [`${file}-${index}`, GIVEN + code] as const),
);
const onPage = pageExamples("docs/placement.md").map((code, index) => [`docs/placement.md-${index}`, code] as const);

it("every construct has an example", () => {
  const code = inDocstrings.map(([, example]) => example.slice(GIVEN.length)).join("\n");
  const without = Object.keys(placement).filter(
    (name) => !new RegExp(`(new |extends |^)${name}\\(|extends ${name} `, "m").test(code),
  );
  expect(without).toEqual([]);
});

/** Beside the others, so that the compiler is known to have looked. */
const wrong = `${GIVEN}new WithinRegion(chart, "in", { workload: detector, regoin: "tokyo" });`;

it("examples in docstrings and on the page compile", () => {
  expect(onPage.length).toBeGreaterThan(2);
  const complaints = compilerComplaints({ ...Object.fromEntries([...inDocstrings, ...onPage]), wrong });
  expect(complaints).toEqual([expect.stringMatching(/^wrong\.example\.ts:\d+: .*'regoin'/s)]);
}, 120_000);
