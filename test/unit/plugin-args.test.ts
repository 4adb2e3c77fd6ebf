import { readFileSync } from "node:fs";

import { pluginArgs } from "../../policies/kubernetes/plugin-args";

interface SharedCase {
  readonly plugin: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly problems: readonly string[];
}

const read = <T>(file: string): T => JSON.parse(readFileSync(file, "utf8")) as T;
// The decoder of the scheduler is tested on the same file.
const cases = read<readonly SharedCase[]>("test/fixtures/plugin-args.json");
const { $defs } = read<{ $defs: Record<string, { enum?: string[]; properties?: Record<string, { $ref?: string }> }> }>(
  "fleet/kubernetes/plugin-args.schema.json",
);

const problemsOf = (plugin: string, args: SharedCase["args"]): string[] =>
  (
    pluginArgs.get(plugin)!.safeParse({ apiVersion: "config.skerry.dev/v1", kind: `${plugin}Args`, ...args }).error
      ?.issues ?? []
  ).flatMap(({ path, ...issue }) =>
    issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...path, key].join(".")) : path.join("."),
  );

test("every plugin has a validator", () => {
  expect([...pluginArgs.keys()].sort()).toEqual(["EdgeProximity", "LoadAware", "ResourceProfile"]);
});

test.each(cases.map(({ plugin, args, problems }) => [plugin, JSON.stringify(args), { args, problems }] as const))(
  "%s %s has problems where the scheduler finds them",
  (plugin, _text, { args, problems }) => {
    expect(problemsOf(plugin, args).sort()).toEqual([...problems].sort());
  },
);

test("accepts every value of an enum and no other", () => {
  const enums = Object.entries($defs).flatMap(([kind, { properties = {} }]) =>
    Object.entries(properties).flatMap(([field, { $ref }]) => {
      const allowed = $ref && $defs[$ref.split("/").at(-1)!]!.enum;
      return allowed ? [{ plugin: kind.replace(/Args$/, ""), field, allowed }] : [];
    }),
  );
  expect(enums).toHaveLength(1);
  for (const { plugin, field, allowed } of enums) {
    for (const value of allowed) expect(problemsOf(plugin, { [field]: value })).toEqual([]);
    expect(problemsOf(plugin, { [field]: "Unknown" })).toEqual([field]);
  }
});

test("says which bound a value breaks", () => {
  const messagesOf = (plugin: string, args: object): string[] =>
    (
      pluginArgs.get(plugin)!.safeParse({ apiVersion: "config.skerry.dev/v1", kind: `${plugin}Args`, ...args }).error
        ?.issues ?? []
    ).map(({ message }) => message);
  expect(messagesOf("ResourceProfile", { headroom: 0, trendHorizon: "25h" })).toEqual([
    "must be greater than 1 and at most 1000",
    "must be a duration from 0s to 24h, such as 90s",
  ]);
  expect(messagesOf("LoadAware", { weights: { cpu: 0, memory: 0, network: 0 } })).toEqual([
    "cpu, memory, network: at least one must be above 0",
  ]);
});
