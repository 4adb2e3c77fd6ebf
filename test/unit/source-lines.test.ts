import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";

import { fleetPath } from "../../charts/origins";
import { renderFleet } from "../../charts/render";
import { parsePath, formatPath } from "../../fleet/problem";
import { sourceLines } from "../../fleet/reading/source-lines";
import { smallFleet } from "../fixtures/small-fleet";

const folder = mkdtempSync(join(tmpdir(), "skerry-lines-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The text from where a path is found to the end of its line. */
function found(file: string, text: string, path: string, name = "fleet"): string | undefined {
  writeFileSync(join(folder, file), text);
  const place = sourceLines(join(folder, file), name).place(path);
  return place && text.split("\n")[place.line - 1]!.slice(place.column - 1);
}

test("a path is read as it is written", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(), fc.string({ unit: "binary" }))), (steps) => {
      expect(parsePath(formatPath(steps))).toEqual(steps);
    }),
  );
});

describe("a module", () => {
  const module = `
import { far } from "./far";
const detector = { image: "detector:1", placement: { kind: "anywhere", replicas: 2 } } as const;
const common = { namespace: "telemetry", port: 80 };
const pools = (region: string) => [{ name: region }];
const two = [{ name: "b" }, { name: "c" }];
const image = "short:1";
export const fleet = {
  name: "small",
  "regions": [{ name: "tokyo" }, ...two, { name: "d" }],
  clusters: [{ name: "east", nodePools: [{ name: "x" }, ...pools("tokyo"), { name: "y" }] }, make("west")],
  workloads: {
    detector,
    ["dash-board"]: { ...common, image: "dashboard:1", ...far },
    probe: { image, "env": { A: "1" } },
    "over": { ...{ port: 1 }, port: 2, ...{ port: 3 } },
  },
} satisfies object;
export default fleet;
`;
  test.each([
    ["", "{"],
    ["name", 'name: "small",'],
    ["regions[0].name", 'name: "tokyo" }, ...two, { name: "d" }],'],
    ["regions[2].name", 'name: "c" }];'],
    ["regions[3].name", 'name: "d" }],'],
    ["regions[9].name", '"regions": [{ name: "tokyo" }, ...two, { name: "d" }],'],
    ["clusters[0].nodePools[0].name", 'name: "x" }, ...pools("tokyo"), { name: "y" }] }, make("west")],'],
    ["clusters[0].nodePools[1].name", '...pools("tokyo"), { name: "y" }] }, make("west")],'],
    ["clusters[0].nodePools[2]", '...pools("tokyo"), { name: "y" }] }, make("west")],'],
    ["clusters[1].nodePools[0]", 'make("west")],'],
    ["workloads.detector.placement.replicas", "replicas: 2 } } as const;"],
    ["workloads.dash-board.port", "port: 80 };"],
    ["workloads.dash-board.image", 'image: "dashboard:1", ...far },'],
    ["workloads.dash-board.tolerations", '["dash-board"]: { ...common, image: "dashboard:1", ...far },'],
    ["workloads.probe.image", 'image, "env": { A: "1" } },'],
    ["workloads.probe.env.A", 'A: "1" } },'],
    ["workloads.over.port", "port: 3 } },"],
    ["workloads.nothing", "workloads: {"],
    ["nothing", "{"],
  ])("%s", (path, expected) => expect(found("fleet.ts", module, path)).toBe(expected));

  test("exports by default, by name, and as CommonJS does", () => {
    expect(found("a.ts", "export default {\n  name: 1 };", "name")).toBe("name: 1 };");
    expect(found("b.js", "module.exports = {\n  name: 1 };", "name")).toBe("name: 1 };");
    expect(found("c.cjs", "exports.fleet = {\n  name: 1 };", "name")).toBe("name: 1 };");
    expect(found("d.ts", "export const policy = definePolicy({\n  waivers: [] });", "waivers", "policy")).toBe(
      "waivers: [] });",
    );
  });

  test("where nothing can be found, no line is told", () => {
    expect(found("e.ts", "export default makeFleet(1, 2);", "")).toBe("makeFleet(1, 2);");
    expect(found("f.ts", "const a = b;\nconst b = a;\nexport default a;", "name")).toBe("a;");
    expect(found("g.ts", "export {};", "name")).toBeUndefined();
    expect(found("h.ts", "this is ] no module", "name")).toBeUndefined();
    expect(sourceLines(join(folder, "none.ts"), "fleet").place("name")).toBeUndefined();
  });
});

test.each(["yaml", "json"])("%s", (kind) => {
  const text = '{ "name": "small",\n "workloads": { "probe": {\n "image": "a:1" } } }\n';
  expect(found(`fleet.${kind}`, text, "workloads.probe.image")).toBe('"image": "a:1" } } }');
  expect(found(`fleet.${kind}`, text, "workloads.probe.port")).toBe('"probe": {');
});

describe("a rendered object", () => {
  const [tokyo] = renderFleet(smallFleet);
  const origin = (kind: string, name: string) => {
    const object = tokyo!.objects.find((each) => each.kind === kind && each.metadata.name === name);
    return tokyo!.origins.get(object!);
  };

  test("knows its construct, and the part of the fleet that states it", () => {
    const places = (
      [
        ["Deployment", "dashboard", "spec.template.spec.containers[0].image"],
        ["Deployment", "dashboard", "spec.replicas"],
        ["Deployment", "dashboard", "spec.template.spec.containers[0].resources.limits.memory"],
        ["Deployment", "dashboard", "spec.replicasets"],
        ["Deployment", "detector-sydney", "spec.template.spec.containers[0].env[3].name"],
        ["DaemonSet", "sensor-gateway", ""],
        ["PodDisruptionBudget", "dashboard", "spec"],
        ["StatefulSet", "sydney", "spec"],
        ["StatefulSet", "cloud", "spec"],
        ["FleetNodePool", "sydney-pi4", "spec.taints[1]"],
      ] as const
    ).map(([kind, name, path]) => fleetPath(origin(kind, name)!, path));
    expect(places).toEqual([
      "workloads.dashboard.image",
      "workloads.dashboard.placement.replicas",
      "workloads.dashboard.resources.memory",
      "workloads.dashboard",
      "workloads.detector.env",
      "workloads.sensor-gateway",
      "workloads.dashboard",
      "clusters[0].brokers[0]",
      "clusters[0].cloudBroker",
      "clusters[0].nodePools[3].taints",
    ]);
    expect(origin("Deployment", "dashboard")!.construct).toBe("workloads/dashboard");
    expect(fleetPath(origin("Deployment", "edge-scheduler")!, "spec")).toBeUndefined();
  });

  test("always knows its construct", () => {
    for (const { objects, definitions, origins } of renderFleet(smallFleet)) {
      expect([...definitions, ...objects].filter((object) => !origins.get(object)?.construct)).toEqual([]);
    }
  });
});

test("this checkout's own fleet is found line by line", () => {
  const file = join(__dirname, "..", "..", "stacks", "local.ts");
  const line = sourceLines(file, "fleet").place("workloads.dashboard.image")!.line;
  expect(readFileSync(file, "utf8").split("\n")[line - 1]).toContain("/dashboard:");
});
