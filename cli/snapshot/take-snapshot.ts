import { readdir, writeFile } from "node:fs/promises";

import { listObjects } from "../../components/clusters/list-objects";
import { reduceCluster, type Snapshot, SNAPSHOT_VERSION } from "../../preview/snapshot";
import { readDocument } from "../read-document";
import { kubeconfigFolder } from "../folders";
import { openKubeconfig } from "../kubeconfigs";
import { elapsed } from "../progress";

/** Kinds that a snapshot reads. Secrets and ConfigMaps are not among them. */
const KINDS = [
  ["v1", "Node"],
  ["v1", "Pod"],
  ["v1", "PersistentVolume"],
  ["v1", "PersistentVolumeClaim"],
  ["skerry.dev/v1alpha1", "NodeProfile"],
] as const;

/**
 * Reads what runs in every cluster that has a kubeconfig in the project. Only lists objects, and keeps no secrets.
 *
 * @throws Error that names every cluster that could not be read: half a fleet is no state to compare with
 */
export async function takeSnapshot(): Promise<Snapshot> {
  const names = (await readdir(kubeconfigFolder).catch(() => [])).sort();
  if (names.length === 0)
    throw new Error(`no kubeconfig in ${kubeconfigFolder}: run skerry kubeconfig, or skerry up for stack local`);
  const problems: string[] = [];
  const clusters = await Promise.all(
    names.map(async (name) => {
      try {
        const config = await openKubeconfig(name);
        const lists = await Promise.all(KINDS.map(([apiVersion, kind]) => listObjects(config, apiVersion, kind)));
        return reduceCluster(name, lists.flat());
      } catch (error) {
        problems.push(`cluster ${name}: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`);
        return undefined;
      }
    }),
  );
  if (problems.length > 0) throw new Error(`the snapshot is incomplete:\n  ${problems.join("\n  ")}`);
  return {
    version: SNAPSHOT_VERSION,
    takenAt: new Date().toISOString(),
    clusters: clusters.filter((cluster) => cluster !== undefined),
  };
}

/** Writes a snapshot, readable by its owner only. */
export async function writeSnapshot(file: string, snapshot: Snapshot): Promise<void> {
  await writeFile(file, `${JSON.stringify(snapshot, null, 1)}\n`, { mode: 0o600 });
}

/**
 * Reads a snapshot that `skerry snapshot` wrote.
 *
 * @throws Error if it cannot be read, or is of another version
 */
export async function readSnapshot(file: string): Promise<Snapshot> {
  const remedy = `take it with skerry snapshot --output ${file}`;
  const snapshot = (await readDocument(file, SNAPSHOT_VERSION, remedy)) as unknown as Partial<Snapshot>;
  const complete = Array.isArray(snapshot.clusters) && !Number.isNaN(Date.parse(snapshot.takenAt ?? ""));
  if (!complete) throw new Error(`${file} is incomplete: ${remedy}`);
  return snapshot as Snapshot;
}

/** The snapshot that a simulation starts from, with its age on standard error; undefined if it starts without one. */
export async function findSnapshot({
  snapshot: file,
  live = false,
}: {
  readonly snapshot?: string;
  readonly live?: boolean;
}): Promise<Snapshot | undefined> {
  if (file === undefined && !live) return undefined;
  const snapshot = file === undefined ? await takeSnapshot() : await readSnapshot(file);
  process.stderr.write(
    `  starting from the snapshot of ${snapshot.takenAt}, ${elapsed(Date.parse(snapshot.takenAt))} old\n`,
  );
  return snapshot;
}
