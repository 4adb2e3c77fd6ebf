import { setTimeout as sleep } from "node:timers/promises";

import type { LabServer } from "../../components/nodes/lab/client";
import { randomNumbers } from "../../bench/random-numbers";
import { withCluster } from "../../bench/lab-cluster";
import { readMembers } from "./members";

/** Range of the random moments, in ms: about the time in which an undisturbed server joins. */
const RANGE_MS = 8_000;

/** How often the members are read until all of them vote. */
const ATTEMPTS = 40;

/** Result of one round. */
export interface JoiningRound {
  /** When each server was killed, in ms after it was created. */
  readonly moments: readonly number[];
  /** Number of etcd's members that vote. */
  readonly voters: number;
  /** UIDs of namespace kube-system that the servers report. */
  readonly clusters: readonly string[];
}

/**
 * Creates clusters of three servers, and kills the process of each server once at a random moment after its creation. The lab
 * starts the process again, as systemd does.
 */
export async function* killJoiningServers(
  labBinary: string,
  { rounds, seed }: { readonly rounds: number; readonly seed: number },
): AsyncGenerator<JoiningRound> {
  const random = randomNumbers(seed);
  for (let round = 0; round < rounds; round += 1) {
    const moments = [1, 2, 3].map(() => Math.round(random() * RANGE_MS));
    const kill = async (server: LabServer, find: (name: string) => Promise<LabServer>): Promise<void> => {
      const moment = moments[Number(server.name.slice(-1)) - 1]!;
      await sleep(moment);
      const { pid } = await find(server.name);
      if (pid > 0) process.kill(pid, "SIGKILL");
    };
    yield await withCluster(
      labBinary,
      async (cluster) => {
        for (const number of [2, 3]) await cluster.addServer(number);
        const { servers } = await cluster.lab.status();
        const read = () => Promise.all(servers.map(({ name }) => readMembers(cluster.state, name)));
        let found = await read();
        // The leader records that a member votes within seconds.
        for (let attempt = 0; attempt < ATTEMPTS && found[0]!.voters < servers.length; attempt += 1) {
          await sleep(500);
          found = await read();
        }
        return {
          moments,
          voters: found[0]!.voters,
          clusters: [...new Set(found.map(({ clusterUid }) => clusterUid))],
        };
      },
      { onServer: kill },
    );
  }
}
