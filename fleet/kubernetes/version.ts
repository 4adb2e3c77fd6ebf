/**
 * The Kubernetes version that Skerry's Go programs contain and that this release is tested with, as in runtime/go.mod.
 */
export const KUBERNETES_VERSION = "1.36.3";

/**
 * The minor versions of Kubernetes 1 whose API servers Skerry's programs can use. The scheduler reads `resource.k8s.io/v1`,
 * which exists since 1.34; `policies/schema/versions/` has the schemas of these versions.
 */
export const SUPPORTED_MINORS = { first: 34, last: 37 } as const;

/** Returns the minor version of `1.36.3` or `v1.36.3+k3s1`; undefined if it is no version of Kubernetes 1. */
export function minorOf(version: string): number | undefined {
  const [, minor] = /^v?1\.(\d+)\./.exec(version) ?? [];
  return minor === undefined ? undefined : Number(minor);
}
