import { formatPath } from "../../fleet/problem";
import type { FleetRule } from "../engine/rule";

export const backupsOffNode: FleetRule = {
  subject: "fleet",
  id: "backups-off-node",
  title: "Clusters store their snapshots off the node",
  why: "By default, K3s takes a snapshot every 12 hours and keeps it on the disk of the server. If a cluster loses the disks of its servers, it loses every object. A snapshot in a bucket limits the loss to the changes since then.",
  severity: "warning",
  remedy: "Set backup of the cluster, with a bucket that its servers may write to.",
  check: ({ clusters }) =>
    clusters.flatMap(({ name, backup }, index) =>
      backup
        ? []
        : [
            {
              path: formatPath(["clusters", index, "backup"]),
              message: `must be set: cluster ${name} keeps its snapshots only on the disks of its servers, every 12 hours`,
            },
          ],
    ),
};
