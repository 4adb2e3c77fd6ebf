import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { KubeObject } from "../../fleet/kubernetes/object";
import { type RenderedState, renderStates } from "../../preview/rendering";
import { smallFleet } from "../fixtures/small-fleet";

/*
 * Bad input through the command and the simulator itself. Each case is an error (exit code 1) or a finding of the report, never
 * a placement that is presented as right. The first run builds the simulator.
 */
jest.setTimeout(900_000);

const root = join(__dirname, "..", "..");
const scratch = mkdtempSync(join(tmpdir(), "skerry-bad-input-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

type Mutable<T> = { -readonly [key in keyof T]: T[key] };
interface Project {
  rendering: Omit<ReturnType<typeof renderStates>, "version"> & { version: number };
  policy: { findings: readonly unknown[] };
}

function write(
  name: string,
  mutate: (project: Project, cluster: Mutable<RenderedState>) => void = () => undefined,
): string {
  const folder = join(scratch, name);
  mkdirSync(folder, { recursive: true });
  const project = { rendering: structuredClone(renderStates(smallFleet)), policy: { findings: [] } } as Project;
  mutate(project, project.rendering.clusters[0]!);
  writeFileSync(join(folder, "rendering.json"), JSON.stringify(project));
  return folder;
}

function preview(...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(join(root, "bin", "skerry"), ["preview", "--no-plan", ...args], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { code: status, stdout, stderr };
}

const base = write("base");

const deployment = (name: string, pod: object = {}, metadata: object = {}): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: "telemetry", ...metadata },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: "main", image: "example.com/main:1" }], ...pod },
    },
  },
});

const requesting = (cpu: string): object => ({
  containers: [{ name: "main", image: "example.com/main:1", resources: { requests: { cpu } } }],
});

const add =
  (...objects: KubeObject[]) =>
  (_: Project, cluster: Mutable<RenderedState>) =>
    void (cluster.objects = [...cluster.objects, ...objects]);

const configure = (change: (text: string) => string) => (_: Project, cluster: Mutable<RenderedState>) =>
  void (cluster.schedulerConfigurations = cluster.schedulerConfigurations.map(change));

const kind = (apiVersion: string, name: string, more: object = {}): KubeObject => ({
  apiVersion,
  kind: name,
  metadata: { name: "it", namespace: "telemetry" },
  ...more,
});

const claim = kind("v1", "PersistentVolumeClaim", {
  spec: { accessModes: ["ReadWriteOnce"], volumeName: "pv", resources: { requests: { storage: "1Gi" } } },
});
const volume = kind("v1", "PersistentVolume", {
  metadata: { name: "pv" },
  spec: {
    capacity: { storage: "1Gi" },
    accessModes: ["ReadWriteOnce"],
    claimRef: { namespace: "telemetry", name: "it" },
    local: { path: "/data" },
    nodeAffinity: {
      required: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: ["gone-01"] }] },
        ],
      },
    },
  },
});

