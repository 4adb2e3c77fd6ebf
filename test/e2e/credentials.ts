import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { CoreV1Api, type KubeConfig } from "@kubernetes/client-node";

import type { Checkout } from "./checkout";

/** What looks like a secret of a cluster. */
const SECRET = /K10[0-9a-f]{64}::|-----BEGIN [A-Z ]*PRIVATE KEY-----/;

const isPrivate = (path: string): boolean => (statSync(path).mode & 0o077) === 0;

/** Returns the files below a folder that others can read, which needs readable folders too. */
function exposedFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if ((!entry.isDirectory() && !entry.isFile()) || isPrivate(path)) return [];
    return entry.isDirectory() ? exposedFiles(path) : [path];
  });
}

/** Returns the files below a folder. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : entry.isFile() ? [path] : [];
  });
}

interface Credentials {
  readonly serverToken: string;
  readonly agentToken: string;
}

/** Checks where the secrets of a cluster are, and that they can be rotated while it runs. */
export function describeCredentials(checkout: Checkout, connect: () => KubeConfig, up: () => Promise<void>): void {
  const lab = join(checkout.home, "lab");
  const parameter = (name: string): string =>
    readFileSync(join(lab, "parameters", "skerry", "local", "tokyo", name), "utf8");
  const credentials = (): Credentials => ({
    serverToken: parameter("server-token"),
    agentToken: parameter("agent-token"),
  });

  test("are in the parameter store and on the machines only, readable by their owner", () => {
    for (const folder of ["groups", "logs"]) {
      const exposed = filesIn(join(lab, folder)).filter((file) => SECRET.test(readFileSync(file, "utf8")));
      expect(exposed).toEqual([]);
    }
    const stored = filesIn(join(lab, "parameters"));
    expect(stored.filter((file) => file.endsWith("-token"))).toHaveLength(2 * 3);
    expect(stored.filter((file) => !isPrivate(file))).toEqual([]);
    expect(exposedFiles(join(lab, "machines"))).toEqual([]);
    for (const file of filesIn(join(lab, "machines")).filter((name) => name.endsWith("user-data"))) {
      expect(readFileSync(file, "utf8")).not.toMatch(SECRET);
    }
  });

  test("are rotated by one up, which leaves the cluster as it is", async () => {
    const core = (): CoreV1Api => connect().makeApiClient(CoreV1Api);
    const uid = async () => (await core().readNamespace({ name: "kube-system" })).metadata?.uid;
    const [before, uidBefore, userBefore] = [credentials(), await uid(), connect().getCurrentUser()!.certData];

    const stack = join(checkout.folder, "stacks", "local.ts");
    const text = readFileSync(stack, "utf8");
    const rotated = "servers: 1,\n  rotations: { serverToken: 1, agentToken: 1, adminCertificate: 1 },";
    writeFileSync(stack, text.replace("servers: 1,", rotated));
    const preview = await checkout.run("bin/pulumi", "preview", "-s", "local", "--diff", "--non-interactive");
    expect(preview.stdout).toMatch(/serverToken: 0 => 1/);
    expect(preview.stdout).not.toMatch(SECRET);
    expect(preview.stdout).not.toMatch(/to (replace|create|delete)/);
    await up();

    const after = credentials();
    expect(after.serverToken).not.toBe(before.serverToken);
    expect(after.agentToken).not.toBe(before.agentToken);
    expect(connect().getCurrentUser()!.certData).not.toBe(userBefore);
    expect(await uid()).toBe(uidBefore);

    // The old token stays in the state, for snapshots that were taken before.
    const exported = await checkout.run("bin/pulumi", "stack", "export", "-s", "local", "--show-secrets");
    expect(exported.stdout).toContain(before.serverToken);
    const authorization = (token: string) => ({
      authorization: `Basic ${Buffer.from(`server:${token.split(":").at(-1)!}`).toString("base64")}`,
    });
    const { Agent, request } = await import("undici");
    const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
    const statusOf = async (token: string): Promise<number> =>
      (
        await request(`${connect().getCurrentCluster()!.server}/v1-k3s/client-ca.crt`, {
          headers: authorization(token),
          dispatcher,
        })
      ).statusCode;
    expect({ old: await statusOf(before.serverToken), now: await statusOf(after.serverToken) }).toEqual({
      old: 401,
      now: 200,
    });
  }, 600_000);
}
