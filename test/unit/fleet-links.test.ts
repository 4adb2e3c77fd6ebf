import { readFileSync } from "node:fs";

import { cloudRegions } from "../../fleet/cloud-regions";
import { estimateRtt, linkMatrix } from "../../fleet/links";
import { measuredLinks } from "../../fleet/measured-links";
import type { Region } from "../../fleet/model";

const region = (name: string) => cloudRegions.find((each) => each.name === name)!;

test("has one measurement per ordered pair of the ten regions", () => {
  expect(measuredLinks).toHaveLength(90);
  expect(new Set(measuredLinks.map(({ from, to }) => `${from} ${to}`)).size).toBe(90);
  expect(measuredLinks.find(({ from, to }) => from === "tokyo" && to === "washington-dc")?.rttMs).toBe(166);
  expect(measuredLinks.find(({ from, to }) => from === "washington-dc" && to === "tokyo")?.rttMs).toBe(164);
});

test("returns a link for every pair, measured or marked as estimated", () => {
  const links = measuredLinks.filter(({ from }) => from !== "tokyo");
  const matrix = linkMatrix({ regions: cloudRegions, links });
  expect(matrix).toHaveLength(90);
  const estimated = matrix.filter(({ basis }) => basis === "estimated");
  expect(estimated.map(({ from }) => from)).toEqual(Array(9).fill("tokyo"));
  expect(estimated.every(({ source }) => source.includes("great circle"))).toBe(true);
});

test("estimates half of all links within a third of the measurement", () => {
  const errors = measuredLinks.map(
    ({ from, to, rttMs }) => Math.abs(estimateRtt(region(from), region(to)) - rttMs) / rttMs,
  );
  errors.sort((a, b) => a - b);
  expect(errors[45]).toBeLessThan(1 / 3);
});

test("estimates the same times as the scheduler", () => {
  const cases = JSON.parse(readFileSync("test/fixtures/estimated-links.json", "utf8")) as {
    from: Region;
    to: Region;
    rttMs: number;
  }[];
  expect(cases.length).toBeGreaterThan(5);
  for (const { from, to, rttMs } of cases) expect(estimateRtt(from, to)).toBe(rttMs);
});
