/**
 * Kills `skerry up` from nothing at random moments and expects the next `up` to make the fleet whole: the engine, the
 * command itself, a provider and the lab in turn.
 *
 *   npx tsx test/e2e/interrupted-up.ts [rounds] [seed]
 *
 * Exit code: 0 when every round converges, 1 otherwise. The seed is printed; the same seed gives the same moments.
 */
import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

import { parseFleet } from "../../fleet/reading/parse";
import { local } from "../../stacks/local";
import { Checkout } from "./checkout";
import { processesOf } from "./processes";
import { findDifferences } from "./whole-fleet";

/** What is killed, in turn. */
const TARGETS = ["engine", "command", "provider", "lab"] as const;
type Target = (typeof TARGETS)[number];

/** How long an `up` may go on after a part of it was killed, in ms. A person would interrupt it then. */
const PATIENCE_MS = 90_000;

/** A seeded source of numbers from 0 up to 1 (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The processes of a target; none when it does not run (yet). */
function find(target: Target, checkout: Checkout, up: ChildProcess): number[] {
  const of = (matches: (each: ReturnType<typeof processesOf>[number]) => boolean): number[] =>
    processesOf(checkout.folder)
      .filter(matches)
      .map(({ pid }) => pid);
  switch (target) {
    case "engine":
      return of(({ program }) => program === "pulumi");
    case "command":
      return up.exitCode === null && up.pid !== undefined ? [up.pid] : [];
    case "provider":
      return of(
        ({ program, arguments: given }) =>
          program === "pulumi-resource-kubernetes" || given.some((each) => each.includes("dynamic-provider")),
      );
    case "lab":
      return of(({ program, arguments: given }) => program === "lab" && given[0] === "serve");
  }
}

/** One round: what was killed when, and what was wrong in the end. */
export interface Round {
  readonly target: Target;
  /** Seconds after the start of `up`. */
  readonly moment: number;
  readonly differences: readonly string[];
}

/**
 * Rounds of an interrupted `up`, one after the other; each starts from nothing.
 *
 * @param seconds within which the moments lie: about how long an undisturbed `up` takes
 */
export async function* interruptUps(
  checkout: Checkout,
  { rounds, seed, seconds }: { readonly rounds: number; readonly seed: number; readonly seconds: number },
): AsyncGenerator<Round> {
  const random = randomNumbers(seed);
  const fleet = parseFleet(local);
  for (let round = 0; round < rounds; round += 1) {
    const target = TARGETS[(seed + round) % TARGETS.length]!;
    const planned = random() * seconds;
    const choice = random();
    const down = await checkout.run("bin/skerry", "down", "--force");
    if (down.code !== 0) throw new Error(`down ended with ${down.code}: ${down.stderr}`);

    const started = Date.now();
    const up = checkout.start("bin/skerry", "up");
    const ended = new Promise((resolve) => up.on("exit", resolve));
    await sleep(planned * 1000);
    // A target that does not run yet is killed when it starts.
    let victims = find(target, checkout, up);
    while (victims.length === 0 && up.exitCode === null) {
      await sleep(50);
      victims = find(target, checkout, up);
    }
    const moment = (Date.now() - started) / 1000;
    const victim = victims[Math.floor(choice * victims.length)];
    if (victim !== undefined) process.kill(victim, "SIGKILL");
    await Promise.race([ended, sleep(PATIENCE_MS, undefined, { ref: false })]);
    up.kill("SIGKILL");
    await ended;

    const again = await checkout.run("bin/skerry", "up");
    const failed = again.code === 0 ? [] : [`up ended with ${again.code}: ${again.stdout}\n${again.stderr}`];
    yield { target, moment, differences: failed.length > 0 ? failed : await findDifferences(checkout, fleet) };
  }
}

async function main(): Promise<void> {
  const rounds = Number(process.argv[2] ?? 20);
  const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
  console.log(`seed ${seed}`);
  const checkout = new Checkout();
  let failures = 0;
  try {
    const started = Date.now();
    const first = await checkout.run("bin/skerry", "up");
    if (first.code !== 0) throw new Error(`up ended with ${first.code}: ${first.stdout}\n${first.stderr}`);
    const seconds = (Date.now() - started) / 1000;
    console.log(`undisturbed: ${seconds.toFixed(0)} s`);
    let round = 0;
    for await (const { target, moment, differences } of interruptUps(checkout, { rounds, seed, seconds })) {
      round += 1;
      failures += differences.length > 0 ? 1 : 0;
      console.log(
        `${round}/${rounds}  ${target} killed after ${moment.toFixed(1)} s: ${differences.length > 0 ? "NOT whole" : "whole"}`,
      );
      for (const difference of differences) console.log(`    ${difference}`);
    }
  } finally {
    await checkout.run("bin/skerry", "down", "--force");
    checkout.remove();
  }
  console.log(failures === 0 ? `all ${rounds} rounds converged` : `${failures} of ${rounds} rounds did not converge`);
  process.exitCode = failures === 0 ? 0 : 1;
}

if (require.main === module) void main();
