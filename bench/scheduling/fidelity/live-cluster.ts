import { setTimeout as sleep } from "node:timers/promises";

import type * as Kubernetes from "@kubernetes/client-node";

import type { KubeObject } from "../../../fleet/kubernetes/object";
import type { LabCluster } from "../../lab-cluster";
import type { Scenario } from "./scenario";
import { workloadName } from "./scenario";

/** Time without a change of any pod after which the schedulers are done, in ms. */
const QUIET_MS = 350;
/** Timeout of one workload. */
const TIMEOUT_MS = 30_000;
const LONG_MS = 90_000;

type Fields = Readonly<Record<string, unknown>>;

/** A pod as the watch reported it. Events are numbered, so that they can be ordered. */
export interface LivePod {
  readonly object: KubeObject;
  readonly workload: string;
  readonly node?: string;
  /** Why the scheduler found no node. */
  readonly message?: string;
  readonly finished: boolean;
  readonly createdAt: number;
  readonly boundAt?: number;
  /** When its deletion was requested. */
  readonly deletedAt?: number;
}

/** What exists at one moment: pods that are not deleted, then those that were, and volumes. */
export interface LiveState {
  readonly pods: readonly LivePod[];
  readonly deleted: readonly LivePod[];
  readonly volumes: readonly KubeObject[];
}

interface Owner {
  readonly kind: string;
  readonly name: string;
  readonly controller?: boolean;
}

/** The workload of a pod: a Deployment rather than its ReplicaSet, and the pod itself if nothing owns it. */
function findWorkload(pod: KubeObject): string {
  const {
    namespace,
    name,
    labels = {},
    ownerReferences = [],
  } = pod.metadata as KubeObject["metadata"] & {
    readonly ownerReferences?: readonly Owner[];
  };
  const owner = ownerReferences.find(({ controller }) => controller) ?? { kind: "Pod", name };
  const hash = labels["pod-template-hash"];
  return owner.kind === "ReplicaSet" && hash !== undefined
    ? `Deployment ${namespace}/${owner.name!.replace(`-${hash}`, "")}`
    : `${owner.kind} ${namespace}/${owner.name}`;
}

/** Why the scheduler found no node; undefined if it has not tried or has found one. */
function findMessage({ status }: KubeObject): string | undefined {
  const { conditions = [] } = (status ?? {}) as { readonly conditions?: readonly Fields[] };
  const condition = conditions.find(({ type, status: value }) => type === "PodScheduled" && value === "False");
  return condition?.message as string | undefined;
}

const describeError = (error: unknown): string => (error instanceof Error ? error.message : JSON.stringify(error));

/** A lab cluster that runs scenarios, and what its schedulers decide. */
export class LiveCluster {
  private readonly pods = new Map<string, LivePod>();
  private readonly deleted: LivePod[] = [];
  private events = 0;
  private changedAt = Date.now();
  private watching?: AbortController;

  private constructor(
    private readonly lab: LabCluster,
    private readonly kubernetes: typeof Kubernetes,
  ) {}

  static async watch(lab: LabCluster): Promise<LiveCluster> {
    const cluster = new LiveCluster(lab, await import("@kubernetes/client-node"));
    await cluster.start();
    return cluster;
  }

  stop(): void {
    this.watching?.abort();
  }

  private async start(): Promise<void> {
    const watch = new this.kubernetes.Watch(this.lab.config);
    const observe = (phase: string, pod: KubeObject): void => this.observe(phase, pod);
    this.watching = await watch.watch("/api/v1/pods", {}, observe, (error: unknown) => {
      if (error && !this.watching?.signal.aborted)
        process.stderr.write(`the watch of pods ended: ${describeError(error)}\n`);
    });
  }

  private observe(phase: string, pod: KubeObject): void {
    if (pod.kind !== "Pod") return;
    const at = ++this.events;
    this.changedAt = Date.now();
    const { uid, deletionTimestamp } = pod.metadata as Fields;
    const before = this.pods.get(uid as string);
    const { nodeName } = pod.spec as { readonly nodeName?: string };
    const message = findMessage(pod);
    const now: LivePod = {
      object: { ...pod, apiVersion: "v1" },
      workload: findWorkload(pod),
      finished: ["Succeeded", "Failed"].includes((pod.status as Fields).phase as string),
      createdAt: before?.createdAt ?? at,
      ...(nodeName && { node: nodeName, boundAt: before?.boundAt ?? at }),
      ...(message !== undefined && { message }),
      ...((deletionTimestamp || phase === "DELETED") && { deletedAt: before?.deletedAt ?? at }),
    };
    this.pods.set(uid as string, now);
    if (phase === "DELETED") {
      this.pods.delete(uid as string);
      this.deleted.push(now);
    }
  }

  private api<T extends Kubernetes.ApiType>(type: new (config: Kubernetes.Configuration) => T): T {
    return this.lab.config.makeApiClient(type);
  }

  private get objects(): Kubernetes.KubernetesObjectApi {
    return this.kubernetes.KubernetesObjectApi.makeApiClient(this.lab.config);
  }

  /** Creates an object. A namespace may exist. */
  async create(object: KubeObject): Promise<void> {
    await this.objects.create(object as Kubernetes.KubernetesObject).catch((error: { code?: number }) => {
      if (error.code !== 409 || object.kind !== "Namespace") throw error;
    });
    if (object.kind === "NodeProfile" && object.status) await this.writeUsage(object);
  }

