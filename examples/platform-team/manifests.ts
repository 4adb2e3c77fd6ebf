/**
 * Prints the objects of the custom charts as a stream of JSON documents, for `skerry policy - --fleet fleet.ts`.
 */
import { parseFleet } from "skerry/fleet";

import { fleet } from "./fleet";
import { renderInspection } from "./inspection";

for (const object of renderInspection(parseFleet(fleet), "north-sea")) {
  process.stdout.write(`---\n${JSON.stringify(object)}\n`);
}
