import type { Coverage } from "./field-rules";

/** A control of a standard, with its coverage by rules. */
export interface Control {
  readonly title: string;
  readonly coverage: Coverage;
  /** How a rule differs from the control. */
  readonly note?: string;
}

const none = (reason: string): Coverage => ({ none: reason });

/** Controls of the Pod Security Standards, by the id of their check in k8s.io/pod-security-admission 0.36. */
export const POD_SECURITY_STANDARDS: Readonly<Record<"baseline" | "restricted", Readonly<Record<string, Control>>>> = {
  baseline: {
    appArmorProfile: { title: "AppArmor", coverage: ["apparmor-confined"] },
    capabilities_baseline: {
      title: "Capabilities",
      coverage: ["capabilities-dropped"],
      note: "As at the restricted level, only NET_BIND_SERVICE may be added.",
    },
    hostNamespaces: { title: "Host namespaces", coverage: ["no-host-namespaces"] },
    hostPathVolumes: {
      title: "HostPath volumes",
      coverage: ["no-host-path"],
      note: "Folders declared for pods are allowed.",
    },
    hostPorts: { title: "Host ports", coverage: ["no-host-namespaces"] },
    hostProbesAndHostLifecycle: { title: "Hosts in probes and lifecycle handlers", coverage: ["no-handler-hosts"] },
    privileged: { title: "Privileged containers", coverage: ["no-privileged"] },
    procMount: {
      title: "/proc mount type",
      coverage: ["proc-masked"],
      note: "As at the restricted level, pods with a user namespace are also checked.",
    },
    seLinuxOptions: { title: "SELinux", coverage: ["selinux-confined"] },
    seccompProfile_baseline: { title: "Seccomp", coverage: ["seccomp"] },
    sysctls: { title: "Sysctls", coverage: ["sysctls-safe"] },
    windowsHostProcess: { title: "HostProcess", coverage: ["no-privileged"] },
  },
  restricted: {
    allowPrivilegeEscalation: {
      title: "Privilege escalation",
      coverage: ["no-privilege-escalation"],
      note: "Windows pods are exempt.",
    },
    capabilities_restricted: {
      title: "Capabilities",
      coverage: ["capabilities-dropped"],
      note: "Windows pods are exempt.",
    },
    procMount_restricted: { title: "/proc mount type", coverage: ["proc-masked"] },
    restrictedVolumes: { title: "Volume types", coverage: ["no-host-path", "volume-types"] },
    runAsNonRoot: {
      title: "Running as non-root",
      coverage: ["run-as-non-root"],
      note: "Pods with a user namespace are also checked.",
    },
    runAsUser: {
      title: "Running as non-root user",
      coverage: ["run-as-non-root"],
      note: "The effective user of each container is checked. The pod's value is ignored if every container overrides it.",
    },
    seccompProfile_restricted: { title: "Seccomp", coverage: ["seccomp"], note: "Windows pods are exempt." },
  },
};

const RUNNING = "An activity in a running cluster, which is not visible in manifests, fleets or plans.";

/** Recommendations of the NSA/CISA Kubernetes Hardening Guide, version 1.2, by chapter. */
export const HARDENING_GUIDE: Readonly<Record<string, readonly Control[]>> = {
  "Pod security": [
    { title: "Non-root containers", coverage: ["run-as-non-root"] },
    { title: "Rootless container engines", coverage: none("A property of a node's container runtime.") },
    { title: "Immutable container file systems", coverage: ["read-only-root-filesystem"] },
    {
      title: "Secure images: trusted, scanned, minimal",
      coverage: ["images-pinned"],
      note: "Guarantees that the scanned image is the one that runs. Scanning the image needs a scanner.",
    },
    {
      title: "Enforcement of pod security",
      coverage: ["k3s-pod-security-enforced"],
      note: "Each API server also enforces Skerry's rules, and Skerry's namespaces have the label for the restricted level.",
    },
    { title: "Protection of service account tokens", coverage: ["no-default-account-token"] },
    {
      title: "Hardened container environments",
      coverage: ["apparmor-confined", "capabilities-dropped", "seccomp", "selinux-confined"],
    },
    { title: "No privileged containers", coverage: ["no-privileged"] },
    { title: "No host namespaces, ports and paths", coverage: ["no-host-namespaces", "no-host-path"] },
    { title: "No privilege escalation", coverage: ["no-privilege-escalation"] },
  ],
  "Network separation and hardening": [
    {
      title: "Namespaces for separation",
      coverage: ["namespaces-exist"],
      note: "The assignment of workloads to namespaces is up to the team.",
    },
    { title: "Network policies, deny by default", coverage: ["network-policies-present", "k3s-namespaces-isolated"] },
    { title: "Resource policies", coverage: ["requests-and-limits", "requests-fit-capacity"] },
    {
      title: "Hardened control plane: TLS, firewalls, no open ports",
      coverage: ["aws-no-open-ssh", "aws-no-public-ips"],
    },
    { title: "Protection of etcd and of kubeconfig files", coverage: ["k3s-files-private"] },
    { title: "Separation of worker nodes", coverage: ["aws-no-open-ssh", "aws-no-public-ips"] },
    {
      title: "Encryption of traffic",
      coverage: ["mqtt-listeners-secured"],
      note: "Only MQTT. Manifests do not show the encryption of other protocols.",
    },
    { title: "Secrets encrypted at rest", coverage: ["secrets-encrypted", "aws-disks-encrypted"] },
    {
      title: "Secrets kept out of images, manifests and configuration",
      coverage: ["aws-no-secrets-in-user-data", "no-plain-secrets", "no-exposed-tokens"],
    },
    {
      title: "Protection of cloud metadata and APIs",
      coverage: ["aws-imdsv2", "no-handler-hosts"],
      note: "The NetworkPolicy of each fleet workload also blocks the metadata service.",
    },
  ],
  "Authentication and authorization": [
    { title: "No anonymous requests", coverage: ["k3s-defaults-kept"] },
    {
      title: "Strong authentication of people",
      coverage: none("Depends on the identity provider, which is not visible in manifests."),
    },
    {
      title: "Least privilege by RBAC",
      coverage: none(
        "The required permissions depend on the program. The roles that Skerry renders have separate tests.",
      ),
    },
  ],
  "Audit logging and threat detection": [
    {
      title: "Audit logging",
      coverage: ["k3s-requests-audited"],
      note: "Skerry's admission policies add violations to the audit log.",
    },
    { title: "Log persistence, monitoring, alerts and threat detection", coverage: none(RUNNING) },
  ],
  "Upgrading and application security": [
    {
      title: "Timely patches and upgrades",
      coverage: ["no-deprecated-apis", "no-removed-apis", "budgets-allow-drains"],
    },
    { title: "Periodic scans and penetration tests", coverage: none(RUNNING) },
    { title: "Removal of unused components", coverage: none(RUNNING) },
  ],
};
