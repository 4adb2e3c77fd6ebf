import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(__dirname, "..", "..");
const project = mkdtempSync(join(tmpdir(), "skerry-settings-"));
afterAll(() => rmSync(project, { recursive: true, force: true }));

const write = (file: string, text: string): void => writeFileSync(join(project, file), text);
const settings = (stack: string, clusters: string): void =>
  write(`Pulumi.${stack}.yaml`, `config:\n  skerry:environment: production\n  skerry:clusters: ${clusters}\n`);

const cluster = (name: string) => ({
  name,
  homeRegion: "tokyo",
  nodePools: [{ name: "pi5", region: "tokyo", device: "raspberry-pi-5", count: 2 }],
});

/** Runs the command in the project, which is found by the working directory. */
function skerry(...args: string[]): { readonly code: number; readonly output: string } {
  try {
    const env = { ...process.env, NO_COLOR: "1" };
    const options = { cwd: project, env, encoding: "utf8", stdio: "pipe" } as const;
    return { code: 0, output: execFileSync(join(root, "bin", "skerry"), args, options) };
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
    return { code: status, output: stdout + stderr };
  }
}

/** Runs what a program calls, with the configuration that Pulumi passes to it. */
function readInProgram(stack: string, config: Record<string, string>): string {
  const program = `
    const pulumi = require("@pulumi/pulumi");
    pulumi.runtime.setMocks({ newResource: () => ({}), call: () => ({}) }, "ports", ${JSON.stringify(stack)});
    pulumi.runtime.setAllConfig(${JSON.stringify(config)});
    const { readStackSettings } = require(${JSON.stringify(join(root, "components", "stack-settings.ts"))});
    try { console.log(JSON.stringify(readStackSettings())); } catch (error) { console.log(error.message); }`;
  const args = ["--require", require.resolve("tsx/cjs"), "-e", program];
  const env = { ...process.env, NODE_PATH: join(root, "node_modules") };
  return execFileSync(process.execPath, args, { cwd: project, env, encoding: "utf8" }).trim();
}

beforeAll(() => {
  write("Pulumi.yaml", "name: ports\nruntime: nodejs\n");
  const regions = [{ name: "tokyo", latitude: 35.68, longitude: 139.69 }];
  const fleet = { name: "ports", regions, clusters: ["one", "two"].map(cluster) };
  write("fleet.ts", `export const fleet = ${JSON.stringify(fleet)};\n`);
  settings("west", "[one]");
});

jest.setTimeout(60_000);

test("validate accepts stacks that share the clusters of an environment", () => {
  settings("east", "[two]");
  expect(skerry("validate")).toEqual({
    code: 0,
    output: expect.stringMatching(
      /fleet\.ts is valid\n.*Pulumi\.east\.yaml is valid\n.*Pulumi\.west\.yaml is valid/,
    ) as string,
  });
});

test("validate and policy report clusters of two stacks and of none, with the file and the path", () => {
  settings("east", "[one]");
  const validated = skerry("validate", "--json");
  expect(validated.code).toBe(1);
  expect(JSON.parse(validated.output)).toContainEqual({
    version: 1,
    file: "Pulumi.west.yaml",
    valid: false,
    problems: [
      { path: "skerry:clusters[0]", message: 'cluster "one" also belongs to stack east; must belong to one stack' },
      {
        path: "skerry:clusters",
        message: 'cluster "two" belongs to no stack of the environment; add it to one of: east, west',
      },
    ],
  });
  expect(skerry("policy", "--stack", "west")).toMatchObject({
    code: 2,
    output: expect.stringContaining("Pulumi.east.yaml: skerry:clusters[0]: cluster") as string,
  });
});

test("a program reads lists, and refuses clusters of another stack", () => {
  settings("east", "[two]");
  const config = { "skerry:environment": "production", "skerry:clusters": '["one"]', "aws:region": "eu-central-1" };
  expect(JSON.parse(readInProgram("west", config))).toEqual({ environment: "production", clusters: ["one"] });
  expect(readInProgram("west", { ...config, "skerry:clusters": '["one","two"]' })).toBe(
    '1 problem in Pulumi.west.yaml:\n  skerry:clusters[1]: cluster "two" also belongs to stack east; must belong to one stack',
  );
  expect(readInProgram("west", { "skerry:cluster": "one" })).toContain(
    'skerry:cluster: unknown field: did you mean "clusters"?',
  );
});
