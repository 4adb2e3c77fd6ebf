import { createServer, type AddressInfo, type Server } from "node:net";

import { type DeployedCluster, Ancestry, findClusters, isCluster } from "../../cli/pulumi/clusters";
import { checkTakenOver } from "../../cli/pulumi/split";
import { excluding } from "../../cli/pulumi/unreachable";
import { findObstacle } from "../../components/clusters/reachability";

jest.setTimeout(60_000);

const kubeconfig = (port: number): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server: `https://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } }],
    users: [{ name: "u", user: { token: "t" } }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  });

describe("the check of an API", () => {
  let server: Server;
  const listen = (): Promise<number> =>
    new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));
  beforeEach(() => (server = createServer()));
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  test("finds a refused connection", async () => {
    const port = await listen();
    await new Promise((resolve) => server.close(resolve));
    server = createServer();
    await new Promise<void>((resolve) => server.listen(0, resolve));
    expect(await findObstacle(kubeconfig(port), 0)).toMatch(/ECONNREFUSED/);
  });

  test("does not wait forever for a server that never answers", async () => {
    const sockets: { destroy(): void }[] = [];
    server.on("connection", (socket) => sockets.push(socket));
    const started = Date.now();
    expect(await findObstacle(kubeconfig(await listen()), 0)).toBe("no response");
    expect(Date.now() - started).toBeLessThan(10_000);
    for (const socket of sockets) socket.destroy();
  });

  test("finds an invalid kubeconfig", async () => {
    expect(await findObstacle("{", 0)).toBeDefined();
  });
});

const S = "urn:pulumi:production::ports::";
const urn = (type: string, name: string): string => `${S}${type}::${name}`;
const tokyo: DeployedCluster = {
  name: "tokyo",
  urn: urn("skerry:clusters:Cluster", "tokyo"),
  provider: urn("skerry:clusters:Cluster$pulumi:providers:kubernetes", "tokyo-api"),
  kubeconfig: "kubeconfig",
};
const state = [
  { urn: urn("pulumi:pulumi:Stack", "ports-production"), type: "pulumi:pulumi:Stack" },
  { urn: tokyo.urn, type: "skerry:clusters:Cluster", parent: urn("pulumi:pulumi:Stack", "ports-production") },
  {
    urn: tokyo.provider,
    type: "pulumi:providers:kubernetes",
    parent: tokyo.urn,
    inputs: { kubeconfig: { plaintext: JSON.stringify("kubeconfig") } },
  },
  { urn: urn("skerry:nodes:NodePool", "tokyo-gw"), type: "skerry:nodes:NodePool", parent: tokyo.urn },
  // The default provider belongs to no cluster.
  { urn: urn("pulumi:providers:kubernetes", "default"), type: "pulumi:providers:kubernetes", inputs: {} },
];
const fleet = urn("skerry:fleet:FleetDeployment", "fleet");

describe("the clusters in a state", () => {
  test("are found by their providers, with decrypted kubeconfigs", () => expect(findClusters(state)).toEqual([tokyo]));

  test("are excluded with their providers, which the engine would otherwise include", () => {
    expect(excluding([tokyo])).toEqual({ exclude: [tokyo.urn, tokyo.provider], excludeDependents: true });
    expect(excluding([])).toEqual({});
  });

  test("include those that Skerry connects to, as a whole", () => {
    const existing = urn("skerry:fleet:FleetDeployment$skerry:clusters:ExistingCluster", "osaka");
    const provider = `${existing.replace(/::osaka$/, "")}$pulumi:providers:kubernetes::osaka-api`;
    const resource = {
      urn: provider,
      type: "pulumi:providers:kubernetes",
      parent: existing,
      inputs: { kubeconfig: "k" },
    };
    expect(findClusters([resource])).toEqual([{ name: "osaka", urn: existing, provider, kubeconfig: "k" }]);
  });

  test("are no parts of a cluster with the same name", () => {
    const types = "skerry:fleet:FleetDeployment$skerry:clusters:Cluster";
    expect(isCluster(urn(types, "tokyo"))).toBe(true);
    for (const part of ["ClusterCredentials", "ClusterUpgrade"])
      expect(isCluster(urn(`${types}$skerry:clusters:${part}`, "tokyo"))).toBe(false);
  });

  test("never include the whole fleet, if a program connects to a cluster without a component", () => {
    const provider = urn("skerry:fleet:FleetDeployment$pulumi:providers:kubernetes", "osaka-api");
    const resource = { urn: provider, type: "pulumi:providers:kubernetes", parent: fleet, inputs: { kubeconfig: "k" } };
    const osaka = { name: "osaka", urn: provider, provider, kubeconfig: "k" };
    expect(findClusters([{ urn: fleet, type: "skerry:fleet:FleetDeployment" }, resource])).toEqual([osaka]);
    expect(excluding([osaka])).toEqual({ exclude: [provider], excludeDependents: true });
  });

  const report = (ancestry: Ancestry, of: string, parent: string, provider = ""): void =>
    ancestry.onEvent({
      sequence: 0,
      timestamp: 0,
      resourcePreEvent: { metadata: { urn: of, provider, new: { parent } } as never },
    });

  test("own the resources below them, and objects that use their providers", () => {
    const ancestry = new Ancestry(state);
    const machines = urn("lab:MachineGroup", "tokyo-gw");
    report(ancestry, machines, urn("skerry:nodes:NodePool", "tokyo-gw"));
    expect(ancestry.findCluster(machines, [tokyo])).toBe(tokyo);
    const object = urn("kubernetes:core/v1:ConfigMap", "links");
    report(ancestry, object, urn("example:Site", "site"), `${tokyo.provider}::id`);
    expect(ancestry.findCluster(object, [tokyo])).toBe(tokyo);
    expect(ancestry.findCluster(urn("aws:s3/bucket:Bucket", "backups"), [tokyo])).toBeUndefined();
  });
});

test("a cluster that the settings leave out must have been moved to another stack first", () => {
  const fleet = ["dallas", "tokyo"];
  expect(() => checkTakenOver({ clusters: ["dallas"] }, "production", [tokyo], fleet)).toThrow(
    /does not name cluster "tokyo".*skerry move tokyo --from production/,
  );
  // The whole environment, a cluster that stays, and one that left the fleet.
  expect(() => checkTakenOver({}, "production", [tokyo], fleet)).not.toThrow();
  expect(() => checkTakenOver({ clusters: ["tokyo"] }, "production", [tokyo], fleet)).not.toThrow();
  expect(() => checkTakenOver({ clusters: ["dallas"] }, "production", [tokyo], ["dallas"])).not.toThrow();
});
