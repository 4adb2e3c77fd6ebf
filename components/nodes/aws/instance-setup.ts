import { parse, stringify } from "yaml";

/** Label of the file system on a data volume. */
const DATA_LABEL = "skerry-data";
const SETUP = "/usr/local/sbin/skerry-instance";

/**
 * Prepares an EC2 instance before each start of K3s: it writes the name and the place of the node, and mounts the data volume
 * of a server below etcd's data. If K3s has marked the data as that of a removed member, it is set aside, so that the server
 * joins as a new member.
 */
const SCRIPT = `#!/bin/bash
# Prepares an EC2 instance for K3s. Usage: skerry-instance server | agent <pool> | remote-agent <pool>
set -euo pipefail

METADATA=http://169.254.169.254/latest
CONFIG=/etc/rancher/k3s/config.yaml.d/20-aws.yaml
DATA=/var/lib/rancher/k3s/server/db

fetch() {
  curl --silent --show-error --fail --max-time 5 --retry 20 --retry-delay 3 --retry-all-errors "$@"
}

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

mount_data() {
  local disk
  if ! mountpoint --quiet "$DATA"; then
    disk=$(data_volume)
    [ "$(blkid --label ${DATA_LABEL})" = "$disk" ] || mkfs.ext4 -q -L ${DATA_LABEL} "$disk"
    (umask 077 && mkdir --parents "$DATA")
    mount --options noatime "$disk" "$DATA"
  fi
  if [ -e "$DATA/etcd/tombstone" ]; then
    mv "$DATA/etcd" "$DATA/removed-$(date --utc +%Y%m%dT%H%M%SZ)"
  fi
}

role=$1
token=$(fetch --request PUT --header "X-aws-ec2-metadata-token-ttl-seconds: 300" "$METADATA/api/token")
metadata() {
  fetch --header "X-aws-ec2-metadata-token: $token" "$METADATA/meta-data/$1"
}
instance=$(metadata instance-id)
zone=$(metadata placement/availability-zone)
if [ "$role" = server ]; then
  mount_data
  node=$(metadata tags/instance/skerry:node)
else
  node="$2-$instance"
fi

mkdir --parents "$(dirname "$CONFIG")"
umask 077
{
  echo "node-name: $node"
  # In other regions, a cloud controller would not find the instance, and delete its Node.
  if [ "$role" != remote-agent ]; then
    echo "kubelet-arg+:"
    echo "  - provider-id=aws:///$zone/$instance"
  fi
  if [ "$role" = server ]; then
    echo "node-label+:"
    echo "  - topology.kubernetes.io/zone=$(metadata tags/instance/skerry:zone)"
  fi
} >"$CONFIG.new"
mv "$CONFIG.new" "$CONFIG"
`;

const unit = (args: string): string => `[Unit]
Description=Prepare the EC2 instance for K3s
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
# If this unit failed, K3s would not start later on its own.
ExecStart=/bin/bash -c 'until ${SETUP} ${args}; do sleep 10; done'
`;

const REQUIRE = `[Unit]
Requires=skerry-instance.service
After=skerry-instance.service
`;

/** Largest user data that EC2 accepts, in bytes. */
export const MAX_USER_DATA_BYTES = 16_384;

/** Where an agent is. */
export interface AgentPlace {
  /** Name of its pool. */
  readonly pool: string;
  /** Whether it is in the region of the servers. */
  readonly isHome: boolean;
}

interface CloudConfig {
  readonly write_files: readonly object[];
}

/**
 * Adds what an EC2 instance needs to the user data of a server, or of the agents of a pool.
 *
 * @param agent the pool, and whether it is in the region of the servers; undefined for a server
 * @throws Error if the result is larger than EC2 accepts
 */
export function ec2UserData(name: string, userData: string, agent?: AgentPlace): string {
  const config = parse(userData) as CloudConfig;
  const service = agent ? "k3s-agent" : "k3s";
  const files = [
    { path: SETUP, permissions: "0755", content: SCRIPT },
    {
      path: "/etc/systemd/system/skerry-instance.service",
      permissions: "0644",
      content: unit(agent ? `${agent.isHome ? "agent" : "remote-agent"} ${agent.pool}` : "server"),
    },
    { path: `/etc/systemd/system/${service}.service.d/20-aws.conf`, permissions: "0644", content: REQUIRE },
  ].map((file) => ({ ...file, owner: "root:root" }));
  const body = { ...config, write_files: [...config.write_files, ...files] };
  const text = `#cloud-config\n${stringify(body, { lineWidth: 0 })}`;
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_USER_DATA_BYTES) {
    throw new Error(`user data of ${name}: must be at most ${MAX_USER_DATA_BYTES} bytes, got ${bytes}`);
  }
  return text;
}
