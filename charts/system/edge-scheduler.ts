import { Chart } from "cdk8s";
import { k8s } from "cdk8s-plus-27";
import type { Construct } from "constructs";
import { EDGE_SCHEDULER } from "../../fleet/labels";
import type { NodePoolSpec } from "../../fleet/model";
import { edgeSchedulerRules } from "./edge-scheduler-rules";
import { images } from "../images";
import { serviceAccount } from "./leader-election";
import { programMemory } from "./program-memory";
import { schedulerConfig, type SchedulerConfigProps } from "./scheduler-config";
import { OWNED, SYSTEM_NAMESPACE } from "./namespaces";
import { MEASURED_LINKS, REGION_LINKS } from "./node-agent-names";
import { type MountedConfig, SystemProgram } from "./system-program";

const WORKING_DIR = "/etc/edge-scheduler";
/** Folders of links.json, relative to the working directory. */
const LINKS_DIR = "links";
const MEASURED_LINKS_DIR = "measured-links";
const PORT = 10259;

/** Props of {@link EdgeSchedulerChart}. */
export interface EdgeSchedulerProps {
  /** Content of `links.json`: the round-trip times between all regions of the fleet. */
  readonly links: string;
  /** Image of the scheduler. @default the image of this release */
  readonly image?: string;
  /** Configuration of the scheduler and its plugins. @default the plugins' defaults */
  readonly config?: Partial<SchedulerConfigProps>;
  /**
   * Maximum number of bindings in flight to the API server, and of events. Further requests wait in the scheduler. 0
   * sets no limit, like the default scheduler. @default 300
   */
  readonly maxInflightRequests?: number;
  /** Node pool that runs the program. @default the control-plane nodes */
  readonly pool?: NodePoolSpec;
  /** Number of nodes that the program's memory is sized for. @default 1000 */
  readonly nodes?: number;
  /** Memory request and limit, as a Kubernetes quantity. @default computed from `nodes` */
  readonly memory?: string;
}

/** Renders the edge scheduler, which places the pods whose `schedulerName` is `edge-scheduler`. */
export class EdgeSchedulerChart extends Chart {
  /**
   * @throws RangeError if `maxInflightRequests` or `nodes` is not a non-negative integer, or `memory` is not a quantity
   */
  constructor(scope: Construct, id: string, props: EdgeSchedulerProps) {
    const { links, image = images.edgeScheduler, config = {}, maxInflightRequests, nodes, pool } = props;
    const { memory = programMemory("edgeScheduler", nodes) } = props;
    if (maxInflightRequests !== undefined && !(Number.isSafeInteger(maxInflightRequests) && maxInflightRequests >= 0)) {
      throw new RangeError(`maxInflightRequests: got ${maxInflightRequests}, must be a whole number of 0 or more`);
    }
    super(scope, id, { labels: OWNED, disableResourceNameHashes: true });
    const configs: MountedConfig[] = [
      {
        name: EDGE_SCHEDULER,
        path: WORKING_DIR,
        data: {
          "config.yaml": schedulerConfig({
            edgeProximity: {
              linksFile: `${LINKS_DIR}/links.json`,
              measuredLinksFile: `${MEASURED_LINKS_DIR}/links.json`,
            },
            ...config,
          }),
        },
      },
      { name: REGION_LINKS, path: `${WORKING_DIR}/${LINKS_DIR}`, data: { "links.json": links }, reloaded: true },
      // The node controller writes it.
      { name: MEASURED_LINKS, path: `${WORKING_DIR}/${MEASURED_LINKS_DIR}`, reloaded: true },
    ];
    configs.forEach(
      ({ name, data }) => new k8s.KubeConfigMap(this, name, { metadata: { name, namespace: SYSTEM_NAMESPACE }, data }),
    );
    new SystemProgram(this, "program", {
      name: EDGE_SCHEDULER,
      image,
      workingDir: WORKING_DIR,
      args: [
        "--config=config.yaml",
        "--bind-address=$(POD_IP)",
        `--secure-port=${PORT}`,
        ...(maxInflightRequests === undefined ? [] : [`--max-inflight-requests=${maxInflightRequests}`]),
        "--logging-format=json",
        "--v=2",
      ],
      rules: edgeSchedulerRules,
      health: { port: PORT, scheme: "HTTPS", live: "/livez", ready: "/readyz" },
      ports: { https: PORT },
      configs,
      resources: { cpu: "100m", memory },
      pool,
    });
    // Access to the client CA with which the scheduler's own endpoints authenticate requests.
    new k8s.KubeRoleBinding(this, "authentication-reader", {
      metadata: { name: `skerry-${EDGE_SCHEDULER}-authentication-reader`, namespace: "kube-system" },
      roleRef: {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "Role",
        name: "extension-apiserver-authentication-reader",
      },
      subjects: [serviceAccount(EDGE_SCHEDULER)],
    });
  }
}
