import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import type { Stack } from "@pulumi/pulumi/automation";

import { confirmByName } from "../../../cli/cluster/confirm";
import {
  findClusterUid,
  findHostnames,
  findObjects,
  findUnfinishedRestore,
  hasBegun,
  haveServersJoined,
  isInLab,
  type RestorableResource,
  type RestorableState,
} from "../../../cli/cluster/deployed-servers";
import { checkNotRestoring } from "../../../cli/cluster/not-restoring";
import { chooseRestoreId } from "../../../cli/cluster/restore";
import { openSnapshotStore } from "../../../cli/cluster/snapshot-store";
import { operations as activeToken } from "../../../components/clusters/active-server-token-operations";
import { findOrderedRestore } from "../../../components/clusters/ordered-restore";
import { operations as restoration } from "../../../components/clusters/restoration-operations";
import { fromObject } from "../../../fleet/k3s/snapshots";
import { parseFleet } from "../../../fleet/reading/parse";

const NOW = new Date("2026-11-27T10:15:00.123Z");
const resource = (name: string, fields: Partial<RestorableResource> = {}): RestorableResource => {
  const type = fields.type ?? "pulumi-nodejs:dynamic/lab:Server";
  return { urn: `urn:pulumi:local::skerry::skerry:clusters:Cluster$${type}::${name}`, type, ...fields };
};
const servers = (change: Partial<RestorableResource> = {}): RestorableResource[] =>
  [1, 2, 3].flatMap((number) => [
    resource(`east-server-${number}`, change),
    resource(`east-server-${number}-membership`, { outputs: { clusterUid: "u1" } }),
  ]);
const begun = (snapshot: string): RestorableResource[] => [
  resource("east-restoration", { outputs: { cluster: "east", restore: "r1", snapshot } }),
  resource("east-restore-order"),
];

describe("the id of a restore", () => {
  test("is new, and a DNS label", () => {
    const finished = { resources: begun("a.zip").slice(0, 1) };
    for (const state of [{}, finished]) expect(chooseRestoreId(state, "east", "a.zip", NOW)).toBe("20261127t101500z");
  });

  test("is that of an interrupted restore of the same snapshot, and new for another snapshot", () => {
    const state = { resources: begun("a.zip") };
    expect(chooseRestoreId(state, "east", "a.zip", NOW)).toBe("r1");
    expect(chooseRestoreId(state, "east", "b.zip", NOW)).toBe("20261127t101500z");
    expect(chooseRestoreId(state, "middle-east", "a.zip", NOW)).toBe("20261127t101500z");
  });

  test("is not changed while a server may exist that the state does not have", () => {
    const state = {
      resources: begun("a.zip"),
      pending_operations: [{ resource: { urn: resource("east-server-1").urn } }],
    };
    expect(() => chooseRestoreId(state, "east", "b.zip", NOW)).toThrow("skerry cluster restore east a.zip");
    expect(chooseRestoreId(state, "east", "a.zip", NOW)).toBe("r1");
  });
});

test("reads from the state what a restore needs", () => {
  const state: RestorableState = {
    resources: [
      resource("east", { type: "pulumi-nodejs:dynamic/lab:Address" }),
      resource("east-gw", { outputs: { hostnames: ["gw-01"] } }),
      resource("east-api", { type: "pulumi:providers:kubernetes" }),
      resource("west-api", { type: "pulumi:providers:kubernetes" }),
      resource("east/config", { provider: `${resource("east-api", { type: "pulumi:providers:kubernetes" }).urn}::id` }),
      resource("west/config", { provider: `${resource("west-api", { type: "pulumi:providers:kubernetes" }).urn}::id` }),
      resource("east-gw-join-token", { type: "pulumi-nodejs:dynamic/clusters:JoinToken" }),
      ...servers(),
    ],
  };
  expect([isInLab(state, "east"), isInLab(state, "west")]).toEqual([true, false]);
  expect([findClusterUid(state, "east"), findClusterUid(state, "west")]).toEqual(["u1", undefined]);
  expect(findHostnames(state, "east", "gw")).toEqual(["gw-01"]);
  expect(findHostnames(state, "east", "pi")).toBeUndefined();
  expect(findObjects(state, "east").map((urn) => urn.split("::").at(-1))).toEqual([
    "east/config",
    "east-gw-join-token",
  ]);
  expect(findUnfinishedRestore(state, "east")).toBeUndefined();
});

