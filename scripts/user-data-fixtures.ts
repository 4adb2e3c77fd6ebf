/**
 * Renders the user data of a server and of an agent of fleet `local` to test/fixtures/user-data, where the tests of the lab read it.
 *
 *   npx tsx scripts/user-data-fixtures.ts [--check]
 *
 * `--check` writes nothing and exits with 1 if a file is out of date.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { agentUserData, type ClusterEndpoint, serverUserData } from "../fleet/k3s/userdata";
import { parseFleet } from "../fleet/reading/parse";
import { local } from "../stacks/local";

const endpoint: ClusterEndpoint = {
  host: "192.0.2.1",
  port: 6443,
  parameters: { prefix: "/skerry/local/frankfurt", region: "eu-central-1" },
};
const cluster = parseFleet(local).clusters[0]!;
const pool = cluster.nodePools.find(({ taints }) => taints.length > 0)!;
const files = {
  "server.yaml": serverUserData(cluster, endpoint),
  "agent.yaml": agentUserData(cluster, pool, endpoint),
};

for (const [name, content] of Object.entries(files)) {
  const file = join(__dirname, "..", "test", "fixtures", "user-data", name);
  if (!process.argv.includes("--check")) writeFileSync(file, content);
  else if (readFileSync(file, "utf8") !== content) {
    console.error(`test/fixtures/user-data/${name} is out of date: run make generate`);
    process.exitCode = 1;
  }
}
