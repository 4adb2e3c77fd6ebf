import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { ClusterConnector } from "../../components/clusters/connected-cluster";
import { FleetDeployment } from "../../components/fleet";
import { SkerryMocks } from "../../components/mocks";
import { LabMachines } from "../../components/nodes/lab/machines";
import type { FleetInput } from "../../fleet/reading/schema";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
  readonly custom: boolean;
  readonly parent: string;
  readonly provider: string;
  readonly dependencies: readonly string[];
}

const registered: Registered[] = [];
const TOKEN = "K10-agent-token";
const SECRET = "4dabf18193072939515e22adb298388d";

const nameOf = (urn: string): string => urn.split("::").slice(3).join("::");

/** The part of a registration that mocks do not pass on. */
interface Request {
  getType(): string;
  getName(): string;
  getCustom(): boolean;
  getParent(): string;
  getProvider(): string;
  getDependenciesList(): string[];
}

interface Monitor {
  registerResource(request: Request, callback: unknown): unknown;
}

const tokens = { serverToken: "K10-server-token", agentToken: TOKEN };
const mocks = new SkerryMocks({ outputs: { "pulumi-nodejs:dynamic/clusters:Tokens": () => tokens } });

beforeAll(async () => {
  await pulumi.runtime.setMocks(mocks, "skerry", "local");
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    const [type, name] = [request.getType(), request.getName()];
    registered.push({
      ...{ type, name, custom: request.getCustom(), provider: request.getProvider() },
      parent: nameOf(request.getParent()),
      dependencies: request.getDependenciesList().map(nameOf),
      get inputs() {
        const found = mocks.resources.find((each) => each.type === type && each.name === name);
        return found!.inputs as Record<string, unknown>;
      },
    });
    return register(request, callback);
  };
});

const cluster = (name: string): FleetInput["clusters"][number] => ({
  name,
  homeRegion: "tokyo",
  cloudBroker: {},
  nodePools: [
    { name: "cloud", region: "tokyo", device: "m6i.xlarge", role: "cloud-worker", count: 1 },
    { name: "pi5", region: "tokyo", device: "raspberry-pi-5", count: 2 },
  ],
  brokers: [{ name: `${name}-mqtt`, region: "tokyo", clients: [{ name: "sensor", publish: ["sensors/#"] }] }],
});

const fleet: FleetInput = {
  name: "test",
  regions: [{ name: "tokyo", latitude: 35.68, longitude: 139.69 }],
  clusters: [cluster("one"), cluster("two"), cluster("three")],
};

const connected: string[] = [];

/** Connects to clusters, and refuses the one named `three`. */
const connector: ClusterConnector = {
  validate: ({ name }) => (name === "three" ? [{ path: "name", message: "no kubeconfig" }] : []),
  connect: (name, spec, opts) => {
    connected.push(spec.name);
    const kubeconfig = pulumi.secret("kubeconfig");
    return { kubeconfig, provider: new kubernetes.Provider(`${name}-api`, { kubeconfig }, opts), nodePools: [] };
  },
};

/** Waits until the last object of each cluster is registered. */
async function settle(): Promise<void> {
  for (let before = -1; before !== registered.length; await new Promise((resolve) => setTimeout(resolve, 100)))
    before = registered.length;
}

describe("a deployed fleet", () => {
  let deployment: FleetDeployment;
  beforeAll(async () => {
    const machines = new LabMachines();
    deployment = new FleetDeployment("fleet", {
      fleet,
      clusters: ["one", "two"],
      machines: ({ name }) => (name === "one" ? machines : connector),
    });
    await settle();
  });
  const find = (name: string): Registered => registered.find((each) => each.name === name)!;

  test("consists of the selected clusters", () => {
    expect(Object.keys(deployment.clusters)).toEqual(["one", "two"]);
    expect(registered.filter(({ name }) => name.startsWith("three"))).toEqual([]);
    expect(connected).toEqual(["two"]);
  });

  test("has secret kubeconfigs, one per cluster", async () => {
    expect(Object.keys(deployment.kubeconfigs)).toEqual(["one", "two"]);
    for (const kubeconfig of Object.values(deployment.kubeconfigs))
      expect(await pulumi.isSecret(kubeconfig)).toBe(true);
  });

  test("is the parent of its clusters, which are the parents of their parts", () => {
    expect(find("one")).toMatchObject({ type: "skerry:clusters:Cluster", parent: "fleet" });
    expect(find("one-brokers").parent).toBe("one");
    expect(find("one-delivery").parent).toBe("one");
    expect(find("two-delivery").parent).toBe("fleet");
  });

  test("applies the objects of a cluster through its own provider", () => {
    for (const name of ["one", "two"]) {
      const objects = registered.filter(
        ({ parent, type }) => parent === `${name}-delivery` && /^kubernetes:/.test(type),
      );
      expect(objects.length).toBeGreaterThan(10);
      for (const { provider } of objects) expect(provider).toContain(`::${name}-api::`);
    }
  });

  test("applies objects after the nodes exist", () => {
    const [first] = registered.filter(
      ({ type, parent }) => parent === "one-delivery" && type.endsWith(":CustomResourceDefinition"),
    );
    expect(first).toMatchObject({ dependencies: ["one-cloud", "one-pi5"] });
    expect(find("one-pi5")).toBeDefined();
    const agents = registered.find(({ type, name }) => type.endsWith(":MachineGroup") && name === "one-pi5")!;
    expect(agents.dependencies).toContain("one-server-1-membership");
  });

  test("records a restore of a cluster before the restore deletes its servers", () => {
    expect(find("one-restoration").dependencies).toContain("one-servers");
    expect(find("one-servers").inputs).not.toHaveProperty("restoring");
  });

  // The engine skips what depends on a failed resource. A skipped component or provider aborts the whole update.
  test("no component depends on a resource, and no provider on a machine", () => {
    const components = registered.filter(({ custom }) => !custom);
    expect(components.length).toBeGreaterThan(5);
    for (const { name, dependencies } of components) expect({ name, dependencies }).toEqual({ name, dependencies: [] });
    expect(find("one-api").dependencies).not.toContain("one-server-1");
  });

  test("encrypts the data of Secrets, and has no token in user data", () => {
    const secrets = registered.filter(({ type }) => type === "kubernetes:core/v1:Secret");
    expect(secrets.length).toBeGreaterThan(2);
    for (const { inputs } of secrets) expect(inputs.stringData).toHaveProperty([SECRET]);
    for (const { inputs } of registered.filter(({ type }) => type.endsWith(":MachineGroup")))
      expect(inputs.userData).not.toContain(TOKEN);
    expect(JSON.stringify(registered.filter(({ type }) => type.endsWith("ConfigMap")))).not.toContain(TOKEN);
  });
});

test("reports all problems before anything is registered", async () => {
  await settle();
  const before = registered.length;
  const deploy = (args: object) => () => new FleetDeployment("bad", { fleet, machines: connector, ...args });
  expect(deploy({ clusters: ["three", "thre"] })).toThrow(
    /2 problems.*skerry:clusters: unknown cluster "thre": did you mean "three"\?.*clusters\[2\]\.name: no kubeconfig/s,
  );
  expect(deploy({ fleet: { ...fleet, regions: [] } })).toThrow(/unknown region "tokyo"/);
  await settle();
  expect(registered).toHaveLength(before);
});
