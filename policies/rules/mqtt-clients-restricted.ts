import type { BrokerClient } from "../../fleet/model";
import { pathText, shown } from "../../fleet/problem";
import type { FleetRule, Violation } from "../engine/rule";

/** Reports whether a filter consists only of wildcards, and so matches topics of any name. */
const matchesEverything = (filter: string): boolean =>
  filter.split("/").every((level) => level === "#" || level === "+");

function checkClient(client: BrokerClient, path: readonly PropertyKey[]): Violation[] {
  return (["publish", "subscribe"] as const).flatMap((action) =>
    client[action].flatMap((filter, index) =>
      matchesEverything(filter)
        ? [
            {
              path: pathText([...path, action, index]),
              message: `got ${shown(filter)}, must name a topic: client ${client.name} may ${action} to any topic`,
            },
          ]
        : [],
    ),
  );
}

export const mqttClientsRestricted: FleetRule = {
  subject: "fleet",
  id: "mqtt-clients-restricted",
  title: "MQTT clients are restricted to named topics",
  why: "A client's certificate is stored on a device that can be stolen. The thief gets every permission that the client has.",
  severity: "warning",
  remedy: "Name the topics that the client uses, with wildcards only below a name, for example sensors/tokyo/#.",
  check: ({ clusters }) =>
    clusters.flatMap(({ brokers, cloudBroker }, index) => [
      ...brokers.flatMap(({ clients }, broker) =>
        clients.flatMap((client, at) => checkClient(client, ["clusters", index, "brokers", broker, "clients", at])),
      ),
      ...(cloudBroker?.clients ?? []).flatMap((client, at) =>
        checkClient(client, ["clusters", index, "cloudBroker", "clients", at]),
      ),
    ]),
};
