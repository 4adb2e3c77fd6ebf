import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parsePath } from "../../fleet/problem";
import { readYaml } from "../../fleet/reading/read-yaml";
import { checkFleet } from "../../fleet/reading/parse";

const folder = join(__dirname, "..", "fixtures", "bad-fleets");
const BASE = "base.yaml";

/** What makes the base fleet a bad one, and the problems that it then has. */
interface BadFleet {
  /** Values by their path. An index past the end of a list appends. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** Paths of fields. */
  readonly remove?: readonly string[];
  /** Every expected problem, in order: `path: message`. */
  readonly problems: readonly string[];
}

const read = (file: string): unknown => readYaml(readFileSync(join(folder, file))).documents[0]!.value;

/** Returns the object or list that contains a path, and the key of the path in it. */
function locate(fleet: unknown, path: string): [container: Record<PropertyKey, unknown>, key: PropertyKey] {
  const steps = parsePath(path);
  const container = steps.slice(0, -1).reduce((value, step) => (value as Record<PropertyKey, unknown>)[step], fleet);
  return [container as Record<PropertyKey, unknown>, steps.at(-1)!];
}

function makeBad({ set = {}, remove = [] }: BadFleet): unknown {
  const fleet = read(BASE);
  for (const [path, value] of Object.entries(set)) {
    const [container, key] = locate(fleet, path);
    container[key] = value;
  }
  for (const path of remove) {
    const [container, key] = locate(fleet, path);
    delete container[key];
  }
  return fleet;
}

const describeProblems = (fleet: unknown): string[] => {
  const result = checkFleet(fleet);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
};

const files = readdirSync(folder).filter((file) => file !== BASE);
const cases = files.flatMap((file) => Object.entries(read(file) as Record<string, BadFleet>));

it("starts from a valid fleet", () => expect(describeProblems(read(BASE))).toEqual([]));

it("has a case for most checks", () => expect(cases.length).toBeGreaterThanOrEqual(99));

it.each(cases)("reports exactly the problems of %s", (_, bad) => {
  expect(bad.problems.length).toBeGreaterThan(0);
  expect(describeProblems(makeBad(bad))).toEqual(bad.problems);
});
