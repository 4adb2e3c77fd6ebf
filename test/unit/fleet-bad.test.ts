import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { checkFleet } from "../../fleet/reading/parse";
import { loadFleet } from "../../fleet/reading/load";

const folder = join(__dirname, "..", "fixtures", "bad-fleets");
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => file.replace(/\.yaml$/, ""));

test("there are enough bad fleets to mean something", () => expect(names.length).toBeGreaterThanOrEqual(30));

test.each(names)("%s gives exactly the problems stated beside it", async (name) => {
  const expected = readFileSync(join(folder, `${name}.expected.txt`), "utf8")
    .trimEnd()
    .split("\n");
  const loaded = await loadFleet(join(folder, `${name}.yaml`));
  const result = loaded.ok ? checkFleet(loaded.value) : loaded;
  expect(result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`)).toEqual(expected);
});
