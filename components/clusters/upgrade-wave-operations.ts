import { isDeepStrictEqual } from "node:util";

import type { KubeObject } from "../../fleet/kubernetes/object";
import type { SkippedNode, WaveGoal } from "../../fleet/upgrades/decide-wave";
import type { Operations } from "../dynamic";
import { loadKubeConfig } from "./load-kubeconfig";
import { runWave } from "./run-wave";
import { connectForUpgrade } from "./upgrade-api";

interface Inputs {
  readonly kubeconfig: string;
  readonly goal: WaveGoal;
  readonly pools: readonly string[];
  readonly plan: KubeObject;
  readonly agentVersion?: string;
}

interface Outputs extends Inputs {
  /** Nodes that run another version, because they were not Ready or cordoned. The next update tries again. */
  readonly skipped: readonly SkippedNode[];
}

async function upgrade(inputs: Inputs): Promise<Outputs> {
  const api = await connectForUpgrade(await loadKubeConfig(inputs.kubeconfig));
  return { ...inputs, ...(await runWave(api, inputs)) };
}

/** Applies the plan of a wave, watches it, and ends it. */
export const operations: Operations<Inputs, Outputs> = {
  diff: async (_id, { skipped, ...olds }, news) => ({
    changes:
      skipped.length > 0 ||
      (["kubeconfig", "goal", "pools", "plan", "agentVersion"] as const).some(
        (key) => !isDeepStrictEqual(olds[key], news[key]),
      ),
  }),
  create: async (inputs) => ({ id: inputs.goal.plan, outs: await upgrade(inputs) }),
  update: async (_id, _olds, news) => ({ outs: await upgrade(news) }),
  delete: async (_id, { kubeconfig, plan }) => {
    const api = await connectForUpgrade(await loadKubeConfig(kubeconfig));
    await api.deletePlan(plan);
  },
};
