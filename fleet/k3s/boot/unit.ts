/** Role of K3s on a machine. */
export type MachineRole = "server" | "agent";

/** The systemd unit of K3s for each role. */
export const K3S_UNITS = { server: "k3s", agent: "k3s-agent" } as const satisfies Record<MachineRole, string>;

/**
 * Renders the systemd unit of K3s. It differs from the unit that K3s' install.sh writes only in the boot program, in the
 * kernel parameters, and in the wait for the mount of K3s' data.
 *
 * @param boot command of the boot program
 * @see https://github.com/k3s-io/k3s/blob/master/install.sh, create_systemd_service_file
 */
export function renderUnit(role: MachineRole, boot: string): string {
  const isServer = role === "server";
  return `[Unit]
Description=Lightweight Kubernetes
Documentation=https://k3s.io
Wants=network-online.target
After=network-online.target
RequiresMountsFor=/var/lib/rancher

[Install]
WantedBy=multi-user.target

[Service]
Type=${isServer ? "notify" : "exec"}
EnvironmentFile=-/etc/default/%N
EnvironmentFile=-/etc/sysconfig/%N
KillMode=process
Delegate=yes
User=root
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
TimeoutStartSec=0
Restart=always
RestartSec=5s
ExecStartPre=-/sbin/modprobe br_netfilter
ExecStartPre=-/sbin/modprobe overlay
ExecStartPre=-/usr/lib/systemd/systemd-sysctl
ExecStartPre=${boot}
ExecStart=/usr/local/bin/k3s ${role}
${isServer ? `ExecStartPost=${boot} started\n` : ""}`;
}
