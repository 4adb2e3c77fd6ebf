import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { splitIntoStages } from "../../charts/delivery-order";
import { renderFleet } from "../../charts/render";
import { Cluster } from "../../components/clusters/cluster";
import { Delivery } from "../../components/delivery/delivery";
import { objectName, typeToken } from "../../components/delivery/object";
import { operations } from "../../components/mqtt/certificates-operations";
import { SkerryMocks } from "../../components/mocks";
import { LabMachines } from "../../components/nodes/lab/machines";
import { parseFleet } from "../../fleet/reading/parse";
import { local } from "../../stacks/local";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

const SECRETS = ["K10-server-token", "K10-agent-token", "K10-join-token", "CA KEY", "ROOT KEY", "INTERMEDIATE KEY"];
const [SERVER_TOKEN, AGENT_TOKEN, JOIN_TOKEN, CA_KEY, ROOT_KEY, INTERMEDIATE_KEY] = SECRETS;
/** The key with which Pulumi marks a secret, so that the engine encrypts it. */
const SECRET_MARK = "4dabf18193072939515e22adb298388d";

/** Secrets that can be recognized. */
const mocks = new SkerryMocks({
  outputs: {
    "pulumi-nodejs:dynamic/clusters:Authority": () => ({
      files: { "server-ca.crt": "CA", "server-ca.key": CA_KEY },
      rootCertificate: "CA",
      rootKey: ROOT_KEY,
      intermediateKey: INTERMEDIATE_KEY,
    }),
    "pulumi-nodejs:dynamic/clusters:Tokens": () => ({
      serverToken: SERVER_TOKEN,
      agentToken: AGENT_TOKEN,
      retiredServerTokens: [],
    }),
    "pulumi-nodejs:dynamic/clusters:ActiveServerToken": () => ({ token: SERVER_TOKEN }),
    "pulumi-nodejs:dynamic/clusters:JoinToken": () => ({ token: JOIN_TOKEN, tokenId: "abc123", expires: "2027-01-01" }),
  },
});
const registered = mocks.resources as Registered[];

beforeAll(() => pulumi.runtime.setMocks(mocks, "skerry", "local"));

test("creates an authority, an address, servers and a group of agents per node pool for a cluster", async () => {
  const spec = parseFleet(local).clusters[2]!;
  const cluster = new Cluster("tokyo", { cluster: spec, machines: new LabMachines() });
  const value = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((resolve) => void output.apply(resolve));
  const kubeconfig = await value(cluster.kubeconfig);
  await Promise.all(
    [...cluster.servers, ...cluster.nodePools.map(({ machines }) => machines)].map(({ urn }) => value(urn)),
  );
  expect(kubeconfig).toContain("https://127.9.0.1:6443");
  expect(await pulumi.isSecret(cluster.kubeconfig)).toBe(true);

  const groups = registered.filter(({ type }) => type.endsWith(":MachineGroup"));
  expect(groups.map(({ name }) => name).sort()).toEqual(spec.nodePools.map(({ name }) => `tokyo-${name}`).sort());
  const servers = registered.filter(({ type }) => type.endsWith("lab:Server"));
  expect(servers).toMatchObject([
    { name: "tokyo-server-1", inputs: { hostname: "tokyo-server-01", address: "tokyo-id", generation: 1 } },
  ]);
  // Another cluster of this name would have another authority.
  const identifier = createHash("sha256").update("CA").digest("hex").slice(0, 16);
  expect(servers[0]!.inputs.userData).toContain(`"birth": "births/${identifier}"`);
  const gateways = groups.find(({ name }) => name === "tokyo-sydney-gw")!;
  expect(gateways.inputs).toMatchObject({
    hostname: "sydney-gw",
    count: 4,
    machine: { instanceType: "iot-gateway-x86" },
  });
});

