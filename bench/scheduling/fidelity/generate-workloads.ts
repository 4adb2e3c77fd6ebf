import type { KubeObject } from "../../../fleet/kubernetes/object";
import { EDGE_SCHEDULER } from "../../../fleet/labels";
import { parseFleet } from "../../../fleet/reading/parse";
import { renderStates } from "../../../preview/rendering";
import { generateFleet } from "./generate-fleet";
import { addFeatures, type Draft, PRIORITIES } from "./pod-features";
import { RandomChoice } from "./random-choice";
import type { Scenario, ScenarioWorkload } from "./scenario";

type Fields = Record<string, unknown>;

export const NAMESPACE = "shop";

/** Images of simulated pods are never pulled. */
const IMAGE = "ghcr.io/skerry-dev/none:1";

/** Requests: mostly small, some large, and a few that no node has. */
function generateRequests(random: RandomChoice): Fields {
  if (random.chance(0.06)) return random.of([{ cpu: "64" }, { memory: "100Gi" }, { cpu: "4", memory: "8Gi" }]);
  if (random.chance(0.08)) return {};
  const large = random.chance(0.35);
  return {
    cpu: `${random.integer(2, large ? 60 : 12) * 25}m`,
    memory: `${random.integer(2, large ? 100 : 16) * 32}Mi`,
  };
}

/** Objects that own the pods, by kind. */
function wrap(random: RandomChoice, kind: string, name: string, template: Fields): KubeObject {
  const metadata = { namespace: NAMESPACE, name };
  const matching = { selector: { matchLabels: { app: name } }, template };
  const replicas = random.integer(1, 8);
  switch (kind) {
    case "StatefulSet": {
      const claim = {
        metadata: { name: "data" },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
      };
      return {
        apiVersion: "apps/v1",
        kind,
        metadata,
        spec: {
          serviceName: name,
          replicas: Math.min(replicas, 4),
          podManagementPolicy: random.of(["Parallel", "OrderedReady"]),
          ...(random.chance(0.6) && { volumeClaimTemplates: [claim] }),
          ...matching,
        },
      };
    }
    case "DaemonSet":
      return { apiVersion: "apps/v1", kind, metadata, spec: matching };
    case "Job":
      // One pod: a simulated Job's pod ends at once and leaves room that a second one would find.
      return { apiVersion: "batch/v1", kind, metadata, spec: { template } };
    case "Pod":
      return {
        apiVersion: "v1",
        kind,
        metadata: { ...metadata, ...(template.metadata as Fields) },
        spec: template.spec,
      };
  }
  return { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { replicas, ...matching } };
}

const KINDS = ["Deployment", "Deployment", "Deployment", "Deployment", "StatefulSet", "DaemonSet", "Job", "Pod"];

function generateWorkload(
  random: RandomChoice,
  name: string,
  regions: readonly string[],
  earlier: readonly string[],
): ScenarioWorkload {
  const kind = random.of(KINDS);
  const edge = random.chance(0.6);
  const affinity: Draft["affinity"] = {};
  const spec: Fields = {
    ...(edge && { schedulerName: EDGE_SCHEDULER }),
    automountServiceAccountToken: false,
    containers: [{ name: "main", image: IMAGE, resources: { requests: generateRequests(random) } }],
    ...(kind === "Job" && { restartPolicy: "Never" }),
  };
  const draft: Draft = { name, regions, earlier, edge, labels: { app: name }, annotations: {}, spec, affinity };
  const features = addFeatures(random, kind, draft);
  if (Object.keys(affinity).length > 0) spec.affinity = affinity;
  const template = { metadata: { labels: draft.labels, annotations: draft.annotations }, spec };
  const object = wrap(random, kind, name, template);
  const volume = "volumeClaimTemplates" in (object.spec as Fields);
  return {
    object,
    features: [
      kind,
      edge ? "edge scheduler" : "default scheduler",
      ...features,
      ...(volume ? ["node-local volume"] : []),
    ],
  };
}

/** Adds usage to the NodeProfiles of most nodes. The type of the time has exactly six decimals. */
function addUsage(random: RandomChoice, profile: KubeObject, now: string): KubeObject {
  if (random.chance(0.2)) return profile;
  const percent = (): number => random.integer(0, 90);
  const sample = {
    time: now.replace(/(\.\d+)?Z$/, ".000000Z"),
    windowSeconds: 30,
    cpuPercent: percent(),
    memoryPercent: percent(),
    ioPercent: percent(),
    networkPercent: percent(),
  };
  return { ...profile, status: { samples: [sample], pods: [] } };
}

/**
 * Generates the scenario of a seed. Equal seeds and times give equal scenarios.
 *
 * @param now time of the usage samples, RFC 3339: samples older than half an hour do not count
 */
export function generateScenario(seed: number, now: string): Scenario {
  const random = new RandomChoice(seed);
  const fleet = parseFleet(generateFleet(random));
  const [rendering] = renderStates(fleet).clusters;
  const regions = fleet.regions.map(({ name }) => name);
  const measured = random.chance(0.5);
  const profiles = rendering!.objects
    .filter(({ kind }) => kind === "NodeProfile")
    .map((profile) => (measured ? addUsage(random, profile, now) : profile));
  const links = rendering!.objects.filter(
    ({ kind, data }) => kind === "ConfigMap" && "links.json" in ((data ?? {}) as Fields),
  );
  const names = Array.from({ length: random.integer(10, 18) }, (_, index) => `w${index}`);
  const defaults = { defaultRequest: { cpu: "50m", memory: "64Mi" }, type: "Container" };
  return {
    name: `generated ${seed}`,
    cluster: fleet.clusters[0]!,
    rendering: rendering!,
    foundation: [
      ...[...new Set([NAMESPACE, ...links.map(({ metadata }) => metadata.namespace!)])].map((name) => ({
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name },
      })),
      ...links,
      ...Object.entries(PRIORITIES).map(([name, value]) => ({
        apiVersion: "scheduling.k8s.io/v1",
        kind: "PriorityClass",
        metadata: { name },
        value,
      })),
      ...(random.chance(0.3)
        ? [
            {
              apiVersion: "v1",
              kind: "LimitRange",
              metadata: { namespace: NAMESPACE, name: "defaults" },
              spec: { limits: [defaults] },
            },
          ]
        : []),
      ...profiles,
    ],
    workloads: names.map((name, index) => generateWorkload(random, name, regions, names.slice(0, index))),
  };
}
