/* eslint-disable @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call -- fleets that may hold anything */
import * as fc from "fast-check";

import { checkFleet, type Problem } from "../../fleet/reading/parse";
import { formatPath } from "../../fleet/problem";
import { fleetSchema } from "../../fleet/reading/schema";

/**
 * One broken field hides no problem elsewhere: a problem may go only where a valid value of that field could make it go.
 */

type Path = readonly PropertyKey[];
type Tree = Record<PropertyKey, any>;

const taint = (key: string, value: string): Tree => ({ key, value, effect: "NoSchedule" });
const client = (name: string, topic: string): Tree => ({ name, publish: [topic], subscribe: [] });

/** A valid fleet with every kind of part. */
const sound = (): Tree => ({
  name: "broken",
  regions: ["tokyo", "osaka", "paris"].map((name, i) => ({ name, latitude: 10 * i, longitude: 10 * i })),
  links: [
    { from: "tokyo", to: "osaka", rttMs: 9, basis: "measured", source: "a test", at: "2024-08-25" },
    { from: "osaka", to: "tokyo", rttMs: 9, basis: "measured", source: "a test" },
  ],
  clusters: [
    {
      name: "east",
      homeRegion: "tokyo",
      servers: 3,
      serverDevice: "m6i.large",
      clusterCidr: "10.42.0.0/20",
      serviceCidr: "10.43.0.0/16",
      nodeCidrMaskSize: 24,
      nodePools: [
        { name: "gateways", region: "tokyo", device: "raspberry-pi-5", edgeNodeType: "iot-gateway", count: 4, labels: { rack: "a" }, taints: [taint("dedicated", "iot")] }, // prettier-ignore
        { name: "cloud", region: "tokyo", device: "m6i.large", role: "cloud-worker", count: 2 },
        { name: "small", region: "osaka", zone: "osaka-b", device: "raspberry-pi-4", count: 2, capacity: { cpuCores: 4, memoryMiB: 4096, disk: "sd", diskGiB: 32, iops: 800, networkMbps: 1000 } }, // prettier-ignore
      ],
      cloudBroker: { name: "cloud", clients: [client("dashboard", "a/b")], queue: { messageKiB: 512 }, storageGiB: 8 },
      brokers: [
        { name: "edge", region: "osaka", forward: ["sensors/#"], clients: [client("gateway", "x/y")], queue: { memoryMiB: 16, messageKiB: 64 }, storageGiB: 1 }, // prettier-ignore
      ],
    },
    {
      name: "west",
      homeRegion: "paris",
      nodePools: [{ name: "edge", region: "paris", device: "raspberry-pi-5", count: 2 }],
    },
  ],
  workloads: {
    detector: { image: "example/detector:1.0.0", placement: { kind: "region", region: "osaka", replicas: 1 }, resources: { cpu: "100m", memory: "64Mi" }, env: { MODE: "x" } }, // prettier-ignore
    spread: { image: "example/spread:1.0.0", placement: { kind: "each-region", regions: ["tokyo", "paris"], replicas: 1 }, resources: { cpu: "100m", memory: "64Mi" }, tolerations: [taint("dedicated", "iot")] }, // prettier-ignore
    agent: { image: "example/agent:1.0.0", placement: { kind: "every-node", device: "raspberry-pi-4" }, resources: { cpu: "100m", memory: "64Mi" } }, // prettier-ignore
    api: { image: "example/api:1.0.0", clusters: ["west"], placement: { kind: "anywhere", replicas: 2 }, resources: { cpu: "100m", memory: "64Mi" } }, // prettier-ignore
  },
});

