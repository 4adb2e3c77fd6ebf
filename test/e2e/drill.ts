import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { CoreV1Api, type KubeConfig, type V1Pod } from "@kubernetes/client-node";

import { type RenderedProject, RENDERING_FILE } from "../../cli/preview/render-project";
import type { KubeObject } from "../../fleet/kubernetes/object";
import { labels, values } from "../../fleet/labels";
import type { PreviewReport } from "../../preview/report";
import type { Checkout } from "./checkout";
import { eventually } from "./eventually";
import { createAll, deleteAll, silence } from "./silence";

/** The region to stop: few nodes, no control plane. */
const REGION = "osaka";
const CLUSTER = "tokyo";
/** The fleet's rules do not apply here. */
const NAMESPACE = "kube-system";
/** How long the pods below tolerate an unreachable node, in s. */
const TOLERATED = 5;
/** Longest time from the loss of four nodes to the last replacement, in s: detection, evictions ten seconds apart, and leases. */
const EVICTED_WITHIN = 150;

/** A workload whose pods may run on every edge node. */
function workload(kind: string, name: string, spec: Fields, pod: Fields = {}): KubeObject {
  const lost = ["not-ready", "unreachable"].map((key) => ({
    ...{ key: `node.kubernetes.io/${key}`, operator: "Exists", effect: "NoExecute", tolerationSeconds: TOLERATED },
  }));
  const devices = ["dedicated", "device-type"].map((key) => ({ key, operator: "Exists" }));
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name, namespace: NAMESPACE },
    spec: {
      ...spec,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          nodeSelector: { [labels.nodeType]: values.edgeWorker },
          ...pod,
          tolerations: [...lost, ...devices],
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name: "main",
              image: "registry.k8s.io/pause:3.10",
              resources: { requests: { cpu: "20m", memory: "16Mi" } },
            },
          ],
        },
      },
    },
  };
}

type Fields = Readonly<Record<string, unknown>>;

const PINNED = { nodeSelector: { [labels.edgeRegion]: REGION } };

/** A workload for each fate: some pods go elsewhere, one fits nowhere, one waits for its volume. */
const WORKLOADS: readonly KubeObject[] = [
  workload(
    "Deployment",
    "drill-roaming",
    { replicas: 6 },
    {
      topologySpreadConstraints: [
        {
          ...{ maxSkew: 1, topologyKey: labels.topologyRegion, whenUnsatisfiable: "ScheduleAnyway" },
          labelSelector: { matchLabels: { app: "drill-roaming" } },
        },
      ],
    },
  ),
  workload("Deployment", "drill-pinned", { replicas: 1 }, PINNED),
  workload(
    "StatefulSet",
    "drill-data",
    {
      ...{ replicas: 1, serviceName: "drill-data" },
      volumeClaimTemplates: [
        {
          metadata: { name: "data" },
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "16Mi" } } },
        },
      ],
    },
    PINNED,
  ),
];

const BUDGET: KubeObject = {
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name: "drill-pinned", namespace: NAMESPACE },
  spec: { minAvailable: 1, selector: { matchLabels: { app: "drill-pinned" } } },
};

const OBJECTS: readonly KubeObject[] = [...WORKLOADS, BUDGET];

/** What becomes of one workload. */
interface Fate {
  /** Pods that run. */
  readonly left: number;
  /** Replacements that run, by region. */
  readonly replaced: Readonly<Record<string, number>>;
}

/**
 * Stops a region of the running fleet and compares what becomes of pods with what a drill of the live fleet says. Only pods
 * with a short toleration are compared: others leave after five minutes.
 */
