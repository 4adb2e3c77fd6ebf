import type { KubeConfig } from "@kubernetes/client-node";

import { type ObservedCluster, observeNode } from "../../../fleet/existing/observed-cluster";
import { nameOf, type KubeObject } from "../../../fleet/kubernetes/object";
import { listObjects } from "../../clusters/list-objects";
import { isAppliedBySkerry } from "../../delivery/field-manager";

/** Time limit for reading a cluster, in ms. */
const TIMEOUT_MS = 30_000;

/** DaemonSets of programs that enforce network policies. K3s enforces them itself. */
const NETWORK_POLICY_PROGRAMS =
  /^(calico-node|canal|cilium|antrea-agent|kube-router|weave-net|ovnkube-node|kube-ovn-cni|anetd|azure-npm)$/;

/** The API server of a cluster did not answer. */
export class Unreachable extends Error {}

/** Errors of connections, by their code. Others are answers, such as that a certificate or a token is not valid. */
const CONNECTION_ERRORS = /^(EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|ETIMEDOUT)$/;

/** Lists objects of a kind that the cluster may not have. */
async function listIfPresent(config: KubeConfig, apiVersion: string, kind: string): Promise<KubeObject[]> {
  try {
    return await listObjects(config, apiVersion, kind);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 404 || /Unrecognized API version/.test(String(error)))
      return [];
    throw error;
  }
}

/** Rejects if a request does not finish in time. */
async function withTimeout<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Unreachable(`no response within ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
  });
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** Returns a client configuration. */
export async function loadConfig(kubeconfig: string): Promise<KubeConfig> {
  const { KubeConfig: Config } = await import("@kubernetes/client-node");
  const config = new Config();
  config.loadFromString(kubeconfig);
  return config;
}

async function read(config: KubeConfig): Promise<ObservedCluster> {
  const { VersionApi } = await import("@kubernetes/client-node");
  const [{ gitVersion }, namespaces, nodes, storageClasses, daemonSets, pools] = await Promise.all([
    config.makeApiClient(VersionApi).getCode(),
    listObjects(config, "v1", "Namespace"),
    listObjects(config, "v1", "Node"),
    listObjects(config, "storage.k8s.io/v1", "StorageClass"),
    listObjects(config, "apps/v1", "DaemonSet"),
    listIfPresent(config, "skerry.dev/v1alpha1", "FleetNodePool"),
  ]);
  const system = namespaces.find((namespace) => nameOf(namespace) === "kube-system");
  return {
    uid: (system?.metadata as { readonly uid?: string } | undefined)?.uid ?? "",
    version: gitVersion,
    nodes: nodes.map((node) => observeNode(node, pools)).sort((a, b) => (a.name < b.name ? -1 : 1)),
    namespaces: namespaces.filter((namespace) => !isAppliedBySkerry(namespace)).map(nameOf),
    storageClasses: storageClasses.map(nameOf),
    enforcesNetworkPolicies:
      gitVersion.includes("+k3s") || daemonSets.some((set) => NETWORK_POLICY_PROGRAMS.test(nameOf(set))),
  };
}

/**
 * Reads what Skerry needs to know about an existing cluster. Changes nothing.
 *
 * @throws Unreachable if the cluster does not answer; Error if it cannot be read. The message has one line
 */
export async function inspectCluster(config: KubeConfig): Promise<ObservedCluster> {
  try {
    return await withTimeout(read(config));
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    const isUnreachable = error instanceof Unreachable || (typeof code === "string" && CONNECTION_ERRORS.test(code));
    const Failure = isUnreachable ? Unreachable : Error;
    throw new Failure(`cannot read the cluster at ${config.getCurrentCluster()?.server}: ${describe(error)}`, {
      cause: error,
    });
  }
}

/** Describes a failed request: what the API server says, or why it was not reached. */
function describe(error: unknown): string {
  const { body, cause, message } = error as {
    readonly body?: unknown;
    readonly cause?: unknown;
    readonly message?: string;
  };
  if (typeof body === "string") {
    try {
      const { message: said } = JSON.parse(body) as { readonly message?: string };
      if (said) return said;
    } catch {
      // Not a Status object.
    }
  }
  if (cause instanceof Error) return cause.message;
  return (message ?? String(error)).split("\n")[0]!;
}
