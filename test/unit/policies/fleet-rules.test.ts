import { smallFleet as small } from "../../fixtures/small-fleet";
import { edgeCluster, edgeFleet, gateways } from "../../fixtures/edge-fleet";
import type { KubeObject } from "../../../fleet/kubernetes/object";
import { hardeningObjects } from "../../../fleet/k3s/hardening/objects";
import { agentConfig, serverConfig } from "../../../fleet/k3s/config";
import { SERVER_TOKEN_FILE } from "../../../fleet/k3s/parameters";
import type { Broker, ClusterSpec, Fleet, Workload } from "../../../fleet/model";
import { parseFleet } from "../../../fleet/reading/parse";
import type { FleetRule } from "../../../policies/engine/rule";
import { rules } from "../../../policies/rules";
import { isolateNamespaces } from "../../../policies/rules/k3s-namespaces-isolated";
import { forbidExposedTokensIn } from "../../../policies/rules/no-exposed-tokens";
import local from "../../../stacks/local";
import { type Cases, cluster, except, machineCases } from "./machine-cases";

const brokers = (changed: Partial<Broker>): Fleet =>
  cluster({ brokers: [{ ...small.clusters[0]!.brokers[0]!, ...changed }] });
const workload = (changed: Partial<Workload>): Fleet => ({
  ...small,
  workloads: { example: { ...Object.values(small.workloads)[0]!, ...changed } },
});
/** Two clusters: one that states its Kubernetes version, and one that states its K3s version. */
const versions = (kubernetesVersion: string, version: string): Fleet => ({
  ...small,
  clusters: [
    { ...small.clusters[0]!, kubernetesVersion },
    { ...small.clusters[0]!, name: "second", k3s: { version } },
  ],
});
const edge = (changed: Partial<ClusterSpec>): Fleet => ({
  ...edgeFleet,
  clusters: [{ ...edgeCluster, ...changed }],
});
const hash = "0a".repeat(32);
const home = cluster({
  nodePools: small.clusters[0]!.nodePools.filter(({ region }) => region === small.clusters[0]!.homeRegion),
});