/** Faults that a check finds. */
const faults: readonly (readonly [string, (fleet: Tree) => void])[] = [
  ["a link to an unknown region", (fleet) => (fleet.links[0].to = "atlantis")],
  ["a duplicate link", (fleet) => fleet.links.push({ ...fleet.links[1] })],
  ["a link to itself", (fleet) => fleet.links.push({ ...fleet.links[1], from: "paris", to: "paris" })],
  ["two regions of one name", (fleet) => fleet.regions.push({ ...fleet.regions[2] })],
  ["an unknown home region", (fleet) => (fleet.clusters[1].homeRegion = "parsi")],
  ["a pool of an unknown device", (fleet) => (fleet.clusters[0].nodePools[1].device = "m6i.lagre")],
  ["too many nodes for the addresses", (fleet) => (fleet.clusters[0].nodePools[1].count = 9)],
  ["a pool's taint of Kubernetes", (fleet) => (fleet.clusters[0].nodePools[0].taints[0].key = "node.kubernetes.io/x")],
  ["a pool's taint twice", (fleet) => fleet.clusters[0].nodePools[0].taints.push(taint("dedicated", "ai"))],
  ["a pool's label of ours", (fleet) => (fleet.clusters[0].nodePools[0].labels["required-region"] = "tokyo")],
  ["a pool's label that contradicts it", (fleet) => (fleet.clusters[0].nodePools[0].labels["device-type"] = "abacus")],
  ["a server on an SD card", (fleet) => (fleet.clusters[0].serverDevice = "raspberry-pi-4")],
  ["a broker without a node", (fleet) => (fleet.clusters[0].brokers[0].region = "paris")],
  ["a broker that is too large", (fleet) => (fleet.clusters[0].brokers[0].queue.memoryMiB = 60_000)],
  ["a broker's disk that is too large", (fleet) => (fleet.clusters[0].brokers[0].storageGiB = 5000)],
  ["a message that is too large", (fleet) => (fleet.clusters[0].brokers[0].queue.messageKiB = 1024)],
  ["a topic twice", (fleet) => (fleet.clusters[0].brokers[0].forward = ["a/#", "a/#"])],
  ["brokers without a cloud broker", (fleet) => delete fleet.clusters[0].cloudBroker],
  ["a workload where no node is", (fleet) => (fleet.workloads.spread.placement.regions = ["paris", "osaka", "osaka"])],
  ["a workload that no node tolerates", (fleet) => (fleet.workloads.spread.tolerations = [])],
  ["a workload that is too large", (fleet) => (fleet.workloads.detector.resources.memory = "64Gi")],
  ["a workload that is too large for its nodes", (fleet) => (fleet.workloads.agent.resources.cpu = "64")],
  ["a workload of an unknown cluster", (fleet) => (fleet.workloads.api.clusters = ["west", "wets"])],
  ["a workload on no node", (fleet) => (fleet.workloads.agent.placement.device = "jetson-orin-nano")],
  ["a workload's key", (fleet) => (fleet.workloads.Bad_Name = { ...fleet.workloads.api })],
  ["a namespace of the system", (fleet) => (fleet.workloads.api.namespace = "kube-system")],
  ["a variable's name", (fleet) => (fleet.workloads.detector.env = { "1X": "x" })],
];

/** Returns every path into a value. */
function paths(value: unknown, at: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [at];
  const below = Array.isArray(value) ? value.map((item, i) => [i, item] as const) : Object.entries(value);
  return [...(at.length > 0 ? [at] : []), ...below.flatMap(([step, item]) => paths(item, [...at, step]))];
}

/** Parts on which nearly every problem depends, and which are therefore not replaced. */
const MOST_FIELDS = 14;
const places = (fleet: Tree): Path[] => paths(fleet).filter((path) => paths(get(fleet, path)).length <= MOST_FIELDS);

const get = (tree: Tree, path: Path): unknown => path.reduce<any>((value, step) => value[step], tree);

function set(tree: Tree, path: Path, value: unknown): Tree {
  const copy = structuredClone(tree);
  const holder = get(copy, path.slice(0, -1)) as Tree;
  if (value === undefined) delete holder[path.at(-1)!];
  else holder[path.at(-1)!] = structuredClone(value);
  return copy;
}

function problems(fleet: unknown): Problem[] {
  const checked = checkFleet(fleet);
  return checked.ok ? [] : [...checked.problems];
}
const same = (a: Problem, b: Problem): boolean => a.path === b.path && a.message === b.message;

const TEXTS = ["tokyo", "osaka", "paris", "east", "west", "raspberry-pi-4", "raspberry-pi-5", "m6i.large", "m6i.xlarge", "jetson-orin-nano", "edge-worker", "cloud-worker", "ssd", "sd", "iot-gateway", "NoSchedule", "NoExecute", "PreferNoSchedule", "dedicated", "iot", "other", "anywhere", "node.kubernetes.io/x", "1m", "1Mi", "10.0.0.0/8", "10.200.0.0/16", ""]; // prettier-ignore
const NUMBERS = [0.5, 1, 2, 3, 5, 16, 20, 24, 28, 512, 1000, 8192, 100_000];

