import { isOffNode, type Snapshot } from "../../fleet/k3s/snapshots";
import { elapsed } from "../progress";
import { formatColumns } from "../table";

/** Formats bytes: `2.8 MiB`. */
const formatBytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** Returns what an outage now would lose, from the newest complete snapshot off the node. */
export function describeLoss(snapshots: readonly Snapshot[], now: number): string {
  const newest = snapshots.find((snapshot) => snapshot.ready && isOffNode(snapshot));
  if (newest)
    return `losing every server now would lose the changes of the last ${elapsed(Date.parse(newest.takenAt), now)}`;
  return snapshots.some(({ ready }) => ready)
    ? "losing every server now would lose everything: every snapshot is on the disk of a server"
    : "losing every server now would lose everything: there is no snapshot";
}

/** Formats the snapshots of a cluster as a table. */
export function renderSnapshots(snapshots: readonly Snapshot[], now: number): string {
  const rows = snapshots.map(({ name, takenAt, bytes, ready, location, error }) => [
    name,
    takenAt === "" ? "" : `${elapsed(Date.parse(takenAt), now)} ago`,
    ready ? formatBytes(bytes) : `failed${error === undefined ? "" : `: ${error}`}`,
    location,
  ]);
  const table = formatColumns(rows, ["snapshot", "taken", "size", "location"]);
  return `${snapshots.length === 0 ? "" : `${table}\n`}  ${describeLoss(snapshots, now)}`;
}
