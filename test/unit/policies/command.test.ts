import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { FORMATS, type PolicyOptions } from "../../../cli/policy/options";
import { runPolicy } from "../../../cli/policy/run";
import type { PolicyReport } from "../../../policies/engine/report";

jest.setTimeout(60_000);

const root = join(__dirname, "..", "..", "..");
let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "skerry-command-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const before = process.cwd();
beforeAll(() => process.chdir(folder));
afterAll(() => process.chdir(before));

/** Runs the command as in CI, outside of a project. Without a terminal there are no colors. */
function skerry(args: readonly string[], input = "") {
  const { NO_COLOR: _none, FORCE_COLOR: _forced, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(join(root, "bin", "skerry"), ["policy", ...args], {
    cwd: folder,
    encoding: "utf8",
    input,
    env: { ...env, CI: "true" },
  });
  return { code: status, stdout, stderr };
}

/** Runs the command in this process, because a process of its own takes seconds to start. */
async function run(paths: readonly string[], options: Partial<PolicyOptions>) {
  const write = jest.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    const code = await runPolicy(paths, {
      stack: "local",
      failOn: "error",
      format: "table",
      // The result must not depend on the tools that are built on this machine.
      validation: "openapi",
      ...options,
    });
    return { code, stdout: write.mock.calls.map(([text]) => String(text)).join("") };
  } catch (error) {
    return { code: 2, stdout: "", stderr: (error as Error).message };
  } finally {
    write.mockRestore();
  }
}

const write = (file: string, text: string): string => {
  writeFileSync(join(folder, file), text);
  return file;
};

const configMap = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: default}\ndata: {a: b}\n";
const unpinned =
  "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: default}\nspec:\n  containers:\n    - name: web\n      image: nginx\n";
const pinned = { rule: ["images-pinned"], today: "2026-11-24" };
beforeAll(() => {
  write("kept.yaml", configMap);
  write("broken.yaml", unpinned);
});
/** Writes a policy in plain JavaScript, because the folder has no packages. Modules are cached, so each has its own name. */
let policies = 0;
const policy = (fields: object): { config: string } => ({
  config: write(`policy-${(policies += 1)}.js`, `module.exports.policy = ${JSON.stringify(fields)};\n`),
});

describe("exit code", () => {
  test("0 without violations", () => {
    expect(skerry(["kept.yaml", "--rule", "matches-schema", "--validation", "openapi"])).toEqual({
      code: 0,
      stdout:
        "0 errors, 0 warnings: 1 rule over 1 object, environment default\n" +
        "Kubernetes 1.36: checked with the OpenAPI schema only; `skerry tools` builds the API server's validation\n",
      stderr: "",
    });
  });

  test("1 with a violation in standard input, with object, line and remedy", () => {
    const { code, stdout, stderr } = skerry(["-", "--rule", "images-pinned"], `${configMap}---\n${unpinned}`);
    expect([code, stderr]).toEqual([1, ""]);
    expect(stdout).toContain("Pod default/web\n  error    images-pinned  spec.containers[0].image  -:12:7\n");
    expect(stdout).toContain("→ Use a version tag");
  });

  test("2 for invalid input, with every problem on standard error", () => {
    const { config } = policy({ waivers: [{ rule: "images-pined", reason: "", expires: "soon" }] });
    const bad = write("bad.yaml", "a: [\n");
    const args = ["none.yaml", bad, "--config", config, "--cluster", "east", "--kubernetes-version", "two"];
    const { code, stdout, stderr } = skerry(args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.split("\n").map((line) => line.trim().replace(/^error: /, ""))).toEqual([
      `${config}: waivers[0].reason: must not be empty`,
      `${config}: waivers[0].expires: must be a date such as 2027-03-31, got "soon"`,
      expect.stringMatching(/waivers\[0\]\.rule: .*"images-pined".*did you mean "images-pinned"\?/),
      "none.yaml: not found",
      "--cluster: requires --fleet when manifests are checked",
      '--kubernetes-version: got "two", must be major.minor or major.minor.patch, such as 1.36.3',
      "",
    ]);
  });

  test.each([["--rulez"], ["--format=xml"], ["--today=31.12.2026"]])("2 for %s", (option) => {
    expect(skerry([option])).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(/^error: ./) });
  });

  test("0 for help, with examples", () => {
    const { code, stdout } = skerry(["--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Examples:[\s\S]*\$ skerry policy[\s\S]*Exit codes:\n {2}0/);
  });
});

