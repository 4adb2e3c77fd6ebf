import type { KubeObject } from "../../fleet/kubernetes/object";
import { imageTag } from "../../fleet/k3s/version";
import { CONTROL_PLANE, protectedLabels } from "../../fleet/labels";
import type { ClusterSpec, MaintenanceWindow, Taint, UpgradePolicy } from "../../fleet/model";
import { type PlannedUpgrade, SERVERS_PLAN, type PlannedWave } from "../../fleet/upgrades/order";
import { OWNED } from "../system/namespaces";
import { gateScript } from "./gate";
import { PLAN_API, UPGRADE_JOB_ACCOUNT, UPGRADE_NAMESPACE } from "./names";
import { upgradeScript } from "./upgrade-script";

const UPGRADE_IMAGE = "docker.io/rancher/k3s-upgrade";

function upgradeImage({ images }: UpgradePolicy, version: string): string {
  const digest = images.k3sUpgradeDigests[version];
  return `${UPGRADE_IMAGE}:${imageTag(version)}${digest === undefined ? "" : `@${digest}`}`;
}

/** Selects nodes that the running wave has marked, and that belong to the wave. A kubelet can write none of these labels. */
function nodeSelector({ plan, pools }: PlannedWave): object {
  const marked = { key: protectedLabels.upgrade, operator: "In", values: [plan] };
  const servers = { key: CONTROL_PLANE, operator: "In", values: ["true"] };
  const agents = [
    { key: protectedLabels.pool, operator: "In", values: [...pools] },
    { key: CONTROL_PLANE, operator: "DoesNotExist" },
  ];
  return { matchExpressions: [marked, ...(plan === SERVERS_PLAN ? [servers] : agents)] };
}

/** Returns the tolerations of the jobs: the taints of their nodes. */
function tolerations({ plan, pools }: PlannedWave, { nodePools }: ClusterSpec): object[] {
  if (plan === SERVERS_PLAN) {
    return [
      { key: CONTROL_PLANE, operator: "Exists", effect: "NoSchedule" },
      { key: "CriticalAddonsOnly", operator: "Exists" },
    ];
  }
  const taints = nodePools.filter(({ name }) => pools.includes(name)).flatMap((pool): readonly Taint[] => pool.taints);
  const distinct = new Map(taints.map((taint) => [`${taint.key}=${taint.value}:${taint.effect}`, taint]));
  return [...distinct.keys()].sort().map((key) => {
    const { key: name, value, effect } = distinct.get(key)!;
    return { key: name, operator: "Equal", value, effect };
  });
}

/**
 * The only server of a cluster is not drained. Pods that need a server, such as those of Skerry's programs, could go nowhere, and
 * their disruption budgets would block the drain. The containers keep running while K3s restarts.
 */
const isOnlyServer = ({ plan, nodes }: PlannedWave): boolean => plan === SERVERS_PLAN && nodes.length === 1;

const windowSpec = ({ days, start, end, timeZone }: MaintenanceWindow): object => ({
  days: [...days],
  startTime: start,
  endTime: end,
  timeZone,
});

/**
 * Renders the plans of a cluster in their order: the servers, then one plan per wave of agents. A plan upgrades only nodes
 * that a running wave has marked, so that an applied plan alone changes nothing.
 *
 * They are not part of the delivery: `ClusterUpgrades` of `components/clusters/` applies one after another.
 *
 * @see https://docs.k3s.io/upgrades/automated
 */
export function upgradePlans(cluster: ClusterSpec, upgrade: PlannedUpgrade, policy: UpgradePolicy): KubeObject[] {
  const image = upgradeImage(policy, upgrade.version);
  return upgrade.waves.map((wave) => ({
    apiVersion: PLAN_API,
    kind: "Plan",
    metadata: { name: wave.plan, namespace: UPGRADE_NAMESPACE, labels: OWNED },
    spec: {
      version: upgrade.version,
      concurrency: wave.concurrency,
      // No node is upgraded by two plans at once.
      exclusive: true,
      nodeSelector: nodeSelector(wave),
      tolerations: tolerations(wave, cluster),
      serviceAccountName: UPGRADE_JOB_ACCOUNT,
      prepare: {
        image,
        command: ["/bin/sh", "-c"],
        args: [gateScript(policy.readyTimeoutSeconds, wave.plan === SERVERS_PLAN ? undefined : SERVERS_PLAN)],
      },
      // The controller uncordons a node after its upgrade only if it has cordoned it.
      cordon: true,
      upgrade: {
        image,
        command: ["/bin/sh", "-c"],
        args: [upgradeScript(isOnlyServer(wave) ? undefined : upgrade.drain)],
      },
      jobActiveDeadlineSecs: policy.nodeTimeoutSeconds,
      postCompleteDelay: `${policy.delaySeconds}s`,
      ...(upgrade.window && { window: windowSpec(upgrade.window) }),
    },
  }));
}
