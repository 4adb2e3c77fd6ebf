import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { isCluster } from "../../../cli/pulumi/clusters";
import type { ConnectedCluster } from "../../../components/clusters/connected-cluster";
import { Delivery } from "../../../components/delivery/delivery";
import { SkerryMocks } from "../../../components/mocks";
import { ExistingClusters } from "../../../components/nodes/existing/clusters";
import { type Findings, findDifferences } from "../../../components/nodes/existing/find-differences";
import { operations } from "../../../components/nodes/existing/identity-operations";
import { readKubeconfig } from "../../../components/nodes/existing/kubeconfig";
import { Review } from "../../../components/nodes/existing/review";
import { LabMachines } from "../../../components/nodes/lab/machines";
import type { KubeObject } from "../../../fleet/kubernetes/object";
import type { ClusterSpec } from "../../../fleet/model";
import { parseFleet } from "../../../fleet/reading/parse";

const folder = mkdtempSync(join(tmpdir(), "skerry-existing-"));
const UID = "11111111-1111-1111-1111-111111111111";

const agent = (name: string) => ({
  metadata: { name, labels: {} },
  spec: {},
  status: {
    capacity: { cpu: "4", memory: "7800Mi" },
    conditions: [{ type: "Ready", status: "True" }],
    nodeInfo: { architecture: "amd64", kubeletVersion: "v1.36.3+k3s1" },
  },
});
const managed = { managedFields: [{ manager: "skerry", operation: "Apply" }] };
const named = (...names: readonly string[]) => ({ items: names.map((name) => ({ metadata: { name, uid: UID } })) });
const resources = (...names: readonly string[]) => ({
  resources: names.map((name) => ({
    name: `${name.toLowerCase().replace(/ss$/, "sse")}s`,
    kind: name,
    namespaced: !["Namespace", "Node", "StorageClass"].includes(name),
    verbs: ["list", "get"],
  })),
});

/** What the API server of the only cluster serves, by path. */
const served: Record<string, object> = {
  "/version": { gitVersion: "v1.36.3+k3s1" },
  "/api/v1": resources("Namespace", "Node", "ConfigMap"),
  "/apis/apps/v1": resources("DaemonSet"),
  "/apis/storage.k8s.io/v1": resources("StorageClass"),
  "/api/v1/namespaces": named("kube-system", "shop"),
  "/api/v1/nodes": {
    items: [
      { ...agent("s"), metadata: { name: "s", labels: { "node-role.kubernetes.io/control-plane": "" } } },
      agent("a"),
      agent("b"),
    ],
  },
  "/apis/apps/v1/daemonsets": named(),
  "/apis/storage.k8s.io/v1/storageclasses": named("local-path"),
  "/api/v1/namespaces/shop": { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } },
  "/api/v1/namespaces/ours": { apiVersion: "v1", kind: "Namespace", metadata: { name: "ours", ...managed } },
  "/api/v1/namespaces/shop/configmaps/theirs": { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "theirs" } },
  "/api/v1/namespaces/shop/configmaps/ours": {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "ours", ...managed },
  },
};

let server: Server;
const mocks = new SkerryMocks();
const registered = mocks.resources as { readonly name: string; readonly inputs: Record<string, unknown> }[];

