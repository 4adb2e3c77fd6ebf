import { Chart } from "cdk8s";
import type { Construct } from "constructs";
import { images } from "./images";
import { nodeControllerRules } from "./node-controller-rules";
import { OWNED } from "./system";
import { SystemProgram } from "./system-program";

const HEALTH_PORT = 8081;
const METRICS_PORT = 8080;

/** The program that keeps nodes labelled and tainted as their pools say. */
export class NodeControllerChart extends Chart {
  constructor(scope: Construct, id: string, { image = images.nodeController }: { readonly image?: string } = {}) {
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
      resources: { cpu: "50m", memory: "128Mi" },
    });
  }
}
