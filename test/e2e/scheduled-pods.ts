import {
  type CoreV1Event,
  CoreV1Api,
  CustomObjectsApi,
  type KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  type V1Pod,
} from "@kubernetes/client-node";

import { NONROOT, restrictedContainer, restrictedPod } from "../../charts/hardening";
import { EDGE_SCHEDULER } from "../../fleet/labels";
import { eventually } from "./eventually";

const NAMESPACE = "default";
const PROFILES = { group: "skerry.dev", version: "v1alpha1", plural: "nodeprofiles" };

export interface NodeProfile {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly capability: Readonly<Record<string, number>> };
  readonly status?: {
    readonly samples: readonly { readonly time: string; readonly cpuPercent: number }[];
    readonly pods?: readonly { readonly uid: string; readonly cpuCores: number }[];
  };
}

/** Settings of a pod that uses the edge scheduler. */
export interface PodSettings {
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  /** Node selector. */
  readonly nodeSelector?: Record<string, string>;
}

/** Creates pods for the edge scheduler of one cluster, and changes the scheduler's inputs. */
export class ScheduledPods {
  constructor(private readonly connect: () => KubeConfig) {}

  core = (): CoreV1Api => this.connect().makeApiClient(CoreV1Api);
  private readonly custom = (): CustomObjectsApi => this.connect().makeApiClient(CustomObjectsApi);

  async profiles(): Promise<NodeProfile[]> {
    return ((await this.custom().listClusterCustomObject(PROFILES)) as { items: NodeProfile[] }).items;
  }

  /** Replaces the usage of a node until its machine publishes again. */
  async sample(node: string, ageSeconds: number, usage: { cpuPercent: number; memoryPercent: number }): Promise<void> {
    const time = new Date(Date.now() - ageSeconds * 1000).toISOString().replace("Z", "000Z");
    await this.custom().patchClusterCustomObjectStatus(
      { ...PROFILES, name: node, body: { status: { samples: [{ time, windowSeconds: 30, ...usage }] } } },
      setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    );
  }

  async forgetProfiles(): Promise<void> {
    await this.custom().deleteCollectionClusterCustomObject(PROFILES);
  }

  /** Lists the events of a pod. Events of an earlier pod of the same name outlive it. */
  async events(name: string): Promise<CoreV1Event[]> {
    const { metadata } = await this.get(name);
    const { items } = await this.core().listNamespacedEvent({
      namespace: NAMESPACE,
      fieldSelector: `involvedObject.uid=${metadata!.uid!}`,
    });
    return items;
  }

  async create(name: string, says: PodSettings = {}): Promise<void> {
    const body: V1Pod = {
      metadata: { name, labels: says.labels ?? {}, annotations: says.annotations ?? {} },
      spec: {
        schedulerName: EDGE_SCHEDULER,
        automountServiceAccountToken: false,
        // Required by the fleet's rules, which the API server enforces.
        securityContext: { ...restrictedPod(NONROOT) },
        ...(says.nodeSelector ? { nodeSelector: says.nodeSelector } : {}),
        containers: [
          {
            name: "main",
            image: "registry.k8s.io/pause:3.10",
            resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "16Mi" } },
            securityContext: restrictedContainer,
          },
        ],
      },
    };
    await this.core().createNamespacedPod({ namespace: NAMESPACE, body });
  }

  async remove(name: string): Promise<void> {
    await this.core().deleteNamespacedPod({ namespace: NAMESPACE, name, gracePeriodSeconds: 0 });
  }

  async get(name: string): Promise<V1Pod> {
    return this.core().readNamespacedPod({ namespace: NAMESPACE, name });
  }

  /** Waits until a pod is scheduled, and returns its node and the message of the event. */
  async placed(name: string, withinSeconds = 30): Promise<{ node: string; why: string }> {
    const { value } = await eventually(`pod ${name} is scheduled`, withinSeconds, async () => {
      const scheduled = (await this.events(name)).find(({ reason }) => reason === "Scheduled");
      const node = (await this.get(name)).spec?.nodeName;
      return scheduled?.message && node ? { node, why: scheduled.message } : undefined;
    });
    return value;
  }

  /** Creates a pod, runs a function and deletes the pod. */
  async with<T>(name: string, says: PodSettings, use: () => Promise<T>): Promise<T> {
    await this.create(name, says);
    try {
      return await use();
    } finally {
      await this.remove(name);
    }
  }

  /** Returns the nodes of the pods of a burst by name. Unbound pods have no node. */
  async burst(run: string): Promise<Map<string, string | undefined>> {
    const { items } = await this.core().listNamespacedPod({ namespace: NAMESPACE, labelSelector: `run=${run}` });
    return new Map(items.map(({ metadata, spec }) => [metadata!.name!, spec?.nodeName]));
  }

  async removeBurst(run: string): Promise<void> {
    await this.core().deleteCollectionNamespacedPod({
      namespace: NAMESPACE,
      labelSelector: `run=${run}`,
      gracePeriodSeconds: 0,
    });
  }

  /** Counts the Scheduled events of each pod of a burst. */
  async boundTimes(run: string): Promise<Map<string, number>> {
    const { items } = await this.core().listNamespacedEvent({
      namespace: NAMESPACE,
      fieldSelector: "reason=Scheduled",
    });
    const times = new Map<string, number>();
    for (const { involvedObject, count, series } of items) {
      const name = involvedObject.name ?? "";
      if (name.startsWith(`${run}-`))
        times.set(name, (times.get(name) ?? 0) + Math.max(count ?? 1, series?.count ?? 1));
    }
    return times;
  }
}