describe("unreadable manifests", () => {
  test("are findings, and do not hide the findings of other manifests", async () => {
    write("unreadable.yaml", "apiVersion: v1\nkind: Pod\nmetadata: [");
    write("values.yaml", "a: 1\n");
    const options = { rule: ["images-pinned"] };
    const { code, stdout } = await run(["unreadable.yaml", "kept.yaml", "broken.yaml", "values.yaml"], options);
    expect(code).toBe(1);
    expect(stdout).toContain("Pod default/web\n  error    images-pinned");
    expect(stdout).toContain("unreadable.yaml\n  error    manifest-unreadable  unreadable.yaml:3:");
    expect(stdout).toContain("values.yaml:1  values of a Helm chart\n");
    expect(stdout).toContain("over 2 objects, 1 skipped");
    const alone = await run(["kept.yaml", "unreadable.yaml"], options);
    expect(alone).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("1 error, 0 warnings: 2 rules over 1 object"),
    });
    const excluded = await run(["kept.yaml", "unreadable.yaml"], { ...options, exclude: ["unread*"] });
    expect(excluded.code).toBe(0);
  });

  test("are warnings if the policy says so", async () => {
    write("unreadable.yaml", "apiVersion: v1\nkind: Pod\nmetadata: [");
    const options = { ...pinned, ...policy({ severities: { default: { "manifest-unreadable": "warning" } } }) };
    expect((await run(["kept.yaml", "unreadable.yaml"], options)).code).toBe(0);
    expect((await run(["kept.yaml", "unreadable.yaml"], { ...options, failOn: "warning" })).code).toBe(1);
  });

  test.each(FORMATS)("are in the report as %s, with the skipped files", async (format) => {
    write("unreadable.yaml", "apiVersion: v1\nkind: Pod\nmetadata: [");
    write("values.yaml", "a: 1\n");
    const { stdout } = await run(["kept.yaml", "unreadable.yaml", "values.yaml"], { ...pinned, format });
    expect(stdout).toMatch(/manifest.{0,2}-unreadable/);
    expect(stdout).toContain("unreadable.yaml");
    // JUnit has no place for skipped files.
    if (format !== "junit") expect(stdout).toMatch(/values of a Helm chart/);
  });
});

test("option --crds defines kinds, and each unknown kind is reported once", async () => {
  const of = (name: string, spec: string): string =>
    `apiVersion: example.com/v1\nkind: Robot\nmetadata: {name: ${name}}\nspec: ${spec}\n`;
  const structure = "{type: object, properties: {spec: {type: object, properties: {arms: {type: integer}}}}}";
  const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: robots.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Robot, plural: robots}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: ${structure}}}]
