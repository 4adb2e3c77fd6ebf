import type { KubeConfig } from "@kubernetes/client-node";

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
  readonly spec: { readonly group: string };
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
]);

/**
 * Returns every object of a cluster, with its UID and content, by group, kind, namespace and name. Omits volatile kinds, and the
 * objects that `omit` selects.
 */
export async function readEveryObject(
  config: KubeConfig,
  omit: (kind: string, item: Item) => boolean,
): Promise<Record<string, unknown>> {
  const api = new ApiServer(config);
  const get = async <T>(path: string): Promise<T> => (await api.send("GET", path)).body as unknown as T;
  try {
    // A server that has just become ready discovers custom resources a moment later.
    const { value: discovered } = await eventually("every custom resource is discovered", 30, async () => {
      const found = await discoverResources(get);
      const definitions = (await get<{ items?: CustomResourceDefinition[] }>(DEFINITIONS)).items;
      return (
        definitions?.every(({ metadata, spec }) =>
          found.some(
            ({ version, resources }) =>
              version.startsWith(`/apis/${spec.group}/`) &&
              resources.some(({ name }) => metadata.name === `${name}.${spec.group}`),
          ),
        ) && found
      );
    });
    const objects: Record<string, unknown> = {};
    for (const { version, resources } of discovered) {
      for (const { name, kind, verbs } of resources) {
        if (name.includes("/") || !verbs.includes("list") || VOLATILE.has(kind)) continue;
        const { items = [] } = await get<{ items?: Item[] }>(`${version}/${name}`);
        for (const item of items.filter((each) => !omit(kind, each))) {
          const { metadata, spec, data } = item;
          objects[`${version} ${kind} ${metadata.namespace ?? ""}/${metadata.name}`] = {
            uid: metadata.uid,
            spec,
            data,
          };
        }
      }
    }
    return objects;
  } finally {
    await api.close();
  }
}

type Get = <T>(path: string) => Promise<T>;

async function discoverResources(get: Get): Promise<{ version: string; resources: readonly Resource[] }[]> {
  const { groups } = await get<{ groups: { preferredVersion: { groupVersion: string } }[] }>("/apis");
  const versions = ["/api/v1", ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
  return Promise.all(
    versions.map(async (version) => ({
      version,
      resources: (await get<{ resources?: Resource[] }>(version)).resources ?? [],
    })),
  );
}
