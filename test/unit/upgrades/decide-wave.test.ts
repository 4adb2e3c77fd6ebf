import fc from "fast-check";

import {
  decideWave,
  FAILED,
  type ObservedNode,
  type ObservedWave,
  type WaveDecision,
  type WaveGoal,
} from "../../../fleet/upgrades/decide-wave";
import { type Fate, SimulatedUpgradeController } from "../support/simulated-upgrade-controller";

const OLD = "v1.35.4+k3s1";
const NEW = "v1.36.3+k3s1";
const goal: WaveGoal = {
  plan: "k3s-wave-1",
  version: NEW,
  concurrency: 2,
  servers: false,
  readyTimeoutSeconds: 300,
  stallTimeoutSeconds: 3600,
};
const node = (name: string, changes: Partial<ObservedNode> = {}): ObservedNode => ({
  name,
  version: OLD,
  ready: true,
  cordoned: false,
  ...changes,
});
const wave = (changes: Partial<ObservedWave>): ObservedWave => ({ nodes: [], jobs: [], progressAt: 0, ...changes });
const running = { concurrency: 2, version: NEW, applying: [] };

describe("a wave", () => {
  test("selects the nodes that run another version", () => {
    expect(decideWave(goal, wave({ nodes: [node("a"), node("b", { version: NEW })] }), 0)).toEqual({
      kind: "apply",
      concurrency: 2,
      select: ["a"],
      reason: "1 node to upgrade",
    });
  });

  test("drains no node of a cluster that runs the version", () => {
    expect(decideWave(goal, wave({ nodes: [node("a", { version: NEW })] }), 0)).toEqual({
      kind: "finish",
      deselect: [],
      skipped: [],
    });
  });

  test("skips and names nodes that are not Ready or that a person has cordoned", () => {
    const nodes = [node("off", { ready: false }), node("kept", { cordoned: true })];
    expect(decideWave(goal, wave({ nodes }), 0)).toEqual({
      kind: "finish",
      deselect: [],
      skipped: [
        { name: "off", reason: "not Ready" },
        { name: "kept", reason: "cordoned" },
      ],
    });
  });

  test("skips and names nodes that run a newer version", () => {
    expect(decideWave(goal, wave({ nodes: [node("a", { version: "v1.36.4+k3s1" })] }), 0)).toEqual({
      kind: "finish",
      deselect: [],
      skipped: [{ name: "a", reason: "runs v1.36.4+k3s1: replace its machine" }],
    });
  });

  test("of servers starts only when all of them are Ready", () => {
    const nodes = [node("a"), node("b", { ready: false })];
    expect(decideWave({ ...goal, servers: true }, wave({ nodes }), 0)).toMatchObject({
      kind: "stop",
      reason: "b: must be Ready before servers are upgraded; repair or delete it first",
    });
  });

  test("does not pass a node that is not Ready since its upgrade failed, until it is repaired", () => {
    const broken = node("a", { ready: false, mark: FAILED });
    expect(decideWave(goal, wave({ nodes: [broken, node("b")] }), 0)).toMatchObject({ kind: "stop" });
    const repaired = { ...broken, ready: true };
    expect(decideWave(goal, wave({ nodes: [repaired, node("b")] }), 0)).toMatchObject({ select: ["a", "b"] });
  });

  test("starts no further node while the upgrade of one has left it not Ready for too long", () => {
    const job = { name: "job-a", node: "a", state: "running" } as const;
    const observe = (ready: boolean): ObservedWave =>
      wave({
        nodes: [
          node("a", { mark: goal.plan, ready, ...(!ready && { notReadySince: 0 }) }),
          node("b", { mark: goal.plan }),
        ],
        jobs: [job],
        plan: running,
      });
    expect(decideWave(goal, observe(false), 300_000)).toMatchObject({ kind: "wait" });
    expect(decideWave(goal, observe(false), 300_001)).toMatchObject({
      kind: "apply",
      concurrency: 0,
      reason: "a is not Ready for 300 s during its upgrade",
    });
    const held = { ...observe(true), plan: { ...running, concurrency: 0 } };
    expect(decideWave(goal, held, 300_002)).toMatchObject({ kind: "apply", concurrency: 2 });
  });

  test("starts no further node after a failure, lets nodes in progress finish, and then uncordons", () => {
    const failed = { name: "job-a", node: "a", state: "failed", message: "DeadlineExceeded" } as const;
    const inProgress = { name: "job-b", node: "b", state: "running" } as const;
    const nodes = [node("a", { cordoned: true }), node("b", { cordoned: true }), node("c")].map((each) => ({
      ...each,
      mark: goal.plan,
    }));
    const reason = "the upgrade of a failed: DeadlineExceeded";
    const first = decideWave(goal, wave({ nodes, jobs: [failed, inProgress], plan: running }), 0);
    expect(first).toEqual({ kind: "apply", concurrency: 0, select: [], reason });
    const held = { ...running, concurrency: 0 };
    const second = decideWave(goal, wave({ nodes, jobs: [failed, inProgress], plan: held }), 0);
    expect(second).toEqual({ kind: "wait", reason: `${reason}; 1 node in progress must finish` });
    const done = { ...inProgress, state: "succeeded" as const, finishedAt: 0 };
    expect(decideWave(goal, wave({ nodes, jobs: [failed, done], plan: held }), 0)).toEqual({
      kind: "stop",
      reason,
      failed: ["a"],
      uncordon: ["a", "b"],
      deselect: ["b", "c"],
      deleteJobs: ["job-a", "job-b"],
    });
  });

  test.each([
    [{ ready: false, version: NEW }, "a is not Ready 300 s after its upgrade"],
    [{ ready: true, version: OLD }, `a runs ${OLD} instead of ${NEW} 300 s after its upgrade`],
  ])("stops when an upgraded node is %j", (state, reason) => {
    const nodes = [node("a", { ...state, mark: goal.plan })];
    const jobs = [{ name: "job-a", node: "a", state: "succeeded", finishedAt: 0 } as const];
    expect(decideWave(goal, wave({ nodes, jobs, plan: running }), 300_000)).toMatchObject({ kind: "wait" });
    expect(decideWave(goal, wave({ nodes, jobs, plan: running }), 300_001)).toMatchObject({ kind: "apply", reason });
  });

  test("stops when the controller does nothing", () => {
    const nodes = [node("a", { mark: goal.plan })];
    expect(decideWave(goal, wave({ nodes, plan: running }), 3_600_000).kind).toBe("wait");
    expect(decideWave(goal, wave({ nodes, plan: running }), 3_600_001)).toMatchObject({
      kind: "stop",
      reason: "0 of 1 node upgraded, and nothing has changed for 3600 s: check the system-upgrade-controller",
      deselect: ["a"],
    });
  });
});

