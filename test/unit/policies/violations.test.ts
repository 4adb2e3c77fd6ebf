import { readFileSync } from "node:fs";
import { join, relative } from "node:path";

import { runPolicy } from "../../../cli/policy/run";
import type { PolicyReport } from "../../../policies/engine/report";
import { rules } from "../../../policies/rules";

const folder = join(__dirname, "..", "..", "fixtures", "violations");

/** Every finding of the folder, one a line: `file:line severity rule path: message`. */
async function found(): Promise<string[]> {
  const write = jest.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    const asked = {
      stack: "local",
      failOn: "error",
      format: "json",
      today: "2026-11-24",
      validation: "openapi",
    } as const;
    expect(await runPolicy([folder], asked)).toBe(1);
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

test("in the folder of violations exactly what is listed there is found", async () => {
  expect(await found()).toEqual(expected);
});

test("every rule about objects and clusters is broken there", () => {
  const broken = new Set(expected.map((line) => line.split(" ")[2]));
  const asked = rules.filter(({ subject }) => subject === "object" || subject === "cluster").map(({ id }) => id);
  expect(asked.filter((id) => !broken.has(id))).toEqual([]);
});
