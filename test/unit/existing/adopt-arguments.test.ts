import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { findClusters } from "../../../cli/adopt/find-clusters";

const folder = mkdtempSync(join(tmpdir(), "skerry-adopt-"));
const file = (name: string): string => join(folder, name);
const output = file("fleet.ts");

/** Writes a kubeconfig whose clusters cannot be reached: nothing listens on port 1. */
function write(name: string, contexts: readonly string[], current?: string): string {
  const config = {
    clusters: contexts.map((context) => ({ name: context, cluster: { server: "https://127.0.0.1:1" } })),
    users: contexts.map((context) => ({ name: context, user: { token: "hunter2" } })),
    contexts: contexts.map((context) => ({ name: context, context: { cluster: context, user: context } })),
    ...(current !== undefined && { "current-context": current }),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(file(name), JSON.stringify(config));
  return file(name);
}
const one = write("one", ["arn:aws:eks:eu-central-1:1234:cluster/Shop_EU", "default"], "default");
const two = write("two", ["kind-west"]);
afterAll(() => rmSync(folder, { recursive: true }));

const adopt = async (kubeconfigs: string[], contexts: string[] = [], names: string[] = []): Promise<string> =>
  findClusters({ kubeconfigs, contexts, names, output }).then(
    () => "found",
    (error: Error) => error.message,
  );

test.each<[string, Parameters<typeof adopt>, string]>([
  ["a file that does not exist", [[file("none")]], `--kubeconfig: ${file("none")}: does not exist`],
  ["no current context", [[two]], `--kubeconfig: ${two} has no current context: choose one with --context`],
  [
    "an unknown context",
    [[one, two], ["kind-wets"]],
    '--context: unknown context "kind-wets": did you mean "kind-west"? (must be one of: ' +
      "arn:aws:eks:eu-central-1:1234:cluster/Shop_EU, default, kind-west)",
  ],
  [
    "a context that names no cluster",
    [[one]],
    '--name: state a name for the cluster of context "default", which says nothing about it',
  ],
  ["too many names", [[two], ["kind-west"], ["a", "b"]], "--name: got 2 names, but there are 1 clusters"],
  [
    "an invalid name",
    [[two], ["kind-west"], ["West"]],
    '--name: must be a DNS label (1 to 63 of a-z, 0-9 and -, starting and ending with a letter or digit), got "West"',
  ],
  [
    "two clusters with one name",
    [
      [one, two],
      ["default", "kind-west"],
      ["a", "a"],
    ],
    '--name: two clusters would have the name "a": state one for each cluster',
  ],
])("refuses %s", async (_, args, message) => expect(await adopt(...args)).toBe(message));

test("names every cluster that cannot be read, and no credentials", async () => {
  const message = await adopt([one, two], ["arn:aws:eks:eu-central-1:1234:cluster/Shop_EU", "kind-west"]);
  expect(message.split("\n")).toEqual([
    expect.stringMatching(/^cluster kind-west: cannot read the cluster at https:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/),
    expect.stringMatching(/^ {2}cluster shop-eu: cannot read the cluster at https:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/),
  ]);
  expect(message).not.toContain("hunter2");
});
