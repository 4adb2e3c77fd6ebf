/**
 * Prints the charts of our own as a stream of JSON documents, for `skerry policy - --fleet fleet.ts`.
 */
import { parseFleet } from "skerry/fleet";

import { fleet } from "./fleet";
import { inspection } from "./inspection";

for (const object of inspection(parseFleet(fleet), "north-sea")) {
  process.stdout.write(`---\n${JSON.stringify(object)}\n`);
}