function writeKubeconfig(name: string, port: number): void {
  const config = {
    clusters: [{ name, cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } }],
    users: [{ name, user: { token: "secret" } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  };
  writeFileSync(join(folder, name), JSON.stringify(config));
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const found = served[new URL(request.url!, "http://localhost").pathname];
    response.writeHead(found ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(found ?? { kind: "Status", message: "not found", code: 404 }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  writeKubeconfig("east", (server.address() as AddressInfo).port);
  // Nothing listens on port 1.
  writeKubeconfig("gone", 1);
  await pulumi.runtime.setMocks(mocks, "skerry", "test");
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

function specOf(kubeconfig: string, names: readonly string[], change: object = {}): ClusterSpec {
  return parseFleet({
    name: "test",
    regions: [{ name: "london", latitude: 51.51, longitude: -0.13 }],
    clusters: [
      {
        name: kubeconfig,
        kubeconfig: { path: join(folder, kubeconfig) },
        homeRegion: "london",
        nodePools: [{ name: "gw", nodes: { names }, region: "london", device: "iot-gateway-x86", count: names.length }],
        ...change,
      },
    ],
  }).clusters[0]!;
}

/** Resolves to the value of an output, or rejects with its error. */
const valueOf = <T>(output: pulumi.Output<T>): Promise<T> => (output as unknown as { promise(): Promise<T> }).promise();

const configMap = (name: string) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "shop" },
});

test("connects to a cluster that is as stated, with a secret kubeconfig and the identity of the cluster", async () => {
  const cluster = new ExistingClusters().connect("good", specOf("east", ["a", "b"]));
  expect(JSON.parse(await valueOf(cluster.kubeconfig))).toMatchObject({ "current-context": "east" });
  expect(await pulumi.isSecret(cluster.kubeconfig)).toBe(true);
  await valueOf(cluster.provider.urn);
  const provider = registered.find(({ name }) => name === "good-api")!;
  expect(provider.inputs.clusterIdentifier).toBe(UID);
  const identity = registered.find(({ name }) => name === "good-identity")!;
  expect(identity.inputs).toMatchObject({ cluster: "east", uid: UID });
  const ownership = registered.find(({ name }) => name === "good-owner")!;
  expect(ownership.inputs).toMatchObject({
    cluster: "east",
    owner: "owner-of-good-identity",
    stack: "skerry/test",
    isRecorded: false,
  });
  // `skerry up` skips, and `skerry move` moves, a cluster by its component.
  expect(isCluster(await valueOf((cluster as unknown as pulumi.Resource).urn))).toBe(true);
});

const differencesOf = (
  kubeconfig: string,
  spec: ClusterSpec,
  path: string,
  objects: readonly KubeObject[] = [],
): pulumi.Output<Findings> =>
  pulumi.output(readKubeconfig(join(folder, kubeconfig))).apply((text) => findDifferences(text, spec, path, objects));

test("reports the errors of all clusters at once", async () => {
  const findings = await valueOf(
    pulumi.all([
      differencesOf("east", specOf("east", ["a", "c"]), "clusters[0]"),
      differencesOf("gone", specOf("gone", ["a"]), "clusters[1]"),
      differencesOf("east", specOf("east", ["a", "b"]), "clusters[2]", ["theirs", "ours", "new"].map(configMap)),
    ]),
  );
  const review = new Review();
  const failure = review.failureOf(findings);
  expect(failure).toBeInstanceOf(pulumi.RunError);
  expect(review.failureOf(findings)).toBe(failure);
  // Pulumi does so while it serializes outputs.
  failure!.message = `error serializing property "outputs": ${failure!.message}`;
  expect(failure!.message.split("\n")).toEqual([
    "2 problems in the fleet:",
    '  clusters[0].nodePools[0].nodes.names[1]: the cluster has no node "c": did you mean "a"?',
    "  clusters[2]: ConfigMap shop/theirs exists, and Skerry did not create it: rename or delete one of them",
  ]);
  expect(findings.map(({ uid }) => uid)).toEqual([UID, "", UID]);
  // A cluster that does not answer must not keep the others from being changed.
  expect(findings[1].differences).toEqual([
    {
      severity: "warning",
      path: "clusters[1].kubeconfig",
      message: expect.stringMatching(/^cannot read the cluster at http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/) as string,
    },
  ]);
  expect(failure!.message).not.toContain("secret");
});

test("finds the stack that a cluster records as its owner", async () => {
  const path = "/api/v1/namespaces/kube-system/configmaps/skerry-owner";
  const recorded = { id: "b", stack: "other/staging" };
  served[path] = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "skerry-owner" }, data: recorded };
  const findings = await valueOf(differencesOf("east", specOf("east", ["a", "b"]), "clusters[0]"));
  delete served[path];
  expect(findings).toMatchObject({ uid: UID, recorded });
});

test("releases clusters with warnings only, once all of them were inspected", async () => {
  const review = new Review();
  const order: string[] = [];
  const found = (name: string, wait: number): pulumi.Output<Findings> =>
    pulumi.output(name).apply(async (uid) => {
      await sleep(wait);
      order.push(`inspected ${uid}`);
      return { uid, differences: [{ severity: "warning", path: uid, message: "differs" } as const] };
    });
  const findings = [found("first", 0), found("second", 50), found("", 10)];
  const identities = findings.map(
    (_, index) => new pulumi.ComponentResource("skerry:test:Identity", `identity-${index}`),
  );
  const released = findings.map((each, index) => {
    review.add(each, identities[index]!);
    return review.release(each).apply(({ uid }) => order.push(`released ${uid}`));
  });
  const dependencies = review
    .identitiesFor(findings[0]!)
    .apply((all) => all.map((each) => identities.indexOf(each as never)));
  await Promise.all(released.map((each) => valueOf(each)));
  expect(order.slice(0, 3)).toEqual(["inspected first", "inspected ", "inspected second"]);
  expect(order.slice(3).sort()).toEqual(["released ", "released first", "released second"]);
  // The third cluster did not answer.
  expect(await valueOf(dependencies)).toEqual([0, 1]);
});