test("the servers have joined when all of them exist again", () => {
  expect(haveServersJoined({ resources: servers() }, "east", 3)).toBe(true);
  expect(haveServersJoined({ resources: servers({ pendingReplacement: true }) }, "east", 3)).toBe(false);
  expect(haveServersJoined({ resources: servers().slice(0, 5) }, "east", 3)).toBe(false);
});

test("other updates wait until the restore of every cluster has finished", async () => {
  const provider = resource("east-api", { type: "pulumi:providers:kubernetes", inputs: { kubeconfig: "K" } });
  const stack = (resources: RestorableResource[]): Stack =>
    ({ exportStack: () => Promise.resolve({ deployment: { resources } }) }) as unknown as Stack;
  await expect(checkNotRestoring(stack([provider, ...begun("a.zip")]))).rejects.toThrow(
    "finish the restore first: skerry cluster restore east a.zip",
  );
  await expect(checkNotRestoring(stack([provider, ...begun("a.zip").slice(0, 1)]))).resolves.toBeUndefined();
});

describe("a restore that was interrupted before it deleted the first server", () => {
  const type = "pulumi-nodejs:dynamic/clusters:ServerSet";
  const recorded = resource("east-servers", { type, outputs: { restoring: { id: "r2", snapshot: "b.zip" } } });
  const earlier = begun("a.zip").slice(0, 1);

  test("is unfinished, and has not begun", () => {
    const state = { resources: [recorded, ...earlier, ...servers()] };
    expect(findUnfinishedRestore(state, "east")).toEqual({ id: "r2", snapshot: "b.zip" });
    expect([hasBegun(state, "east", "r1"), hasBegun(state, "east", "r2")]).toEqual([true, false]);
    expect(chooseRestoreId(state, "east", "b.zip", NOW)).toBe("r2");
  });

  test("is also unfinished while the record of an earlier restore is being replaced", () => {
    const replaced = earlier.map((each) => ({ ...each, pendingReplacement: true }));
    expect(findUnfinishedRestore({ resources: [recorded, ...replaced] }, "east")?.id).toBe("r2");
    expect(hasBegun({ resources: [recorded, ...replaced] }, "east", "r1")).toBe(false);
  });
});

test("asks before it destroys anything, and requires --yes without a terminal", async () => {
  await expect(confirmByName("east")).rejects.toThrow("nothing was changed: without a terminal, --yes must be set");
});

test("an update restores only the cluster that it is asked to restore", () => {
  const text = JSON.stringify({ cluster: "east", id: "r1", snapshot: "a.zip" });
  expect(findOrderedRestore("east", text)).toEqual({ cluster: "east", id: "r1", snapshot: "a.zip" });
  expect(findOrderedRestore("west", text)).toBeUndefined();
  expect(findOrderedRestore("east", "")).toBeUndefined();
});

test("another restore replaces the resource, and an update without one changes nothing", async () => {
  const diff = (olds: object, news: object) =>
    restoration.diff!("east", { cluster: "east", ...olds }, { cluster: "east", ...news });
  expect(await diff({}, { restore: "r1" })).toMatchObject({ replaces: ["restore"], deleteBeforeReplace: true });
  expect(await diff({ restore: "r1" }, { restore: "r2" })).toMatchObject({ changes: true, replaces: ["restore"] });
  expect(await diff({ restore: "r1" }, { restore: "r1" })).toMatchObject({ changes: false, replaces: [] });
  expect(await diff({ restore: "r1" }, {})).toMatchObject({ changes: false, replaces: [] });
});

test("a restored cluster uses the old server token without a request, which would need a running server", async () => {
  const state = (token: string) => ({ server: "https://127.0.0.1:1", certificateAuthority: "", token });
  const restored = await activeToken.update!("server-token", state("new"), { ...state("old"), restored: "r1" });
  expect(restored.outs).toEqual(state("old"));
  await expect(activeToken.update!("server-token", state("old"), state("new"))).rejects.toThrow("must be reachable");
});

