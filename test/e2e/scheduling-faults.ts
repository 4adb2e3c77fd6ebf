import { readFileSync } from "node:fs";

import { type KubeConfig, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { Agent, request } from "undici";

import { SYSTEM_NAMESPACE } from "../../charts/system/namespaces";
import type { LabProcess, LabStatus } from "../../components/nodes/lab/client";
import { annotations, EDGE_SCHEDULER, labels } from "../../fleet/labels";
import type { ClusterSpec, Fleet } from "../../fleet/model";
import { nodeNames } from "../../fleet/nodes";
import { eventually } from "./eventually";
import { forgetMeasuredLinks } from "./measured-links";
import { ScheduledPods } from "./scheduled-pods";

const LINKS = "region-links";
const MERGE_PATCH = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

/** Number of pods that are created after their node was deleted. */
const LATE = 5;

/** Time limit for a pod, in seconds, when a lease of 15 s must expire or an API server must start first. */
const RECOVERED_WITHIN = 60;

/** Tests the scheduler of one cluster with missing or wrong data, and when it or the API server is killed. */
export function describeSchedulingFaults(
  connect: () => KubeConfig,
  cluster: ClusterSpec,
  lab: () => Promise<LabStatus>,
): void {
  const pods = new ScheduledPods(connect);
  const open = cluster.nodePools.filter(({ taints }) => taints.length === 0).flatMap(nodeNames);
  const on = (node: string) => ({ nodeSelector: { "kubernetes.io/hostname": node } });

  /** Schedules a pod on a node and returns the message of the event. */
  const messageFor = (name: string, node: string): Promise<string> =>
    pods.with(name, on(node), async () => (await pods.placed(name)).why);

  const schedulersOf = ({ processes }: LabStatus): LabProcess[] =>
    processes.filter((each) => each.cluster === cluster.name && each.image.includes(EDGE_SCHEDULER));

  /** Whether every scheduler has logged a text. */
  const logs = async (text: string): Promise<boolean> =>
    schedulersOf(await lab()).every(({ logFile }) => readFileSync(logFile, "utf8").includes(text));

  /** Reads the metrics of a scheduler as an administrator. */
  async function metricsOf({ namespace, pod }: LabProcess): Promise<string> {
    const { status } = await pods.core().readNamespacedPod({ namespace, name: pod });
    const { certData = "", keyData = "" } = connect().getCurrentUser()!;
    const decoded = (data: string): string => Buffer.from(data, "base64").toString();
    // The scheduler creates a self-signed certificate at each start.
    const dispatcher = new Agent({
      connect: { cert: decoded(certData), key: decoded(keyData), rejectUnauthorized: false },
    });
    const { statusCode, body } = await request(`https://${status!.podIP}:10259/metrics`, { dispatcher });
    const text = await body.text();
    await dispatcher.close();
    if (statusCode !== 200) throw new Error(`metrics of ${pod}: ${statusCode} ${text}`);
    return text;
  }

  /** Creates numbered pods as fast as the API accepts them. */
  async function start(run: string, count: number, says: object = {}, first = 0): Promise<void> {
    for (let i = 0; i < count; i += 20) {
      const names = Array.from({ length: Math.min(20, count - i) }, (_, n) => `${run}-${first + i + n}`);
      await Promise.all(names.map((name) => pods.create(name, { labels: { run }, ...says })));
    }
  }

  const allBound = (run: string, count: number, withinSeconds = RECOVERED_WITHIN) =>
    eventually(`${count} pods of ${run} are bound`, withinSeconds, async () => {
      const bound = [...(await pods.burst(run)).values()].filter((node) => node !== undefined);
      return bound.length === count;
    });

  async function burst(run: string, count: number, meanwhile: () => Promise<void>): Promise<void> {
    try {
      const started = start(run, count);
      await meanwhile();
      await started;
      await allBound(run, count);
      const times = await pods.boundTimes(run);
      expect([...times.values()].filter((n) => n !== 1)).toEqual([]);
    } finally {
      await pods.removeBurst(run);
    }
  }

  test("scores pods by requests without usage data", async () => {
    // Machines publish every half minute, so a sample may arrive at any time.
    await eventually("a pod is placed by requests", 60, async () => {
      await pods.forgetProfiles();
      return (await messageFor("no-data", open[0]!)).includes("by requests: no usage data");
    });
    await burst("no-data-burst", 40, () => pods.forgetProfiles());
  });

  test("distinguishes old samples and samples from the future from fresh ones", async () => {
    const [old, ahead] = [open[0]!, open[1]!];
    await eventually("profiles are there again", 60, async () => {
      const published = (await pods.profiles()).filter(({ status }) => status).map(({ metadata }) => metadata.name);
      return [old, ahead].every((name) => published.includes(name));
    });
    const usage = { cpuPercent: 50, memoryPercent: 50 };
    await eventually("a pod is scheduled with old data", 60, async () => {
      await pods.sample(old, 2400, usage);
      return /data stale, 40m\d+s old/.test(await messageFor("old-data", old));
    });
    await eventually("a pod is scheduled without data", 60, async () => {
      await pods.sample(ahead, -3600, usage);
      return (await messageFor("data-ahead", ahead)).includes("by requests: no usage data");
    });
    // When the clock steps back, the next sample counts at once, although an earlier one was newer.
    await pods.sample(ahead, 0, usage);
    expect(await messageFor("clock-right", ahead)).toContain("data fresh");
    await burst("half-stale", 40, async () => {
      for (const node of open.slice(0, open.length / 2)) await pods.sample(node, 2400, usage);
    });
  });

  test("a node that is deleted while pods are bound to it does not block other pods", async () => {
    const name = "vanishing";
    const label = { "example.com/vanishing": "true" };
    const room = { cpu: "64", memory: "64Gi", pods: "200" };
    const add = async (): Promise<void> => {
      await pods.core().createNode({
        body: {
          metadata: { name, labels: { ...label, "kubernetes.io/hostname": name } },
          status: {
            capacity: room,
            allocatable: room,
            conditions: [{ type: "Ready", status: "True", reason: "KubeletReady", message: "" }],
          },
        },
      });
    };
    await add();
    try {
      const started = start("vanish", 60, { nodeSelector: label });
      await eventually("the first are bound", 20, async () => [...(await pods.burst("vanish")).values()].some(Boolean));
      await pods.core().deleteNode({ name });
      await started;
      await start("vanish", LATE, { nodeSelector: label }, 60);
      const before = await pods.burst("vanish");
      // Bound pods are deleted with the node. Unbound pods wait for the next such node.
      const waiting = [...before].filter(([, node]) => node === undefined).map(([pod]) => pod);
      expect(waiting.length).toBeGreaterThanOrEqual(LATE);
      await add();
      await eventually("those that waited are bound", RECOVERED_WITHIN, async () => {
        const now = await pods.burst("vanish");
        return waiting.every((pod) => now.get(pod) !== undefined || !now.has(pod));
      });
      expect((await pods.with("elsewhere", {}, () => pods.placed("elsewhere"))).node).not.toBe("");
    } finally {
      await pods.removeBurst("vanish");
      await pods.core().deleteNode({ name });
    }
  });

  let restoreMeasured = async (): Promise<void> => {};
  afterAll(() => restoreMeasured());

  test("corrupt or deleted links change nothing, and a shorter link lets waiting pods in", async () => {
    const far = cluster.nodePools.find((pool) => pool.region !== cluster.homeRegion && pool.taints.length === 0)!;
    const near = { [annotations.nearRegion]: cluster.homeRegion };
    const distance = async (name: string): Promise<string | undefined> => {
      const says = { annotations: near, ...on(nodeNames(far)[0]!) };
      const { why } = await pods.with(name, says, () => pods.placed(name));
      return /[\d.]+ ms (measured|estimated)/.exec(why)?.[0];
    };
    const address = { name: LINKS, namespace: SYSTEM_NAMESPACE };
    const good = await pods.core().readNamespacedConfigMap(address);
    restoreMeasured = await forgetMeasuredLinks(connect());
    const { links } = JSON.parse(good.data!["links.json"]!) as Pick<Fleet, "links">;
    const stated = links.find(({ from, to }) => from === far.region && to === cluster.homeRegion)!;
    const before = `${stated.rttMs} ms measured`;
    await eventually("the links of the fleet count", 60, async () => (await distance("links-good")) === before);
    const publish = (text: string) =>
      pods.core().patchNamespacedConfigMap({ ...address, body: { data: { "links.json": text } } }, MERGE_PATCH);
    try {
      await publish('{"version":1,');
      await eventually("the scheduler refuses them", 60, () =>
        logs("Invalid links file; keeping the last valid links"),
      );
      expect(await distance("links-corrupt")).toBe(before);
      const says = { annotations: { ...near, [annotations.maxRttMs]: "1" }, ...on(nodeNames(far)[0]!) };
      await pods.with("links-waits", says, async () => {
        await eventually("the pod is refused", 20, async () =>
          (await pods.events("links-waits")).some(({ reason }) => reason === "FailedScheduling"),
        );
        await publish(good.data!["links.json"]!.replaceAll(/"rttMs":[\d.]+/g, '"rttMs":0.5'));
        expect((await pods.placed("links-waits", 60)).why).toContain("0.5 ms");
      });
      await publish(good.data!["links.json"]!);
      await eventually("links are as they were", 60, async () => (await distance("links-right")) === before);
      await pods.core().deleteNamespacedConfigMap(address);
      expect(await distance("links-gone")).toBe(before);
    } finally {
      await pods
        .core()
        .deleteNamespacedConfigMap(address)
        .catch(() => undefined);
      const { name, namespace, labels: own = {}, annotations: notes = {} } = good.metadata!;
      await pods.core().createNamespacedConfigMap({
        namespace: SYSTEM_NAMESPACE,
        body: {
          metadata: { name: name!, namespace: namespace!, labels: own, annotations: notes },
          data: good.data ?? {},
        },
      });
    }
    expect(await distance("links-back")).toBe(before);
  });

  test("killing the leader during a burst loses no pod and binds none twice", async () => {
    const leaders = async (): Promise<string[]> => {
      // A scheduler that is down is not the leader.
      const asked = schedulersOf(await lab()).map(async (each) => ({
        pod: each.pod,
        leads: /^leader_election_master_status\{.*\} 1$/m.test(await metricsOf(each).catch(() => "")),
      }));
      return (await Promise.all(asked)).filter(({ leads }) => leads).map(({ pod }) => pod);
    };
    const { value: first } = await eventually(
      "a leader is elected",
      RECOVERED_WITHIN,
      async () => (await leaders())[0],
    );
    const { pid } = schedulersOf(await lab()).find(({ pod }) => pod === first)!;
    await burst("leader", 200, async () => {
      await eventually("the first pods are bound", 20, async () =>
        [...(await pods.burst("leader")).values()].some((node) => node !== undefined),
      );
      process.kill(pid, "SIGKILL");
    });
    // Either replica may have become the leader.
    await burst("next-leader", 20, () => Promise.resolve());
  });

  test("a killed API server restarts, and every pod of a burst is scheduled once", async () => {
    const run = "restart";
    try {
      await start(run, 100);
      const { pid } = (await lab()).servers.find((each) => each.cluster === cluster.name)!;
      process.kill(pid, "SIGKILL");
      await eventually("the API answers again", RECOVERED_WITHIN, async () => {
        const now = (await lab()).servers.find((each) => each.cluster === cluster.name)!;
        return (
          now.pid !== pid &&
          now.state === "ready" &&
          pods.burst(run).then(
            () => true,
            () => false,
          )
        );
      });
      const kept = (await pods.burst(run)).size;
      expect(kept).toBe(100);
      await allBound(run, kept, 120);
      const times = await pods.boundTimes(run);
      expect([...times.values()].filter((n) => n > 1)).toEqual([]);
    } finally {
      await pods.removeBurst(run);
    }
  });

  test("metrics report decisions and the age of data", async () => {
    // Upstream measures plugins in one of ten cycles, so some of these pods are measured.
    await burst("measured", 80, () => Promise.resolve());
    const required = { labels: { [labels.requiredRegion]: cluster.homeRegion } };
    await pods.with("counted", required, () => pods.placed("counted"));
    const texts = await Promise.all(schedulersOf(await lab()).map(metricsOf));
    const lines = texts.join("\n");
    expect(lines).toMatch(/^skerry_scheduler_placements_total\{plugin="EdgeProximity",reason="required"\} [1-9]/m);
    expect(lines).toMatch(/^skerry_scheduler_placements_total\{plugin="LoadAware",reason="fresh"\} [1-9]/m);
    expect(lines).toMatch(/^skerry_scheduler_usage_sample_age_seconds_count\{plugin="LoadAware"\} [1-9]/m);
    expect(lines).toMatch(/^scheduler_plugin_execution_duration_seconds_count\{.*plugin="LoadAware".*\} [1-9]/m);
    // The log has a line of JSON for each decision.
    const entries = schedulersOf(await lab())
      .flatMap(({ logFile }) => readFileSync(logFile, "utf8").split("\n"))
      .filter((line) => line.includes('"counted"'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(entries).toContainEqual(
      expect.objectContaining({
        msg: "Scheduled",
        pod: { name: "counted", namespace: "default" },
        why: expect.stringContaining("as required") as string,
      }),
    );
  });
}
