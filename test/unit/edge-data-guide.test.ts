import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describeMisfit } from "../../fleet/edge-data/outbox-fit";
import { parseFleet } from "../../fleet/reading/parse";
import { readYaml } from "../../fleet/reading/read-yaml";
import type { FleetInput } from "../../fleet/reading/schema";
import { smallFleet } from "../fixtures/small-fleet";
import { compilerComplaints, docstringExamples, pageExamples } from "./support/examples";

const root = join(__dirname, "..", "..");
const PAGES = ["edge-data-fleet", "helm", "observability", "images"].map((page) => `docs/${page}.md`);
const PREAMBLE =
  'import { App, Chart } from "cdk8s";\nimport { Outbox } from "skerry/charts";\nconst chart = new Chart(new App(), "c");\n';

test("the examples of the guides and of the constructs compile", () => {
  const examples = Object.fromEntries([
    ...PAGES.flatMap((page) => pageExamples(page).map((code, index) => [`${page}-${index}`, code] as const)),
    ...docstringExamples("charts/edge-data/outbox.ts").map(
      (code, index) => [`outbox-${index}`, PREAMBLE + code] as const,
    ),
  ]);
  expect(Object.keys(examples).length).toBeGreaterThanOrEqual(4);
  const wrong = 'import { EdgeAgents } from "skerry/charts";\nnew EdgeAgents();';
  expect(compilerComplaints({ ...examples, wrong })).toEqual([
    expect.stringMatching(/^wrong\.example\.ts:1: .*'EdgeAgents'/s),
  ]);
}, 120_000);

test("the fleet of the guide is valid", () => {
  const [, yaml] = /^```yaml\n([\s\S]*?)^```/m.exec(readFileSync(join(root, PAGES[0]!), "utf8"))!;
  const { clusters } = readYaml(Buffer.from(yaml!)).documents[0]!.value as { readonly clusters: readonly object[] };
  const { regions } = smallFleet;
  const [{ homeRegion, nodePools }] = smallFleet.clusters as [(typeof smallFleet.clusters)[0]];
  const fleet: unknown = { name: "guide", regions, clusters: [{ homeRegion, nodePools, ...clusters[0] }] };
  expect(parseFleet(fleet as FleetInput).clusters[0]!.edgeAgents[0]!.classes.map(({ name }) => name)).toEqual([
    "alarms",
    "telemetry",
  ]);
});

test("the message of the guide is the one that users see", () => {
  const load = { name: "telemetry", messagesPerSecond: 10, messageBytes: 524, maxMessageBytes: 65_536, outageDays: 30 };
  const text = readFileSync(join(root, PAGES[0]!), "utf8").replaceAll(/\s+/g, " ");
  expect(text).toContain(describeMisfit([load], 8));
});

test("the links of the guides lead to existing pages", () => {
  const links = PAGES.flatMap((page) =>
    [...readFileSync(join(root, page), "utf8").matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, link]) =>
      join(root, "docs", link!),
    ),
  );
  expect(links.length).toBeGreaterThanOrEqual(4);
  expect(links.filter((link) => !existsSync(link))).toEqual([]);
});
