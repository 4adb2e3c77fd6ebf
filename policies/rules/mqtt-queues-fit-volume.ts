import { cloudSessions, edgeSessions, queuesMiB, type Sessions } from "../../fleet/broker-memory";
import type { CloudBroker } from "../../fleet/model";
import { formatPath } from "../../fleet/problem";
import type { FleetRule, Violation } from "../engine/rule";

/** Mosquitto writes a new database next to the old one before it replaces it. */
const COPIES = 2;

function checkBroker(broker: CloudBroker, sessions: Sessions, path: readonly PropertyKey[]): Violation[] {
  const needed = (COPIES * queuesMiB(broker.queue, sessions)) / 1024;
  if (needed <= broker.storageGiB) return [];
  const gibibytes = String(Math.ceil(needed * 10) / 10);
  const count = sessions.full + sessions.agents;
  const message = `got ${broker.storageGiB} GiB, must be at least ${gibibytes} GiB to save the full queues of ${count} ${count === 1 ? "session" : "sessions"}`;
  return [{ path: formatPath([...path, "storageGiB"]), message }];
}

export const mqttQueuesFitVolume: FleetRule = {
  subject: "fleet",
  id: "mqtt-queues-fit-volume",
  title: "A broker's volume has room for two copies of its full queues",
  why: "Mosquitto writes a new database next to the old one. On a full volume it cannot save its queues, and a restart loses the messages that arrived during an outage.",
  severity: "error",
  remedy: "Increase storageGiB, or lower queue.memoryMiB.",
  check: ({ clusters }) =>
    clusters.flatMap((cluster, index) => {
      const { brokers, cloudBroker } = cluster;
      const path = ["clusters", index];
      return [
        ...brokers.flatMap((broker, at) =>
          checkBroker(broker, edgeSessions(cluster, broker), [...path, "brokers", at]),
        ),
        ...(cloudBroker ? checkBroker(cloudBroker, cloudSessions(cluster, cloudBroker), [...path, "cloudBroker"]) : []),
      ];
    }),
};
