import { cloudSessions, edgeSessions } from "../../fleet/broker-memory";
import type { CloudBroker } from "../../fleet/model";
import { formatPath } from "../../fleet/problem";
import type { FleetRule, Violation } from "../engine/rule";

/** Mosquitto writes its database anew beside the old one, and then puts it in its place. */
const COPIES = 2;

function problem(broker: CloudBroker, sessions: number, path: readonly PropertyKey[]): Violation[] {
  const needed = (COPIES * broker.queue.memoryMiB * sessions) / 1024;
  if (needed <= broker.storageGiB) return [];
  const gibibytes = String(Math.ceil(needed * 10) / 10);
  const message = `got ${broker.storageGiB} GiB, where the full queues of ${sessions} sessions need ${gibibytes} GiB while they are saved`;
  return [{ path: formatPath([...path, "storageGiB"]), message }];
}

export const queuesFitDisk: FleetRule = {
  subject: "fleet",
  id: "queues-fit-disk",
  title: "A broker's volume holds its full queues, twice",
  why: "On a full volume the broker can't save what it holds: after a restart, all that came in during a long cut is lost.",
  severity: "error",
  remedy: "Enlarge storageGiB, or bound queue.memoryMiB lower.",
  check: ({ clusters }) =>
    clusters.flatMap(({ brokers, cloudBroker }, index) => [
      ...brokers.flatMap((broker, at) => problem(broker, edgeSessions(broker), ["clusters", index, "brokers", at])),
      ...(cloudBroker ? problem(cloudBroker, cloudSessions(cloudBroker), ["clusters", index, "cloudBroker"]) : []),
    ]),
};
