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

/** Runs the command as a CI does, in a folder that is no project. No terminal: no colours. */
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

/** The same without a process of its own, which takes seconds to start. */
async function run(paths: readonly string[], options: Partial<PolicyOptions>) {
  const write = jest.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    const code = await runPolicy(paths, {
      stack: "local",
      failOn: "error",
      format: "table",
      // What is built on this machine must not decide.
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
/** A policy in plain JavaScript: the folder has no packages. A module is read once, so each has a name of its own. */
let policies = 0;
const policy = (stated: object): { config: string } => ({
  config: write(`policy-${(policies += 1)}.js`, `module.exports.policy = ${JSON.stringify(stated)};\n`),
});

describe("the command ends with", () => {
  test("0 when every rule is kept", () => {
    expect(skerry(["kept.yaml", "--rule", "matches-schema", "--validation", "openapi"])).toEqual({
      code: 0,
      stdout:
        "0 errors, 0 warnings: 1 rule over 1 object, environment default\n" +
        "Kubernetes 1.36 by its OpenAPI schema alone: `skerry tools` builds what knows the rest\n",
      stderr: "",
    });
  });

  test("1 when one is broken, with object, line and remedy; standard input is read", () => {
    const { code, stdout, stderr } = skerry(["-", "--rule", "images-pinned"], `${configMap}---\n${unpinned}`);
    expect([code, stderr]).toEqual([1, ""]);
    expect(stdout).toContain("Pod default/web\n  error    images-pinned  spec.containers[0].image  -:12:7\n");
    expect(stdout).toContain("→ Use a version tag");
  });

  test("2 when the input cannot be read or used, with every problem at once, and nothing on standard output", () => {
    const { config } = policy({ waivers: [{ rule: "images-pined", reason: "", expires: "soon" }] });
    const bad = write("bad.yaml", "a: [\n");
    const asked = ["none.yaml", bad, "--config", config, "--cluster", "east", "--kubernetes-version", "two"];
    const { code, stdout, stderr } = skerry(asked);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.split("\n").map((line) => line.trim().replace(/^error: /, ""))).toEqual([
      `${config}: waivers[0].reason: got "", allowed is any text but none`,
      `${config}: waivers[0].expires: got "soon", allowed is a day as in 2027-03-31`,
      expect.stringMatching(/waivers\[0\]\.rule: got "images-pined", known: .*did you mean "images-pinned"\?$/),
      "none.yaml: is not there",
      "--cluster: says which of a fleet's clusters the manifests go to: name the fleet with --fleet",
      '--kubernetes-version: got "two", allowed is major.minor or major.minor.patch, as 1.36.3',
      "",
    ]);
  });

  test.each([["--rulez"], ["--format=xml"], ["--today=31.12.2026"]])("2 for %s", (option) => {
    expect(skerry([option])).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(/^error: ./) });
  });

  test("0 and examples when it is asked for help", () => {
    const { code, stdout } = skerry(["--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Examples:[\s\S]*\$ skerry policy[\s\S]*Exit code: 0/);
  });
});

describe("manifests that cannot be read", () => {
  test("are findings beside those of all others, and end with 1", async () => {
    write("unreadable.yaml", "apiVersion: v1\nkind: Pod\nmetadata: [");
    write("values.yaml", "a: 1\n");
    const options = { rule: ["images-pinned"] };
    const { code, stdout } = await run(["unreadable.yaml", "kept.yaml", "broken.yaml", "values.yaml"], options);
    expect(code).toBe(1);
    expect(stdout).toContain("Pod default/web\n  error    images-pinned");
    expect(stdout).toContain("unreadable.yaml\n  error    manifest-unreadable  unreadable.yaml:3:");
    expect(stdout).toContain("values.yaml:1  values of a Helm chart\n");
    expect(stdout).toContain("over 2 objects, 1 not judged");
    const alone = await run(["kept.yaml", "unreadable.yaml"], options);
    expect(alone).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("1 error, 0 warnings: 2 rules over 1 object"),
    });
    const excluded = await run(["kept.yaml", "unreadable.yaml"], { ...options, exclude: ["unread*"] });
    expect(excluded.code).toBe(0);
  });

  test("may be a warning by the policy", async () => {
    write("unreadable.yaml", "apiVersion: v1\nkind: Pod\nmetadata: [");
    const options = { ...pinned, ...policy({ severities: { default: { "manifest-unreadable": "warning" } } }) };
    expect((await run(["kept.yaml", "unreadable.yaml"], options)).code).toBe(0);
    expect((await run(["kept.yaml", "unreadable.yaml"], { ...options, failOn: "warning" })).code).toBe(1);
  });

  test.each(FORMATS)("are in a report as %s, and so is what is no manifest", async (format) => {
    write("unreadable.yaml", "apiVersion: v1\nkind: Pod\nmetadata: [");
    write("values.yaml", "a: 1\n");
    const { stdout } = await run(["kept.yaml", "unreadable.yaml", "values.yaml"], { ...pinned, format });
    expect(stdout).toMatch(/manifest.{0,2}-unreadable/);
    expect(stdout).toContain("unreadable.yaml");
    // JUnit has no place for what is no test.
    if (format !== "junit") expect(stdout).toMatch(/values of a Helm chart/);
  });
});

