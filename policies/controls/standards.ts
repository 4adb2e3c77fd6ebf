import type { Checked } from "./place-rules";

/** One control of a standard, and what Skerry does about it. */
export interface Control {
  readonly title: string;
  readonly checked: Checked;
  /** Where a rule demands more than the control, or looks in another way. */
  readonly note?: string;
}

const none = (reason: string): Checked => ({ none: reason });

/**
 * Controls of the Pod Security Standards, each by the id that Kubernetes' own check has in k8s.io/pod-security-admission
 * 0.36.
 */
export const POD_SECURITY_STANDARDS: Readonly<Record<"baseline" | "restricted", Readonly<Record<string, Control>>>> = {
  baseline: {
    appArmorProfile: { title: "AppArmor", checked: ["apparmor-confined"] },
    capabilities_baseline: {
      title: "Capabilities",
      checked: ["capabilities-dropped"],
      note: "As the restricted level: NET_BIND_SERVICE alone may be added.",
    },
    hostNamespaces: { title: "Host namespaces", checked: ["no-host-namespaces"] },
    hostPathVolumes: {
      title: "HostPath volumes",
      checked: ["no-host-path"],
      note: "Folders that are declared for pods are allowed.",
    },
    hostPorts: { title: "Host ports", checked: ["no-host-namespaces"] },
    hostProbesAndHostLifecycle: { title: "Hosts in probes and lifecycle handlers", checked: ["no-handler-hosts"] },
    privileged: { title: "Privileged containers", checked: ["no-privileged"] },
    procMount: {
      title: "/proc mount type",
      checked: ["proc-masked"],
      note: "As the restricted level: also in pods with a user namespace of their own.",
    },
    seLinuxOptions: { title: "SELinux", checked: ["selinux-confined"] },
    seccompProfile_baseline: { title: "Seccomp", checked: ["seccomp"] },
    sysctls: { title: "Sysctls", checked: ["sysctls-safe"] },
    windowsHostProcess: { title: "HostProcess", checked: ["no-privileged"] },
  },
  restricted: {
    allowPrivilegeEscalation: {
      title: "Privilege escalation",
      checked: ["no-privilege-escalation"],
      note: "Not asked of pods for Windows.",
    },
    capabilities_restricted: {
      title: "Capabilities",
      checked: ["capabilities-dropped"],
      note: "Not asked of pods for Windows.",
    },
    procMount_restricted: { title: "/proc mount type", checked: ["proc-masked"] },
    restrictedVolumes: { title: "Volume types", checked: ["no-host-path", "volume-types"] },
    runAsNonRoot: {
      title: "Running as non-root",
      checked: ["run-as-non-root"],
      note: "Also asked of pods with a user namespace of their own.",
    },
    runAsUser: {
      title: "Running as non-root user",
      checked: ["run-as-non-root"],
      note: "What each container runs as counts, not what its pod states for others.",
    },
    seccompProfile_restricted: { title: "Seccomp", checked: ["seccomp"], note: "Not asked of pods for Windows." },
  },
};

const K3S = "K3s' own default, which Skerry's configuration of a server leaves on.";
const RUNNING = "Happens in a running cluster; no manifest, fleet or plan shows it.";

/** Recommendations of the Kubernetes Hardening Guide of NSA and CISA, version 1.2, by its chapters. */
export const HARDENING_GUIDE: Readonly<Record<string, readonly Control[]>> = {
  "Pod security": [
    { title: "Non-root containers", checked: ["run-as-non-root"] },
    { title: "Rootless container engines", checked: none("A property of a node's container runtime.") },
    { title: "Immutable container file systems", checked: ["read-only-root-filesystem"] },
    {
      title: "Secure images: trusted, scanned, minimal",
      checked: ["images-pinned"],
      note: "That an image is the one that was scanned; what is in it, a scanner tells.",
    },
    {
      title: "Enforcement of pod security",
      checked: none(
        "Skerry's own rules are enforced by each API server, and its namespaces carry the label of the restricted level.",
      ),
    },
    { title: "Protection of service account tokens", checked: ["no-default-account-token"] },
    {
      title: "Hardened container environments",
      checked: ["apparmor-confined", "capabilities-dropped", "seccomp", "selinux-confined"],
    },
    { title: "No privileged containers", checked: ["no-privileged"] },
    { title: "No host namespaces, ports and paths", checked: ["no-host-namespaces", "no-host-path"] },
    { title: "No privilege escalation", checked: ["no-privilege-escalation"] },
  ],
  "Network separation and hardening": [
    {
      title: "Namespaces for separation",
      checked: ["namespaces-exist"],
      note: "Who shares a namespace, a team decides.",
    },
    { title: "Network policies, deny by default", checked: ["network-policies-present"] },
    { title: "Resource policies", checked: ["requests-and-limits", "requests-fit-capacity"] },
    {
      title: "Hardened control plane: TLS, firewalls, no open ports",
      checked: ["aws-no-open-ssh", "aws-no-public-ips"],
    },
    { title: "Protection of etcd and of kubeconfig files", checked: none(K3S) },
    { title: "Separation of worker nodes", checked: ["aws-no-open-ssh", "aws-no-public-ips"] },
    {
      title: "Encryption of traffic",
      checked: ["mqtt-listeners-secured"],
      note: "Of MQTT; of other protocols no manifest tells.",
    },
    { title: "Secrets encrypted at rest", checked: ["secrets-encrypted", "aws-disks-encrypted"] },
    {
      title: "Secrets kept out of images, manifests and configuration",
      checked: ["aws-no-secrets-in-user-data", "no-plain-secrets", "no-exposed-tokens"],
    },
    {
      title: "Protection of cloud metadata and APIs",
      checked: ["aws-imdsv2", "no-handler-hosts"],
      note: "The NetworkPolicy of each workload of a fleet leaves the metadata service out.",
    },
  ],
  "Authentication and authorization": [
    { title: "No anonymous requests", checked: none(K3S) },
    {
      title: "Strong authentication of people",
      checked: none("A choice of the identity provider; no manifest shows it."),
    },
    {
      title: "Least privilege by RBAC",
      checked: none(
        "What a role needs, only its program's author knows; the roles that Skerry renders have tests of their own.",
      ),
    },
  ],
  "Audit logging and threat detection": [
    {
      title: "Audit logging",
      checked: none(
        "Every policy of Skerry adds its violations to the audit log; where the log is kept is the server's setting.",
      ),
    },
    { title: "Log persistence, monitoring, alerts and threat detection", checked: none(RUNNING) },
  ],
  "Upgrading and application security": [
    {
      title: "Timely patches and upgrades",
      checked: ["no-deprecated-apis", "no-removed-apis", "budgets-allow-drains"],
    },
    { title: "Periodic scans and penetration tests", checked: none(RUNNING) },
    { title: "Removal of unused components", checked: none(RUNNING) },
  ],
};
