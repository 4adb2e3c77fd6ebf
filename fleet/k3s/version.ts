import { KUBERNETES_VERSION } from "../kubernetes/version";

/** A version of K3s: that of Kubernetes, and the number of the K3s release based on it. */
export interface K3sVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** Number of the release candidate. Absent for releases. */
  readonly candidate?: number;
  /** Number after `+k3s`. 0 if the version has none, as that of a kubelet that is not K3s. */
  readonly revision: number;
}

const FORM = /^v(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})(?:-rc([1-9]\d{0,2}))?(?:\+k3s(0|[1-9]\d{0,2}))?$/;

export const K3S_VERSION_RULE = "must be a K3s version, such as v1.36.3+k3s1";

/** Parses a version as nodes report it: `v1.36.3+k3s1`, `v1.36.3-rc2+k3s1`, `v1.36.3`. Returns undefined for other texts. */
export function parseK3sVersion(text: string): K3sVersion | undefined {
  const [, major, minor, patch, candidate, revision] = FORM.exec(text) ?? [];
  if (major === undefined) return undefined;
  return {
    major: Number(major),
    minor: Number(minor),
    patch: Number(patch),
    ...(candidate !== undefined && { candidate: Number(candidate) }),
    revision: Number(revision ?? 0),
  };
}

/** Whether a text is the name of a K3s release or release candidate, which ends with `+k3s` and a number. */
export const isK3sRelease = (text: string): boolean => (parseK3sVersion(text)?.revision ?? 0) > 0;

/** Formats a version as K3s does. */
export function formatK3sVersion({ candidate, revision, ...version }: K3sVersion): string {
  const suffixes = `${candidate === undefined ? "" : `-rc${candidate}`}${revision === 0 ? "" : `+k3s${revision}`}`;
  return `v${kubernetesPart(version)}${suffixes}`;
}

/** Returns the version of Kubernetes in a version of K3s, such as `1.35.4`. */
export const kubernetesPart = ({ major, minor, patch }: Pick<K3sVersion, "major" | "minor" | "patch">): string =>
  `${major}.${minor}.${patch}`;

/** Returns the minor version, such as `1.36`. */
export const minorPart = ({ major, minor }: Pick<K3sVersion, "major" | "minor">): string => `${major}.${minor}`;

/** Compares versions by age: negative if `a` is older. A release candidate is older than its release. */
export function compareK3sVersions(a: K3sVersion, b: K3sVersion): number {
  const keys = [a, b].map(({ major, minor, patch, candidate = Infinity, revision }) => [
    major,
    minor,
    patch,
    candidate,
    revision,
  ]) as [number[], number[]];
  const index = keys[0].findIndex((part, at) => part !== keys[1][at]);
  return index === -1 ? 0 : keys[0][index]! - keys[1][index]!;
}

/** Returns the tag of an image that K3s publishes for a version: image tags cannot contain `+`. */
export const imageTag = (version: string): string => version.replaceAll("+", "-");

/** Oldest and newest minor version of Kubernetes 1 that Skerry supports. `policies/schema/versions` has their schemas. */
export const SUPPORTED_MINORS = { oldest: 34, newest: 37 } as const;

/** Returns why Skerry does not support a version, or undefined if it does. */
export function describeUnsupported({ major, minor }: K3sVersion): string | undefined {
  const { oldest, newest } = SUPPORTED_MINORS;
  if (major === 1 && minor >= oldest && minor <= newest) return undefined;
  return `must be between 1.${oldest} and 1.${newest}, which this release of Skerry supports`;
}

/** Returns the K3s version that a cluster states: `k3s.version`, or the first K3s release of its Kubernetes version. */
export function k3sVersionOf(cluster: {
  readonly kubernetesVersion?: string | undefined;
  readonly k3s?: { readonly version?: string | undefined } | undefined;
}): string {
  return cluster.k3s?.version ?? `v${cluster.kubernetesVersion ?? KUBERNETES_VERSION}+k3s1`;
}

/** Returns the Kubernetes version of a cluster that states none: that of its K3s version, or the one of this release. */
export function defaultKubernetesVersion(k3sVersion: string | undefined): string {
  const parsed = k3sVersion === undefined ? undefined : parseK3sVersion(k3sVersion);
  return parsed ? kubernetesPart(parsed) : KUBERNETES_VERSION;
}
