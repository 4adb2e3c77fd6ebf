import type { BatchV1Api, CoreV1Api, KubeConfig, KubernetesObjectApi, V1Node } from "@kubernetes/client-node";

import { PLAN_API, UPGRADE_NAMESPACE, upgradedLabel, upgradeLabels } from "../../charts/upgrades/names";
import { imageTag } from "../../fleet/k3s/version";
import type { KubeObject } from "../../fleet/kubernetes/object";
import { CONTROL_PLANE, protectedLabels } from "../../fleet/labels";
import type { ObservedWave, WaveGoal } from "../../fleet/upgrades/decide-wave";
import { FIELD_MANAGER } from "../delivery/object";
import { type PlanObject, toObservedJob, toObservedNode, toObservedPlan } from "./upgrade-observation";

/** The requests that a wave makes. */
export interface UpgradeApi {
  observe(goal: WaveGoal, pools: readonly string[]): Promise<Omit<ObservedWave, "progressAt">>;
  /** Sets the mark of nodes, or removes it. A node with a new mark counts as not yet upgraded by the plan. */
  markNodes(plan: string, nodes: readonly string[], mark: string | undefined): Promise<void>;
  uncordonNodes(nodes: readonly string[]): Promise<void>;
  deleteJobs(names: readonly string[]): Promise<void>;
  /** @returns false if the API server does not know the kind Plan */
  applyPlan(plan: KubeObject): Promise<boolean>;
  deletePlan(plan: KubeObject): Promise<void>;
}

const MERGE = "application/merge-patch+json";
const APPLY = "application/apply-patch+yaml";

/** The client's errors for a kind or a group that the API server does not serve have no status code. */
const isUnknownKind = (error: unknown): boolean =>
  error instanceof Error &&
  /^Unrecognized API version and kind|^Failed to fetch resource metadata for .*: HTTP-Code: 404/.test(error.message);
const isNotFound = (error: unknown): boolean => (error as { code?: unknown }).code === 404 || isUnknownKind(error);

/** The requests that a wave makes, to an API server. */
export class KubernetesUpgradeApi implements UpgradeApi {
  constructor(
    private readonly clients: {
      readonly core: Pick<CoreV1Api, "listNode">;
      readonly batch: Pick<BatchV1Api, "listNamespacedJob" | "deleteNamespacedJob">;
      readonly objects: Pick<KubernetesObjectApi, "read" | "patch" | "delete">;
    },
  ) {}

  async observe(goal: WaveGoal, pools: readonly string[]): Promise<Omit<ObservedWave, "progressAt">> {
    const { core, batch } = this.clients;
    const ofPlan = `${upgradeLabels.plan}=${goal.plan},${upgradeLabels.version}=${imageTag(goal.version)}`;
    const [nodes, jobs, plan] = await Promise.all([
      core.listNode({
        labelSelector: goal.servers ? `${CONTROL_PLANE}=true` : `${protectedLabels.pool} in (${pools.join(",")})`,
      }),
      batch.listNamespacedJob({ namespace: UPGRADE_NAMESPACE, labelSelector: ofPlan }),
      this.readPlan(goal.plan),
    ]);
    return {
      nodes: nodes.items.map(toObservedNode),
      jobs: jobs.items.map(toObservedJob),
      ...(plan && { plan: toObservedPlan(plan) }),
    };
  }

  async markNodes(plan: string, nodes: readonly string[], mark: string | undefined): Promise<void> {
    const labels = {
      [protectedLabels.upgrade]: mark ?? null,
      // The controller leaves out nodes that have this label from an earlier run of the same plan.
      ...(mark === plan && { [upgradedLabel(plan)]: null }),
    };
    for (const name of nodes) await this.patchNode(name, { labels }, undefined);
  }

  async uncordonNodes(nodes: readonly string[]): Promise<void> {
    for (const name of nodes) await this.patchNode(name, {}, { unschedulable: null });
  }

  async deleteJobs(names: readonly string[]): Promise<void> {
    for (const name of names) {
      await this.clients.batch
        .deleteNamespacedJob({ name, namespace: UPGRADE_NAMESPACE, propagationPolicy: "Background" })
        .catch(ignoreNotFound);
    }
  }

  async applyPlan(plan: KubeObject): Promise<boolean> {
    try {
      await this.clients.objects.patch(plan, undefined, undefined, FIELD_MANAGER, true, APPLY);
      return true;
    } catch (error) {
      if (isUnknownKind(error)) return false;
      throw error;
    }
  }

  async deletePlan(plan: KubeObject): Promise<void> {
    await this.clients.objects.delete(plan).catch(ignoreNotFound);
  }

  private async readPlan(name: string): Promise<PlanObject | undefined> {
    try {
      const metadata = { name, namespace: UPGRADE_NAMESPACE };
      return (await this.clients.objects.read({ apiVersion: PLAN_API, kind: "Plan", metadata })) as PlanObject;
    } catch (error) {
      return ignoreNotFound(error);
    }
  }

  private async patchNode(name: string, metadata: object, spec: object | undefined): Promise<void> {
    const patch = { apiVersion: "v1", kind: "Node", metadata: { ...metadata, name }, ...(spec && { spec }) };
    await this.clients.objects
      .patch(patch as V1Node, undefined, undefined, FIELD_MANAGER, undefined, MERGE)
      .catch(ignoreNotFound);
  }
}

function ignoreNotFound(error: unknown): undefined {
  if (isNotFound(error)) return undefined;
  throw error;
}

/** Connects to the API server of a kubeconfig. */
export async function connectForUpgrade(config: KubeConfig): Promise<KubernetesUpgradeApi> {
  const { BatchV1Api, CoreV1Api, KubernetesObjectApi } = await import("@kubernetes/client-node");
  return new KubernetesUpgradeApi({
    core: config.makeApiClient(CoreV1Api),
    batch: config.makeApiClient(BatchV1Api),
    objects: KubernetesObjectApi.makeApiClient(config),
  });
}
