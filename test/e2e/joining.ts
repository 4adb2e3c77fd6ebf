import { CoreV1Api, type KubeConfig } from "@kubernetes/client-node";

import type { LabClient } from "../../components/nodes/lab/client";
import { authorityHash } from "../../fleet/k3s/authority-hash";
import { bootstrapSecret, BOOTSTRAP_NAMESPACE } from "../../fleet/k3s/bootstrap-secret";
import { AGENT_TOKEN } from "../../fleet/k3s/parameters";
import { randomBootstrapToken } from "../../fleet/k3s/token";
import { agentUserData } from "../../fleet/k3s/userdata";
import type { ClusterSpec } from "../../fleet/model";
import { eventually } from "./eventually";

const PREFIX = "/skerry/test/joining";
const GROUP = "stranger";
const machine = { instanceType: "raspberry-pi-4", cpuCores: 4, memoryMiB: 4096, ephemeralGiB: 32 };

/** Checks which machines may join a cluster of the lab, by their token and by their node password. */
export function describeJoining(connect: () => KubeConfig, lab: () => LabClient, cluster: ClusterSpec): void {
  const core = (): CoreV1Api => connect().makeApiClient(CoreV1Api);
  const host = (): string => new URL(connect().getCurrentCluster()!.server).hostname;
  const join = async (count: number, url = host(), group = GROUP): Promise<unknown> => {
    const endpoint = { host: url, port: 6443, parameters: { prefix: PREFIX, region: "lab" } };
    const userData = agentUserData(cluster, cluster.nodePools[0]!, endpoint);
    return lab().putGroup(group, { hostname: GROUP, count, machine, userData });
  };
  const setToken = (token: string): Promise<void> => lab().putParameter(`${PREFIX}/${AGENT_TOKEN}`, token);
  const strangers = async (): Promise<string[]> =>
    (await core().listNode()).items.map(({ metadata }) => metadata!.name!).filter((name) => name.startsWith(GROUP));

  const created: string[] = [];

  /** Creates a bootstrap token and returns its Secret. */
  async function createToken(hours: number): Promise<string> {
    const credentials = randomBootstrapToken();
    const expires = new Date(Date.now() + hours * 3_600_000);
    const body = bootstrapSecret(credentials, { expires, description: "test" });
    await core().createNamespacedSecret({ namespace: BOOTSTRAP_NAMESPACE, body });
    created.push(body.metadata.name);
    // The kubeconfig has the root only, so the hash is that of the bundle that the server presents.
    const bundle = await core().readNamespacedConfigMap({ namespace: "kube-system", name: "kube-root-ca.crt" });
    await setToken(`K10${authorityHash(bundle.data!["ca.crt"]!)}::${credentials.id}.${credentials.secret}`);
    return body.metadata.name;
  }

  beforeEach(() => setToken("wrong"));
  afterEach(() => lab().deleteGroup(GROUP));
  afterAll(async () => {
    await lab().deleteParameters(`${PREFIX}/`);
    for (const { metadata } of (await core().listNamespacedSecret({ namespace: BOOTSTRAP_NAMESPACE })).items) {
      const name = metadata!.name!;
      if (created.includes(name)) await core().deleteNamespacedSecret({ namespace: BOOTSTRAP_NAMESPACE, name });
    }
  });

  test("requires the parameter of the token, and names it", async () => {
    await lab().deleteParameters(`${PREFIX}/`);
    await expect(join(1)).rejects.toThrow(`parameter not found: ${PREFIX}/${AGENT_TOKEN}`);
    await setToken("K10malformed");
    await expect(join(1)).rejects.toThrow(/agent-token.*invalid token format/);
    await expect(join(1)).rejects.not.toThrow("malformed");
  });

  test("rejects a wrong token and names an unreachable server", async () => {
    await expect(join(1)).rejects.toThrow(/stranger-01: .*401 Unauthorized/);
    await lab().deleteGroup(GROUP);
    await expect(join(1, "127.255.255.1")).rejects.toThrow(/stranger-01: .*127\.255\.255\.1/);
    expect(await strangers()).toEqual([]);
  });

  test("a bootstrap token admits agents until it expires or is revoked, and those that joined stay", async () => {
    const name = await createToken(1);
    await join(1);
    expect(await strangers()).toEqual(["stranger-01"]);
    await core().deleteNamespacedSecret({ namespace: BOOTSTRAP_NAMESPACE, name });
    await expect(join(2)).rejects.toThrow(/stranger-02: .*401 Unauthorized: the token is wrong, expired or revoked/);
    await createToken(-1);
    await expect(join(2)).rejects.toThrow(/stranger-02: .*401 Unauthorized/);
    expect(await strangers()).toEqual(["stranger-01"]);
  });

  test("a machine cannot take the name of another until its Node is deleted", async () => {
    await createToken(1);
    await join(1);
    const other = `${GROUP}-other`;
    try {
      const joining = join(1, host(), other);
      await eventually("the second machine is rejected", 30, async () => {
        const { groups } = await lab().status();
        return groups.some(({ name, machines }) => name === other && machines.some(({ state }) => state === "joining"));
      });
      await core().deleteNode({ name: "stranger-01" });
      // It retries like K3s, and joins when the name is free.
      await joining;
      expect(await strangers()).toEqual(["stranger-01"]);
    } finally {
      await lab().deleteGroup(other);
    }
  });
}
