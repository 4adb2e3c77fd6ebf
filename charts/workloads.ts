import { Chart } from "cdk8s";
import { k8s } from "cdk8s-plus-27";
import type { Construct } from "constructs";
import { EDGE_SCHEDULER, labels } from "../fleet/labels";
import type { Cluster, NodePool, Workload, WorkloadPlacement } from "../fleet/model";
import { poolsFor } from "../fleet/placement-targets";
import { OWNED } from "./system";
import { hardTaints, tolerationsFor } from "../placement/tolerations";
import { workloadPod } from "./workload-pod";

export interface WorkloadsProps {
  readonly cluster: Cluster;
  /** Those that go to this cluster, by name. */
  readonly workloads: Readonly<Record<string, Workload>>;
}

/** The programs a fleet runs in one cluster, each bound to where its placement says, by fields the schedulers read. */
export class WorkloadsChart extends Chart {
  constructor(scope: Construct, id: string, { cluster, workloads }: WorkloadsProps) {
    super(scope, id, { labels: OWNED, disableResourceNameHashes: true });
    Object.entries(workloads).forEach(([name, workload]) => {
      const { placement } = workload;
      const pools = poolsFor(cluster, workload);
      switch (placement.kind) {
        case "every-node":
          return this.daemonSet(name, workload, placement, pools);
        case "each-region":
          return placement.regions
            .filter((region) => pools.some((pool) => pool.region === region))
            .forEach((region) => this.deployment(`${name}-${region}`, name, workload, placement.replicas, region));
        case "region":
          return this.deployment(name, name, workload, placement.replicas, placement.region);
        case "anywhere":
          return this.deployment(name, name, workload, placement.replicas);
      }
    });
  }

  private daemonSet(
    name: string,
    workload: Workload,
    placement: Extract<WorkloadPlacement, { kind: "every-node" }>,
    pools: readonly NodePool[],
  ): void {
    const selector = selectorOf(name);
    new k8s.KubeDaemonSet(this, name, {
      metadata: { name, namespace: workload.namespace, labels: selector },
      spec: {
        revisionHistoryLimit: 3,
        selector: { matchLabels: selector },
        updateStrategy: {
          type: "RollingUpdate",
          // One at a time takes an hour on a hundred gateways behind slow links.
          rollingUpdate: { maxUnavailable: k8s.IntOrString.fromString("10%") },
        },
        template: {
          metadata: { labels: selector },
          spec: workloadPod(name, workload, {
            ...nodesOf(placement),
            tolerations: tolerationsFor([...pools.flatMap((pool) => hardTaints(pool.taints)), ...workload.tolerates]),
          }),
        },
      },
    });
  }

  private deployment(name: string, app: string, workload: Workload, replicas: number, region?: string): void {
    const selector = { ...selectorOf(app), ...(region !== undefined && { [labels.requiredRegion]: region }) };
    const { namespace } = workload;
    const several = replicas > 1;
    new k8s.KubeDeployment(this, name, {
      metadata: { name, namespace, labels: selector },
      spec: {
        replicas,
        revisionHistoryLimit: 3,
        selector: { matchLabels: selector },
        strategy: {
          type: "RollingUpdate",
          rollingUpdate: {
            maxSurge: k8s.IntOrString.fromNumber(1),
            maxUnavailable: k8s.IntOrString.fromNumber(several ? 1 : 0),
          },
        },
        template: {
          metadata: { labels: selector },
          spec: workloadPod(app, workload, {
            schedulerName: EDGE_SCHEDULER,
            tolerations: tolerationsFor(workload.tolerates),
            // Without a region upstream's own default spreading holds.
            ...(several && region !== undefined && { topologySpreadConstraints: [spreadOverNodes(selector)] }),
          }),
        },
      },
    });
    if (several) {
      new k8s.KubePodDisruptionBudget(this, `${name}-budget`, {
        metadata: { name, namespace, labels: selector },
        spec: { maxUnavailable: k8s.IntOrString.fromNumber(1), selector: { matchLabels: selector } },
      });
    }
  }
}

function selectorOf(app: string): Record<string, string> {
  return { "app.kubernetes.io/name": app, "app.kubernetes.io/component": "workload" };
}

/** Nodes of pools only: servers are nodes too, but belong to no pool. */
function nodesOf(
  placement: Extract<WorkloadPlacement, { kind: "every-node" }>,
): Pick<k8s.PodSpec, "nodeSelector" | "affinity"> {
  const { edgeNodeType, device } = placement;
  if (edgeNodeType === undefined && device === undefined) {
    const inAPool = { matchExpressions: [{ key: labels.nodePool, operator: "Exists" }] };
    return {
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [inAPool] } },
      },
    };
  }
  return {
    nodeSelector: {
      ...(edgeNodeType !== undefined && { [labels.edgeNodeType]: edgeNodeType }),
      ...(device !== undefined && { [labels.deviceType]: device }),
    },
  };
}

function spreadOverNodes(matchLabels: Record<string, string>): k8s.TopologySpreadConstraint {
  return {
    maxSkew: 1,
    topologyKey: "kubernetes.io/hostname",
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels },
  };
}
