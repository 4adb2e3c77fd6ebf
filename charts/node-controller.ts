import { ApiObject, Chart } from "cdk8s";
import type { Construct } from "constructs";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { images } from "./images";
import type { KubeObject } from "./kube-object";
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

/** What makes `NodePool` a kind that the cluster knows. */
export class NodePoolDefinitionChart extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id, { labels: OWNED, disableResourceNameHashes: true });
    const { metadata, ...definition } = nodePoolDefinition();
    new ApiObject(this, metadata.name, { ...definition, metadata: { ...metadata } });
  }
}

/** As the controller's own source states it. */
function nodePoolDefinition(): KubeObject {
  const path = join(__dirname, "../runtime/apis/nodepool/v1alpha1/nodepools.skerry.dev.yaml");
  return parse(readFileSync(path, "utf8")) as KubeObject;
}