/** A network policy of all pods in `kube-public`. */
const openPolicy = (name: string, rule: object): KubeObject => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name, namespace: "kube-public" },
  spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [rule] },
});

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
  "k3s-namespaces-isolated": {
    valid: [
      small,
      except("network-policies"),
      cluster({ kubeconfig: { path: "kubeconfig" } }),
      { ...small, clusters: [] },
    ],
    invalid: [
      {
        fleet: home,
        rule: isolateNamespaces((each) =>
          hardeningObjects(each).filter(({ metadata: { namespace } }) => namespace !== "default"),
        ),
        violations: ["clusters[0]: cluster tokyo: no NetworkPolicy for ingress selects all pods of namespace default"],
      },
      {
        fleet: home,
        rule: isolateNamespaces((each) => [
          ...hardeningObjects(each),
          openPolicy("everywhere", {}),
          openPolicy("other-namespaces", { from: [{ podSelector: {} }, { namespaceSelector: {} }] }),
        ]),
        violations: ["everywhere", "other-namespaces"].map(
          (name) =>
            `clusters[0]: cluster tokyo: NetworkPolicy kube-public/${name} must not allow traffic from other namespaces`,
        ),
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
  "backups-off-node": {
    valid: [
      cluster({ backup: { everyMinutes: 15, keep: 96, s3: { bucket: "snapshots", region: "ap-northeast-1" } } }),
      { ...small, clusters: [] },
    ],
    invalid: [
      {
        fleet: cluster({}),
        violations: [
          "clusters[0].backup: must be set: cluster tokyo keeps its snapshots only on the disks of its servers, every 12 hours",
        ],
      },
    ],
  },
  "k3s-versions-close": {
    valid: [small, versions("1.36.3", "v1.35.9+k3s2"), versions("1.35.0", "v1.36.0+k3s1"), { ...small, clusters: [] }],
    invalid: [
      {
        fleet: versions("1.36.3", "v1.34.9+k3s1"),
        violations: [
          "clusters[1].k3s.version: got v1.34.9+k3s1, must be at most one minor version older than 1.36, which another cluster runs",
        ],
      },
      {
        fleet: versions("1.34.1", "v1.37.0+k3s1"),
        violations: [
          "clusters[0].kubernetesVersion: got v1.34.1+k3s1, must be at most one minor version older than 1.37, which another cluster runs",
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
  "edge-topics-exclusive": {
    valid: [small, edgeFleet],
    invalid: [
      {
        fleet: edge({
          cloudBroker: {
            ...edgeCluster.cloudBroker!,
            clients: [
              {
                name: "forger",
                publish: ["sensors/#", "skerry/v1/+/sydney-gw-02/telemetry"],
                subscribe: ["skerry/v1/ack/#"],
              },
              { name: "deleter", publish: ["skerry/v1/ack/other/+"], subscribe: [] },
              {
                name: "writer",
                publish: ["skerry/v1/sync/sydney/up", "skerry/v1/config/#", "skerry/v1/sync/+/down"],
                subscribe: [],
              },
            ],
          },
          brokers: [{ ...edgeCluster.brokers[0]!, forward: ["sensors/#", "+/v1/reported/#"] }],
        }),
        violations: [
          'clusters[0].cloudBroker.clients[0].publish[1]: got "skerry/v1/+/sydney-gw-02/telemetry", must not match skerry/v1/up/sydney-gw-02/+: client forger could publish as the agent of node sydney-gw-02',
          'clusters[0].cloudBroker.clients[1].publish[0]: got "skerry/v1/ack/other/+", must not match skerry/v1/ack/+/+: client deleter could publish as the ingest',
          'clusters[0].cloudBroker.clients[2].publish[0]: got "skerry/v1/sync/sydney/up", must not match skerry/v1/sync/sydney/up: client writer could publish as site-sync-sydney',
          'clusters[0].cloudBroker.clients[2].publish[1]: got "skerry/v1/config/#", must not match skerry/v1/config/sydney-gw-01: client writer could publish as site-sync-sydney',
          'clusters[0].cloudBroker.clients[2].publish[2]: got "skerry/v1/sync/+/down", must not match skerry/v1/sync/+/down: client writer could publish as site-sync-cloud',
          'clusters[0].brokers[0].forward[1]: got "+/v1/reported/#", must not match skerry/v1/reported/sydney-gw-01: broker sydney could publish as the agent of node sydney-gw-01',
        ],
      },
    ],
  },
  "edge-acknowledgements-return": {
    valid: [
      small,
      edgeFleet,
      brokers({
        clients: [{ name: "own-agent", publish: ["skerry/v1/up/press/#"], subscribe: ["skerry/v1/ack/+/#"] }],
      }),
    ],
    invalid: [
      {
        fleet: brokers({
          forward: ["skerry/#"],
          clients: [
            {
              name: "a",
              publish: ["skerry/v1/up/press/+"],
              subscribe: ["skerry/v1/ack/drill/+", "skerry/v1/ack/press/x"],
            },
          ],
        }),
        violations: [
          "clusters[0].brokers[0].clients[0].subscribe: must contain skerry/v1/ack/press/+: client a publishes skerry/v1/up/press/+ and never learns that a message is stored",
          'clusters[0].brokers[0].forward[0]: must not match the messages of edge agents, because their acknowledgements would not come back, got "skerry/#"',
        ],
      },
    ],
  },
  "edge-outboxes-leave-room": {
    valid: [small, edgeFleet],
    invalid: [
      {
        fleet: edge({ edgeAgents: [{ ...gateways, storageGiB: 28 }] }),
        violations: [
          "clusters[0].edgeAgents[0].storageGiB: got 28 GiB, must be at most 27 GiB, 85 % of the disk of the nodes of pool sydney-gw",
        ],
      },
      {
        fleet: edge({
          edgeAgents: [{ ...gateways, classes: [{ ...gateways.classes[1]!, messagesPerSecond: 29 }] }],
        }),
        violations: [
          "clusters[0].edgeAgents[0].classes: got 30 GiB, must be at most 27 GiB, 85 % of the disk of the nodes of pool sydney-gw",
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
          server: (each, host) => ({
            ...serverConfig(each, host),
            token: "secret",
            "agent-token-file": SERVER_TOKEN_FILE,
          }),
          agent: (pool, server) => ({ ...agentConfig(pool, server), token: "secret" }),
        }),
        violations: [
          "clusters[0]: the K3s configuration of servers contains token: must be token-file, because others can read user data",
          "clusters[0]: agent-token-file must differ from token-file: with the server token, an agent could join as a server",
          "clusters[0].nodePools[0]: the K3s configuration of agents contains token: must be token-file, because others can read user data",
          "clusters[0].nodePools[1]: the K3s configuration of agents contains token: must be token-file, because others can read user data",
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