  private async writeUsage({ metadata, status }: KubeObject): Promise<void> {
    await this.api(this.kubernetes.CustomObjectsApi).patchClusterCustomObjectStatus(
      { group: "skerry.dev", version: "v1alpha1", plural: "nodeprofiles", name: metadata.name!, body: { status } },
      this.kubernetes.setHeaderOptions("Content-Type", "application/merge-patch+json"),
    );
  }

  /** Joins the pools of a scenario and creates its foundation. */
  async prepare({ cluster, rendering, foundation }: Scenario): Promise<void> {
    for (const pool of cluster.nodePools) await this.lab.joinPool(pool);
    while ((await this.lab.ready()) < rendering.nodes.length) await sleep(100);
    for (const object of foundation) await this.create(object);
  }

  /** Creates a workload and waits until each of its pods has a node or a verdict, and nothing changes any more. */
  async run(workload: KubeObject): Promise<void> {
    await this.create(workload);
    const started = Date.now();
    for (;;) {
      await sleep(50);
      if (Date.now() - this.changedAt > QUIET_MS && this.haveAllVerdicts() && (await this.isComplete(workload))) return;
      if (Date.now() - started > TIMEOUT_MS) {
        process.stderr.write(`${workloadName(workload)} has not settled within ${TIMEOUT_MS / 1000} s\n`);
        return;
      }
    }
  }

  private haveAllVerdicts(): boolean {
    return [...this.pods.values()].every(({ node, message, deletedAt, object }) => {
      const nominated = (object.status as Fields).nominatedNodeName;
      return deletedAt === undefined && (node !== undefined || (message !== undefined && !nominated));
    });
  }

  /** Whether a workload has all the pods that its controller creates for now. */
  private async isComplete(workload: KubeObject): Promise<boolean> {
    const pods = [...this.pods.values()].filter((pod) => pod.workload === workloadName(workload));
    const { replicas = 1, podManagementPolicy } = workload.spec as {
      readonly replicas?: number;
      readonly podManagementPolicy?: string;
    };
    switch (workload.kind) {
      case "DaemonSet": {
        const apps = this.api(this.kubernetes.AppsV1Api);
        const { name, namespace } = workload.metadata as { readonly name: string; readonly namespace: string };
        const { status, metadata } = await apps.readNamespacedDaemonSet({ name, namespace });
        return status?.observedGeneration === metadata?.generation && status?.desiredNumberScheduled === pods.length;
      }
      case "StatefulSet":
        return pods.length === replicas || (podManagementPolicy !== "Parallel" && pods.some(({ node }) => !node));
      default:
        return pods.length === replicas;
    }
  }

  /** Reads what exists now. */
  async read(): Promise<LiveState> {
    const core = this.api(this.kubernetes.CoreV1Api);
    const [volumes, claims] = await Promise.all([
      core.listPersistentVolume(),
      core.listPersistentVolumeClaimForAllNamespaces(),
    ]);
    const plain = (kind: string, items: readonly object[]): KubeObject[] =>
      (JSON.parse(JSON.stringify(items)) as KubeObject[]).map((item) => ({ ...item, apiVersion: "v1", kind }));
    const pods = [...this.pods.values()];
    return {
      pods: pods.filter(({ deletedAt }) => deletedAt === undefined),
      deleted: [...this.deleted, ...pods.filter(({ deletedAt }) => deletedAt !== undefined)],
      volumes: [...plain("PersistentVolume", volumes.items), ...plain("PersistentVolumeClaim", claims.items)],
    };
  }

  /** The message of the event with which the scheduler bound a pod. */
  async bindingMessage(pod: LivePod): Promise<string | undefined> {
    const { namespace, name } = pod.object.metadata;
    const { items } = await this.api(this.kubernetes.CoreV1Api).listNamespacedEvent({
      namespace: namespace!,
      fieldSelector: `involvedObject.name=${name},reason=Scheduled`,
    });
    return items.at(-1)?.message;
  }

  /** Removes what a scenario created, so that the next one finds an empty cluster. */
  async clear({ cluster, foundation, workloads }: Scenario): Promise<void> {
    const remove = (object: KubeObject): Promise<unknown> =>
      this.objects
        .delete(object as Kubernetes.KubernetesObject, undefined, undefined, 0, undefined, "Background")
        .catch((error: { code?: number }) => {
          if (error.code !== 404) throw error;
        });
    for (const { object } of workloads) await remove(object);
    const core = this.api(this.kubernetes.CoreV1Api);
    const started = Date.now();
    for (;;) {
      const left = [...this.pods.values()];
      for (const { object } of left) await remove(object);
      const { items } = await core.listPersistentVolumeClaimForAllNamespaces();
      for (const claim of items)
        await remove({
          apiVersion: "v1",
          kind: "PersistentVolumeClaim",
          metadata: claim.metadata as KubeObject["metadata"],
        });
      const { items: volumes } = await core.listPersistentVolume();
      if (left.length === 0 && items.length === 0 && volumes.length === 0) break;
      if (Date.now() - started > LONG_MS)
        throw new Error(`${left.length} pods are not deleted after ${LONG_MS / 1000} s`);
      await sleep(200);
    }
    for (const object of foundation) if (object.kind !== "Namespace") await remove(object);
    for (const pool of cluster.nodePools) await this.lab.leave(pool);
    this.deleted.length = 0;
  }
}