`;
  write("robots.yaml", `${of("a", "{arms: 2}")}---\n${of("b", "{legs: 2}")}---\n${of("c", "{}")}`);
  write("definition.yaml", definition);
  const options = { rule: ["matches-schema"], format: "json" } as const;
  const findings = async (more: Partial<PolicyOptions>): Promise<unknown[]> => {
    const { stdout } = await run(["robots.yaml"], { ...options, ...more });
    return (JSON.parse(stdout) as PolicyReport).findings.map(({ object, message }) => [object?.name, message]);
  };
  expect(await findings({})).toEqual([["a", expect.stringMatching(/pass it with --crds \(in 3 objects\)$/)]]);
  expect(await findings({ crds: ["definition.yaml"] })).toEqual([["b", "unknown field, must be one of: arms"]]);
  expect(await run(["robots.yaml"], { ...options, crds: ["kept.yaml"] })).toMatchObject({
    code: 2,
    stderr: "--crds: kept.yaml contains no CustomResourceDefinition",
  });
});

test("keeps its exit code when the reader of its output closes the pipe", () => {
  const many = Array.from({ length: 2000 }, (_, index) => unpinned.replace("name: web", `name: web-${index}`));
  write("many.yaml", many.join("---\n"));
  const command = `set -o pipefail; "${join(root, "bin", "skerry")}" policy many.yaml | head -1; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", command], { cwd: folder, encoding: "utf8" });
  expect([stdout, stderr]).toEqual(["Pod default/web-0\n1\n", ""]);
});

test("loads no large libraries that it does not need", () => {
  const listed = 'process.on("exit", () => process.stderr.write(JSON.stringify(Object.keys(require.cache))))';
  write("listed.js", listed);
  const args = ["--require", join(folder, "listed.js"), join(root, "bin", "skerry"), "policy", "kept.yaml"];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  const modules = (JSON.parse(stderr) as string[]).flatMap(
    (file) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [],
  );
  expect(status).toBe(0);
  // The validation of Skerry's own policy loads zod in a checkout.
  expect([...new Set(modules)].sort()).toEqual(
    expect.arrayContaining(["commander", "fastest-levenshtein", "js-yaml", "picocolors"]),
  );
  const heavy = ["@kubernetes/client-node", "@pulumi/pulumi", "cdk8s", "cli-table3", "re2js", "typescript", "undici"];
  expect(modules.filter((name) => [...heavy, "xmlbuilder2", "yaml"].includes(name))).toEqual([]);
});

describe("the check", () => {
  test("passes with waived findings until the waiver expires", async () => {
    const waiver = { rule: "images-pinned", object: "Pod/default/web", reason: "it is a test", expires: "2027-01-31" };
    const options = { ...pinned, ...policy({ waivers: [waiver] }) };
    expect((await run(["broken.yaml"], { ...options, today: "2027-01-31" })).code).toBe(0);
    const late = await run(["broken.yaml"], { ...options, today: "2027-02-01" });
    expect(late.code).toBe(1);
    expect(late.stdout).toMatch(/policy\n {2}error {4}waiver-expired {2}waivers\[0\] {2}policy-\d+\.js:1:\d+\n/);
  });

  test("fails at the severity of --fail-on", async () => {
    const options = { ...pinned, ...policy({ severities: { default: { "images-pinned": "warning" } } }) };
    expect((await run(["broken.yaml"], options)).code).toBe(0);
    expect((await run(["broken.yaml"], { ...options, failOn: "warning" })).code).toBe(1);
  });

  test.each<[string, string[], Partial<PolicyOptions>, RegExp]>([
    ["an unknown rule", ["kept.yaml"], { rule: ["imagespinned"] }, /did you mean "images-pinned"\?/],
    ["an unknown rule to explain", [], { explain: "probez" }, /did you mean "probes"\?/],
    ["an output file in a missing folder", ["kept.yaml"], { output: "no/such/folder/report" }, /ENOENT/],
    ["a missing policy", ["kept.yaml"], { config: "none.js" }, /^none\.js: not found$/],
    ["a missing fleet", [], { fleet: "none.yaml" }, /^none\.yaml: none\.yaml does not exist$/],
  ])("rejects %s", async (_name, paths, options, message) => {
    expect(await run(paths, options)).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(message) });
  });

  test("rejects a policy module that throws or exports no policy", async () => {
    const throwing = { config: write("throws.js", 'throw new Error("no such thing");\n') };
    expect(await run(["kept.yaml"], throwing)).toMatchObject({ stderr: "throws.js cannot be read: no such thing" });
    const empty = { config: write("empty.js", "module.exports = undefined;\n") };
    expect(await run(["kept.yaml"], empty)).toMatchObject({
      stderr: expect.stringMatching(/^empty\.js: must export a policy/),
    });
  });
});

