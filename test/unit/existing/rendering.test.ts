import { renderFleet } from "../../../charts/render";
import { nodePoolObject } from "../../../fleet/kubernetes/node-pool";
import type { KubeObject } from "../../../fleet/kubernetes/object";
import { CONTROL_PLANE, labels, protectedLabels } from "../../../fleet/labels";
import { nodeLabels } from "../../../fleet/nodes";
import { checkFleet, parseFleet } from "../../../fleet/reading/parse";
import type { FleetInput } from "../../../fleet/reading/schema";
import { evaluate } from "../../../policies/engine/evaluate";
import { rules } from "../../../policies/rules";
import { renderStates } from "../../../preview/rendering";
import { endFromSnapshot } from "../../../preview/snapshot";
import { smallFleet } from "../../fixtures/small-fleet";
import { type PodOwner, find } from "../support/rendered";

const taint = { key: "dedicated", value: "system", effect: "NoSchedule" } as const;

const input: FleetInput = {
  name: "test",
  regions: [{ name: "london", latitude: 51.51, longitude: -0.13 }],
  clusters: [
    {
      name: "east",
      kubeconfig: { path: "kubeconfig" },
      systemPool: "general",
      existingNamespaces: ["shop", "unused"],
      homeRegion: "london",
      nodePools: [
        { name: "gw", nodes: { names: ["b", "a"] }, region: "london", device: "iot-gateway-x86", count: 2 },
        {
          name: "general",
          nodes: { label: { key: "group", value: "general" } },
          region: "london",
          device: "m6i.large",
          count: 3,
          taints: [taint],
        },
      ],
    },
  ],
  workloads: Object.fromEntries(
    ["shop", "vision"].map((namespace) => [
      namespace,
      {
        namespace,
        image: "ghcr.io/example/program:1.0.0",
        placement: { kind: "region", region: "london", replicas: 1 },
        resources: { cpu: "100m", memory: "64Mi" },
      },
    ]),
  ),
};
const fleet = parseFleet(input);
const [rendered] = renderFleet(fleet) as [ReturnType<typeof renderFleet>[0]];

test("nodes have the label that selects them, and the pool does not set it", () => {
  const general = fleet.clusters[0]!.nodePools[1]!;
  expect(nodeLabels(general)).toMatchObject({ group: "general" });
  expect((nodePoolObject(general).spec as { labels: object }).labels).not.toHaveProperty("group");
  expect(checkFleet(input)).toMatchObject({ ok: true });
});

test("the rules know the labels of selected nodes: Skerry's programs can be scheduled", () => {
  const subjects = {
    clusters: [{ name: "east", kubernetesVersion: "1.36.3", objects: [...rendered.definitions, ...rendered.objects] }],
    fleet,
  };
  const { findings } = evaluate(rules, subjects, { today: "2026-01-01", environment: "test" });
  expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
});

test("pools select the nodes that they state, and give back what they replace", () => {
  const [gw, general] = fleet.clusters[0]!.nodePools.map((pool) => nodePoolObject(pool).spec);
  expect(gw).toMatchObject({ selector: { names: ["b", "a"] }, releasePolicy: "Restore", count: 2 });
  expect(general).toMatchObject({
    selector: { registrationLabel: { key: "group", value: "general" } },
    releasePolicy: "Restore",
  });
  // Machines that Skerry creates register with the labels of their pool.
  expect(nodePoolObject(smallFleet.clusters[0]!.nodePools[0]!).spec).not.toHaveProperty("releasePolicy");
});

/** The scheduling of Skerry's programs. */
const placed = (objects: KubeObject[]) =>
  find<PodOwner>({ ...rendered, objects }, "Deployment", "node-controller").spec.template.spec;

test("Skerry's programs run on the system pool, without the labels that the node controller sets", () => {
  const pod = placed(rendered.objects);
  expect(pod.tolerations).toEqual([{ ...taint, operator: "Equal" }]);
  const required = (terms: object[]) => ({
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
  });
  expect(pod.affinity).toMatchObject(
    required([{ matchExpressions: [{ key: "group", operator: "In", values: ["general"] }] }]),
  );
  const cluster = { ...input.clusters[0]!, systemPool: "gw" };
  const [onNames] = renderFleet(parseFleet({ ...input, clusters: [cluster] }));
  const nameTerm = (name: string) => ({ matchFields: [{ key: "metadata.name", operator: "In", values: [name] }] });
  expect(placed(onNames!.objects).affinity).toMatchObject(required([nameTerm("b"), nameTerm("a")]));
});

const namesOf = (kind: string): string[] =>
  rendered.objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name!);

test("existing namespaces are not created, and admission policies apply only in those that are", () => {
  expect(namesOf("Namespace")).toEqual(["skerry-node-agent", "skerry-system", "vision"]);
  const selectorOf = (object: KubeObject) => (object as { spec?: { matchResources?: object } }).spec?.matchResources;
  const selectors = (objects: KubeObject[]) =>
    objects
      .filter(({ kind }) => kind === "ValidatingAdmissionPolicyBinding")
      .map(selectorOf)
      // The policy of the node agents applies to profiles, which have no namespace.
      .filter((selector) => selector !== undefined);
  const expressions = (operator: string, values: string[]) => ({
    namespaceSelector: { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator, values }] },
  });
  const found = selectors(rendered.objects);
  expect(found.length).toBeGreaterThan(0);
  for (const each of found) expect(each).toEqual(expressions("In", ["skerry-node-agent", "skerry-system", "vision"]));
  // A cluster that Skerry creates has no other tenants.
  for (const each of selectors(renderFleet(smallFleet)[0]!.objects)) {
    expect(each).toEqual(expressions("NotIn", ["kube-system", "kube-public", "kube-node-lease"]));
  }
});

test("renders the nodes that exist: by their names, and no servers of a managed control plane", () => {
  const [state] = renderStates(fleet).clusters;
  expect(state!.nodes.map(({ metadata }) => metadata.name)).toEqual([
    "b",
    "a",
    "general-01",
    "general-02",
    "general-03",
  ]);
  expect(state!.existing).toBe(true);
  expect(renderStates(smallFleet).clusters[0]).not.toHaveProperty("existing");
});

test("a change of an existing cluster keeps its nodes, and gives them what their pools set", () => {
  const live = (name: string, own: Record<string, string> = {}, taints: object[] = []): KubeObject => ({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: own },
    spec: { taints },
    status: {},
  });
  const other = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };
  const nodes = [
    live("server-x", { [CONTROL_PLANE]: "true", group: "general" }),
    live("a", { owner: "team" }),
    live("ip-10-0-0-1", { group: "general" }, [other, { ...taint, value: "old" }]),
    live("stranger"),
  ];
  const head = renderStates(fleet).clusters[0]!;
  const end = endFromSnapshot({ name: "east", nodes, pods: [], pendingPods: [], objects: [] }, head);
  expect(end.nodes.map(({ metadata }) => [metadata.name, metadata.labels?.[protectedLabels.pool]])).toEqual([
    ["server-x", undefined],
    ["a", "gw"],
    ["ip-10-0-0-1", "general"],
    ["stranger", undefined],
  ]);
  expect(end.nodes[1]!.metadata.labels).toMatchObject({ owner: "team", [labels.edgeRegion]: "london" });
  expect(end.nodes[2]!.spec).toEqual({ taints: [other, taint] });
});