describe("a finding of the report", () => {
  test.each<[string, Parameters<typeof write>[1], number, RegExp]>([
    [
      "a node without capacity",
      (_, cluster) => {
        const [first, ...others] = cluster.nodes;
        cluster.nodes = [{ ...first!, status: {} }, ...others];
      },
      2,
      /Node \S+: status\.allocatable\[cpu\]: must be greater than 0, got nothing/,
    ],
    ["zero nodes", (_, cluster) => void (cluster.nodes = []), 2, /must have at least one node: no pod can run/],
    [
      "a cyclic owner",
      add(
        deployment(
          "web",
          {},
          {
            uid: "web",
            ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "web", uid: "web", controller: true }],
          },
        ),
      ),
      2,
      /Deployment telemetry\/web: its owners form a cycle/,
    ],
    [
      "an impossible request",
      add(deployment("huge", requesting("10000"))),
      2,
      /huge: requests 10k of cpu; the largest node/,
    ],
    ["a negative request", add(deployment("web", requesting("-1"))), 2, /requests\[cpu\]: Invalid value: "-1"/],
    [
      "a request that is no quantity",
      add(deployment("web", requesting("lots"))),
      2,
      /Deployment telemetry\/web: quantities/,
    ],
    [
      "a volume on a removed node",
      add(claim, volume, deployment("db", { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "it" } }] })),
      2,
      /its volume pv is on node gone-01, which does not exist/,
    ],
    [
      "an unknown scheduler",
      add(deployment("web", { schedulerName: "volcano" })),
      2,
      /no scheduler has a profile "volcano"/,
    ],
    ["the same object twice", add(deployment("web"), deployment("web")), 2, /web: is the same object as/],
    [
      "an object of an unknown kind",
      add(kind("example.com/v1", "Widget", { spec: { template: { spec: { containers: [] } } } })),
      0,
      /1 object not modelled[^]*Widget telemetry\/it: kind Widget of example\.com\/v1 is unknown/,
    ],
    [
      "an autoscaler",
      add(kind("autoscaling/v2", "HorizontalPodAutoscaler", { spec: { maxReplicas: 3 } })),
      0,
      /1 object not modelled[^]*autoscalers are not modelled/,
    ],
    [
      "an external admission webhook",
      add(kind("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", { webhooks: [] })),
      0,
      /1 object not modelled[^]*external admission webhooks are not modelled/,
    ],
  ])("%s", (name, mutate, exit, text) => {
    const { code, stdout } = preview("--base-dir", base, "--head-dir", write(name.replaceAll(" ", "-"), mutate));
    expect({ code, stdout }).toEqual({ code: exit, stdout: expect.stringMatching(text) as string });
    expect(stdout).not.toMatch(/^no change \(\//);
  });

  test("errors of the base are warnings, because the head may repair them", () => {
    const { code, stdout } = preview("--base-dir", join(scratch, "zero-nodes"), "--head-dir", base);
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/base: tokyo: nodes: must have at least/),
    });
  });

  test("a drill of a region that does not exist", () => {
    const { code, stderr } = preview("--base-dir", base, "--head-dir", base, "--drill", "region=tokio");
    expect(code).toBe(1);
    expect(stderr).toMatch(/--drill region=tokio: unknown region "tokio": did you mean "tokyo"\?/);
  });
});

describe("an error", () => {
  const file = (name: string, text: string): string => {
    writeFileSync(join(scratch, name), text);
    return join(scratch, name);
  };
  const dirs = ["--base-dir", base, "--head-dir", base];

  test.each<[string, () => string[], RegExp]>([
    [
      "an unknown plugin",
      () => [
        "--base-dir",
        base,
        "--head-dir",
        write(
          "plugin",
          configure((text) => text.replaceAll("EdgeProximity", "Nearest")),
        ),
      ],
      /schedulerConfigurations\[0\]: .*"Nearest"/,
    ],
    [
      "an unknown argument",
      () => [
        "--base-dir",
        base,
        "--head-dir",
        write(
          "argument",
          configure((text) => text.replace(/^( *)kind: EdgeProximityArgs$/m, "$&\n$1nearest: true")),
        ),
      ],
      /schedulerConfigurations\[0\]: .*unknown field "nearest"/,
    ],
    ["no base", () => [], /exactly one of --base and --base-dir must be set/],
    ["a revision that does not exist", () => ["--base", "nowhere"], /"nowhere" is not a revision[^]*git branch --all/],
    ["a folder without a rendering", () => ["--base-dir", scratch], /rendering\.json does not exist: write it with/],
    [
      "a rendering of another version",
      () => ["--base-dir", write("version", ({ rendering }) => void (rendering.version = 2)), "--head-dir", base],
      /version must be 1, got 2: write it with skerry render/,
    ],
    [
      "a snapshot of another version",
      () => [...dirs, "--snapshot", file("s.json", '{"version":9}')],
      /got 9: take it with/,
    ],
    [
      "a snapshot that is no JSON",
      () => [...dirs, "--snapshot", file("t.json", "nope")],
      /t\.json is not JSON: take it with/,
    ],
    ["a report that is not there", () => ["--from", join(scratch, "none.json")], /none\.json does not exist/],
    ["a report that is cut off", () => ["--from", file("r.json", '{"version":1,"mov')], /r\.json is not JSON/],
    ["a report of another tool", () => ["--from", file("f.json", '{"version":1}')], /f\.json is no report: \w+: /],
    ["a report with a base", () => ["--from", "r.json", "--base", "main"], /--from must not be set with --base/],
  ])("%s", (_, args, message) => {
    const { code, stdout, stderr } = preview(...args());
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: "", stderr: expect.stringMatching(message) as string });
    expect(stderr).not.toMatch(/Cannot read|is not iterable|Unexpected token/);
  });
});
