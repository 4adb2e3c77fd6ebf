import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { KubeConfig } from "@kubernetes/client-node";
import { App } from "cdk8s";
import { Agent, request } from "undici";

import { withCluster } from "../../bench/lab-cluster";
import { chartObjects } from "../../charts/chart-objects";
import { sortForDelivery } from "../../charts/delivery-order";
import { DefinitionsChart } from "../../charts/system/definitions";
import { NamespacesChart, SYSTEM_NAMESPACE } from "../../charts/system/namespaces";
import { NodeAgentChart } from "../../charts/system/node-agent";
import { NODE_AGENT, NODE_AGENT_NAMESPACE } from "../../charts/system/node-agent-names";
import { ConsoleProgress } from "../../cli/progress";
import { tool } from "../../cli/tools/catalogue";
import { resolveTools } from "../../cli/tools/resolve";
import { defaults } from "../../fleet/defaults";
import { podSpec } from "../unit/policies/cases/case";
import { ApiServer } from "./api-server";

jest.setTimeout(600_000);

const PROFILES = "/apis/skerry.dev/v1alpha1/nodeprofiles";

/** Repeats until the function returns a value. */
async function until<T>(what: string, find: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(200)) {
    const found = await find();
    if (found !== undefined) return found;
  }
  throw new Error(`${what}: not within a minute`);
}

/** The API server as the agent of a node sees it. */
interface AgentView {
  readonly token: string;
  /** Sends a request with the token of the agent's pod and returns the status. */
  send(method: "POST" | "PATCH" | "DELETE" | "GET", path: string, body?: object): Promise<number>;
}

