import fc from "fast-check";

import { checkUpgrade, needsUpgrade } from "../../../fleet/upgrades/check-upgrade";

const nodes = (prefix: string, ...versions: string[]) =>
  versions.map((version, index) => ({ name: `${prefix}-0${index + 1}`, version }));
const check = (servers: string[], agents: string[], wanted: string) =>
  checkUpgrade({ servers: nodes("server", ...servers), agents: nodes("agent", ...agents) }, wanted);

const OLD = "v1.35.4+k3s1";
const NEW = "v1.36.3+k3s1";

test("allows patches, revisions, and one minor version", () => {
  expect(check([OLD], [OLD], "v1.35.5+k3s1")).toEqual([]);
  expect(check([OLD], [OLD], "v1.35.4+k3s2")).toEqual([]);
  expect(check([OLD], [OLD], NEW)).toEqual([]);
});

test("allows an upgrade that was interrupted, and a cluster that runs the version", () => {
  expect(check([NEW, OLD, OLD], [OLD], NEW)).toEqual([]);
  expect(check([NEW], [NEW], NEW)).toEqual([]);
  expect(needsUpgrade({ servers: nodes("server", NEW), agents: [] }, NEW)).toBe(false);
  expect(needsUpgrade({ servers: nodes("server", NEW), agents: nodes("agent", OLD) }, NEW)).toBe(true);
});

test("refuses a downgrade", () => {
  expect(check([NEW, NEW, NEW], [], OLD)).toEqual([
    "server-01 runs v1.36.3+k3s1 (and 2 other nodes): a server must not be newer than v1.35.4+k3s1, because K3s cannot be downgraded; to go back, restore a snapshot that the old version took",
  ]);
  expect(check(["v1.36.3+k3s2"], [], NEW)).toHaveLength(1);
  expect(check([NEW], [], "v1.36.3-rc1+k3s1")).toHaveLength(1);
});

test("refuses to skip a minor version", () => {
  expect(check(["v1.34.9+k3s1"], [], NEW)).toEqual([
    "server-01 runs v1.34.9+k3s1: an upgrade to v1.36.3+k3s1 would skip a minor version; upgrade to 1.35 first",
  ]);
});

test("allows agents that a restore has left newer than their servers, and upgrades nothing", () => {
  expect(check([OLD, OLD], [NEW, OLD], OLD)).toEqual([]);
  expect(needsUpgrade({ servers: nodes("server", OLD), agents: nodes("agent", NEW, OLD) }, OLD)).toBe(false);
  expect(check([OLD, "v1.35.3+k3s1"], [NEW], OLD)).toHaveLength(1);
});

test("refuses agents that are newer than their servers, or too old for them", () => {
  expect(check([OLD], ["v1.36.0+k3s1"], "v1.35.5+k3s1")).toEqual([
    "agent-01 runs v1.36.0+k3s1: an agent must not be newer than its servers, which would run v1.35.5+k3s1",
  ]);
  expect(check([OLD], ["v1.33.0+k3s1", "v1.32.0+k3s1"], NEW)).toEqual([
    "agent-02 runs v1.32.0+k3s1: an agent must be at most 3 minor versions older than its servers, which would run v1.36.3+k3s1; upgrade or remove it first",
  ]);
});

test("refuses versions that are not of K3s or not supported", () => {
  expect(check([OLD], [], "1.36.3")).toEqual(['version must be a K3s version, such as v1.36.3+k3s1, got "1.36.3"']);
  expect(check(["v1.37.0+k3s1"], [], "v1.38.0+k3s1")).toEqual([
    "version must be between 1.34 and 1.37, which this release of Skerry supports, got v1.38.0+k3s1",
  ]);
  expect(check(["v1.36.3-eks-b2c7"], [], NEW)).toEqual([
    "server-01 runs v1.36.3-eks-b2c7: this is not a version of K3s",
  ]);
});

test("reports every reason at once", () => {
  expect(check(["v1.34.1+k3s1", "v1.38.0+k3s1"], ["v1.39.0+k3s1", "junk"], NEW)).toHaveLength(4);
});

test("refuses exactly what leaves the supported skew", () => {
  const version = fc.tuple(fc.integer({ min: 32, max: 38 }), fc.integer({ min: 0, max: 3 }));
  const text = ([minor, patch]: readonly [number, number]) => `v1.${minor}.${patch}+k3s1`;
  const value = ([minor, patch]: readonly [number, number]) => minor * 100 + patch;
  fc.assert(
    fc.property(fc.array(version, { minLength: 1 }), fc.array(version), version, (servers, agents, wanted) => {
      const allowed =
        wanted[0] >= 34 &&
        wanted[0] <= 37 &&
        servers.every((server) => value(server) <= value(wanted) && wanted[0] - server[0] <= 1) &&
        agents.every(
          (agent) =>
            (value(agent) <= value(wanted) || servers.every((server) => value(server) === value(wanted))) &&
            wanted[0] - agent[0] <= 3,
        );
      expect(check(servers.map(text), agents.map(text), text(wanted)).length === 0).toBe(allowed);
    }),
  );
});
