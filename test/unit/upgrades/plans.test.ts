import { readFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";

import { renderFleet, type RenderedCluster } from "../../../charts/render";
import type { KubeObject } from "../../../fleet/kubernetes/object";
import { readDocument } from "../../../fleet/kubernetes/yaml";
import type { Fleet, UpgradePolicy } from "../../../fleet/model";
import { parseFleet } from "../../../fleet/reading/parse";
import type { FleetInput } from "../../../fleet/reading/schema";
import { evaluate } from "../../../policies/engine/evaluate";
import { rules } from "../../../policies/rules";
import { arbitraryFleet } from "../support/arbitrary-fleet";
import { find } from "../support/rendered";

const planDefinition = readDocument(readFileSync(join(__dirname, "../../fixtures/plan-definition.yaml"), "utf8"))
  .value as KubeObject;
const policyOf = (upgrades: NonNullable<FleetInput["upgrades"]>): UpgradePolicy =>
  parseFleet({
    name: "any",
    regions: [{ name: "tokyo", latitude: 0, longitude: 0 }],
    clusters: [{ name: "east", homeRegion: "tokyo", nodePools: [] }],
    upgrades,
  }).upgrades!;

interface Binding {
  readonly matchResources: {
    readonly namespaceSelector: { readonly matchExpressions: readonly { readonly values: readonly string[] }[] };
  };
}

interface Role extends KubeObject {
  readonly rules: readonly { readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
}

const input: FleetInput = {
  name: "small",
  regions: [{ name: "tokyo", latitude: 35, longitude: 139 }],
  upgrades: { window: { days: ["sunday"], start: "02:00", end: "04:00", timeZone: "Asia/Tokyo" }, concurrency: 2 },
  clusters: [
    {
      name: "east",
      homeRegion: "tokyo",
      k3s: { version: "v1.36.3+k3s1" },
      nodePools: [
        {
          name: "gw",
          region: "tokyo",
          device: "iot-gateway-x86",
          count: 3,
          taints: [{ key: "dedicated", value: "iot", effect: "NoSchedule" }],
        },
      ],
    },
  ],
};
const render = (changes: Partial<FleetInput> = {}): RenderedCluster =>
  renderFleet(parseFleet({ ...input, ...changes }))[0]!;

test("renders neither plans nor the controller for a fleet without upgrades", () => {
  const { plans, objects } = renderFleet(parseFleet({ ...input, upgrades: undefined }))[0]!;
  expect(plans).toEqual([]);
  expect(JSON.stringify(objects)).not.toContain("system-upgrade");
});

test("renders a plan for the servers and one for each wave of agents", () => {
  const [servers, agents, ...others] = render().plans;
  expect(others).toEqual([]);
  expect(servers).toMatchObject({
    metadata: { name: "k3s-servers", namespace: "system-upgrade" },
    spec: {
      version: "v1.36.3+k3s1",
      concurrency: 1,
      exclusive: true,
      cordon: true,
      upgrade: { image: "docker.io/rancher/k3s-upgrade:v1.36.3-k3s1" },
      jobActiveDeadlineSecs: 1800,
      postCompleteDelay: "60s",
      window: { days: ["sunday"], startTime: "02:00", endTime: "04:00", timeZone: "Asia/Tokyo" },
      nodeSelector: {
        matchExpressions: [
          { key: "skerry.dev.node-restriction.kubernetes.io/upgrade", operator: "In", values: ["k3s-servers"] },
          { key: "node-role.kubernetes.io/control-plane", operator: "In", values: ["true"] },
        ],
      },
    },
  });
  expect(agents).toMatchObject({
    metadata: { name: "k3s-wave-1" },
    spec: {
      concurrency: 2,
      tolerations: [{ key: "dedicated", operator: "Equal", value: "iot", effect: "NoSchedule" }],
      nodeSelector: {
        matchExpressions: [
          { key: "skerry.dev.node-restriction.kubernetes.io/upgrade", operator: "In", values: ["k3s-wave-1"] },
          { key: "skerry.dev.node-restriction.kubernetes.io/pool", operator: "In", values: ["gw"] },
          { key: "node-role.kubernetes.io/control-plane", operator: "DoesNotExist" },
        ],
      },
    },
  });
});

test("drains agents and servers, but not the only server, whose pods could go nowhere", () => {
  const [cluster] = input.clusters;
  const drains = (servers: 1 | 3): boolean[] =>
    render({ clusters: [{ ...cluster!, servers }] }).plans.map(({ spec }) =>
      (spec as { upgrade: { args: string[] } }).upgrade.args[0]!.includes("kubectl drain"),
    );
  expect(drains(1)).toEqual([false, true]);
  expect(drains(3)).toEqual([true, true]);
});

test("pins the image of the upgrade by digest where the fleet states one for the version", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  const upgrades = { images: { k3sUpgradeDigests: { "v1.36.3+k3s1": digest } } };
  expect(render({ upgrades }).plans[0]).toMatchObject({
    spec: { upgrade: { image: `docker.io/rancher/k3s-upgrade:v1.36.3-k3s1@${digest}` } },
  });
});

test("exempts the jobs from admission policies, only in clusters with upgrades", () => {
  const exempt = ({ objects }: RenderedCluster): (readonly string[])[] =>
    objects
      .filter(
        ({ kind, metadata }) => kind === "ValidatingAdmissionPolicyBinding" && metadata.name !== "skerry-node-agent",
      )
      .map(({ spec }) => (spec as Binding).matchResources.namespaceSelector.matchExpressions[0]!.values);
  const bindings = exempt(render());
  expect(bindings.length).toBeGreaterThan(0);
  for (const values of bindings) expect(values).toContain("system-upgrade");
  for (const values of exempt(render({ upgrades: undefined }))) expect(values).not.toContain("system-upgrade");
});

test("gives the jobs only what drains need, and the controller no access to other namespaces", () => {
  const rendered = render();
  const verbs = (name: string): string[] =>
    find<Role>(rendered, "ClusterRole", name).rules.flatMap(({ resources, verbs: allowed }) =>
      resources.flatMap((resource) => allowed.map((verb) => `${verb} ${resource}`)),
    );
  expect(verbs("skerry-k3s-upgrade")).not.toContain("delete nodes");
  for (const name of ["skerry-system-upgrade-controller", "skerry-k3s-upgrade"])
    expect(verbs(name).filter((each) => each.includes("secrets"))).toEqual([]);
});

test("the controller's chart and the plans comply with the policy", () => {
  const findings = (fleet: Fleet) => {
    const clusters = renderFleet(fleet).map(({ cluster, definitions, objects, plans }) => ({
      name: cluster,
      kubernetesVersion: "1.36.3",
      objects: [planDefinition, ...definitions, ...objects, ...plans],
    }));
    return evaluate(rules, { clusters }, { policy: {}, environment: "local", today: "2026-11-27" }).findings.filter(
      ({ object }) => object?.namespace === "system-upgrade" || object?.kind === "Plan",
    );
  };
  const policy = fc.record({
    concurrency: fc.integer({ min: 1, max: 9 }),
    window: fc.option(fc.constant({ days: ["monday" as const], start: "01:00", end: "02:00" }), { nil: undefined }),
    drain: fc.constantFrom({}, { gracePeriodSeconds: 30, force: true }),
    canary: fc.constantFrom({}, { regions: ["tokyo"] }),
  });
  fc.assert(
    fc.property(arbitraryFleet, policy, (fleet, { window, ...upgrades }) => {
      const stated = policyOf({ ...upgrades, canary: {}, ...(window && { window }) });
      const canary = { clusters: [], regions: [], ...upgrades.canary };
      const found = findings({ ...fleet, upgrades: { ...stated, canary } });
      // The controller serves no health endpoint.
      expect([...new Set(found.map(({ rule }) => rule))]).toEqual(["probes"]);
    }),
    { numRuns: 15 },
  );
});

test("the strict definition rejects what the controller would ignore", () => {
  const [plan] = render().plans;
  const broken = { ...plan!, spec: { ...(plan!.spec as object), postCompletDelay: "60s" } };
  const clusters = [{ name: "east", kubernetesVersion: "1.36.3", objects: [planDefinition, broken] }];
  const { findings } = evaluate(rules, { clusters }, { policy: {}, environment: "local", today: "2026-11-27" });
  expect(findings.map(({ path }) => path)).toContain("spec.postCompletDelay");
});