describe("the secrets of a cluster", () => {
  const ofType = (type: string, prefix: string): Registered[] =>
    registered.filter((each) => each.type.endsWith(`:${type}`) && each.name.startsWith(prefix));

  beforeAll(async () => {
    const spec = parseFleet(local).clusters[2]!;
    const nodePools = spec.nodePools.map((pool, index) =>
      index === 1 ? { ...pool, joinToken: { hours: 24, issue: 1 } } : pool,
    );
    const rotations = { serverToken: 1, agentToken: 2, adminCertificate: 3 };
    const cluster = new Cluster("secrets", { cluster: { ...spec, nodePools, rotations }, machines: new LabMachines() });
    await Promise.all(
      [...cluster.servers, ...cluster.nodePools.map(({ machines }) => machines)].map(
        ({ urn }) => new Promise((resolve) => void urn.apply(resolve)),
      ),
    );
  });

  test("are in the user data of no machine", () => {
    const groups = [...ofType("MachineGroup", "secrets-"), ...ofType("Server", "secrets-")];
    expect(groups).toHaveLength(1 + parseFleet(local).clusters[2]!.nodePools.length);
    for (const { inputs } of groups) {
      expect(inputs.userData).toContain("#cloud-config");
      for (const secret of SECRETS) expect(JSON.stringify(inputs)).not.toContain(secret);
    }
  });

  test("are parameters for those that need them, and the keys of root and intermediate are not", () => {
    const stored = ofType("Parameters", "secrets-");
    const valuesOf = (name: string): string => JSON.stringify(stored.find((each) => each.name === name)!.inputs.values);
    const server = valuesOf("secrets-parameters");
    for (const secret of [SERVER_TOKEN, AGENT_TOKEN, CA_KEY]) expect(server).toContain(secret);
    const [pool] = ofType("JoinToken", "secrets-");
    const joining = valuesOf(`${pool!.name.replace(/-join-token$/, "")}-parameters`);
    expect(joining).toContain(JOIN_TOKEN);
    for (const secret of [SERVER_TOKEN, AGENT_TOKEN, CA_KEY]) expect(joining).not.toContain(secret);
    expect(stored).toHaveLength(2);
    for (const { inputs } of stored) {
      expect(inputs.values).toHaveProperty([SECRET_MARK]);
      for (const key of [ROOT_KEY, INTERMEDIATE_KEY]) expect(JSON.stringify(inputs)).not.toContain(key);
    }
  });

  test("have their rotations in the inputs of resources, so a preview shows them", () => {
    expect(ofType("Tokens", "secrets-")[0]!.inputs.rotations).toEqual({ serverToken: 1, agentToken: 2 });
    expect(ofType("AdminCertificate", "secrets-")[0]!.inputs.rotation).toBe(3);
    const [server] = ofType("Server", "secrets-server");
    expect(server!.inputs.credentialsRevision).toBe("server token 1, agent token 2");
  });

  test("can change without a new identity of the cluster, which would replace every object in it", () => {
    const provider = registered.find(
      ({ type, name }) => type.startsWith("pulumi:providers:") && name === "secrets-api",
    );
    expect(provider!.inputs.clusterIdentifier).toBe(createHash("sha256").update("CA").digest("hex"));
  });
});

test("the lab rejects unsupported clusters before anything is created", () => {
  const [cluster] = parseFleet(local).clusters;
  expect(new LabMachines().validate(cluster!)).toEqual([]);
  expect(new LabMachines().validate({ ...cluster!, servers: 3 })).toEqual([]);
  expect(new LabMachines().validate({ ...cluster!, kubernetesVersion: "1.35.1" })).toEqual([
    { path: "kubernetesVersion", message: "got 1.35.1, must be 1.36: the lab runs no other version" },
  ]);
});

describe("delivery", () => {
  const { definitions, objects } = renderFleet(parseFleet(local))[0]!;

  test("delivers definitions first, and objects before those that refer to them", () => {
    const order = splitIntoStages([...definitions, ...objects]);
    expect(order.map(({ name }) => name)).toEqual([
      "definitions",
      "foundation",
      "configuration",
      "system",
      "nodes",
      "workloads",
    ]);
    expect(order.flatMap((stage) => stage.objects)).toHaveLength(definitions.length + objects.length);
    const stageOf = (kind: string, namespace?: string) =>
      order.find((stage) =>
        stage.objects.some((object) => object.kind === kind && object.metadata.namespace === namespace),
      )?.name;
    expect(stageOf("CustomResourceDefinition")).toBe("definitions");
    expect(stageOf("Namespace")).toBe("foundation");
    expect(stageOf("Deployment", "skerry-system")).toBe("system");
    // On deletion, the node controller must still run when the pools are deleted.
    expect(stageOf("FleetNodePool")).toBe("nodes");
    expect(stageOf("StatefulSet", "mqtt")).toBe("workloads");
  });

  test("gives each object a unique name and the type token of the provider", () => {
    expect(new Set(objects.map(objectName)).size).toBe(objects.length);
    expect(objects.filter(({ kind }) => kind === "ConfigMap").map(typeToken)[0]).toBe("kubernetes:core/v1:ConfigMap");
    expect(objects.filter(({ kind }) => kind === "Deployment").map(typeToken)[0]).toBe("kubernetes:apps/v1:Deployment");
  });

  test("renders no Secret and no private key", () => {
    expect(objects.filter(({ kind }) => kind === "Secret")).toEqual([]);
    // The text of a rule contains a pattern for private keys.
    expect(JSON.stringify(objects)).not.toMatch(/-----BEGIN [A-Z ]*PRIVATE KEY-----/);
  });
});

