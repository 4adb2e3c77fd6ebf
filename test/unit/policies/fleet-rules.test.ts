import { smallFleet as small } from "../../fixtures/small-fleet";
import { agentConfig, serverConfig } from "../../../fleet/k3s/config";
import type { Broker, ClusterSpec, Fleet, HardeningException, Workload } from "../../../fleet/model";
import { parseFleet } from "../../../fleet/reading/parse";
import type { FleetRule } from "../../../policies/engine/rule";
import { rules } from "../../../policies/rules";
import { argumentsOf, type RenderedMachine, renderMachines } from "../../../policies/k3s/rendered-machines";
import { type MachineRule, machineRule } from "../../../policies/k3s/machine-rule";
import { forbidExposedTokensIn } from "../../../policies/rules/no-exposed-tokens";
import local from "../../../stacks/local";

const cluster = (changed: Partial<ClusterSpec>): Fleet => ({
  ...small,
  clusters: [{ ...small.clusters[0]!, ...changed }],
});
const brokers = (changed: Partial<Broker>): Fleet =>
  cluster({ brokers: [{ ...small.clusters[0]!.brokers[0]!, ...changed }] });
const workload = (changed: Partial<Workload>): Fleet => ({
  ...small,
  workloads: { example: { ...Object.values(small.workloads)[0]!, ...changed } },
});
const hash = "0a".repeat(32);
const home = cluster({
  nodePools: small.clusters[0]!.nodePools.filter(({ region }) => region === small.clusters[0]!.homeRegion),
});

interface Cases {
  readonly valid: readonly Fleet[];
  readonly invalid: readonly {
    readonly fleet: Fleet;
    readonly rule?: FleetRule;
    readonly violations: readonly string[];
  }[];
}

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

const except = (setting: HardeningException["setting"]): Fleet =>
  cluster({ hardening: { exceptions: [{ setting, reason: "a test" }] } });

/** Rules about the machines that Skerry renders. */
const machineCases: Readonly<Record<string, Cases>> = {
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

const cases: Readonly<Record<string, Cases>> = {
  ...machineCases,
  "k3s-hardened": {
    valid: [small],
    invalid: [
      {
        fleet: except("kernel-defaults"),
        violations: [
          "clusters[0].hardening.exceptions[0]: cluster tokyo does without kernel-defaults (CIS 4.2.6 of version 1.7): a test",
        ],
      },
    ],
  },
  "agents-in-home-region": {
    valid: [home],
    invalid: [
      {
        fleet: cluster({}),
        violations: [
          'clusters[0].nodePools[2].region: got "sydney", must be the home region "tokyo": 4 nodes (sydney-gw, sydney-pi4) and the servers are in different regions',
        ],
      },
    ],
  },
  "mqtt-clients-restricted": {
    valid: [small],
    invalid: [
      {
        fleet: brokers({
          clients: [
            { name: "a", publish: ["#"], subscribe: ["sensors/#", "+/#"] },
            { name: "b", publish: ["+/state"], subscribe: [] },
          ],
        }),
        violations: [
          'clusters[0].brokers[0].clients[0].publish[0]: got "#", must name a topic: client a may publish to any topic',
          'clusters[0].brokers[0].clients[0].subscribe[1]: got "+/#", must name a topic: client a may subscribe to any topic',
        ],
      },
    ],
  },
  "mqtt-queues-fit-volume": {
    valid: [small],
    invalid: [
      {
        fleet: brokers({ queue: { messages: 40, memoryMiB: 200, messageKiB: 64 } }),
        violations: [
          "clusters[0].brokers[0].storageGiB: got 1 GiB, must be at least 1.2 GiB to save the full queues of 3 sessions",
        ],
      },
      {
        fleet: cluster({
          brokers: [],
          cloudBroker: { ...small.clusters[0]!.cloudBroker!, queue: { messages: 1, memoryMiB: 8192, messageKiB: 1 } },
        }),
        violations: [
          "clusters[0].cloudBroker.storageGiB: got 8 GiB, must be at least 16 GiB to save the full queues of 1 session",
        ],
      },
    ],
  },
  "servers-odd": {
    valid: [small, cluster({ servers: 3 })],
    invalid: [
      { fleet: cluster({ servers: 2 as 3 }), violations: ["clusters[0].servers: got 2, must be one of 1, 3, 5"] },
    ],
  },
  "servers-redundant": {
    valid: [cluster({ servers: 3 })],
    invalid: [
      {
        fleet: cluster({ servers: 1 }),
        violations: ["clusters[0].servers: got 1, should be 3: cluster tokyo has a single server"],
      },
    ],
  },
  "no-exposed-tokens": {
    valid: [small, workload({ env: { VERSION: "1.2.3", HOST: "abcdef.example.com", K10: "K10" } })],
    invalid: [
      {
        fleet: workload({
          env: {
            A: `K10${hash}::server:secret`,
            B: "join --token=abcdef.0123456789abcdef",
            C: `K10${hash}::abcdef.0123456789abcdef`,
          },
        }),
        violations: ["A", "B", "C"].map(
          (name) => `workloads.example.env.${name}: contains what looks like a K3s token`,
        ),
      },
      {
        fleet: home,
        rule: forbidExposedTokensIn({
          server: (each, join) => ({
            ...serverConfig(each, join),
            "tls-san": [join.serverToken],
            "agent-token": join.serverToken,
          }),
          agent: (pool, join) => ({ ...agentConfig(pool, join), "node-label": [`token=${join.token}`] }),
        }),
        violations: [
          "clusters[0]: the servers' K3s configuration exposes a token in tls-san",
          "clusters[0]: agent-token must differ from the server token: with the server token, an agent could join as a server",
          "clusters[0].nodePools[0]: the agents' K3s configuration exposes the token in node-label",
          "clusters[0].nodePools[1]: the agents' K3s configuration exposes the token in node-label",
        ],
      },
    ],
  },
};

const fleetRules = rules.filter((rule): rule is FleetRule => rule.subject === "fleet");
const findViolations = (rule: FleetRule, fleet: Fleet): string[] =>
  rule.check(fleet).map(({ path, message }) => `${path}: ${message}`);

test("every fleet rule has valid and invalid examples", () => {
  expect(Object.keys(cases).sort()).toEqual(fleetRules.map(({ id }) => id).sort());
  for (const { valid, invalid } of Object.values(cases)) {
    expect(valid.length).toBeGreaterThan(0);
    expect(invalid.length).toBeGreaterThan(0);
  }
});

describe.each(fleetRules.map((rule) => [rule.id, rule] as const))("%s", (id, rule) => {
  test.each(cases[id]!.valid.map((fleet, index) => [index, fleet] as const))(
    "accepts valid example %#",
    (_index, fleet) => expect(findViolations(rule, fleet)).toEqual([]),
  );
  test.each(cases[id]!.invalid.map((each, index) => [index, each] as const))(
    "rejects invalid example %#",
    (_index, { fleet, violations, ...other }) => expect(findViolations(other.rule ?? rule, fleet)).toEqual(violations),
  );
});

test("the local fleet complies with every rule of severity error", () => {
  const fleet = parseFleet(local);
  const errors = fleetRules.filter(({ severity }) => severity === "error");
  expect(errors.flatMap((rule) => findViolations(rule, fleet))).toEqual([]);
});
