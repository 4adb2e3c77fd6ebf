import { smallFleet as small } from "../../fixtures/small-fleet";
import type { ClusterSpec, Fleet, HardeningException } from "../../../fleet/model";
import type { FleetRule } from "../../../policies/engine/rule";
import { type MachineRule, machineRule } from "../../../policies/k3s/machine-rule";
import { argumentsOf, type RenderedMachine, renderMachines } from "../../../policies/k3s/rendered-machines";
import { rules } from "../../../policies/rules";

/** Examples of a rule about fleets. */
export interface Cases {
  readonly valid: readonly Fleet[];
  readonly invalid: readonly {
    readonly fleet: Fleet;
    readonly rule?: FleetRule;
    readonly violations: readonly string[];
  }[];
}

/** The small fleet with a changed first cluster. */
export const cluster = (changed: Partial<ClusterSpec>): Fleet => ({
  ...small,
  clusters: [{ ...small.clusters[0]!, ...changed }],
});

/** A rule that sees the machines of a fleet with changes. */
const withMachines = (id: string, change: (machine: RenderedMachine) => RenderedMachine): FleetRule =>
  machineRule(rules.find((rule) => rule.id === id) as MachineRule, (each) => renderMachines(each).map(change));

/** A fleet with one server and one pool. */
const one = cluster({ nodePools: small.clusters[0]!.nodePools.slice(0, 1) });
const SERVERS = "clusters[0]: the servers of tokyo: ";
const AGENTS = "clusters[0].nodePools[0]: the agents of pool tokyo-cloud: ";

/** Changes the configuration of a machine: a value replaces, and undefined removes. */
const configured =
  (changes: Readonly<Record<string, unknown>>) =>
  (machine: RenderedMachine): RenderedMachine => {
    const config = Object.entries({ ...machine.config, ...changes }).filter(([, value]) => value !== undefined);
    return { ...machine, config: Object.fromEntries(config) as RenderedMachine["config"] };
  };

/** Changes arguments of a component: a value replaces, and undefined removes. */
const withArguments =
  (component: Parameters<typeof argumentsOf>[1], changes: Readonly<Record<string, string | undefined>>) =>
  (machine: RenderedMachine): RenderedMachine => {
    const entries = Object.entries({ ...argumentsOf(machine, component), ...changes });
    const list = entries.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
    return configured({ [`${component}-arg`]: list })(machine);
  };

/** Changes the content of the files of a machine. */
const withFiles =
  (change: (content: string) => string) =>
  (machine: RenderedMachine): RenderedMachine => ({
    ...machine,
    files: Object.fromEntries(
      Object.entries(machine.files).map(([path, file]) => [path, { ...file, content: change(file.content) }]),
    ),
  });

const invalidMachines = (
  id: string,
  change: (machine: RenderedMachine) => RenderedMachine,
  violations: readonly string[],
  fleet: Fleet = { ...one, clusters: one.clusters.slice(0, 1) },
): Cases["invalid"][number] => ({ fleet, rule: withMachines(id, change), violations });

export const except = (setting: HardeningException["setting"]): Fleet =>
  cluster({ hardening: { exceptions: [{ setting, reason: "a test" }] } });

