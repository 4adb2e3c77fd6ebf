import { moveCluster, type State } from "../../cli/pulumi/move-cluster";

const urn = (stack: string, types: string, name: string): string => `urn:pulumi:${stack}::ports::${types}::${name}`;

/** A state with clusters below one component. */
function stateOf(stack: string, clusters: readonly string[], id = `${stack}-id`): State {
  const root = urn(stack, "pulumi:pulumi:Stack", `ports-${stack}`);
  const fleet = urn(stack, "skerry:fleet:FleetDeployment", "fleet");
  const lab = urn(stack, "pulumi:providers:pulumi-nodejs", "default");
  return {
    resources: [
      { urn: root, type: "pulumi:pulumi:Stack" },
      { urn: fleet, type: "skerry:fleet:FleetDeployment", parent: root },
      { urn: lab, type: "pulumi:providers:pulumi-nodejs", id },
      ...clusters.flatMap((name) => {
        const types = "skerry:fleet:FleetDeployment$skerry:clusters:Cluster";
        const cluster = urn(stack, types, name);
        const machines = urn(stack, `${types}$lab:MachineGroup`, `${name}-server-1`);
        const api = urn(stack, `${types}$pulumi:providers:kubernetes`, `${name}-api`);
        return [
          { urn: cluster, type: "skerry:clusters:Cluster", parent: fleet },
          { urn: machines, type: "lab:MachineGroup", parent: cluster, provider: `${lab}::${id}` },
          { urn: api, type: "pulumi:providers:kubernetes", parent: cluster, id: `${name}-api-id` },
          {
            urn: urn(stack, `${types}$kubernetes:core/v1:ConfigMap`, `${name}-links`),
            type: "kubernetes:core/v1:ConfigMap",
            parent: cluster,
            provider: `${api}::${name}-api-id`,
            dependencies: [machines],
            deletedWith: machines,
          },
        ];
      }),
    ],
  };
}

const stack = (name: string, state: State) => ({ stack: name, project: "ports", state });
const asia = (state: State = {}) => stack("asia", state);
const both = stack("all", stateOf("all", ["dallas", "tokyo"]));

test("moves a cluster with everything below it, and copies what is above", () => {
  expect(moveCluster("tokyo", both, asia())).toEqual({
    from: stateOf("all", ["dallas"]),
    // The copied provider keeps its ID.
    to: stateOf("asia", ["tokyo"], "all-id"),
  });
});

test("adds a cluster to a stack that has others, and uses its providers", () => {
  const moved = moveCluster("tokyo", both, asia(stateOf("asia", ["osaka"])));
  expect(moved.to).toEqual(stateOf("asia", ["osaka", "tokyo"]));
});

test("moving there and back changes nothing", () => {
  const there = moveCluster("tokyo", both, asia());
  expect(moveCluster("tokyo", asia(there.to), stack("all", there.from)).to).toEqual(both.state);
});

test.each([
  ["an unknown cluster", "osaka", both, asia(), 'stack all has no cluster "osaka"'],
  [
    "a cluster that is there",
    "tokyo",
    both,
    asia(stateOf("asia", ["tokyo"])),
    'stack asia has resources of cluster "tokyo"',
  ],
  [
    "an interrupted update",
    "tokyo",
    both,
    asia({ pending_operations: [{}] }),
    "the last update of stack asia was interrupted: complete it first",
  ],
])("refuses %s", (_, cluster, from, to, message) => {
  expect(() => moveCluster(cluster, from, to)).toThrow(message);
});

/** The state of two existing clusters, which are inspected together, and whose upgrades follow each other. */
function existingOf(stackName: string, clusters: readonly string[], dependent: boolean): State {
  const fleet = urn(stackName, "skerry:fleet:FleetDeployment", "fleet");
  const types = "skerry:fleet:FleetDeployment$skerry:clusters:ExistingCluster";
  const identity = (name: string) => urn(stackName, `${types}$pulumi-nodejs:dynamic/existing:ClusterIdentity`, name);
  const wave = (name: string) =>
    urn(stackName, "skerry:clusters:ClusterUpgrade$pulumi-nodejs:dynamic/clusters:UpgradeWave", name);
  return {
    resources: [
      { urn: fleet, type: "skerry:fleet:FleetDeployment" },
      ...clusters.flatMap((name, index) => {
        const cluster = urn(stackName, types, name);
        const upgrade = urn(
          stackName,
          "skerry:fleet:FleetDeployment$skerry:clusters:ClusterUpgrade",
          `${name}-upgrade`,
        );
        const all = dependent ? clusters : [name];
        const identities = all.map((each) => identity(`${each}-identity`));
        const before = dependent && index > 0 ? [wave(`${clusters[index - 1]!}-upgrade-servers`)] : [];
        return [
          { urn: cluster, type: "skerry:clusters:ExistingCluster", parent: fleet },
          { urn: identity(`${name}-identity`), type: "existing:ClusterIdentity", parent: cluster },
          {
            urn: urn(stackName, `${types}$pulumi:providers:kubernetes`, `${name}-api`),
            type: "pulumi:providers:kubernetes",
            parent: cluster,
            dependencies: identities,
            propertyDependencies: { clusterIdentifier: [identity(`${name}-identity`)], kubeconfig: null },
          },
          { urn: upgrade, type: "skerry:clusters:ClusterUpgrade", parent: fleet },
          {
            urn: wave(`${name}-upgrade-servers`),
            type: "clusters:UpgradeWave",
            parent: upgrade,
            dependencies: before,
            propertyDependencies: { plan: before },
            deletedWith: cluster,
          },
        ];
      }),
    ],
  };
}

test.each(["dallas", "tokyo"])("moves %s, one of several clusters that depend on each other", (name) => {
  const other = name === "dallas" ? "tokyo" : "dallas";
  const moved = moveCluster(name, stack("all", existingOf("all", ["dallas", "tokyo"], true)), asia());
  expect(moved.from).toEqual(existingOf("all", [other], false));
  expect(moved.to).toEqual(existingOf("asia", [name], false));
});

test.each([
  [
    "its provider",
    { provider: `${both.state.resources!.find(({ urn: each }) => each.endsWith("::tokyo-api"))!.urn}::id` },
  ],
  ["one of its resources", { dependencies: [both.state.resources!.at(-1)!.urn] }],
])("refuses a cluster if a resource that does not move needs %s", (_, links) => {
  const record = { urn: urn("all", "aws:route53/record:Record", "shop"), type: "aws:route53/record:Record", ...links };
  const from = stack("all", { resources: [...both.state.resources!, record] });
  expect(() => moveCluster("tokyo", from, asia())).toThrow('resources outside of cluster "tokyo" depend on it: shop');
});

test("refuses a cluster that depends on a resource that does not move", () => {
  const network = urn("all", "aws:ec2/vpc:Vpc", "network");
  const resources = both.state.resources!.map((each) =>
    each.type === "lab:MachineGroup" ? { ...each, dependencies: [network] } : each,
  );
  const from = stack("all", { resources: [{ urn: network, type: "aws:ec2/vpc:Vpc" }, ...resources] });
  expect(() => moveCluster("tokyo", from, asia())).toThrow(
    'cluster "tokyo" depends on resources outside of it: network',
  );
});
