/**
 * Time and memory of the production program under mocks, without Pulumi's engine and AWS, and its growth with the number of
 * clusters. Each size runs in a process of its own. Also the size of the user data.
 *
 *   npx tsx bench/aws-program.ts [clusters ...]
 */
import { execFileSync } from "node:child_process";

import { FleetDeployment } from "../components/fleet";
import { AwsMachines } from "../components/nodes/aws/machines";
import { MAX_USER_DATA_BYTES } from "../components/nodes/aws/user-data";
import { production, productionPools, productionSites } from "../stacks/production";
import { ACCOUNT } from "../test/unit/aws/support/attributes";
import { CHECKSUMS } from "../test/unit/aws/support/clusters";
import { Recording } from "../test/unit/aws/support/recording";
import { record, table } from "./record";

const SIZES = [3, 30, 100];

interface Measured {
  readonly clusters: number;
  readonly resources: number;
  readonly cloud: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly rssMiB: number;
  /** Largest user data of a server and of an agent, compressed, in bytes. */
  readonly userData: { readonly server: number; readonly agent: number };
}

/** Repeats the clusters of the production fleet under other names. */
function grow(clusters: number): typeof production {
  const own = production.clusters;
  return {
    ...production,
    clusters: Array.from({ length: clusters }, (_, index) => {
      const cluster = own[index % own.length]!;
      const name = index < own.length ? cluster.name : `${cluster.name}-${Math.floor(index / own.length)}`;
      const { s3 } = cluster.backup!;
      return { ...cluster, name, k3s: { sha256: CHECKSUMS }, backup: { s3: { ...s3, bucket: `snapshots-${name}` } } };
    }),
  };
}

async function measure(clusters: number): Promise<Measured> {
  const started = Date.now();
  const { resources } = await Recording.of("production", () => {
    const fleet = grow(clusters);
    const machines = new AwsMachines({
      fleet: fleet.name,
      environment: "production",
      accountId: ACCOUNT,
      owner: "platform",
      costCenter: "edge",
      sites: productionSites,
      pools: productionPools,
      api: { publicRanges: ["203.0.113.0/24"] },
    });
    new FleetDeployment("fleet", { fleet, machines });
  });
  const { user, system } = process.cpuUsage();
  const largest = (type: string, property: string): number =>
    Math.max(
      ...resources
        .filter((each) => each.type === type)
        .map(({ inputs }) => Buffer.from(String(inputs[property]), "base64").length),
    );
  return {
    clusters,
    resources: resources.length,
    cloud: resources.filter(({ type }) => type.startsWith("aws:")).length,
    seconds: (Date.now() - started) / 1000,
    cpuSeconds: (user + system) / 1e6,
    rssMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    userData: {
      server: largest("aws:ec2/instance:Instance", "userDataBase64"),
      agent: largest("aws:ec2/launchTemplate:LaunchTemplate", "userData"),
    },
  };
}

async function main(): Promise<void> {
  const [flag, size] = process.argv.slice(2);
  if (flag === "--one") {
    process.stdout.write(JSON.stringify(await measure(Number(size))));
    return;
  }
  const given = process.argv.slice(2).map(Number);
  const results = (given.length > 0 ? given : SIZES).map((clusters): Measured => {
    const output = execFileSync("npx", ["tsx", __filename, "--one", String(clusters)], {
      encoding: "utf8",
      maxBuffer: 64 * 2 ** 20,
    });
    // The program logs what each cluster costs.
    return JSON.parse(output.slice(output.lastIndexOf('{"clusters"'))) as Measured;
  });
  const [first] = results;
  const rows = results.map(({ clusters, resources, cloud, seconds, cpuSeconds, rssMiB }) => [
    clusters,
    resources,
    cloud,
    seconds.toFixed(1),
    cpuSeconds.toFixed(1),
    (cpuSeconds / first!.cpuSeconds).toFixed(1),
    rssMiB,
  ]);
  const { server, agent } = first!.userData;
  const share = (bytes: number): string => `${bytes} bytes, ${Math.round((bytes / MAX_USER_DATA_BYTES) * 100)} %`;
  await record(
    "The production program under mocks",
    "npx tsx bench/aws-program.ts",
    `The program only: without Pulumi's engine, which writes the state after every step, and without providers. CPU and memory include
loading the program.

${table(["clusters", "resources", "in AWS", "s", "CPU s", "ratio", "MiB"], rows)}

User data of a server: ${share(server)} of what EC2 accepts. Of an agent: ${share(agent)}.`,
  );
}

void main();
