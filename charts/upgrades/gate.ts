/**
 * The script that a job runs before its node is cordoned. It fails unless every node that the plan has upgraded is Ready, so
 * that a wave also stops while no `skerry up` watches it. The nodes before it stay as they are, and this node is not cordoned.
 *
 * The variables are set by the controller. `/opt/k3s` is the new K3s, and `/bin/upgrade.sh prepare` waits until the servers
 * run its version; both are part of the image `rancher/k3s-upgrade`.
 *
 * @param serversPlan the plan that must be complete first. Absent for the servers themselves
 */
export function gateScript(readyTimeoutSeconds: number, serversPlan?: string): string {
  return [
    "set -eu",
    'selector="plan.upgrade.cattle.io/$SYSTEM_UPGRADE_PLAN_NAME=$SYSTEM_UPGRADE_PLAN_LATEST_HASH"',
    // The API server does not answer while the only server restarts.
    'until nodes=$(/opt/k3s kubectl get nodes --selector "$selector" --output name); do sleep 5; done',
    "for node in $nodes; do",
    `  /opt/k3s kubectl wait "$node" --for condition=Ready --timeout ${readyTimeoutSeconds}s`,
    "done",
    ...(serversPlan === undefined ? [] : [`exec /bin/upgrade.sh prepare ${serversPlan}`]),
    "",
  ].join("\n");
}
