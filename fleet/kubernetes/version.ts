/**
 * The Kubernetes version that Skerry's Go programs contain and that this release is tested with, as in runtime/go.mod.
 */
export const KUBERNETES_VERSION = "1.36.3";
