import { parse, stringify } from "yaml";

/** Label of the file system on a data volume. */
const DATA_LABEL = "skerry-data";
const PROGRAM = "/usr/local/sbin/skerry-data-volume";
const UNIT = "skerry-data-volume.service";

const SCRIPT = `#!/bin/bash
# Mounts the data volume of a server below etcd's data. If K3s has marked the data as that of a removed member, they are set
# aside, so that the server joins as a new member.
set -euo pipefail

DATA=/var/lib/rancher/k3s/server/db

# Prints the EBS volumes that hold no file system and no partitions.
blank_volumes() {
  lsblk --noheadings --nodeps --paths --output NAME,TYPE | while read -r disk type; do
    [ "$type" = disk ] || continue
    lsblk --noheadings --nodeps --output MODEL "$disk" | grep --quiet "Amazon Elastic Block Store" || continue
    [ "$(lsblk --noheadings --output NAME "$disk" | wc -l)" -eq 1 ] || continue
    blkid --probe "$disk" >/dev/null || echo "$disk"
  done
}

# The volume is attached after the instance has started.
data_volume() {
  local disk
  for _ in $(seq 60); do
    disk=$(blkid --label ${DATA_LABEL} || blank_volumes | head --lines 1)
    if [ -n "$disk" ]; then
      echo "$disk"
      return
    fi
    sleep 5
  done
  echo "no data volume was attached within five minutes" >&2
  return 1
}

if ! mountpoint --quiet "$DATA"; then
  disk=$(data_volume)
  [ "$(blkid --label ${DATA_LABEL})" = "$disk" ] || mkfs.ext4 -q -L ${DATA_LABEL} "$disk"
  (umask 077 && mkdir --parents "$DATA")
  mount --options noatime "$disk" "$DATA"
fi
if [ -e "$DATA/etcd/tombstone" ]; then
  mv "$DATA/etcd" "$DATA/removed-$(date --utc +%Y%m%dT%H%M%SZ)"
fi
`;

const SERVICE = `[Unit]
Description=Mount the data volume of K3s

[Service]
Type=oneshot
# If this unit failed, K3s would not start later on its own.
ExecStart=/bin/bash -c 'until ${PROGRAM}; do sleep 10; done'
`;

const REQUIRE = `[Unit]
Requires=${UNIT}
After=${UNIT}
`;

interface CloudConfig {
  readonly write_files: readonly object[];
}

/** Makes a server mount its data volume before each start of K3s: adds what that needs to its user data. */
export function mountDataVolume(userData: string): string {
  const config = parse(userData) as CloudConfig;
  const files = [
    { path: PROGRAM, permissions: "0755", content: SCRIPT },
    { path: `/etc/systemd/system/${UNIT}`, permissions: "0644", content: SERVICE },
    { path: "/etc/systemd/system/k3s.service.d/20-data-volume.conf", permissions: "0644", content: REQUIRE },
  ].map((file) => ({ ...file, owner: "root:root" }));
  const body = { ...config, write_files: [...config.write_files, ...files] };
  return `#cloud-config\n${stringify(body, { lineWidth: 0 })}`;
}
