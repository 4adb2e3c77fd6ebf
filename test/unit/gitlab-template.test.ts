import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";

import { MARKER } from "../../preview/output/markdown";
import { driftVerb } from "../../cli/verbs/drift";
import { previewVerb } from "../../cli/verbs/preview";
import { Command } from "commander";

const folder = join(__dirname, "..", "..", "templates", "gitlab");
const read = (name: string): string => readFileSync(join(folder, name), "utf8");
const text = read("preview.yml");
const jobs = Object.assign(
  {},
  ...readdirSync(folder).map((name) => parse(read(name), { uniqueKeys: true }) as object),
) as Record<string, Record<string, unknown>>;

/** Keywords of a job, from GitLab's reference of CI/CD YAML. */
const KEYWORDS = new Set(
  (
    "after_script allow_failure artifacts before_script cache coverage dast_configuration dependencies environment extends " +
    "hooks id_tokens identity image inherit interruptible manual_confirmation needs pages parallel release resource_group " +
    "retry rules run script secrets services stage tags timeout trigger variables when"
  ).split(" "),
);

/** Keywords with a fixed set of keys. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  artifacts: ["access", "exclude", "expire_in", "expose_as", "name", "paths", "public", "reports", "untracked", "when"],
  cache: ["fallback_keys", "key", "paths", "policy", "unprotect", "untracked", "when"],
};

test("the GitLab templates have one job each, with keywords that GitLab knows", () => {
  expect(Object.keys(jobs).sort()).toEqual(["skerry-drift", "skerry-preview"]);
  for (const job of Object.values(jobs)) {
    expect(Object.keys(job).filter((key) => !KEYWORDS.has(key))).toEqual([]);
    for (const [keyword, keys] of Object.entries(KEYS))
      expect(Object.keys(job[keyword] ?? {}).filter((key) => !keys.includes(key))).toEqual([]);
    for (const rule of job.rules as object[])
      for (const key of Object.keys(rule))
        expect(["if", "changes", "exists", "when", "allow_failure", "variables", "needs", "interruptible"]).toContain(
          key,
        );
    // Without a stage of their own, jobs are in `test`, which every pipeline has.
    expect(job).not.toHaveProperty("stage");
    for (const value of Object.values(job.variables as object)) expect(typeof value).toBe("string");
  }
});

const scripts = Object.values(jobs).flatMap(({ before_script = [], script, after_script = [] }) => [
  ...(before_script as string[]),
  ...(script as string[]),
  ...(after_script as string[]),
]);

test("its scripts are Bash", () => {
  for (const script of scripts) {
    expect(typeof script).toBe("string");
    execFileSync("bash", ["-n"], { input: script });
  }
  expect(() => execFileSync("bash", ["-n"], { input: "if true; then", stdio: "pipe" })).toThrow();
});

test.each([
  ["GitLab", text],
  ["GitHub", readFileSync(join(__dirname, "../../templates/repository/.github/workflows/preview.yml"), "utf8")],
])("the %s template uses options that skerry preview has, and its marker", (_, template) => {
  const program = new Command();
  previewVerb(program);
  const known = program.commands[0]!.options.map(({ long }) => long);
  const calls = template.split("\n").filter((line) => /npx skerry preview/.test(line));
  expect(calls.length).toBeGreaterThanOrEqual(3);
  const used = calls.flatMap((line) => line.match(/(?<=\s)--[a-z-]+/g) ?? []);
  expect(used.filter((option) => !known.includes(option))).toEqual([]);
  expect(template).toContain(MARKER);
});

test.each([
  ["GitLab", read("drift.yml")],
  ["GitHub", readFileSync(join(__dirname, "../../templates/repository/.github/workflows/drift.yml"), "utf8")],
])("the %s template uses options that skerry drift has", (_, template) => {
  const program = new Command();
  driftVerb(program);
  const known = program.commands[0]!.options.map(({ long }) => long);
  const calls = template.split("\n").filter((line) => /npx skerry drift/.test(line));
  expect(calls).toHaveLength(1);
  const used = calls.flatMap((line) => line.match(/(?<=\s)--[a-z-]+/g) ?? []);
  expect(used).toEqual(["--stack", "--format", "--output"]);
  expect(used.filter((option) => !known.includes(option))).toEqual([]);
});
