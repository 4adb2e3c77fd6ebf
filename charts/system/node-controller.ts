import { Chart } from "cdk8s";
import type { Construct } from "constructs";
import { images } from "../images";
import { nodeControllerRules } from "./node-controller-rules";
import { programMemory } from "./program-memory";
import { OWNED } from "./namespaces";
import { SystemProgram } from "./system-program";

const HEALTH_PORT = 8081;
const METRICS_PORT = 8080;

/** What the node controller of a cluster is told. */
export interface NodeControllerProps {
  /** @default the image of this release */
  readonly image?: string;
  /** Nodes that the cluster may have: what the program's memory follows from. @default 1000 */
  readonly nodes?: number;
  /** Memory request and limit, as a Kubernetes quantity. @default from `nodes`: see `charts/program-memory.ts` */
  readonly memory?: string;
}

/** The program that keeps nodes labelled and tainted as their pools say. */
export class NodeControllerChart extends Chart {
  /** @throws RangeError if `memory` is no quantity, or `nodes` no whole number of 0 or more */
  constructor(scope: Construct, id: string, props: NodeControllerProps = {}) {
    const { image = images.nodeController, nodes, memory = programMemory("nodeController", nodes) } = props;
    super(scope, id, { labels: OWNED, disableResourceNameHashes: true });
    new SystemProgram(this, "program", {
      name: "node-controller",
      image,
      args: [
        `--health-probe-bind-address=$(POD_IP):${HEALTH_PORT}`,
        `--metrics-bind-address=$(POD_IP):${METRICS_PORT}`,
        "--leader-elect",
      ],
      rules: nodeControllerRules,
      health: { port: HEALTH_PORT, scheme: "HTTP", live: "/healthz", ready: "/readyz" },
      ports: { metrics: METRICS_PORT, health: HEALTH_PORT },
      resources: { cpu: "50m", memory },
    });
  }
}
