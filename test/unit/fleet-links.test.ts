import { readFileSync } from "node:fs";

import { cloudRegions } from "../../fleet/cloud-regions";
import { estimateRtt, linkMatrix } from "../../fleet/links";
import { measuredLinks } from "../../fleet/measured-links";
import type { Region } from "../../fleet/model";

const region = (name: string) => cloudRegions.find((each) => each.name === name)!;

test("the measured table has each ordered pair of ten regions once", () => {
  expect(measuredLinks).toHaveLength(90);
  expect(new Set(measuredLinks.map(({ from, to }) => `${from} ${to}`)).size).toBe(90);
  expect(measuredLinks.find(({ from, to }) => from === "tokyo" && to === "washington-dc")?.rttMs).toBe(166);
  expect(measuredLinks.find(({ from, to }) => from === "washington-dc" && to === "tokyo")?.rttMs).toBe(164);
});

test("a matrix has every pair: measured where it was, estimated and said to be so elsewhere", () => {
  const links = measuredLinks.filter(({ from }) => from !== "tokyo");
  const matrix = linkMatrix({ regions: cloudRegions, links });
  expect(matrix).toHaveLength(90);
  const estimated = matrix.filter(({ basis }) => basis === "estimated");
  expect(estimated.map(({ from }) => from)).toEqual(Array(9).fill("tokyo"));
  expect(estimated.every(({ source }) => source.includes("great circle"))).toBe(true);
});

test("half of all estimates are within a third of what was measured", () => {
  const errors = measuredLinks.map(
    ({ from, to, rttMs }) => Math.abs(estimateRtt(region(from), region(to)) - rttMs) / rttMs,
  );
  errors.sort((a, b) => a - b);
  expect(errors[45]).toBeLessThan(1 / 3);
});

test("estimates are those that the scheduler makes", () => {
  const cases = JSON.parse(readFileSync("test/fixtures/estimated-links.json", "utf8")) as {
    from: Region;
    to: Region;
    rttMs: number;
  }[];
  expect(cases.length).toBeGreaterThan(5);
  for (const { from, to, rttMs } of cases) expect(estimateRtt(from, to)).toBe(rttMs);
});
