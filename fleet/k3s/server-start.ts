import { BIRTH, RESTORE_CLAIMS } from "./parameters";

/** A restore that the servers of a cluster carry out when they start: the parameter `restore` of the cluster. */
export interface RestoreOrder {
  readonly apiVersion: "skerry.dev/restore/v1";
  /** Distinguishes this restore from earlier ones. A DNS label, such as the time `20261127t101500z`. */
  readonly id: string;
  /** Name of the snapshot in the bucket and the folder of the K3s configuration. */
  readonly snapshot: string;
}

/** What the boot program of a server finds. */
export interface ServerState {
  /** Id of this machine. */
  readonly machine: string;
  /** Whether `server/db` holds data of etcd. */
  readonly hasData: boolean;
  /** Id of the restore that the data on this disk is from: the file `server/restored`. */
  readonly restored?: string;
  /** Value of the parameter `birth`: the machine that created the cluster. */
  readonly birth?: string;
  /** Value of the parameter `restore`. */
  readonly restore?: RestoreOrder;
  /** Value of the parameter `restores/<id>`: the machine that restores the snapshot. */
  readonly restorer?: string;
}

/** The next step of the boot program of a server. It observes and decides again after each step, except `start`. */
export type ServerStep =
  /** Put the parameter with the id of the machine, without overwriting it. Another machine may have been faster. */
  | { readonly kind: "claim"; readonly parameter: string }
  /** Remove `server/db`, which is from before the restore. */
  | { readonly kind: "discard" }
  /** Run `k3s server --cluster-reset --cluster-reset-restore-path=<snapshot>` to its end. Then write `server/restored`. */
  | { readonly kind: "restore"; readonly snapshot: string; readonly id: string }
  /** Write the drop-in with `cluster-init: true` or `server`, write `server/restored` if there is a restore, and start K3s. */
  | { readonly kind: "start"; readonly mode: "init" | "join" };

/** Returns the parameter by which one server claims a restore. */
export const restoreClaim = (id: string): string => `${RESTORE_CLAIMS}/${id}`;

/**
 * Decides the next step of a server. Exactly one server creates or restores the cluster, whichever claims it first; all others
 * join it. A power cut between any two steps leads to the same end.
 *
 * This is the specification of the boot program: `docs/decisions/0021-restore.md`.
 */
export function decideServerStart(state: ServerState): ServerStep {
  const { machine, hasData, restored, birth, restore, restorer } = state;
  if (restore && restored !== restore.id) {
    if (restorer === undefined) return { kind: "claim", parameter: restoreClaim(restore.id) };
    // K3s moves data away that it finds, so an interrupted restore starts again from the snapshot.
    if (restorer === machine) return { kind: "restore", snapshot: restore.snapshot, id: restore.id };
    return hasData ? { kind: "discard" } : { kind: "start", mode: "join" };
  }
  // etcd keeps its members in its data, so both modes continue the cluster.
  if (hasData) return { kind: "start", mode: birth === machine || restorer === machine ? "init" : "join" };
  // The cluster exists, and this server has lost its disk.
  if (restore) return { kind: "start", mode: "join" };
  if (birth === undefined) return { kind: "claim", parameter: BIRTH };
  return { kind: "start", mode: birth === machine ? "init" : "join" };
}
