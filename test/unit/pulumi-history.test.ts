import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { pruneHistory } from "../../cli/pulumi/history";

const state = mkdtempSync(join(tmpdir(), "skerry-history-"));
afterAll(() => rmSync(state, { recursive: true }));

test("keeps both files of the latest updates of each stack", () => {
  const folders = ["local", "other-stack"].map((stack) => join(state, ".pulumi", "history", "skerry", stack));
  for (const folder of folders) {
    mkdirSync(folder, { recursive: true });
    const stack = folder.split("/").at(-1)!;
    for (let update = 1; update <= 4; update += 1) {
      for (const kind of ["history", "checkpoint"])
        writeFileSync(join(folder, `${stack}-17${update}.${kind}.json`), "");
    }
  }
  pruneHistory(state, 2);
  for (const folder of folders) {
    const stack = folder.split("/").at(-1)!;
    expect(readdirSync(folder).sort()).toEqual(
      ["173", "174"].flatMap((update) => ["checkpoint", "history"].map((kind) => `${stack}-${update}.${kind}.json`)),
    );
  }
});

test("accepts a state folder without a history", () => {
  expect(() => pruneHistory(join(state, "missing"))).not.toThrow();
});
