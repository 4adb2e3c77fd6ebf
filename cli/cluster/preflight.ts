import type { Progress } from "../progress";
import { readLiveVersions } from "./live-versions";
import { readStackFleet } from "./stack-fleet";
import { isRefused, planUpgrades, renderUpgradePlan } from "./upgrade-plan";

/**
 * Checks the upgrades of a fleet against what its clusters run, before anything changes. A cluster that does not answer is not
 * checked here.
 *
 * @throws Error with every refused upgrade
 */
export async function checkUpgrades(stack: string, progress: Progress): Promise<void> {
  const fleet = await readStackFleet(stack).catch(() => undefined);
  // Projects without a fleet file, and invalid fleets, are reported by the program.
  if (!fleet?.upgrades) return;
  const step = progress.start("upgrades", "checking versions");
  const names = fleet.clusters.map(({ name }) => name);
  const live = await Promise.all(names.map(async (name) => [name, await readLiveVersions(name)] as const));
  const planned = planUpgrades(fleet, new Map(live));
  const refused = planned.filter(isRefused);
  if (refused.length > 0) {
    step.failed("refused");
    throw new Error(`upgrades refused: nothing was changed\n${renderUpgradePlan(refused)}`);
  }
  const due = planned.filter(({ running, version }) => running.some((each) => each !== version));
  step.done(
    due.length === 0 ? "nothing to do" : due.map(({ cluster, version }) => `${cluster} → ${version}`).join(", "),
  );
}
