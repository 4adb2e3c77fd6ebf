import type { BrokerClient } from "../../fleet/model";
import { formatPath, formatValue } from "../../fleet/problem";
import type { FleetRule, Violation } from "../engine/rule";

/** Filters of nothing but wildcards: they match topics of any name. */
const matchesEverything = (filter: string): boolean =>
  filter.split("/").every((level) => level === "#" || level === "+");

function problems(client: BrokerClient, path: readonly PropertyKey[]): Violation[] {
  return (["publish", "subscribe"] as const).flatMap((way) =>
    client[way].flatMap((filter, index) =>
      matchesEverything(filter)
        ? [
            {
              path: formatPath([...path, way, index]),
              message: `got ${formatValue(filter)}, which names no topic: client ${client.name} may ${way} to anything`,
            },
          ]
        : [],
    ),
  );
}

export const clientsLimited: FleetRule = {
  subject: "fleet",
  id: "clients-limited",
  title: "Every MQTT client is limited to topics that it names",
  why: "A client's certificate lies on a device that may be stolen: what it may do, its thief may do to the whole broker.",
  severity: "warning",
  remedy: "Name the topics that the client uses, with wildcards below a name, as in sensors/tokyo/#.",
  check: ({ clusters }) =>
    clusters.flatMap(({ brokers, cloudBroker }, index) => [
      ...brokers.flatMap(({ clients }, broker) =>
        clients.flatMap((client, at) => problems(client, ["clusters", index, "brokers", broker, "clients", at])),
      ),
      ...(cloudBroker?.clients ?? []).flatMap((client, at) =>
        problems(client, ["clusters", index, "cloudBroker", "clients", at]),
      ),
    ]),
};
