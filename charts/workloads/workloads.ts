import { type ApiObject, Chart } from "cdk8s";
import { k8s } from "cdk8s-plus-27";
import type { Construct } from "constructs";
import { EDGE_SCHEDULER, labels } from "../../fleet/labels";
import type { ClusterSpec, NodePoolSpec, Workload, WorkloadPlacement } from "../../fleet/model";
import { poolsFor } from "../../fleet/placement-targets";
import { HighlyAvailable } from "../../placement/highly-available";
import { OnEveryNode } from "../../placement/on-every-node";
import { hardTaints } from "../../placement/model/tolerations";
import { WithinRegion } from "../../placement/within-region";
import { formatPath } from "../../fleet/problem";
import { stated } from "../origins";
import { OWNED } from "../system/namespaces";
import { workloadPod } from "./pod";
import { workloadSelector } from "./selector";

/** Fields of a workload, by the path in its object that follows from them. */
const FIELDS = {
  "metadata.namespace": "namespace",
  "spec.replicas": "placement.replicas",
  "spec.template.spec.containers[0].image": "image",
  "spec.template.spec.containers[0].env": "env",
  "spec.template.spec.containers[0].ports": "port",
  "spec.template.spec.containers[0].resources": "resources",
  "spec.template.spec.containers[0].resources.requests.cpu": "resources.cpu",
  "spec.template.spec.containers[0].resources.requests.memory": "resources.memory",
  "spec.template.spec.containers[0].resources.limits.memory": "resources.memory",
  "spec.template.spec.tolerations": "tolerations",
  "spec.template.spec.nodeSelector": "placement",
  "spec.template.spec.affinity": "placement",
  "spec.template.metadata.labels": "placement",
};

/** What runs in which cluster. */
export interface WorkloadsProps {
  readonly cluster: ClusterSpec;
  /** Those that go to this cluster, by name. */
  readonly workloads: Readonly<Record<string, Workload>>;
}

/** The programs a fleet runs in one cluster, each placed as it states. */
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
    { edgeNodeType, device }: Extract<WorkloadPlacement, { kind: "every-node" }>,
    pools: readonly NodePoolSpec[],
  ): void {
    const selector = workloadSelector(name);
    const tolerated = [...pools.flatMap(({ taints }) => hardTaints(taints)), ...workload.tolerations];
    const daemonSet = new k8s.KubeDaemonSet(this, name, {
      metadata: { name, namespace: workload.namespace, labels: selector },
      spec: {
        revisionHistoryLimit: 3,
        selector: { matchLabels: selector },
        updateStrategy: {
          type: "RollingUpdate",
          // One at a time takes an hour on a hundred gateways behind slow links.
          rollingUpdate: { maxUnavailable: k8s.IntOrString.fromString("10%") },
        },
        template: { metadata: { labels: selector }, spec: workloadPod(name, workload, tolerated) },
      },
    });
    stated(daemonSet, formatPath(["workloads", name]), FIELDS);
    new OnEveryNode(this, `${name}-nodes`, {
      workload: daemonSet,
      ...(edgeNodeType !== undefined && { edgeNodeType }),
      ...(device !== undefined && { device }),
    });
  }

  private deployment(name: string, app: string, workload: Workload, replicas: number, region?: string): void {
    const selector = { ...workloadSelector(app), ...(region !== undefined && { [labels.requiredRegion]: region }) };
    const several = replicas > 1;
    const deployment: ApiObject = new k8s.KubeDeployment(this, name, {
      metadata: { name, namespace: workload.namespace, labels: selector },
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
          spec: { ...workloadPod(app, workload, workload.tolerations), schedulerName: EDGE_SCHEDULER },
        },
      },
    });
    const path = formatPath(["workloads", app]);
    stated(deployment, path, FIELDS);
    if (region !== undefined) new WithinRegion(this, `${name}-region`, { workload: deployment, region });
    // A region has a zone or two; a cluster has many.
    if (several) {
      const over = region === undefined ? (["zone", "node"] as const) : (["node"] as const);
      stated(new HighlyAvailable(this, `${name}-available`, { workload: deployment, over }), path);
    }
  }
}
