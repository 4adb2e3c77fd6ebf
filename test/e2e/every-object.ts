import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

import type { KubeConfig } from "@kubernetes/client-node";

import { MEASURED_LINKS, PROBE_NODES } from "../../charts/system/node-agent-names";
import { CONTROL_PLANE } from "../../fleet/labels";
import { ApiServer } from "./api-server";
import { eventually } from "./eventually";

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

interface Item {
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
  readonly data?: unknown;
}

interface CustomResourceDefinition {
  readonly metadata: { readonly name: string };
}

const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** Kinds that the control plane or the machines write all the time. */
const VOLATILE = new Set([
  "Event",
  "Lease",
  "Pod",
  "ReplicaSet",
  "EndpointSlice",
  "Endpoints",
  "NodeProfile",
  "APIService",
  "ETCDSnapshotFile",
]);

/** ConfigMaps that the node controller writes from where node agents run, and from what they measure. */
const MEASURED = new Set([PROBE_NODES, MEASURED_LINKS]);

/**
 * Reports whether an object belongs to the machine of a server, which changes when the machine is replaced, or was written by
 * the test's writers.
 */
export const changesWithServers = (kind: string, { metadata: { name, labels = {} } }: Item): boolean =>
  (kind === "Node" && CONTROL_PLANE in labels) ||
  // A machine that replaces another has a node password of its own.
  (kind === "Secret" && /-server-\d+\.node-password\.k3s$/.test(name)) ||
  (kind === "ConfigMap" && name.startsWith("write-"));

/** The objects of a cluster, with their UIDs and contents, by group, kind, namespace and name. */
export type Objects = Readonly<Record<string, unknown>>;

/** Selects the objects that a test does not compare. */
export type Omission = (kind: string, item: Item) => boolean;

/** How often controllers may change objects again before they have settled, and the interval between two looks in ms. */
const SETTLING = { attempts: 60, intervalMs: 1_000 };

/**
 * Returns every object of a cluster once controllers have settled: two reads in a row are equal. Omits volatile kinds, and the
 * objects that `omit` selects.
 */
export async function readSettledObjects(config: KubeConfig, omit: Omission): Promise<Objects> {
  let before = await readEveryObject(config, omit);
  for (let attempt = 0; attempt < SETTLING.attempts; attempt += 1) {
    await sleep(SETTLING.intervalMs);
    const now = await readEveryObject(config, omit);
    if (isDeepStrictEqual(now, before) && !isNodeStarting(now)) return now;
    before = now;
  }
  throw new Error(`objects still change, or a node is not Ready, after ${SETTLING.attempts} reads`);
}

/** Expects the objects of {@link readSettledObjects}, with the same `omit`, once controllers have settled. */
export async function expectObjects(config: KubeConfig, omit: Omission, before: Objects): Promise<void> {
  let now = await readEveryObject(config, omit);
  for (let attempt = 0; attempt < SETTLING.attempts && !isDeepStrictEqual(now, before); attempt += 1) {
    await sleep(SETTLING.intervalMs);
    now = await readEveryObject(config, omit);
  }
  expect(now).toEqual(before);
}

/** Reports whether a node has a taint of a node that is not Ready. */
const isNodeStarting = (objects: Objects): boolean =>
  Object.entries(objects).some(
    ([key, object]) =>
      key.startsWith("/api/v1 Node ") && /node\.kubernetes\.io\/(not-ready|unreachable)/.test(JSON.stringify(object)),
  );

async function readEveryObject(config: KubeConfig, omit: Omission): Promise<Objects> {
  const api = new ApiServer(config);
  try {
    // A server that has just become ready serves custom resources a moment later: it does not list them, or answers 404.
    const { value } = await eventually("every resource is served", 60, () => tryReadEveryObject(api, omit));
    return value;
  } finally {
    await api.close();
  }
}

/** Returns undefined if a request fails, or a custom resource is not discovered. */
async function tryReadEveryObject(api: ApiServer, omit: Omission): Promise<Objects | undefined> {
  let complete = true;
  const get = async <T>(path: string): Promise<Partial<T>> => {
    const { status, body } = await api.send("GET", path);
    if (status === 200) return body as unknown as Partial<T>;
    complete = false;
    return {};
  };
  const { groups = [] } = await get<{ groups: { preferredVersion: { groupVersion: string } }[] }>("/apis");
  const versions = ["/api/v1", ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
  const { items: definitions = [] } = await get<{ items: CustomResourceDefinition[] }>(DEFINITIONS);
  const missing = new Set(definitions.map(({ metadata }) => metadata.name));
  const objects: Record<string, unknown> = {};
  for (const version of versions) {
    const { resources = [] } = await get<{ resources: Resource[] }>(version);
    const group = version.split("/").at(2)!;
    for (const { name, kind, verbs } of resources) {
      missing.delete(`${name}.${group}`);
      if (name.includes("/") || !verbs.includes("list") || VOLATILE.has(kind)) continue;
      const { items = [] } = await get<{ items: Item[] }>(`${version}/${name}`);
      for (const item of items.filter((each) => !omit(kind, each))) {
        const { metadata, spec } = item;
        const data = kind === "ConfigMap" && MEASURED.has(metadata.name) ? "measured" : item.data;
        objects[`${version} ${kind} ${metadata.namespace ?? ""}/${metadata.name}`] = { uid: metadata.uid, spec, data };
      }
    }
  }
  return complete && missing.size === 0 ? objects : undefined;
}