test("delivery rejects an object without a name before it registers any object", () => {
  const cluster = new Cluster("unnamed", { cluster: parseFleet(local).clusters[0]!, machines: new LabMachines() });
  const named = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "links", namespace: "default" } };
  const job = { apiVersion: "batch/v1", kind: "Job", metadata: { generateName: "backup-", namespace: "default" } };
  expect(() => new Delivery("unnamed", { cluster, definitions: [], objects: [named, job] })).toThrow(
    "Job default/backup-*: metadata.name: must not be empty",
  );
  expect(registered.filter(({ name }) => name.startsWith("unnamed:"))).toEqual([]);
});

describe("delivery to a cluster", () => {
  const { definitions, objects } = renderFleet(parseFleet(local))[0]!;
  const names = new Map<unknown, string>();
  const dependencies = new Map<string, readonly string[]>();
  let delivered: readonly Registered[];

  beforeAll(async () => {
    const cluster = new Cluster("delivered", { cluster: parseFleet(local).clusters[0]!, machines: new LabMachines() });
    const recordDependencies: pulumi.ResourceTransformation = ({ resource, name, opts }) => {
      names.set(resource, name);
      dependencies.set(
        name,
        [(opts.dependsOn ?? []) as pulumi.Resource[]].flat().map((dependency) => names.get(dependency)!),
      );
      return undefined;
    };
    new Delivery("delivery", { cluster, definitions, objects }, { transformations: [recordDependencies] });
    const total = definitions.length + objects.length;
    const applied = () =>
      registered.filter(({ type, name }) => type.startsWith("kubernetes:") && name.startsWith("delivery:"));
    while (applied().length < total) await new Promise((resolve) => setTimeout(resolve, 10));
    delivered = applied();
  });

  test("every object depends on the barrier before its stage, and a barrier on every object of its stage", () => {
    const order = splitIntoStages([...definitions, ...objects]);
    order.forEach((stage, index) => {
      const previous = index === 0 ? [] : [`delivery:${order[index - 1]!.name} ready`];
      const members = stage.objects.map((object) => `delivery:${objectName(object)}`);
      for (const member of members) expect(dependencies.get(member)).toEqual(previous);
      const barrier = dependencies.get(`delivery:${stage.name} ready`);
      expect(barrier).toEqual(index < order.length - 1 ? members : undefined);
    });
  });

  test("applies every object with the same field manager and keeps its annotations", () => {
    for (const { name, inputs } of delivered) {
      const { annotations } = inputs.metadata as { annotations: Record<string, string> };
      expect({ name, manager: annotations["pulumi.com/patchFieldManager"] }).toEqual({ name, manager: "skerry" });
    }
    const annotated = objects.find(({ metadata }) => metadata.annotations)!;
    expect(delivered.find(({ name }) => name === `delivery:${objectName(annotated)}`)!.inputs.metadata).toMatchObject({
      annotations: annotated.metadata.annotations,
    });
  });

  test("writes no source position to the state", () => {
    const resource = pulumi.Resource as unknown as { readonly stackTrace: (this: void) => unknown[] };
    expect(resource.stackTrace()).toEqual([]);
  });
});

test("a dynamic resource stores one line, with which the provider loads its operations", () => {
  const { inputs } = registered.find(({ type }) => type.endsWith(":Authority"))!;
  const code = inputs.__provider as string;
  expect(code.length).toBeLessThan(250);
  // Run the code like Pulumi's cmd/dynamic-provider, in the folder of the program.
  const program =
    `const provider = {}; ((exports) => { ${code} })(provider);` +
    `provider.handler().create({ cluster: "tokyo" }).then(({ id }) => console.log(id))`;
  const output = execFileSync("node", ["-e", program], { cwd: join(__dirname, "..", ".."), encoding: "utf8" });
  expect(output).toBe("tokyo\n");
});

describe("certificates", () => {
  test("are renewed near their expiry or when their request changes, and otherwise kept", async () => {
    const request = { id: "a", commonName: "client:b:a", usage: "client" as const, dnsNames: [] };
    const { outs } = await operations.create({ commonName: "test", requests: [request] });
    const diff = (news: object, olds = outs) =>
      operations.diff!("test", olds!, { commonName: "test", requests: [request], ...news });
    expect(await diff({})).toMatchObject({ changes: false });
    expect(await diff({ requests: [{ ...request, dnsNames: ["b"] }] })).toMatchObject({ changes: true });
    const soon = { ...outs!.issued.a!, expires: new Date(Date.now() + 86_400_000).toISOString() };
    expect(await diff({}, { ...outs!, issued: { a: soon } })).toMatchObject({ changes: true });

    const second = { ...request, id: "b" };
    const { outs: grown } = await operations.update!("test", outs!, {
      commonName: "test",
      requests: [request, second],
    });
    expect(grown!.issued.a).toEqual(outs!.issued.a);
    expect(grown!.issued.b?.certificate).toContain("BEGIN CERTIFICATE");
    expect(grown!.authority).toBe(outs!.authority);
  });
});