/** Creates a pod of the agent on a node and gets its token, as the kubelet does. */
async function runPod(api: ApiServer, config: KubeConfig, node: string): Promise<AgentView> {
  const { server, caData } = config.getCurrentCluster()!;
  const metadata = { name: `agent-on-${node}`, namespace: NODE_AGENT_NAMESPACE };
  await api.made({
    apiVersion: "v1",
    kind: "Pod",
    metadata,
    spec: podSpec({ nodeName: node, serviceAccountName: NODE_AGENT }),
  });
  const created = await api.send("GET", `/api/v1/namespaces/${NODE_AGENT_NAMESPACE}/pods/${metadata.name}`);
  const { uid } = (created.body as { readonly metadata: { readonly uid: string } } & typeof created.body).metadata;
  const path = `/api/v1/namespaces/${NODE_AGENT_NAMESPACE}/serviceaccounts/${NODE_AGENT}/token`;
  const boundObjectRef = { kind: "Pod", apiVersion: "v1", name: metadata.name, uid };
  const issued = await api.send("POST", path, {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { boundObjectRef, expirationSeconds: 3600 },
  });
  const { token } = issued.body.status as { readonly token: string };
  const dispatcher = new Agent({ connect: { ca: Buffer.from(caData!, "base64") } });
  return {
    token,
    async send(method, to, body) {
      const answer = await request(new URL(to, server), {
        method,
        dispatcher,
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": method === "PATCH" ? "application/merge-patch+json" : "application/json",
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      await answer.body.dump();
      return answer.statusCode;
    },
  };
}

const profile = (name: string) => ({
  apiVersion: "skerry.dev/v1alpha1",
  kind: "NodeProfile",
  metadata: { name },
  spec: { capability: {} },
});

/** Runs the real agent with a token until `use` ends. */
async function withAgent(binary: string, config: KubeConfig, node: string, token: string, use: () => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), "skerry-node-agent-"));
  const { server, caData } = config.getCurrentCluster()!;
  mkdirSync(join(folder, "state"));
  writeFileSync(join(folder, "token"), token);
  writeFileSync(join(folder, "ca.crt"), Buffer.from(caData!, "base64"));
  const child: ChildProcess = spawn(
    binary,
    [
      `--node-name=${node}`,
      `--server=${server}`,
      `--token-file=${join(folder, "token")}`,
      `--certificate-authority=${join(folder, "ca.crt")}`,
      `--state-dir=${join(folder, "state")}`,
      "--interval=1s",
    ],
    { stdio: "ignore" },
  );
  const ended = new Promise((resolve) => child.once("exit", resolve));
  try {
    await use();
  } finally {
    child.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

test("an agent publishes the profile of its node, and can write no other", async () => {
  const [lab, agent] = await resolveTools([tool("lab"), tool("node-agent")], new ConsoleProgress());
  const { kubernetesVersion } = defaults.cluster;
  const charts = [
    new DefinitionsChart(new App(), "definitions"),
    new NamespacesChart(new App(), "namespaces", { restricted: [SYSTEM_NAMESPACE], shared: [] }),
    new NodeAgentChart(new App(), "node-agent", { kubernetesVersion }),
  ];
  await withCluster(
    lab!.path,
    async (cluster) => {
      const { config } = cluster;
      const api = new ApiServer(config);
      try {
        for (const object of sortForDelivery(charts.flatMap(chartObjects))) {
          const done = await until(`${object.kind} ${object.metadata.name}`, async () => {
            // A namespace can be used only after the controllers created its service account.
            const { status, body } = await api.create(object);
            return status === 201 || status === 409
              ? "created"
              : status >= 500 || status === 403
                ? undefined
                : body.message;
          });
          expect([object.metadata.name, done]).toEqual([object.metadata.name, "created"]);
        }
        await cluster.join("edge", 2);
        const [own, other] = await until("two nodes", async () => {
          const { body } = await api.send("GET", "/api/v1/nodes");
          const { items } = body as unknown as { readonly items: readonly { metadata: { name: string } }[] };
          const names = items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith("edge"));
          return names.length === 2 ? names.sort() : undefined;
        });
        const view = await runPod(api, config, own!);

        // The policy takes effect a moment after it was created.
        await until("the policy", async () =>
          (await view.send("POST", PROFILES, profile("elsewhere"))) === 403 ? true : undefined,
        );
        await api.send("DELETE", `${PROFILES}/elsewhere`);
        expect(await view.send("POST", PROFILES, profile(own!))).toBe(201);
        await api.made(profile(other!));
        const status = { status: { pods: [], probeAddress: "10.0.0.1:9464" } };
        const spec = { spec: { capability: { cpu: 64 } } };
        expect(await view.send("PATCH", `${PROFILES}/${own}/status`, status)).toBe(200);
        expect(await view.send("PATCH", `${PROFILES}/${own}`, spec)).toBe(200);
        expect(await view.send("PATCH", `${PROFILES}/${other}/status`, status)).toBe(403);
        expect(await view.send("PATCH", `${PROFILES}/${other}`, spec)).toBe(403);
        expect(await view.send("DELETE", `${PROFILES}/${other}`)).toBe(403);
        expect(await view.send("GET", PROFILES)).toBe(403);
        expect(await view.send("GET", `/api/v1/nodes/${own}`)).toBe(200);
        // A token of the account without a pod names no node.
        const path = `/api/v1/namespaces/${NODE_AGENT_NAMESPACE}/serviceaccounts/${NODE_AGENT}/token`;
        expect((await api.send("DELETE", `${PROFILES}/${own}`)).status).toBe(200);
        const unbound = await api.send("POST", path, {
          apiVersion: "authentication.k8s.io/v1",
          kind: "TokenRequest",
          spec: {},
        });
        const { token } = unbound.body.status as { readonly token: string };
        const { server, caData } = config.getCurrentCluster()!;
        const dispatcher = new Agent({ connect: { ca: Buffer.from(caData!, "base64") } });
        const refused = await request(new URL(PROFILES, server), {
          method: "POST",
          dispatcher,
          headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
          body: JSON.stringify(profile(own!)),
        });
        expect(refused.statusCode).toBe(403);
        await refused.body.dump();

        await withAgent(agent!.path, config, own!, view.token, async () => {
          const published = await until("a profile", async () => {
            const { body } = await api.send("GET", `${PROFILES}/${own}`);
            const { samples } = (body.status ?? {}) as {
              readonly samples?: readonly { cpuPercent: number; time: string }[];
            };
            return samples?.length === 3 ? { ...body, samples } : undefined;
          });
          expect(published.samples[2]!.cpuPercent).toBeGreaterThanOrEqual(0);
          expect(Math.abs(Date.now() - Date.parse(published.samples[2]!.time))).toBeLessThan(10_000);
          expect(published.spec).toMatchObject({
            capability: { cpu: expect.any(Number), memoryGB: expect.any(Number) },
          });
        });
      } finally {
        await api.close();
      }
    },
    { flags: ["--sampling-interval=0"] },
  );
});
