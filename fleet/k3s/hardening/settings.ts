import type { KubeObject } from "../../kubernetes/object";
import type { ClusterSpec } from "../../model";
import type { MachineRole } from "../boot/unit";
import type { K3sConfig } from "../config";
import type { WrittenFile } from "../written-file";
import { NAMESPACE_ISOLATION } from "./namespace-isolation";

/**
 * A hardening setting: K3s configuration and the files that it refers to, or objects in the cluster. A fleet accepts or rejects a
 * setting as a whole.
 *
 * Files are in `/etc`, because cloud-init writes files before it mounts a data volume at `/var/lib/rancher`.
 */
export interface HardeningSetting {
  readonly title: string;
  /** Controls of the CIS Kubernetes Benchmark 1.12 and 2.1, which number them alike, unless the text names another version. */
  readonly controls: readonly string[];
  /** Why the value differs from that of K3s' hardening guide, or why the guide does not have it. */
  readonly note?: string;
  /** Configuration of servers. Lists are appended to those of the machine. */
  readonly server?: K3sConfig;
  /** Configuration of servers and agents. */
  readonly everyMachine?: K3sConfig;
  /** Files of servers. */
  readonly serverFiles?: readonly WrittenFile[];
  /** Files of servers and agents. */
  readonly files?: readonly WrittenFile[];
  /** Configuration of an admission plugin of the API server. */
  readonly admissionPlugin?: { readonly name: string; readonly configuration: object };
  /** Objects in a cluster that Skerry creates. Unlike the rest, they reach running clusters. */
  readonly objects?: readonly KubeObject[];
}

const AUDIT_POLICY = "/etc/rancher/k3s/audit.yaml";

/** Suites that K3s' API server also uses: ephemeral keys and authenticated encryption. TLS 1.3 has no others. */
export const STRONG_CIPHER_SUITES = ["AES_256_GCM_SHA384", "AES_128_GCM_SHA256", "CHACHA20_POLY1305"].flatMap(
  (cipher) => [`TLS_ECDHE_ECDSA_WITH_${cipher}`, `TLS_ECDHE_RSA_WITH_${cipher}`],
);

/** Kernel parameters that the kubelet sets, and with `protect-kernel-defaults` only verifies. */
export const KERNEL_PARAMETERS = {
  "vm.panic_on_oom": 0,
  "vm.overcommit_memory": 1,
  "kernel.panic": 10,
  "kernel.panic_on_oops": 1,
} as const;

/**
 * Settings that clusters which Skerry creates have by default.
 *
 * @see https://docs.k3s.io/security/hardening-guide
 * @see https://docs.k3s.io/security/self-assessment-2.1
 */