test("kinds are defined by files that are named, and each unknown kind is told once", async () => {
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
  const asked = { rule: ["matches-schema"], format: "json" } as const;
  const found = async (options: Partial<PolicyOptions>): Promise<unknown[]> => {
    const { stdout } = await run(["robots.yaml"], { ...asked, ...options });
    return (JSON.parse(stdout) as PolicyReport).findings.map(({ object, message }) => [object?.name, message]);
  };
  expect(await found({})).toEqual([["a", expect.stringMatching(/name it with --crds \(of 3 objects\)$/)]]);
  expect(await found({ crds: ["definition.yaml"] })).toEqual([["b", "unknown field, known: arms"]]);
  expect(await run(["robots.yaml"], { ...asked, crds: ["kept.yaml"] })).toMatchObject({
    code: 2,
    stderr: "--crds: kept.yaml holds no CustomResourceDefinition",
  });
});

test("a reader that has seen enough ends nothing: not the work, and not its exit code", () => {
  const many = Array.from({ length: 2000 }, (_, index) => unpinned.replace("name: web", `name: web-${index}`));
  write("many.yaml", many.join("---\n"));
  const command = `set -o pipefail; "${join(root, "bin", "skerry")}" policy many.yaml | head -1; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", command], { cwd: folder, encoding: "utf8" });
  expect([stdout, stderr]).toEqual(["Pod default/web-0\n1\n", ""]);
});

test("the smallest run loads nothing that it does not need", () => {
  const listed = 'process.on("exit", () => process.stderr.write(JSON.stringify(Object.keys(require.cache))))';
  write("listed.js", listed);
  const args = ["--require", join(folder, "listed.js"), join(root, "bin", "skerry"), "policy", "kept.yaml"];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  const modules = (JSON.parse(stderr) as string[]).flatMap(
    (file) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [],
  );
  expect(status).toBe(0);
  // Of Skerry's own policy in a checkout, zod checks the form.
  expect([...new Set(modules)].sort()).toEqual(
    expect.arrayContaining(["commander", "fastest-levenshtein", "js-yaml", "picocolors"]),
  );
  const heavy = ["@kubernetes/client-node", "@pulumi/pulumi", "cdk8s", "cli-table3", "re2js", "typescript", "undici"];
  expect(modules.filter((name) => [...heavy, "xmlbuilder2", "yaml"].includes(name))).toEqual([]);
});

describe("what counts as broken", () => {
  test("is not what is tolerated, until its last day", async () => {
    const waiver = { rule: "images-pinned", object: "Pod/default/web", reason: "it is a test", expires: "2027-01-31" };
    const options = { ...pinned, ...policy({ waivers: [waiver] }) };
    expect((await run(["broken.yaml"], { ...options, today: "2027-01-31" })).code).toBe(0);
    const late = await run(["broken.yaml"], { ...options, today: "2027-02-01" });
    expect(late.code).toBe(1);
    expect(late.stdout).toMatch(/policy\n {2}error {4}waiver-expired {2}waivers\[0\] {2}policy-\d+\.js:1:\d+\n/);
  });

  test("is what fails the build", async () => {
    const options = { ...pinned, ...policy({ severities: { default: { "images-pinned": "warning" } } }) };
    expect((await run(["broken.yaml"], options)).code).toBe(0);
    expect((await run(["broken.yaml"], { ...options, failOn: "warning" })).code).toBe(1);
  });

  test.each<[string, string[], Partial<PolicyOptions>, RegExp]>([
    ["a rule that there is not", ["kept.yaml"], { rule: ["imagespinned"] }, /did you mean "images-pinned"\?/],
    ["a rule to explain that there is not", [], { explain: "probez" }, /did you mean "probes"\?/],
    ["a report that cannot be written", ["kept.yaml"], { output: "no/such/folder/report" }, /ENOENT/],
    ["a policy that is not there", ["kept.yaml"], { config: "none.js" }, /^none\.js is not there$/],
    ["nothing to judge", [], { fleet: "none.yaml" }, /^none\.yaml: none\.yaml is not there$/],
  ])("is not %s: that is input that cannot be used", async (_name, paths, options, message) => {
    expect(await run(paths, options)).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(message) });
  });

  test("nor a policy that throws, or that exports none", async () => {
    const throwing = { config: write("throws.js", 'throw new Error("no such thing");\n') };
    expect(await run(["kept.yaml"], throwing)).toMatchObject({ stderr: "throws.js cannot be read: no such thing" });
    const empty = { config: write("empty.js", "module.exports = undefined;\n") };
    expect(await run(["kept.yaml"], empty)).toMatchObject({
      stderr: expect.stringMatching(/^empty\.js: exports no policy/),
    });
  });
});

describe("a fleet", () => {
  const fleet = join(root, "stacks", "local.ts");

  test("gives manifests their cluster, its version and what else is there", async () => {
    const wanting = "spec:\n  nodeSelector: {device-type: abacus}\n  schedulerName: edge-scheduler\n";
    write("probe.yaml", unpinned.replace("spec:\n", wanting));
    const asked = { fleet, rule: ["pods-schedulable"], format: "json" } as const;
    const report = JSON.parse((await run(["probe.yaml"], { ...asked, cluster: "tokyo" })).stdout) as PolicyReport;
    expect(report.findings).toMatchObject([{ rule: "pods-schedulable", cluster: "tokyo", object: { name: "web" } }]);
    expect(report.objects).toBe(1);
    expect(await run(["probe.yaml"], asked)).toMatchObject({
      stderr: "--cluster: say which cluster the manifests go to: frankfurt, washington, tokyo",
    });
    expect(await run(["probe.yaml"], { ...asked, cluster: "tokio" })).toMatchObject({
      stderr: expect.stringContaining('did you mean "tokyo"?'),
    });
  });

  test("is judged itself, all of it or a cluster, and findings lead to its lines", async () => {
    const asked = { fleet, rule: ["agents-in-home-region"], format: "json" } as const;
    const report = JSON.parse((await run([], asked)).stdout) as PolicyReport;
    expect(report.environment).toBe("local");
    const lines = readFileSync(fleet, "utf8").split("\n");
    expect(lines[report.findings[0]!.source!.line - 1]).toContain('cluster("frankfurt"');
    const one = JSON.parse((await run([], { ...asked, cluster: "tokyo" })).stdout) as PolicyReport;
    expect(one.objects).toBeLessThan(report.objects / 2);
  });

  test("with problems is input that cannot be used, with every problem", async () => {
    const bad = write("fleet.yaml", "name: UPPER\nregions: []\nclusters: []\n");
    const { code, stderr } = await run([], { fleet: bad });
    expect(code).toBe(2);
    expect(stderr!.split("\n").length).toBeGreaterThan(2);
    expect(stderr).toMatch(/^fleet\.yaml: name: got "UPPER"/);
  });
});

test.each(FORMATS)("a report as %s goes to a file, the same bytes each time", async (format) => {
  expect(await run(["broken.yaml"], { ...pinned, format, output: "report" })).toEqual({ code: 1, stdout: "" });
  const first = readFileSync(join(folder, "report"), "utf8");
  expect(first).toMatch(/images.{0,2}-pinned/);
  expect((await run(["broken.yaml"], { ...pinned, format })).stdout).toBe(first);
});

test("rules are listed and explained, a team's own too", async () => {
  const own = `{ subject: "object", id: "own", title: "Ours is kept", why: "It is ours.", severity: "info",
    remedy: "Keep it.", check: () => [] }`;
  const stated = `module.exports.policy = { rules: [${own}], severities: { default: { "images-pinned": "warning" } } };`;
  const config = write("own.js", stated);
  const listed = (await run([], { listRules: true, format: "json", config })).stdout;
  const { rules } = JSON.parse(listed) as { rules: object[] };
  expect(rules.at(-1)).toEqual({
    id: "own",
    severity: "info",
    subject: "object",
    heldIn: ["policy", "plan"],
    title: "Ours is kept",
  });
  const text = (await run([], { listRules: true, config, environment: "default" })).stdout;
  expect(text).toMatch(/images-pinned +warning +object +policy, plan, admission/);
  const explained = await run([], { explain: "own", config });
  expect(explained).toEqual({ code: 0, stdout: expect.stringContaining("Why: It is ours.\n  Remedy: Keep it.\n") });
  expect((await run([], { explain: "waiver-expired" })).stdout).toContain("the policy itself");
});
