import { smallFleet as small } from "../../fixtures/small-fleet";
import { agentConfig, serverConfig } from "../../../fleet/k3s/config";
import { SERVER_TOKEN_FILE } from "../../../fleet/k3s/parameters";
import type { Broker, ClusterSpec, Fleet, Workload } from "../../../fleet/model";
import { parseFleet } from "../../../fleet/reading/parse";
import type { FleetRule } from "../../../policies/engine/rule";
import { rules } from "../../../policies/rules";
import { requireEncryptionIn } from "../../../policies/rules/secrets-encrypted";
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

const cases: Readonly<Record<string, Cases>> = {
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
  "secrets-encrypted": {
    valid: [small],
    invalid: [
      {
        fleet: cluster({}),
        rule: requireEncryptionIn((each) => {
          const { "secrets-encryption": _, ...rest } = serverConfig(each, "host");
          return rest;
        }),
        violations: ["clusters[0]: secrets-encryption must be true for the servers of tokyo"],
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
