import { Chart } from "cdk8s";
import { k8s } from "cdk8s-plus-27";
import type { Construct } from "constructs";
import { formatPath } from "../../fleet/problem";
import type { WorkloadsProps } from "./workloads";
import { tcp } from "../network";
import { stated } from "../origins";
import { OWNED } from "../system/namespaces";
import { workloadSelector } from "./selector";

/** Where clouds tell a machine its credentials and its user data. */
const METADATA_SERVICE = "169.254.169.254/32";

/**
 * Where a fleet's workloads are reached: at the one port that they state, by whom a fleet does not say. What they reach
 * in turn, it does not say either; all they are kept from is the cloud's word to the machine that they run on.
 *
 * The policies select the workloads alone, for a team may share their namespace with other things.
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
      stated(policy, formatPath(["workloads", name]), { "spec.ingress": "port" });
    });
  }
}
