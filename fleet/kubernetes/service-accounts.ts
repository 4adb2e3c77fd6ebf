import type { V1PodSpec } from "@kubernetes/client-node";

/** The service account that every namespace has, and that pods without one of their own get. */
export const DEFAULT_SERVICE_ACCOUNT = "default";

/**
 * Returns the field by which a pod names its service account: `serviceAccount` is the deprecated one, and loses if both
 * are set.
 */
export const serviceAccountField = (pod: V1PodSpec): "serviceAccountName" | "serviceAccount" =>
  pod.serviceAccountName ? "serviceAccountName" : "serviceAccount";

/** Returns the name of the service account that a pod runs as. */
export const serviceAccountOf = (pod: V1PodSpec): string => pod[serviceAccountField(pod)] || DEFAULT_SERVICE_ACCOUNT;
