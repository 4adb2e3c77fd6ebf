import type { RestoreOrder } from "../../fleet/k3s/server-start";

/** Environment variable of an update that restores a cluster, as JSON. `skerry cluster restore` sets it. */
export const RESTORE_VARIABLE = "SKERRY_RESTORE";

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
