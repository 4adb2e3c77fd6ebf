import { Chart } from "cdk8s";
import { k8s } from "cdk8s-plus-27";
import type { Construct } from "constructs";
import { EDGE_SCHEDULER } from "../../fleet/labels";
import { edgeSchedulerRules } from "./edge-scheduler-rules";
import { images } from "../images";
import { serviceAccount } from "./leader-election";
import { programMemory } from "./program-memory";
import { schedulerConfig, type SchedulerConfigProps } from "./scheduler-config";
import { OWNED, SYSTEM_NAMESPACE } from "./namespaces";
import { type MountedConfig, SystemProgram } from "./system-program";

const WORKING_DIR = "/etc/edge-scheduler";
/** Relative to the working directory. */
const LINKS_DIR = "links";
const PORT = 10259;

/** What the edge scheduler of a cluster is told. */
export interface EdgeSchedulerProps {
  /** Content of `links.json`: the round trips between all regions of the fleet. */
  readonly links: string;
  /** @default the image of this release */
  readonly image?: string;
  /** @default the plugin's defaults with the links above */
  readonly config?: Partial<SchedulerConfigProps>;
  /**
   * Bindings that may wait for the API server at once, and as many events; the others wait in the scheduler. 0 sets no
   * limit, as the stock scheduler does. @default 300
   */
  readonly requestsAtOnce?: number;
  /** Nodes that the cluster may have: what the program's memory follows from. @default 1000 */
  readonly nodes?: number;
  /** Memory request and limit, as a Kubernetes quantity. @default from `nodes`: see `charts/program-memory.ts` */
  readonly memory?: string;
}

/** Skerry's scheduler, second to the default one: it places the pods that ask for it by name. */
export class EdgeSchedulerChart extends Chart {
  /** @throws RangeError if `requestsAtOnce` or `nodes` is no whole number of 0 or more, or `memory` no quantity */
  constructor(scope: Construct, id: string, props: EdgeSchedulerProps) {
    const { links, image = images.edgeScheduler, config = {}, requestsAtOnce, nodes } = props;
    const { memory = programMemory("edgeScheduler", nodes) } = props;
    if (requestsAtOnce !== undefined && !(Number.isSafeInteger(requestsAtOnce) && requestsAtOnce >= 0)) {
      throw new RangeError(`requestsAtOnce: got ${requestsAtOnce}; allowed are whole numbers of 0 or more`);
    }
    super(scope, id, { labels: OWNED, disableResourceNameHashes: true });
    const configs: MountedConfig[] = [
      {
        name: EDGE_SCHEDULER,
        path: WORKING_DIR,
        data: {
          "config.yaml": schedulerConfig({ edgeProximity: { linksFile: `${LINKS_DIR}/links.json` }, ...config }),
        },
      },
      { name: "region-links", path: `${WORKING_DIR}/${LINKS_DIR}`, data: { "links.json": links }, followed: true },
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
        ...(requestsAtOnce === undefined ? [] : [`--requests-at-once=${requestsAtOnce}`]),
        "--logging-format=json",
        "--v=2",
      ],
      rules: edgeSchedulerRules,
      health: { port: PORT, scheme: "HTTPS", live: "/livez", ready: "/readyz" },
      ports: { https: PORT },
      configs,
      resources: { cpu: "100m", memory },
    });
    // Where the API keeps the certificates by which the scheduler's own endpoints know a caller.
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
