import type { V1Node, V1Pod } from "@kubernetes/client-node";

/** Reports whether a node or a pod has the condition `Ready`. */
export const isReady = ({ status }: V1Node | V1Pod): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") ?? false;

/** Processes of the lab have such addresses. API servers do not forward requests to them, but they are reachable from here. */
export const isLoopback = (address = ""): boolean => address.startsWith("127.");

/** Reports whether the lab simulates a pod on a node, instead of running it as a process. */
export const isSimulated = ({ status }: V1Pod, node: V1Node | undefined): boolean =>
  (node?.spec?.providerID?.startsWith("lab://") ?? false) && !isLoopback(status?.podIP);
