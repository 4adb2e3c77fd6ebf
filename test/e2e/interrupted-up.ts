/**
 * Kills the first `skerry up` at random moments and checks that the next `up` completes the fleet. Kills Pulumi, the
 * command itself, a provider and the lab in turn.
 *
 *   npx tsx test/e2e/interrupted-up.ts [rounds] [seed]
 *
 * Exit code: 0 if every round converges, else 1. Prints the seed; the same seed selects the same moments.
 */
import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

import { parseFleet } from "../../fleet/reading/parse";
import { local } from "../../stacks/local";
import { randomNumbers } from "../../bench/random-numbers";
import { Checkout } from "./checkout";
import { processesOf } from "./processes";
import { findDifferences } from "./whole-fleet";

/** Processes to kill, in turn. */
const TARGETS = ["engine", "command", "provider", "lab"] as const;
type Target = (typeof TARGETS)[number];

/** Time limit for `up` after one of its processes was killed, in ms. Then it is interrupted, as a user would. */
const PATIENCE_MS = 90_000;

/** Finds the processes of a target. Empty if it is not running. */
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

/** Result of one round. */
export interface Round {
  readonly target: Target;
  /** When the process was killed, in seconds after the start of `up`. */
  readonly moment: number;
  readonly differences: readonly string[];
}

/**
 * Runs rounds of an interrupted `up`. Each starts without a fleet.
 *
 * @param seconds range of the random moments, about the duration of an undisturbed `up`
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
    // A target that is not running yet is killed when it starts.
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
