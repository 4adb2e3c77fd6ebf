import type { RestoreOrder } from "../../fleet/k3s/server-start";

/** Environment variable of an update that restores a cluster, as JSON. `skerry cluster restore` sets it. */
export const RESTORE_VARIABLE = "SKERRY_RESTORE";

/**
 * Environment variable of the update that finishes a restore: the name of the cluster. `skerry cluster restore` sets it. Other updates
 * of the cluster are refused until then.
 */
export const FINISHED_RESTORE_VARIABLE = "SKERRY_FINISHED_RESTORE";

/** The restore that an update carries out. */
export interface OrderedRestore extends Pick<RestoreOrder, "id" | "snapshot"> {
  /** Name of the cluster. */
  readonly cluster: string;
  /** Hash of the server token of the snapshot, if it has been rotated since. */
  readonly tokenHash?: string;
}

/**
 * Returns the restore that this update carries out on a cluster. Undefined if there is none.
 *
 * @param text value of {@link RESTORE_VARIABLE}
 */
export function findOrderedRestore(
  cluster: string,
  text = process.env[RESTORE_VARIABLE] ?? "",
): OrderedRestore | undefined {
  if (text === "") return undefined;
  const restore = JSON.parse(text) as OrderedRestore;
  return restore.cluster === cluster ? restore : undefined;
}
