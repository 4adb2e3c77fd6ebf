import { writeFile } from "node:fs/promises";

import { resolveDrills } from "../../preview/drills/targets";
import { renderHtml } from "../../preview/output/html";
import { previewFleet } from "../../preview/preview";
import { ConsoleProgress } from "../progress";
import type { MapOptions } from "./options";
import { readHead } from "./run";
import { findSimulator, follow } from "./simulation";

/**
 * Runs `skerry map`.
 *
 * @throws Error if the fleet cannot be rendered or simulated
 */
export async function runMap(options: MapOptions): Promise<void> {
  const progress = new ConsoleProgress(process.stderr);
  const simulate = await findSimulator(progress);
  const fleet = await follow(progress, "fleet", "rendering", readHead(options));
  const { seed, drill = [] } = options;
  const drills = resolveDrills(drill, [fleet.rendering]);
  const report = await follow(progress, "simulation", "running", previewFleet(fleet, simulate, { seed, drills }));
  await writeFile(options.output, renderHtml(report));
}