test("reads a snapshot from its object, with the time in its name", () => {
  const metadata = { "k3s-cluster-id": "u1", "k3s-node-name": "east-server-01", "k3s-token-hash": "2bb80d537b1d" };
  const object = { bucket: "b", key: "east/on-demand-east-server-01-1764238500.zip", size: 9, lastModified: "later" };
  expect(fromObject({ ...object, metadata })).toEqual({
    name: "on-demand-east-server-01-1764238500.zip",
    location: "s3://b/east/on-demand-east-server-01-1764238500.zip",
    node: "east-server-01",
    takenAt: "2025-11-27T10:15:00Z",
    bytes: 9,
    ready: true,
    tokenHash: "2bb80d537b1d",
    cluster: "u1",
  });
  expect(fromObject({ ...object, key: "east/by-hand" })).toMatchObject({ takenAt: "later", node: "" });
});

describe("a bucket of S3", () => {
  const folder = mkdtempSync(join(tmpdir(), "skerry-aws-"));
  const path = process.env.PATH;
  const calls = (): string[] => readFileSync(join(folder, "calls"), "utf8").trim().split("\n");
  afterAll(() => {
    process.env.PATH = path;
    rmSync(folder, { recursive: true });
  });

  /** Puts a command `aws` on the PATH that records its arguments and answers with a text. */
  function answer(text: string, code = 0): void {
    const script = `#!/bin/sh\necho "$@" >>${folder}/calls\ncat >&${code === 0 ? 1 : 2} <<'END'\n${text}\nEND\nexit ${code}\n`;
    writeFileSync(join(folder, "aws"), script);
    chmodSync(join(folder, "aws"), 0o755);
    process.env.PATH = `${folder}${delimiter}${path}`;
  }

  const { clusters } = parseFleet({
    name: "small",
    regions: [{ name: "tokyo", latitude: 35, longitude: 139 }],
    clusters: [
      {
        ...{ name: "east", homeRegion: "tokyo", nodePools: [] },
        backup: { s3: { bucket: "snapshots", region: "eu-central-1", endpoint: "s3.example.com" } },
      },
      { name: "west", homeRegion: "tokyo", nodePools: [] },
    ],
  });
  const store = openSnapshotStore(clusters[0]!, false)!;

  test("is listed, newest first, without the folder of K3s' metadata", async () => {
    const Contents = [
      { Key: "east/a-1764238500.zip", Size: 1, LastModified: "2026-01-01T00:00:00+00:00" },
      { Key: "east/.metadata/a-1764238500.zip", Size: 1, LastModified: "2026-01-01T00:00:00+00:00" },
      { Key: "east/b-1764238501.zip", Size: 2, LastModified: "2026-01-01T00:00:00+00:00" },
    ];
    answer(JSON.stringify({ Contents }));
    expect((await store.list()).map(({ name }) => name)).toEqual(["b-1764238501.zip", "a-1764238500.zip"]);
    expect(calls()).toEqual([
      "s3api list-objects-v2 --bucket snapshots --region eu-central-1 --output json --endpoint-url https://s3.example.com --prefix east/",
    ]);
    answer("");
    expect(await store.list()).toEqual([]);
  });

  test("describes one snapshot, with the metadata of K3s", async () => {
    answer(JSON.stringify({ ContentLength: 7, LastModified: "x", Metadata: { "k3s-token-hash": "2bb80d537b1d" } }));
    expect(await store.find("a-1764238500.zip")).toMatchObject({ bytes: 7, tokenHash: "2bb80d537b1d" });
    expect(calls().at(-1)).toMatch(/^s3api head-object .* --key east\/a-1764238500.zip$/);
    answer("An error occurred (404) when calling the HeadObject operation: Not Found", 254);
    expect(await store.find("missing")).toBeUndefined();
    answer("An error occurred (AccessDenied)", 254);
    await expect(store.find("a")).rejects.toThrow("s3://snapshots/east/: An error occurred (AccessDenied)");
  });

  test("needs the command aws, and a cluster with backup", async () => {
    process.env.PATH = "/nonexistent";
    await expect(store.list()).rejects.toThrow("needs the command aws (AWS CLI), which is not on PATH");
    expect(openSnapshotStore(clusters[1]!, false)).toBeUndefined();
  });
});
