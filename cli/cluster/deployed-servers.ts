import type { ServerSetState } from "../../components/clusters/server-set-state";
import { SERVER_SET } from "../pulumi/server-risks";
import type { StateResource } from "../pulumi/clusters";
import { nameOf } from "../pulumi/clusters";

/** A resource in an exported state, with what a restore reads of it. */
export interface RestorableResource extends StateResource {
  readonly provider?: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** Whether it was deleted, and its replacement does not exist yet. */
  readonly pendingReplacement?: boolean;
}

/** A state, with what a restore reads of it. */
export interface RestorableState {
  readonly resources?: readonly RestorableResource[];
  readonly pending_operations?: readonly { readonly resource: { readonly urn: string } }[];
}

/** The restore of a cluster that an earlier command began. */
export interface UnfinishedRestore {
  readonly id: string;
  readonly snapshot: string;
}

const find = ({ resources = [] }: RestorableState, name: string, type?: string): RestorableResource | undefined =>
  resources.find((each) => nameOf(each.urn) === name && (type === undefined || each.type === type));

/** Name of the resource that exists while a cluster is restored. */
const orderName = (cluster: string): string => `${cluster}-restore-order`;

/** Returns the last restore of a cluster. It is unknown while the resource that records it is being replaced. */
function readRestoration(state: RestorableState, cluster: string): UnfinishedRestore {
  const { outputs = {}, pendingReplacement } = find(state, `${cluster}-restoration`) ?? {};
  const { restore = "", snapshot = "" } = (pendingReplacement ? {} : outputs) as {
    readonly restore?: string;
    readonly snapshot?: string;
  };
  return { id: restore, snapshot };
}

/**
 * Returns the restore of a cluster that was interrupted. Undefined if there is none. The servers of a cluster record it from before
 * the first of them is deleted until all are restored, and its order exists until the end.
 */
export function findUnfinishedRestore(state: RestorableState, cluster: string): UnfinishedRestore | undefined {
  const { restoring } = (find(state, `${cluster}-servers`, SERVER_SET)?.outputs ?? {}) as Partial<ServerSetState>;
  if (restoring) return restoring;
  return find(state, orderName(cluster)) && readRestoration(state, cluster);
}

/** Whether the servers of before a restore have been deleted. */
export const hasBegun = (state: RestorableState, cluster: string, restore: string): boolean =>
  readRestoration(state, cluster).id === restore;

/** Whether every server has been created and has joined its cluster since its restore began. */
export function haveServersJoined({ resources = [] }: RestorableState, cluster: string, servers: number): boolean {
  const ready = new Set(
    resources.filter(({ pendingReplacement }) => !pendingReplacement).map(({ urn }) => nameOf(urn)),
  );
  const names = Array.from({ length: servers }, (_, index) => `${cluster}-server-${index + 1}`);
  return names.every((name) => ready.has(name) && ready.has(`${name}-membership`));
}

/** Whether the last update was interrupted while it created a server, which the state does not have then. */
export const hasPendingServer = ({ pending_operations: pending = [] }: RestorableState, cluster: string): boolean =>
  pending.some(({ resource }) => nameOf(resource.urn).startsWith(`${cluster}-server-`));

/** Returns the UID of a cluster's namespace kube-system, as its servers reported it. */
export function findClusterUid({ resources = [] }: RestorableState, cluster: string): string | undefined {
  const name = new RegExp(`^${cluster}-server-\\d+-membership$`);
  const found = resources.find(({ urn, outputs }) => name.test(nameOf(urn)) && outputs?.clusterUid);
  return found?.outputs?.clusterUid as string | undefined;
}

/** Whether the machines of a cluster are in the lab. */
export const isInLab = ({ resources = [] }: RestorableState, cluster: string): boolean =>
  resources.some(({ urn, type }) => nameOf(urn) === cluster && type === "pulumi-nodejs:dynamic/lab:Address");

/** Returns the hostnames of a pool's machines. Undefined if its provider does not record them. */
export function findHostnames(state: RestorableState, cluster: string, pool: string): readonly string[] | undefined {
  const group = (state.resources ?? []).find(
    ({ urn, outputs }) => nameOf(urn) === `${cluster}-${pool}` && Array.isArray(outputs?.hostnames),
  );
  return group?.outputs?.hostnames as string[] | undefined;
}

/** Returns the URNs of what the API of a cluster keeps, which a restore changes. */
export function findObjects({ resources = [] }: RestorableState, cluster: string): string[] {
  const provider = find({ resources }, `${cluster}-api`)?.urn;
  const isObject = (each: RestorableResource): boolean =>
    each.provider?.startsWith(`${provider}::`) === true ||
    (each.type === "pulumi-nodejs:dynamic/clusters:JoinToken" && nameOf(each.urn).startsWith(`${cluster}-`));
  return resources.filter(isObject).map(({ urn }) => urn);
}

/** Patterns of the URNs of a cluster's servers and of what they read. Providers name the parts of a server after it. */
export function serverTargets(cluster: string, servers: number): string[] {
  const names = ["restoration", "restore-order**", "servers", "server-token", "parameters**"];
  const machines = Array.from({ length: servers }, (_, index) => `server-${index + 1}**`);
  return [...[...names, ...machines].map((name) => `**::${cluster}-${name}`), `**::${cluster}/**`];
}
