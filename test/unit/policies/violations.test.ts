import { readFileSync } from "node:fs";
import { join, relative } from "node:path";

import { runPolicy } from "../../../cli/policy/run";
import type { PolicyReport } from "../../../policies/engine/report";
import { rules } from "../../../policies/rules";

const folder = join(__dirname, "..", "..", "fixtures", "violations");

/** Returns the findings in the folder: `file:line severity rule path: message`. */
async function findViolations(): Promise<string[]> {
  const write = jest.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    const options = {
      stack: "local",
      failOn: "error",
      format: "json",
      today: "2026-11-24",
      validation: "openapi",
    } as const;
    expect(await runPolicy([folder], options)).toBe(1);
    const { findings } = JSON.parse(String(write.mock.calls[0]![0])) as PolicyReport;
    return findings
      .map(
        ({ source, severity, rule, path, message }) =>
          `${relative(folder, source!.file)}:${source!.line} ${severity} ${rule} ${path}: ${message}`,
      )
      .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  } finally {
    write.mockRestore();
  }
}

const expected = readFileSync(join(folder, "expected.txt"), "utf8").trimEnd().split("\n");

test("reports exactly the expected violations in the folder", async () => {
  expect(await findViolations()).toEqual(expected);
});

test("the folder violates every object and cluster rule", () => {
  const violated = new Set(expected.map((line) => line.split(" ")[2]));
  const ids = rules.filter(({ subject }) => subject === "object" || subject === "cluster").map(({ id }) => id);
  expect(ids.filter((id) => !violated.has(id))).toEqual([]);
});
