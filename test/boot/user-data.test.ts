import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { parse } from "yaml";

import { agentUserData, serverUserData } from "../../fleet/k3s/userdata";
import { parseFleet } from "../../fleet/reading/parse";
import { local } from "../../stacks/local";
import { debianRoot, missingRequirement, ruff } from "./requirements";
import { userData } from "./user-data";

interface CloudConfig {
  readonly bootcmd: readonly (readonly string[])[];
  readonly write_files: readonly { readonly path: string; readonly content: string; readonly encoding?: string }[];
}

const root = join(__dirname, "..", "..");
const endpoint = { host: "203.0.113.7", port: 6443, parameters: { prefix: "/skerry/test", region: "eu-central-1" } };
const { clusters } = parseFleet(local);
const rendered: Readonly<Record<string, string>> = Object.fromEntries([
  ["server", userData("server")],
  ["agent", userData("agent", { node: { prefix: "edge", providerId: true } })],
  ...clusters.map((cluster) => [`${cluster.name}-server`, serverUserData(cluster, endpoint)]),
  ...clusters.flatMap((cluster) =>
    cluster.nodePools.map((pool) => [pool.name, agentUserData(cluster, pool, endpoint)]),
  ),
]);

/** Runs `cloud-init schema` of Debian on texts, and returns its output for each invalid one. */
function findSchemaErrors(texts: Readonly<Record<string, string>>): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), "skerry-schema-"));
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
  mkdirSync(join(folder, "errors"));
  // One process, because each takes a second to start.
  const program = `
import pathlib
from cloudinit.config.schema import SchemaValidationError, validate_cloudconfig_file, get_schema
for path in sorted(pathlib.Path("/mnt").iterdir()):
    if path.is_file():
        try:
            validate_cloudconfig_file(str(path), get_schema())
        except (SchemaValidationError, RuntimeError) as error:
            (path.parent / "errors" / path.name).write_text(str(error))
`;
  const script = `mount --bind ${folder} ${debianRoot}/mnt && exec chroot ${debianRoot} python3 -c "$1"`;
  execFileSync("unshare", ["--mount", "sh", "-c", script, "sh", program], { stdio: "pipe" });
  const errors = Object.keys(texts).flatMap((name) => {
    const { status, stdout } = spawnSync("cat", [join(folder, "errors", name)], { encoding: "utf8" });
    return status === 0 ? [[name, stdout] as const] : [];
  });
  rmSync(folder, { recursive: true });
  return Object.fromEntries(errors);
}

jest.setTimeout(60_000);

// Needs root, namespaces, cloud-init and moto. Where one is missing, the run reports which.
(missingRequirement() === undefined ? describe : describe.skip)("rendered user data", () => {
  test("complies with cloud-init's schema", () => {
    expect(Object.keys(rendered).length).toBeGreaterThan(10);
    expect(findSchemaErrors(rendered)).toEqual({});
  });

  test("is rejected by cloud-init's schema if it is invalid", () => {
    const invalid = {
      encoding: userData("agent").replace("encoding: gz+b64", "encoding: zip"),
      runcmd: userData("agent").replace(/runcmd:[^]*$/, "runcmd: 1\n"),
    };
    expect(Object.keys(findSchemaErrors(invalid)).sort()).toEqual(["encoding", "runcmd"]);
  });

  test("has shell commands that pass ShellCheck, as do the stand-ins of the tests", () => {
    const { bootcmd } = parse(rendered.server!) as CloudConfig;
    const scripts = bootcmd.filter(([shell]) => shell === "sh").map((words) => words.at(-1)!);
    expect(scripts.length).toBeGreaterThan(0);
    for (const script of scripts) {
      const { stdout } = spawnSync("shellcheck", ["--shell=sh", "-"], { input: `${script}\n`, encoding: "utf8" });
      expect(stdout).toBe("");
    }
    const files = ["power-on", "systemctl"].map((name) => join(__dirname, "machine", name));
    expect(spawnSync("shellcheck", files, { encoding: "utf8" }).stdout).toBe("");
  });

  test("contains the boot program, in Python 3.6", () => {
    const { write_files: files } = parse(rendered.agent!) as CloudConfig;
    const { content, encoding } = files.find(({ path }) => path === "/usr/local/lib/skerry/boot.py")!;
    expect(encoding).toBe("gz+b64");
    const program = gunzipSync(Buffer.from(content, "base64")).toString();
    const check = "import ast, sys; ast.parse(sys.stdin.read(), feature_version=(3, 6))";
    execFileSync("python3", ["-c", check], { input: program });
  });
});

// The linter is one of the Python packages that the run reports if they are missing.
(missingRequirement() === undefined ? test : test.skip)("Python files comply with the linter and the formatter", () => {
  const files = ["fleet/k3s/boot/boot.py", "test/boot/cloud.py", "test/boot/machine/k3s"];
  for (const args of [["check"], ["format", "--check"]]) {
    const { status, stdout } = spawnSync(ruff, [...args, ...files], { cwd: root, encoding: "utf8" });
    expect({ status, stdout: status === 0 ? "" : stdout }).toEqual({ status: 0, stdout: "" });
  }
});
