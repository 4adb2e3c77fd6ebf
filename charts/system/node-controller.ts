import { Chart } from "cdk8s";
import type { Construct } from "constructs";
import type { NodePoolSpec } from "../../fleet/model";
import { images } from "../images";
import { nodeControllerRules, readNodeProfiles } from "./node-controller-rules";
import { programMemory } from "./program-memory";
import { OWNED } from "./namespaces";
import { SystemProgram } from "./system-program";

const HEALTH_PORT = 8081;
const METRICS_PORT = 8080;

/** Props of {@link NodeControllerChart}. */
export interface NodeControllerProps {
  /** Image of the controller. @default the image of this release */
  readonly image?: string;
  /** Whether node agents run in the cluster. The controller then maintains the links that they measure. @default false */
  readonly nodeAgents?: boolean;
  /** Node pool that runs the program. @default the control-plane nodes */
  readonly pool?: NodePoolSpec;
  /** Number of nodes that the program's memory is sized for. @default 1000 */
  readonly nodes?: number;
  /** Memory request and limit, as a Kubernetes quantity. @default computed from `nodes` */
  readonly memory?: string;
}

/** Renders the node controller, which keeps the labels and taints of nodes in line with their node pools. */
export class NodeControllerChart extends Chart {
  /** @throws RangeError if `memory` is not a quantity, or `nodes` is not a non-negative integer */
  constructor(scope: Construct, id: string, props: NodeControllerProps = {}) {
    const { nodeAgents = false } = props;
    const { image = images.nodeController, nodes, pool, memory = programMemory("nodeController", nodes) } = props;
    super(scope, id, { labels: OWNED, disableResourceNameHashes: true });
    new SystemProgram(this, "program", {
      name: "node-controller",
      image,
      args: [
        `--health-probe-bind-address=$(POD_IP):${HEALTH_PORT}`,
        `--metrics-bind-address=$(POD_IP):${METRICS_PORT}`,
        "--leader-elect",
        ...(nodeAgents ? ["--measured-links"] : []),
      ],
      rules: nodeAgents ? [...nodeControllerRules, readNodeProfiles] : nodeControllerRules,
      health: { port: HEALTH_PORT, scheme: "HTTP", live: "/healthz", ready: "/readyz" },
      ports: { metrics: METRICS_PORT, health: HEALTH_PORT },
      resources: { cpu: "50m", memory },
      pool,
    });
  }
}
