import { setTimeout as sleep } from "node:timers/promises";

import { CoreV1Api } from "@kubernetes/client-node";

import { type LabCluster, type MachineUserData, withCluster } from "../../bench/lab-cluster";
import { resolveTools } from "../../cli/tools/resolve";
import { tool } from "../../cli/tools/catalogue";
import { decodeUserData } from "../../components/nodes/aws/user-data";
import { ConsoleProgress } from "../../cli/progress";
import type { ClusterEndpoint } from "../../fleet/k3s/userdata";
import type { ClusterSpec } from "../../fleet/model";
import { common, recordClusters, smallCluster } from "../unit/aws/support/clusters";
import { changesWithServers, expectObjects, readSettledObjects } from "./every-object";
import { eventually } from "./eventually";
import { readMembers } from "./members";
import { Writer } from "./writer";

/** The lab starts machines from the user data that AWS would get. */

const SITES = { frankfurt: { region: "eu-central-1", cidr: "10.32.0.0/20" } };
const [pool] = smallCluster.nodePools;

/** Records what the program creates in AWS, and returns its user data with the address and the parameters of the lab. */
async function renderForAws(cluster: ClusterSpec, endpoint: ClusterEndpoint): Promise<MachineUserData> {
  const recording = await recordClusters([cluster], { ...common, sites: SITES });
  const [loadBalancer] = recording.ofType("aws:lb/loadBalancer:LoadBalancer");
  const forLab = (text: string): string =>
    text
      .replaceAll(String(loadBalancer!.attributes.dnsName), endpoint.host)
      .replaceAll(`/skerry/${common.environment}/${cluster.name}`, endpoint.parameters.prefix);
  const servers = recording
    .ofType("aws:ec2/instance:Instance")
    .map(({ inputs }) => decodeUserData(String(inputs.userDataBase64)));
  expect(new Set(servers).size).toBe(1);
  const templates = recording.ofType("aws:ec2/launchTemplate:LaunchTemplate");
  return {
    server: forLab(servers[0]!),
    agent: ({ name }) => {
      const { inputs } = templates.find((template) => template.name === `${cluster.name}-${name}`)!;
      return forLab(decodeUserData(String(inputs.userData)));
    },
  };
}

async function expectOneCluster({ state }: LabCluster, servers: readonly string[]): Promise<void> {
  await eventually("every server votes", 60, async () => {
    const views = await Promise.all(servers.map((name) => readMembers(state, name)));
    const uids = new Set(views.map(({ clusterUid }) => clusterUid));
    return uids.size === 1 && views.every(({ voters }) => voters === servers.length);
  });
}

async function checkServers(cluster: LabCluster): Promise<void> {
  const { lab, config } = cluster;
  const servers = [1, 2, 3].map((number) => `${smallCluster.name}-server-${number}`);
  for (const number of [2, 3]) await cluster.addServer(number);
  await cluster.joinPool(pool!);
  await expectOneCluster(cluster, servers);
  await eventually("every node is Ready", 60, async () => (await cluster.ready()) === servers.length + pool!.count);

  const before = await readSettledObjects(config, changesWithServers);
  const writer = new Writer(config, "write");
  await eventually("writes succeed", 10, async () => writer.count > 10);
  await lab.stopServer(servers[0]!);
  const withTwo = writer.count;
  await eventually("writes continue with two servers", 60, async () => writer.count > withTwo + 20);
  await lab.stopServer(servers[1]!);
  await sleep(1_000);
  const withOne = writer.count;
  await sleep(5_000);
  expect(writer.count).toBe(withOne);

  for (const name of servers.slice(0, 2)) await lab.startServer(name);
  await eventually("writes succeed again", 90, async () => writer.count > withOne + 20);
  for (const [index, name] of servers.slice(0, 2).entries()) {
    await lab.deleteServer(name);
    // Removes its member from etcd, for which the other two are a quorum.
    await config.makeApiClient(CoreV1Api).deleteNode({ name });
    await cluster.addServer(index + 1);
    await expectOneCluster(cluster, servers);
  }
  expect(await writer.stop()).toEqual([]);
  await expectObjects(config, changesWithServers, before);
}

test("three servers and their agents start from it, and survive the loss and replacement of two servers", async () => {
  const [binary] = await resolveTools([tool("lab")], new ConsoleProgress());
  await withCluster(binary!.path, checkServers, { spec: smallCluster, render: renderForAws });
}, 600_000);