/** Returns values to replace one with: other scalars, and the value itself with one or two scalars changed. */
function* others(value: unknown, changes = 2): Generator {
  if (typeof value === "string") yield* TEXTS;
  else if (typeof value === "number") yield* NUMBERS;
  else if (Array.isArray(value) || (typeof value === "object" && value !== null)) {
    if (Array.isArray(value)) {
      yield [];
      // A list that was broken as a whole might hold anything: of what decides, taints.
      yield [taint("dedicated", "iot")];
      yield [taint("node.kubernetes.io/x", "iot")];
      for (const item of others(value[0], 1)) yield [...(value as unknown[]), item];
    }
    for (const step of Array.isArray(value) ? value.keys() : Object.keys(value)) {
      const item = (value as Tree)[step] as unknown;
      if (!Array.isArray(value)) yield set(value, [step], undefined);
      for (const other of others(item, changes)) {
        const changed = set(value, [step], other);
        yield changed;
        // That a thing has another name decides nothing together with another change.
        if (changes > 1 && typeof other === "string" && step !== "name") yield* others(changed, 1);
      }
    }
  }
  // Left out, where it may be.
  yield undefined;
}

/** Reports whether a valid value at a path removes a problem. The kind of a placement determines its other fields. */
function dependsOn(problem: Problem, fleet: Tree, at: Path): boolean {
  const path = at.at(-1) === "kind" ? at.slice(0, -1) : at;
  if (problem.path.startsWith(formatPath(path))) return true;
  const goes = (other: unknown): boolean => {
    const changed = set(fleet, path, other);
    const { error } = fleetSchema.safeParse(changed);
    const valid = !error?.issues.some((issue) => formatPath(issue.path).startsWith(formatPath(path)));
    return valid && !problems(changed).some((each) => same(each, problem));
  };
  // One changed scalar is enough nearly always, and quickly tried.
  for (const changes of [1, 2]) for (const other of others(get(fleet, path), changes)) if (goes(other)) return true;
  return false;
}

/** Returns values that the schema rejects at a path. */
const invalid = (value: unknown): unknown[] => [
  { never: "valid" },
  null,
  ...(typeof value === "number" ? [-1e9, "text"] : []),
  ...(typeof value === "string" ? ["Not Valid!", 5] : []),
];

/** Finds the problems that are no longer reported when one field is invalid. */
function expectNothingHidden(fleet: Tree, path: Path): void {
  const before = problems(fleet);
  const hidden = new Map<Problem, unknown>();
  for (const value of invalid(get(fleet, path))) {
    const broken = problems(set(fleet, path, value));
    for (const problem of before) if (!broken.some((each) => same(each, problem))) hidden.set(problem, value);
  }
  const wrongly = [...hidden].filter(([problem]) => !dependsOn(problem, fleet, path));
  expect(
    wrongly.map(
      ([problem, value]) => `${formatPath(path)} = ${JSON.stringify(value)} hides ${problem.path}: ${problem.message}`,
    ),
  ).toEqual([]);
}

test("reports nothing for the valid fleet and a problem for every fault", () => {
  expect(problems(sound())).toEqual([]);
  for (const [name, cause] of faults) {
    const fleet = sound();
    cause(fleet);
    expect({ name, count: problems(fleet).length }).not.toMatchObject({ count: 0 });
  }
});

test.each(faults)("no broken field hides %s", (_name, cause) => {
  const fleet = sound();
  cause(fleet);
  for (const path of places(fleet)) expectNothingHidden(fleet, path);
});

test("reports every other problem despite an invalid field", () => {
  fc.assert(
    fc.property(fc.subarray([...faults], { minLength: 2 }), fc.nat(), (chosen, at) => {
      const fleet = sound();
      for (const [, cause] of chosen) cause(fleet);
      const all = places(fleet);
      expectNothingHidden(fleet, all[at % all.length]!);
    }),
    { numRuns: 30 },
  );
});

test("reports an unknown region despite an invalid latitude", () => {
  const fleet = sound();
  fleet.clusters[0].nodePools[0].region = "tokoy";
  fleet.links[0].to = "atlantis";
  const before = problems(fleet);
  fleet.regions[0].latitude = 1000;
  const after = problems(fleet);
  expect(after.map(({ path }) => path)).toContain("regions[0].latitude");
  expect(after).toEqual(expect.arrayContaining(before));
});
