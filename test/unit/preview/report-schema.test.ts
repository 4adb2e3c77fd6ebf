import { readFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import type { PreviewReport } from "../../../preview/report";
import { describeLocalFleet, previewLocalFleet } from "./local-fleet";
import { QUIET } from "./reports";

const file = join(__dirname, "..", "..", "..", "preview", "report.schema.json");
const schema = z.fromJSONSchema(JSON.parse(readFileSync(file, "utf8")) as Parameters<typeof z.fromJSONSchema>[0]);
const isValid = (report: unknown): boolean => schema.safeParse(JSON.parse(JSON.stringify(report))).success;

it("accepts reports on a change and on a fleet", async () => {
  for (const report of [await previewLocalFleet(), await describeLocalFleet(), QUIET])
    expect(isValid(report)).toBe(true);
});

it("accepts fields that a later release adds", () => {
  expect(isValid({ ...QUIET, later: 1 })).toBe(true);
});

it.each<[string, object]>([
  ["another version", { version: 2 }],
  ["a missing list", { moves: undefined }],
  ["an unknown severity", { findings: [{ change: "new", rule: "r", severity: "fatal", path: "", message: "" }] }],
  ["a link without a round trip", { geography: { regions: [], links: [{ from: "a", to: "b" }] } }],
] satisfies [string, { [key in keyof PreviewReport]?: unknown }][])("rejects %s", (_, part) => {
  expect(isValid({ ...QUIET, ...part })).toBe(false);
});
