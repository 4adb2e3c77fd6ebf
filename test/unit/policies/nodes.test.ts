import { fitsPool, matchesPool, nodePools } from "../../../policies/kubernetes/nodes";
import { podMakers } from "../../../policies/kubernetes/workloads";
import { app, byEdgeScheduler, gateways, iot, pool } from "./cluster-cases/case";

const maker = (...args: Parameters<typeof app>) => podMakers([app(...args)])[0]!;

test("a required region matches the label of edge nodes, if the edge scheduler places the pod", () => {
  const pools = nodePools([
    pool("cloud", { "edge-region": undefined }),
    pool("edge"),
    pool("sydney", { "edge-region": "sydney" }),
  ]);
  const matching = (...args: Parameters<typeof app>): string[] =>
    pools.filter((each) => matchesPool(maker(...args), each)).map(({ name }) => name);
  const region = { labels: { "required-region": "tokyo" } };
  expect(matching("a", byEdgeScheduler, region)).toEqual(["edge"]);
  const fallback = { ...region, annotations: { "skerry.dev/fallback-regions": "osaka, sydney" } };
  expect(matching("a", byEdgeScheduler, fallback)).toEqual(["edge", "sydney"]);
  // The default scheduler does not read the label.
  expect(matching("a", {}, region)).toEqual(["cloud", "edge", "sydney"]);
});

test("conditions on labels that pools do not declare count as met", () => {
  const [edge] = nodePools([pool("edge")]);
  const nodeAffinity = (nodeSelectorTerms: readonly object[]) => ({
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
  });
  const expression = (key: string, operator: string, values: readonly string[]) =>
    nodeAffinity([{ matchExpressions: [{ key, operator, values }] }]);
  expect(matchesPool(maker("a", expression("kubernetes.io/hostname", "In", ["edge-01"])), edge!)).toBe(true);
  expect(matchesPool(maker("a", expression("kubernetes.io/hostname", "In", [])), edge!)).toBe(false);
  expect(matchesPool(maker("a", expression("example.com/site", "In", ["hall-3"])), edge!)).toBe(false);
  expect(matchesPool(maker("a", { nodeSelector: { "kubernetes.io/arch": "arm64" } }), edge!)).toBe(true);
  const byName = { matchFields: [{ key: "metadata.name", operator: "In", values: ["edge-01"] }] };
  expect(matchesPool(maker("a", nodeAffinity([byName])), edge!)).toBe(true);
});

test("a pod fits a pool whose labels it matches and whose taints it tolerates", () => {
  const [gw] = nodePools([gateways("gw")]);
  expect(fitsPool(maker("a"), gw!)).toBe(false);
  expect(fitsPool(maker("a", { tolerations: [iot] }), gw!)).toBe(true);
  expect(fitsPool(maker("a", { tolerations: [iot], nodeSelector: { "device-type": "other" } }), gw!)).toBe(false);
});