test("reports namespaces that the delivery would take over, that do not exist, or that are Skerry's", async () => {
  const spec = specOf("east", ["a", "b"], { existingNamespaces: ["none", "ours"] });
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
  const { differences } = await valueOf(differencesOf("east", spec, "clusters[0]", [namespace]));
  expect(differences.map(({ severity, path, message }) => [severity, path, message])).toEqual([
    [
      "error",
      "clusters[0].existingNamespaces[0]",
      'the cluster has no namespace "none": remove it, so that Skerry creates it',
    ],
    [
      "error",
      "clusters[0].existingNamespaces[1]",
      'Skerry created the namespace "ours", and would delete it now: remove it from the list',
    ],
    [
      "error",
      "clusters[0].existingNamespaces",
      'must contain "shop": the namespace exists, and Skerry did not create it',
    ],
  ]);
});

test("a delivery announces its objects to the cluster before it applies them", () => {
  const announced: string[] = [];
  const cluster: ConnectedCluster = {
    kubeconfig: pulumi.output(""),
    provider: new kubernetes.Provider("announced-api"),
    nodePools: [],
    expectObjects: (objects) => announced.push(...objects.map(({ metadata }) => metadata.name!)),
  };
  new Delivery("announced", { cluster, definitions: [configMap("first")], objects: [configMap("second")] });
  expect(announced).toEqual(["first", "second"]);
});

test("validates references to kubeconfigs without connecting", () => {
  const existing = new ExistingClusters();
  const spec = specOf("east", ["a"]);
  const validate = (kubeconfig: ClusterSpec["kubeconfig"]) =>
    existing.validate({ ...spec, ...(kubeconfig ? { kubeconfig } : { kubeconfig: undefined }) });
  expect(existing.validate(spec)).toEqual([]);
  expect(validate(undefined)).toEqual([
    { path: "kubeconfig", message: "missing required field: state the kubeconfig of the existing cluster" },
  ]);
  expect(validate({ path: join(folder, "none") })).toEqual([
    { path: "kubeconfig", message: `${join(folder, "none")} does not exist` },
  ]);
  expect(validate({ path: join(folder, "east"), context: "west" })).toEqual([
    { path: "kubeconfig", message: 'unknown context "west" (must be east)' },
  ]);
  expect(validate({ secret: "east" })).toEqual([
    {
      path: "kubeconfig.secret",
      message:
        'the configuration of the stack has no value "east": set it with "pulumi config set --secret east < <kubeconfig>"',
    },
  ]);
});

test("providers of machines refuse existing clusters", () => {
  expect(new LabMachines().validate(specOf("east", ["a"]))).toEqual([
    { path: "kubeconfig", message: "must not be set for a cluster that Skerry creates: use ExistingClusters" },
  ]);
});

test("refuses the kubeconfig of another cluster than that of the state", async () => {
  const check = async (uid: string) => operations.check!({ cluster: "east", uid: UID }, { cluster: "east", uid });
  expect((await check(UID)).failures).toEqual([]);
  const { failures } = await check("22222222-2222-2222-2222-222222222222");
  expect(failures).toMatchObject([{ property: "uid" }]);
  expect(failures![0]!.reason).toContain(
    "the kubeconfig of cluster east is for another cluster than that of the stack",
  );
  expect((await operations.check!({} as never, { cluster: "east", uid: UID })).failures).toEqual([]);
});

test("keeps the identity of a cluster that does not answer, and refuses to connect one for the first time", async () => {
  const unreachable = { cluster: "east", uid: "" };
  const known = { cluster: "east", uid: UID, owner: "owner-id" };
  expect(await operations.check!(known, unreachable)).toEqual({ inputs: known, failures: [] });
  const { failures } = await operations.check!({} as never, unreachable);
  expect(failures).toEqual([
    { property: "uid", reason: "cluster east could not be reached; it must answer when it is first connected" },
  ]);
});