describe("a fleet", () => {
  const fleet = join(root, "stacks", "local.ts");

  test("provides the cluster of manifests, its version and its other objects", async () => {
    const spec = "spec:\n  nodeSelector: {device-type: abacus}\n  schedulerName: edge-scheduler\n";
    write("probe.yaml", unpinned.replace("spec:\n", spec));
    const options = { fleet, rule: ["pods-schedulable"], format: "json" } as const;
    const report = JSON.parse((await run(["probe.yaml"], { ...options, cluster: "tokyo" })).stdout) as PolicyReport;
    expect(report.findings).toMatchObject([{ rule: "pods-schedulable", cluster: "tokyo", object: { name: "web" } }]);
    expect(report.objects).toBe(1);
    expect(await run(["probe.yaml"], options)).toMatchObject({
      stderr: "--cluster: must be set to the cluster that the manifests go to: one of frankfurt, washington, tokyo",
    });
    expect(await run(["probe.yaml"], { ...options, cluster: "tokio" })).toMatchObject({
      stderr: expect.stringContaining('did you mean "tokyo"?'),
    });
  });

  test("is checked as a whole or by cluster, and its findings have its lines", async () => {
    const options = { fleet, rule: ["agents-in-home-region"], format: "json" } as const;
    const report = JSON.parse((await run([], options)).stdout) as PolicyReport;
    expect(report.environment).toBe("local");
    const lines = readFileSync(fleet, "utf8").split("\n");
    expect(lines[report.findings[0]!.source!.line - 1]).toContain('cluster("frankfurt"');
    const one = JSON.parse((await run([], { ...options, cluster: "tokyo" })).stdout) as PolicyReport;
    expect(one.objects).toBeLessThan(report.objects / 2);
  });

  test("is rejected with every problem", async () => {
    const bad = write("fleet.yaml", "name: UPPER\nregions: []\nclusters: []\n");
    const { code, stderr } = await run([], { fleet: bad });
    expect(code).toBe(2);
    expect(stderr!.split("\n").length).toBeGreaterThan(2);
    expect(stderr).toMatch(/^fleet\.yaml: name: must be a DNS label .*, got "UPPER"/);
  });
});

test.each(FORMATS)("writes the same report as %s to a file as to standard output", async (format) => {
  expect(await run(["broken.yaml"], { ...pinned, format, output: "report" })).toEqual({ code: 1, stdout: "" });
  const first = readFileSync(join(folder, "report"), "utf8");
  expect(first).toMatch(/images.{0,2}-pinned/);
  expect((await run(["broken.yaml"], { ...pinned, format })).stdout).toBe(first);
});

test("lists and explains rules, including the team's own", async () => {
  const own = `{ subject: "object", id: "own", title: "Ours is kept", why: "It is ours.", severity: "info",
    remedy: "Keep it.", check: () => [] }`;
  const source = `module.exports.policy = { rules: [${own}], severities: { default: { "images-pinned": "warning" } } };`;
  const config = write("own.js", source);
  const listed = (await run([], { listRules: true, format: "json", config })).stdout;
  const { rules } = JSON.parse(listed) as { rules: object[] };
  expect(rules.at(-1)).toEqual({
    id: "own",
    severity: "info",
    subject: "object",
    enforcedIn: ["policy", "plan"],
    title: "Ours is kept",
  });
  const text = (await run([], { listRules: true, config, environment: "default" })).stdout;
  expect(text).toMatch(/images-pinned +warning +object +policy, plan, admission/);
  const explained = await run([], { explain: "own", config });
  expect(explained).toEqual({ code: 0, stdout: expect.stringContaining("Why: It is ours.\n  Remedy: Keep it.\n") });
  expect((await run([], { explain: "waiver-expired" })).stdout).toContain("checks       rules, manifests and waivers");
});