describe("outside its maintenance window, a wave", () => {
  const window = { days: ["saturday" as const], start: "02:00", end: "05:00", timeZone: "UTC" };
  const withWindow = { ...goal, window };
  const inside = Date.parse("2026-11-28T04:59:00Z");
  const outside = Date.parse("2026-11-28T05:00:00Z");

  test("does not start", () => {
    expect(decideWave(withWindow, wave({ nodes: [node("a")], progressAt: outside }), outside)).toEqual({
      kind: "closed",
      reason: "outside the maintenance window saturday 02:00 to 05:00 UTC",
    });
  });

  test("starts no further node, and continues when the window opens", () => {
    const nodes = [node("a", { mark: goal.plan, version: NEW }), node("b", { mark: goal.plan })];
    const jobs = [{ name: "job-b", node: "b", state: "running" } as const];
    const at = (now: number, plan: ObservedWave["plan"], some = jobs) =>
      decideWave(withWindow, wave({ nodes, jobs: some, progressAt: now, ...(plan && { plan }) }), now);
    expect(at(inside, running)).toMatchObject({ kind: "wait" });
    expect(at(outside, running)).toMatchObject({ kind: "apply", concurrency: 0 });
    const held = { ...running, concurrency: 0 };
    expect(at(outside, held)).toMatchObject({ kind: "wait" });
    expect(at(outside, held, [])).toMatchObject({ kind: "closed" });
    expect(at(inside, held, [])).toMatchObject({ kind: "apply", concurrency: 2 });
  });
});

describe("against a simulated controller", () => {
  const fate = fc.constantFrom<Fate>("succeeds", "succeeds", "succeeds", "fails", "neverReady", "wrongVersion");
  const arbitraryNode = fc.record({
    version: fc.constantFrom(OLD, OLD, OLD, NEW),
    ready: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
    cordoned: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    fate,
  });
  const scenario = fc.record({
    nodes: fc.array(arbitraryNode, { minLength: 1, maxLength: 8 }),
    concurrency: fc.integer({ min: 1, max: 4 }),
    luck: fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
  });

  test("a wave ends, keeps to its concurrency, stops at failures, and leaves nothing cordoned", () => {
    fc.assert(
      fc.property(scenario, ({ nodes: given, concurrency, luck }) => {
        const aim = { ...goal, concurrency };
        const nodes = given.map(({ fate: _, ...state }, index) => node(`n${index}`, state));
        const fates = Object.fromEntries(given.map((each, index) => [`n${index}`, each.fate]));
        const controller = new SimulatedUpgradeController(aim, nodes, fates, () => luck.next().value as number);
        let decision: WaveDecision;
        let startedAtFailure: number | undefined;
        let steps = 0;
        do {
          const observed = controller.observe();
          decision = decideWave(aim, observed, controller.nowSeconds * 1000);
          controller.act(decision);
          if (decision.kind === "apply" && decision.concurrency === 0) startedAtFailure ??= controller.started.length;
          if (decision.kind === "wait" || decision.kind === "apply") controller.advance();
          steps += 1;
        } while (decision.kind !== "stop" && decision.kind !== "finish" && steps < 2000);

        const touchable = nodes.filter(({ version, ready, cordoned }) => version !== NEW && ready && !cordoned);
        expect(["stop", "finish"]).toContain(decision.kind);
        expect(controller.mostAtOnce).toBeLessThanOrEqual(concurrency);
        expect(controller.started.every((name) => touchable.some((each) => each.name === name))).toBe(true);
        for (const each of controller.nodes) {
          const before = nodes.find(({ name }) => name === each.name)!;
          expect({ name: each.name, cordoned: each.cordoned }).toEqual({ name: each.name, cordoned: before.cordoned });
          expect(each.mark).not.toBe(aim.plan);
        }
        expect(controller.jobs.filter(({ state }) => state === "running")).toEqual([]);
        const isBad = ({ name }: ObservedNode) => fates[name] !== "succeeds";
        if (decision.kind === "finish") {
          expect(touchable.filter(isBad)).toEqual([]);
          const upgraded = controller.nodes.filter(({ name }) => touchable.some((each) => each.name === name));
          expect(upgraded.every(({ version, ready }) => version === NEW && ready)).toBe(true);
        } else if (decision.kind === "stop") {
          expect(touchable.filter(isBad)).not.toEqual([]);
          expect(controller.started).toHaveLength(startedAtFailure ?? -1);
          expect(controller.nodes.filter(({ mark }) => mark === FAILED).map(({ name }) => name)).toEqual(
            decision.failed,
          );
        }
      }),
    );
  });
});
