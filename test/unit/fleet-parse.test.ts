import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as fc from "fast-check";
import { parse } from "yaml";

import { loadFleet } from "../../fleet/reading/load";
import { checkFleet, FleetError, parseFleet } from "../../fleet/reading/parse";
import { local } from "../../stacks/local";

describe("parsing", () => {
  test("applies defaults and accepts its own result unchanged", () => {
    const fleet = parseFleet(local);
    expect(fleet.clusters[0]).toMatchObject({ servers: 1, clusterCidr: "10.42.0.0/16", kubernetesVersion: "1.36.3" });
    expect(fleet.clusters[0]?.nodePools[0]).toMatchObject({ zone: "frankfurt-a", capacity: { cpuCores: 4 } });
    expect(parseFleet(fleet)).toEqual(fleet);
    expect(parseFleet(JSON.parse(JSON.stringify(local)))).toEqual(fleet);
  });

  test("throws only FleetError for any input", () => {
    fc.assert(
      fc.property(fc.anything(), (input) => {
        try {
          parseFleet(input);
        } catch (error) {
          expect(error).toBeInstanceOf(FleetError);
        }
      }),
    );
  });

  test("reports a problem at every invalid path", () => {
    const breaks: [string, (fleet: any) => void][] = [
      ["links[3].rttMs", (fleet) => (fleet.links[3].rttMs = 0)],
      ["clusters[0].servers", (fleet) => (fleet.clusters[0].servers = 2)],
      ["clusters[1].nodePools[2].region", (fleet) => (fleet.clusters[1].nodePools[2].region = "atlantis")],
      ["clusters[2].nodePools[0].count", (fleet) => (fleet.clusters[2].nodePools[0].count = -1)],
      ["clusters[2].brokers[1].forward[0]", (fleet) => (fleet.clusters[2].brokers[1].forward = ["#/x"])],
      ["workloads.dashboard.image", (fleet) => (fleet.workloads.dashboard.image = "dashboard")],
    ];
    fc.assert(
      fc.property(fc.subarray(breaks, { minLength: 1 }), (chosen) => {
        const fleet = JSON.parse(JSON.stringify(local));
        for (const [, change] of chosen) change(fleet);
        const result = checkFleet(fleet);
        const paths = result.ok ? [] : result.problems.map(({ path }) => path);
        for (const [path] of chosen) expect(paths).toContain(path);
      }),
    );
  });
});

describe("the local fleet", () => {
  const fleet = parseFleet(local);
  const edge = fleet.clusters.flatMap(({ nodePools }) => nodePools).filter(({ role }) => role === "edge-worker");

  test("has three clusters and at least 120 edge nodes of four device types in ten regions", () => {
    expect(fleet.clusters.map(({ homeRegion }) => homeRegion)).toEqual(["frankfurt", "washington-dc", "tokyo"]);
    expect(edge.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThanOrEqual(120);
    expect(new Set(edge.map(({ device }) => device)).size).toBeGreaterThanOrEqual(4);
    expect(new Set(edge.map(({ region }) => region)).size).toBe(10);
  });
});

test("accepts the example in the documentation", () => {
  const text = readFileSync(join(__dirname, "../../docs/fleet.md"), "utf8");
  const example = /```yaml\n([^]*?)```/.exec(text)?.[1] ?? "";
  expect(checkFleet(parse(example))).toMatchObject({ ok: true });
});

describe("loading", () => {
  const folder = mkdtempSync(join(tmpdir(), "skerry-load-"));
  const file = (name: string, content: string | Buffer): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("reads modules, YAML and JSON", async () => {
    const json = JSON.stringify(local);
    const loaded = [
      await loadFleet(join(__dirname, "../../stacks/local.ts")),
      await loadFleet(file("a.json", json)),
      await loadFleet(file("a.yaml", json)),
    ];
    const fleets = loaded.map((each) => each.ok && checkFleet(each.value));
    expect(fleets.every((each) => each && each.ok)).toBe(true);
    expect(fleets[1]).toEqual(fleets[0]);
    expect(fleets[2]).toEqual(fleets[0]);
  });

  const bomb = `a: &a [x, x, x]\n${"bcdefgh"
    .split("")
    .map((key, i) => `${key}: &${key} [${Array(9).fill(`*${"abcdefg"[i]}`).join(", ")}]`)
    .join("\n")}\n`;
  test.each([
    ["empty.yaml", "", /must not be empty/],
    ["malformed.yaml", "name: [small\nregions: {", /line \d+/],
    ["doubled.yaml", "name: small\nname: large\n", /line 2: Map keys must be unique/],
    ["bomb.yaml", bomb, /aliases/],
    ["latin1.yaml", Buffer.from([0x6e, 0x3a, 0x20, 0xe9, 0x0a]), /must be UTF-8/],
    ["fleet.toml", "name = 1", /extension must be one of: .*; got \.toml/],
  ])("reports the problem of %s", async (name, content, message) => {
    const loaded = await loadFleet(file(name, content));
    expect(loaded.ok ? "ok" : loaded.problems.map(({ path, message: text }) => `${path}: ${text}`).join("\n")).toMatch(
      message,
    );
  });

  test("reports a missing file", async () => {
    expect(await loadFleet(join(folder, "nothing.yaml"))).toMatchObject({
      ok: false,
      problems: [{ message: expect.stringMatching(/does not exist/) }],
    });
  });
});