/** Rules about the machines that Skerry renders. */
export const machineCases: Readonly<Record<string, Cases>> = {
  "secrets-encrypted": {
    valid: [small, except("secrets-encryption")],
    invalid: [
      invalidMachines("secrets-encrypted", configured({ "secrets-encryption": undefined }), [
        `${SERVERS}secrets-encryption must be true`,
      ]),
    ],
  },
  "k3s-requests-audited": {
    valid: [small, except("audit")],
    invalid: [
      invalidMachines(
        "k3s-requests-audited",
        withArguments("kube-apiserver", { "audit-log-path": undefined, "audit-log-maxage": "7" }),
        [
          `${SERVERS}kube-apiserver-arg must have audit-log-path`,
          `${SERVERS}audit-log-maxage must be at least 30, got "7"`,
        ],
      ),
      invalidMachines(
        "k3s-requests-audited",
        withFiles((content) => content.replace("level: Metadata", "level: None")),
        [
          `${SERVERS}audit-policy-file must be a file that logs requests for Secrets, got "/etc/rancher/k3s/audit.yaml"`,
        ],
      ),
    ],
  },
  "k3s-events-limited": {
    valid: [small, except("event-rate-limit")],
    invalid: [
      invalidMachines(
        "k3s-events-limited",
        withArguments("kube-apiserver", { "enable-admission-plugins": "NodeRestriction" }),
        [`${SERVERS}enable-admission-plugins must include EventRateLimit, got "NodeRestriction"`],
      ),
      invalidMachines(
        "k3s-events-limited",
        withFiles((content) => content.replace("limits:", "other:")),
        [`${SERVERS}admission-control-config-file must have limits for EventRateLimit`],
      ),
    ],
  },
  "k3s-pod-security-enforced": {
    valid: [small, except("pod-security")],
    invalid: [
      invalidMachines(
        "k3s-pod-security-enforced",
        withFiles((content) =>
          content.replace("enforce: baseline", "enforce: privileged").replace("- kube-system", "- default"),
        ),
        [
          `${SERVERS}the default level of PodSecurity must be one of: baseline, restricted, got "privileged"`,
          `${SERVERS}PodSecurity must exempt only kube-system, got default`,
        ],
      ),
    ],
  },
  "k3s-kernel-defaults-protected": {
    valid: [small, except("kernel-defaults")],
    invalid: [
      invalidMachines("k3s-kernel-defaults-protected", configured({ "protect-kernel-defaults": undefined }), [
        `${SERVERS}protect-kernel-defaults must be true`,
        `${AGENTS}protect-kernel-defaults must be true`,
      ]),
      invalidMachines(
        "k3s-kernel-defaults-protected",
        withFiles((content) => content.replace("panic=10", "panic=0")),
        [
          `${SERVERS}a file in /etc/sysctl.d must have kernel.panic=10`,
          `${AGENTS}a file in /etc/sysctl.d must have kernel.panic=10`,
        ],
      ),
    ],
  },
  "k3s-ciphers-strong": {
    valid: [small, except("tls-ciphers")],
    invalid: [
      invalidMachines("k3s-ciphers-strong", withArguments("kubelet", { "tls-cipher-suites": undefined }), [
        `${SERVERS}kubelet-arg must have tls-cipher-suites`,
        `${AGENTS}kubelet-arg must have tls-cipher-suites`,
      ]),
      invalidMachines(
        "k3s-ciphers-strong",
        withArguments("kube-apiserver", {
          "tls-cipher-suites": "TLS_AES_128_GCM_SHA256,TLS_RSA_WITH_AES_128_CBC_SHA",
          "tls-min-version": "VersionTLS10",
        }),
        [
          `${SERVERS}tls-cipher-suites of kube-apiserver must not have TLS_RSA_WITH_AES_128_CBC_SHA`,
          `${SERVERS}tls-min-version of kube-apiserver must be one of: VersionTLS12, VersionTLS13, got "VersionTLS10"`,
        ],
      ),
    ],
  },
  "k3s-kubelets-bounded": {
    valid: [small, except("pod-pids")],
    invalid: [
      invalidMachines(
        "k3s-kubelets-bounded",
        withArguments("kubelet", {
          "streaming-connection-idle-timeout": "0s",
          "pod-max-pids": "-1",
          "seccomp-default": undefined,
        }),
        [SERVERS, AGENTS].flatMap((machines) => [
          `${machines}streaming-connection-idle-timeout in kubelet-arg must be a duration other than 0, got "0s"`,
          `${machines}pod-max-pids in kubelet-arg must be greater than 0, got "-1"`,
          `${machines}seccomp-default in kubelet-arg must be true, got nothing`,
        ]),
      ),
      invalidMachines(
        "k3s-kubelets-bounded",
        withArguments("kubelet", { "pod-max-pids": undefined, "seccomp-default": "false" }),
        [
          `${SERVERS}seccomp-default in kubelet-arg must be true, got "false"`,
          `${AGENTS}seccomp-default in kubelet-arg must be true, got "false"`,
        ],
        {
          ...except("pod-pids"),
          clusters: [{ ...except("pod-pids").clusters[0]!, nodePools: one.clusters[0]!.nodePools }],
        },
      ),
    ],
  },
  "k3s-tokens-expire": {
    valid: [small, except("token-expiration")],
    invalid: [
      invalidMachines("k3s-tokens-expire", configured({ "kube-apiserver-arg": undefined }), [
        `${SERVERS}service-account-extend-token-expiration in kube-apiserver-arg must be false, got nothing`,
      ]),
    ],
  },
  "k3s-terminated-pods-deleted": {
    valid: [small, except("terminated-pods")],
    invalid: [
      invalidMachines(
        "k3s-terminated-pods-deleted",
        withArguments("kube-controller-manager", { "terminated-pod-gc-threshold": "0" }),
        [`${SERVERS}terminated-pod-gc-threshold in kube-controller-manager-arg must be between 1 and 12499, got "0"`],
      ),
    ],
  },
  "k3s-files-private": {
    valid: [small, except("kubeconfig-mode")],
    invalid: [
      invalidMachines("k3s-files-private", configured({ "write-kubeconfig-mode": "0644" }), [
        `${SERVERS}write-kubeconfig-mode must be "0600", got "0644"`,
      ]),
      invalidMachines(
        "k3s-files-private",
        (machine) => ({ ...machine, files: { "/etc/rancher/k3s/audit.yaml": { content: "", permissions: "0644" } } }),
        [
          `${SERVERS}/etc/rancher/k3s/audit.yaml must have permissions "0600", got "0644"`,
          `${AGENTS}/etc/rancher/k3s/audit.yaml must have permissions "0600", got "0644"`,
        ],
      ),
    ],
  },
  "k3s-defaults-kept": {
    valid: [small],
    invalid: [
      invalidMachines(
        "k3s-defaults-kept",
        withArguments("kube-apiserver", { "anonymous-auth": "true", "authorization-mode": "Node,RBAC,AlwaysAllow" }),
        [
          `${SERVERS}kube-apiserver-arg must not have anonymous-auth=true`,
          `${SERVERS}kube-apiserver-arg must not have authorization-mode=Node,RBAC,AlwaysAllow`,
          `${AGENTS}kube-apiserver-arg must not have anonymous-auth=true`,
          `${AGENTS}kube-apiserver-arg must not have authorization-mode=Node,RBAC,AlwaysAllow`,
        ],
      ),
      invalidMachines("k3s-defaults-kept", withArguments("kubelet", { "read-only-port": "10255" }), [
        `${SERVERS}kubelet-arg must not have read-only-port=10255`,
        `${AGENTS}kubelet-arg must not have read-only-port=10255`,
      ]),
    ],
  },
};
