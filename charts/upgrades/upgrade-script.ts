import type { DrainSettings } from "../../fleet/model";
import { upgradeLabels } from "./names";

/**
 * The script of a job that upgrades its node: it drains the node, and replaces K3s. If it fails or its job is stopped, it
 * uncordons the node, so that a failed upgrade leaves no cordoned node also while no `skerry up` runs. If it succeeds, the
 * controller uncordons the node.
 *
 * The controller could drain the node itself, in a container before this one. Nothing would uncordon the node when that fails.
 *
 * The variable is set by the controller. `/opt/k3s` is the new K3s, and `/bin/upgrade.sh upgrade` replaces K3s on the machine
 * and restarts it; both are part of the image `rancher/k3s-upgrade`.
 *
 * @param drain absent for a node whose pods keep running
 */
export function upgradeScript(drain?: DrainSettings): string {
  return [
    "set -eu",
    "drain=",
    // A shell runs a trap only after the command in the foreground has ended.
    `trap '[ -z "$drain" ] || kill "$drain"; exit 143' TERM`,
    `trap '[ "$?" -eq 0 ] || /opt/k3s kubectl uncordon "$SYSTEM_UPGRADE_NODE_NAME"' EXIT`,
    ...(drain ? drainLines(drain) : []),
    "/bin/upgrade.sh upgrade",
    "",
  ].join("\n");
}

function drainLines({ timeoutSeconds, gracePeriodSeconds, force }: DrainSettings): string[] {
  const options = [
    `--pod-selector '!${upgradeLabels.controller}'`,
    "--ignore-daemonsets",
    "--delete-emptydir-data",
    `--timeout ${timeoutSeconds}s`,
    ...(gracePeriodSeconds === undefined ? [] : [`--grace-period ${gracePeriodSeconds}`]),
    ...(force ? ["--force"] : []),
  ];
  return [
    `/opt/k3s kubectl drain "$SYSTEM_UPGRADE_NODE_NAME" ${options.join(" ")} &`,
    "drain=$!",
    'wait "$drain"',
    "drain=",
  ];
}
