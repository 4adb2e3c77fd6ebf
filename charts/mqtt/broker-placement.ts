import type { k8s } from "cdk8s-plus-27";
import { EDGE_SCHEDULER, labels, values } from "../../fleet/labels";
import type { Broker, Cluster } from "../../fleet/model";
import { fewestTaints, tolerationsFor } from "../../placement/tolerations";

/** The part of a pod that decides which node it may run on. */
export interface Placement {
  /** Labels of the pod. */
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: Pick<k8s.PodSpec, "schedulerName" | "nodeSelector" | "affinity" | "tolerations">;
}

/**
 * Taints that Kubernetes puts on a node it has lost. The broker's volume is on that node, so it could start nowhere
 * else: evicting it would only cut off the clients that still reach it.
 */
const STAY: readonly k8s.Toleration[] = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"].map(
  (key) => ({
    key,
    operator: "Exists",
    effect: "NoExecute",
  }),
);

/** An edge broker: in its region and nowhere else, on an edge node, rather on one with a solid-state disk. */
export function edgeBrokerPlacement(cluster: Cluster, broker: Broker): Placement {
  const pools = cluster.nodePools.filter(({ region, role }) => region === broker.region && role === values.edgeWorker);
  return {
    labels: { [labels.requiredRegion]: broker.region },
    spec: {
      schedulerName: EDGE_SCHEDULER,
      nodeSelector: { [labels.nodeType]: values.edgeWorker },
      affinity: preferSsd,
      tolerations: [...tolerationsFor(fewestTaints(pools)), ...STAY],
    },
  };
}

/**
 * The cloud broker: on a cloud node of the home region. By the default scheduler, as labels say all there is to say,
 * and the rest of the fleet waits for it.
 */
export function cloudBrokerPlacement(cluster: Cluster): Placement {
  const pools = cluster.nodePools.filter(
    ({ region, role }) => region === cluster.homeRegion && role === values.cloudWorker,
  );
  return {
    labels: {},
    spec: {
      nodeSelector: { [labels.nodeType]: values.cloudWorker, [labels.topologyRegion]: cluster.homeRegion },
      affinity: preferSsd,
      tolerations: tolerationsFor(fewestTaints(pools)),
    },
  };
}

const preferSsd: k8s.Affinity = {
  nodeAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      {
        weight: 50,
        preference: { matchExpressions: [{ key: labels.diskType, operator: "In", values: [values.ssd] }] },
      },
    ],
  },
};