export const HARDENING_SETTINGS = {
  "secrets-encryption": {
    title: "Secrets are encrypted in the datastore",
    controls: ["1.2.27", "1.2.28"],
    server: { "secrets-encryption": true },
  },
  audit: {
    title: "The API server logs who did what",
    controls: ["1.2.16", "1.2.17", "1.2.18", "1.2.19", "3.2.1", "3.2.2"],
    note: "Renewals of leases are not logged: each node renews its lease every 10 seconds.",
    server: {
      "kube-apiserver-arg": [
        "audit-log-path=/var/lib/rancher/k3s/server/logs/audit.log",
        `audit-policy-file=${AUDIT_POLICY}`,
        "audit-log-maxage=30",
        "audit-log-maxbackup=10",
        "audit-log-maxsize=100",
      ],
    },
    serverFiles: [
      {
        path: AUDIT_POLICY,
        content: `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  resources: [{group: coordination.k8s.io, resources: [leases]}]
- level: Metadata
`,
      },
    ],
  },
  "event-rate-limit": {
    title: "A flood of events does not stop the API server",
    controls: ["1.2.9"],
    note: "The guide states no limit. This one is far above what a fleet reports, and far below what stops etcd.",
    server: { "kube-apiserver-arg": ["enable-admission-plugins=NodeRestriction,EventRateLimit"] },
    admissionPlugin: {
      name: "EventRateLimit",
      configuration: {
        apiVersion: "eventratelimit.admission.k8s.io/v1alpha1",
        kind: "Configuration",
        limits: [{ type: "Server", qps: 500, burst: 5000 }],
      },
    },
  },
  "pod-security": {
    title: "Namespaces enforce at least the baseline level of the Pod Security Standards",
    controls: ["5.2.1", "5.2.2", "5.2.3", "5.2.4", "5.2.5", "5.2.10", "5.2.11", "5.2.12"],
    note: "The guide enforces the restricted level. Here it is enforced in Skerry's own namespaces and logged in all others, since many public images fail it. kube-system is exempt, as in the guide: K3s' own programs use the node's files and network.",
    admissionPlugin: {
      name: "PodSecurity",
      configuration: {
        apiVersion: "pod-security.admission.config.k8s.io/v1",
        kind: "PodSecurityConfiguration",
        defaults: { enforce: "baseline", audit: "restricted" },
        exemptions: { namespaces: ["kube-system"] },
      },
    },
  },
  "kernel-defaults": {
    title: "The kernel has the parameters that the kubelet expects",
    controls: ["4.2.6 of version 1.7"],
    everyMachine: { "protect-kernel-defaults": true },
    files: [
      {
        path: "/etc/sysctl.d/90-kubelet.conf",
        content: Object.entries(KERNEL_PARAMETERS)
          .map(([key, value]) => `${key}=${value}\n`)
          .join(""),
        permissions: "0644",
      },
    ],
  },
  "tls-ciphers": {
    title: "Kubelets accept only strong ciphers",
    controls: ["1.2.29", "4.2.12"],
    note: "K3s' API server has the same list and TLS 1.2 by default.",
    everyMachine: {
      "kubelet-arg": [`tls-cipher-suites=${STRONG_CIPHER_SUITES.join(",")}`, "tls-min-version=VersionTLS12"],
    },
  },
  "streaming-timeout": {
    title: "Idle connections to containers are closed",
    controls: ["4.2.5"],
    everyMachine: { "kubelet-arg": ["streaming-connection-idle-timeout=5m"] },
  },
  "pod-pids": {
    title: "A pod cannot use all process ids of its node",
    controls: ["4.2.13"],
    note: "The guide states no limit. Linux allows 32768 ids on small machines.",
    everyMachine: { "kubelet-arg": ["pod-max-pids=4096"] },
  },
  "seccomp-default": {
    title: "Containers without a seccomp profile get that of the container runtime",
    controls: ["4.2.14"],
    note: "The guide leaves it to each pod.",
    everyMachine: { "kubelet-arg": ["seccomp-default=true"] },
  },
  "token-expiration": {
    title: "Tokens of service accounts expire after an hour",
    controls: ["1.2.30"],
    server: { "kube-apiserver-arg": ["service-account-extend-token-expiration=false"] },
  },
  "terminated-pods": {
    title: "Terminated pods are deleted",
    controls: ["1.3.1"],
    server: { "kube-controller-manager-arg": ["terminated-pod-gc-threshold=100"] },
  },
  "kubeconfig-mode": {
    title: "Only root can read the kubeconfig of the administrator",
    controls: ["1.1.13"],
    server: { "write-kubeconfig-mode": "0600" },
  },
  "network-policies": {
    title: "Pods of kube-system, default and kube-public accept traffic from their own namespace only",
    controls: ["5.3.2"],
    note: "As in the guide, CoreDNS and the metrics server also accept traffic from everywhere, on their ports only.",
    objects: NAMESPACE_ISOLATION,
  },
} as const satisfies Readonly<Record<string, HardeningSetting>>;

export type HardeningSettingId = keyof typeof HARDENING_SETTINGS;

export const HARDENING_SETTING_IDS = Object.keys(HARDENING_SETTINGS) as HardeningSettingId[];

/** Returns the K3s configuration of a setting for a role. */
export const configOf = ({ server, everyMachine }: HardeningSetting, role: MachineRole): readonly K3sConfig[] => [
  ...(everyMachine ? [everyMachine] : []),
  ...(server && role === "server" ? [server] : []),
];

/** Returns the settings of a cluster: all but its exceptions. */
export function settingsOf({ hardening }: Pick<ClusterSpec, "hardening">): readonly HardeningSetting[] {
  const exceptions = new Set(hardening?.exceptions.map(({ setting }) => setting));
  return HARDENING_SETTING_IDS.filter((id) => !exceptions.has(id)).map((id) => HARDENING_SETTINGS[id]);
}
