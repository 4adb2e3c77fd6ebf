import { backupFolder } from "../k3s/backup";
import { formatPath, type Problem } from "../problem";
import type { FleetParts } from "./fleet-parts";

/** Checks that no two clusters store their snapshots in the same folder: each would delete the snapshots of the other. */
export function checkBackups({ clusters }: FleetParts): Problem[] {
  const owners = new Map<string, string>();
  return clusters.flatMap(({ path, name, value: { backup } }): Problem[] => {
    const { bucket, endpoint, folder } = backup?.s3 ?? {};
    if (bucket === undefined || name === undefined) return [];
    const place = [endpoint ?? "", bucket, backupFolder(name, folder)].join("/");
    const owner = owners.get(place);
    owners.set(place, owner ?? name);
    // Clusters with the same name are reported as duplicates.
    if (owner === undefined || owner === name) return [];
    const message = `must not be the folder ${backupFolder(name, folder)} of bucket ${bucket}, which is that of cluster ${owner}`;
    return [{ path: formatPath([...path, "backup", "s3", ...(folder === undefined ? [] : ["folder"])]), message }];
  });
}
