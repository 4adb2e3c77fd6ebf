/** Name of the node agent: of its DaemonSet, its container and its service account. */
export const NODE_AGENT = "node-agent";

/** Namespace of the node agents. Its Pod Security level allows them to read the node's `/sys`. */
export const NODE_AGENT_NAMESPACE = "skerry-node-agent";

/** ConfigMap with the regions of the fleet and their links, in the system namespace. */
export const REGION_LINKS = "region-links";

/** ConfigMap with the links that nodes measured, in the system namespace. The node controller writes it. */
export const MEASURED_LINKS = "measured-links";

/** ConfigMap with the nodes that measure links, in the namespace of the node agents. The node controller writes it. */
export const PROBE_NODES = "probe-nodes";
