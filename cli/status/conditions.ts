import type { V1Node, V1Pod } from "@kubernetes/client-node";

/** Reports whether a node or a pod has the condition `Ready`. */
export const isReady = ({ status }: V1Node | V1Pod): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") ?? false;
