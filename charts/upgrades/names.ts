/** Namespace of the system-upgrade-controller, its plans and their jobs. */
export const UPGRADE_NAMESPACE = "system-upgrade";

/** Name of the controller: of its Deployment, service account and lease. Its pods and jobs have it as a label. */
export const UPGRADE_CONTROLLER = "system-upgrade-controller";

/** Service account of the jobs that upgrade nodes. */
export const UPGRADE_JOB_ACCOUNT = "k3s-upgrade";

/** Keys of the labels that the controller sets. */
export const upgradeLabels = {
  /** Pods and jobs: {@link UPGRADE_CONTROLLER}. A drain does not evict such pods. */
  controller: "upgrade.cattle.io/controller",
  /** Jobs: name of the plan. */
  plan: "upgrade.cattle.io/plan",
  /** Jobs: name of the node. */
  node: "upgrade.cattle.io/node",
  /** Jobs: version, as an image tag. */
  version: "upgrade.cattle.io/version",
} as const;

/** Returns the key of the label that a node has when a plan has upgraded it. Its value is the hash of the plan. */
export const upgradedLabel = (plan: string): string => `plan.upgrade.cattle.io/${plan}`;

/** API version of plans. */
export const PLAN_API = "upgrade.cattle.io/v1";