export async function compareDrill(checkout: Checkout, config: KubeConfig): Promise<void> {
  const core = config.makeApiClient(CoreV1Api);
  const regions = new Map(
    (await core.listNode()).items.map(({ metadata }) => [
      metadata!.name!,
      metadata!.labels?.[labels.topologyRegion] ?? "",
    ]),
  );
  const lost = [...regions].filter(([, region]) => region === REGION).map(([name]) => name);
  const regionOf = ({ spec }: V1Pod): string => regions.get(spec?.nodeName ?? "") ?? "";
  const list = async (): Promise<V1Pod[]> =>
    (
      await core.listNamespacedPod({
        namespace: NAMESPACE,
        labelSelector: "app in (drill-roaming,drill-pinned,drill-data)",
      })
    ).items;

  let restore: (() => Promise<void>) | undefined;
  try {
    await createAll(config, OBJECTS);
    await eventually("the pods run", 60, async () => {
      const pods = await list();
      return pods.length === 8 && pods.every(({ status }) => status?.phase === "Running");
    });
    const before = await list();
    const report = await drill(checkout);
    const [result] = report.drills;

    restore = await silence(config, lost);
    const known = new Set(before.map(({ metadata }) => metadata!.uid));
    const observe = async (): Promise<Record<string, Fate>> => {
      const pods = (await list()).filter(({ metadata }) => metadata!.deletionTimestamp === undefined);
      const fates: Record<string, Fate> = {};
      for (const { metadata } of WORKLOADS) {
        const own = pods.filter((pod) => pod.metadata!.labels!.app === metadata.name);
        const running = own.filter((pod) => pod.spec?.nodeName !== undefined && !lost.includes(pod.spec.nodeName));
        const replaced: Record<string, number> = {};
        for (const pod of running.filter(({ metadata: { uid } = {} }) => !known.has(uid)))
          replaced[regionOf(pod)] = (replaced[regionOf(pod)] ?? 0) + 1;
        fates[metadata.name!] = { left: running.length, replaced };
      }
      return fates;
    };
    const expected: Record<string, Fate> = Object.fromEntries(
      result!.workloads
        .filter(({ workload: { cluster, name } }) => cluster === CLUSTER && name.startsWith("drill-"))
        .map(({ workload: { name }, left, replaced }) => [name, { left: left.after, replaced }]),
    );
    expect(Object.keys(expected).sort()).toEqual(["drill-data", "drill-pinned", "drill-roaming"]);
    // The drill displaces something of each workload, or the comparison would hold without a loss.
    expect(Object.keys(expected["drill-roaming"]!.replaced)).not.toEqual([]);

    const isEvicted = async (): Promise<boolean> => {
      const now = await list();
      return before
        .filter((pod) => lost.includes(pod.spec!.nodeName!))
        .every(
          ({ metadata }) =>
            now.find((pod) => pod.metadata!.uid === metadata!.uid)?.metadata?.deletionTimestamp !== undefined,
        );
    };
    const { seconds } = await eventually("the pods of the region are evicted", EVICTED_WITHIN, isEvicted);
    await eventually(
      "every replacement has a node",
      20,
      async () => JSON.stringify(sorted(await observe())) === JSON.stringify(sorted(expected)),
    ).catch(() => undefined);
    expect(sorted(await observe())).toEqual(sorted(expected));

    // The pods elsewhere kept their nodes.
    const after = new Map((await list()).map((pod) => [pod.metadata!.uid, pod]));
    for (const pod of before.filter(({ spec }) => !lost.includes(spec!.nodeName!)))
      expect(after.get(pod.metadata!.uid)?.spec?.nodeName).toBe(pod.spec!.nodeName);
    // The StatefulSet waits: its pod is deleted, and its node does not confirm it. Its data is there.
    const claim = before.find(({ metadata }) => metadata!.name === "drill-data-0")!;
    expect(result!.volumes).toContainEqual({
      ...{ cluster: CLUSTER, namespace: NAMESPACE, claim: "data-drill-data-0", node: claim.spec!.nodeName },
    });
    expect(after.get(claim.metadata!.uid)?.metadata?.deletionTimestamp).toBeDefined();
    expect(result!.violations).toContainEqual(
      expect.objectContaining({
        object: `PodDisruptionBudget ${NAMESPACE}/drill-pinned`,
        after: { requires: 1, during: 0, after: 0, broken: false },
        confined: true,
      }),
    );
    // Lease renewals and the monitor's period decide when exactly a node is found silent.
    const latest = detectedAndEvicted(lost.length);
    expect(seconds).toBeGreaterThan(latest - 25);
    expect(seconds).toBeLessThan(latest + 45);
  } finally {
    await restore?.();
    await deleteAll(config, [...OBJECTS].reverse());
    await core
      .deleteNamespacedPersistentVolumeClaim({ namespace: NAMESPACE, name: "data-drill-data-0" })
      .catch(() => undefined);
  }
  await eventually("the nodes are ready again", 60, async () =>
    (await core.listNode()).items.every(({ status }) =>
      status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True"),
    ),
  );
}

/** Seconds until the last of some nodes in one zone is evicted: detection, ten seconds per further node, the toleration. */
const detectedAndEvicted = (nodes: number): number => 50 + 10 * (nodes - 1) + TOLERATED;

const sorted = (fates: Record<string, Fate>): [string, number, [string, number][]][] =>
  Object.entries(fates)
    .map(([name, { left, replaced }]): [string, number, [string, number][]] => [
      name,
      left,
      Object.entries(replaced).sort(),
    ])
    .sort(([a], [b]) => (a < b ? -1 : 1));

/** Drills the region in the live fleet, with the workloads above among its objects. */
async function drill(checkout: Checkout): Promise<PreviewReport> {
  const folder = join(checkout.folder, "drilled");
  mkdirSync(folder);
  const rendered = await checkout.run("bin/skerry", "render", "--output", folder);
  if (rendered.code !== 0) throw new Error(`render ended with ${rendered.code}: ${rendered.stderr}`);
  const file = join(folder, RENDERING_FILE);
  const project = JSON.parse(readFileSync(file, "utf8")) as RenderedProject;
  const clusters = project.rendering.clusters.map((cluster) =>
    cluster.name === CLUSTER ? { ...cluster, objects: [...cluster.objects, ...OBJECTS] } : cluster,
  );
  writeFileSync(file, JSON.stringify({ ...project, rendering: { ...project.rendering, clusters } }));
  const output = join(checkout.folder, "drill.json");
  const args = ["--base-dir", folder, "--head-dir", folder, "--live", "--drill", `region=${REGION}`];
  const preview = await checkout.run("bin/skerry", "preview", ...args, "--format", "json", "--output", output);
  if (preview.code === 1) throw new Error(`preview failed: ${preview.stderr}`);
  return JSON.parse(readFileSync(output, "utf8")) as PreviewReport;
}
