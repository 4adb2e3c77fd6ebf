import { Chart } from "cdk8s";
import { k8s } from "cdk8s-plus-27";
import type { Construct } from "constructs";
import { formatPath } from "../../fleet/problem";
import type { WorkloadsProps } from "./workloads";
import { tcp } from "../network";
import { recordOrigin } from "../origins";
import { OWNED } from "../system/namespaces";
import { workloadSelector } from "./pod";

/** Metadata service of cloud machines, which returns credentials and user data. */
const METADATA_SERVICE = "169.254.169.254/32";

/**
 * Renders a network policy for each workload. It allows ingress to the workload's port from any source, and egress to
 * any address except the metadata service of the machine.
 *
 * The policies select only the fleet's workloads, because their namespaces may contain other pods.
 */
export class WorkloadNetworkChart extends Chart {
  constructor(scope: Construct, id: string, { workloads }: Omit<WorkloadsProps, "cluster">) {
    super(scope, id, { labels: OWNED, disableResourceNameHashes: true });
    Object.entries(workloads).forEach(([name, { namespace, port }]) => {
      const labels = workloadSelector(name);
      const policy = new k8s.KubeNetworkPolicy(this, name, {
        metadata: { name, namespace, labels },
        spec: {
          podSelector: { matchLabels: labels },
          policyTypes: ["Ingress", "Egress"],
          ingress: [{ ports: tcp(port) }],
          egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: [METADATA_SERVICE] } }] }],
        },
      });
      recordOrigin(policy, formatPath(["workloads", name]), { "spec.ingress": "port" });
    });
  }
}
