import { ALL_MESSAGES, acknowledgementsOf } from "../../fleet/edge-data/topics";
import type { BrokerClient, Fleet } from "../../fleet/model";
import { formatPath, formatValue } from "../../fleet/problem";
import { covers, overlaps } from "../../fleet/topic-filters";
import type { FleetRule, Violation } from "../engine/rule";

function checkClient({ name, publish, subscribe }: BrokerClient, path: readonly PropertyKey[]): Violation[] {
  return publish.flatMap((filter) => {
    const acknowledgements = acknowledgementsOf(filter);
    if (acknowledgements === undefined || subscribe.some((each) => covers(each, acknowledgements))) return [];
    const message = `must contain ${acknowledgements}: client ${name} publishes ${filter} and never learns that a message is stored`;
    return [{ path: formatPath([...path, "subscribe"]), message }];
  });
}

function checkFleet({ clusters }: Fleet): Violation[] {
  return clusters.flatMap(({ brokers, cloudBroker }, index) => {
    const clientsOf = (clients: readonly BrokerClient[], ...path: PropertyKey[]): Violation[] =>
      clients.flatMap((client, at) => checkClient(client, ["clusters", index, ...path, "clients", at]));
    const forwards = brokers.flatMap(({ forward }, at) =>
      forward.flatMap((filter, position) => {
        if (!overlaps(filter, ALL_MESSAGES)) return [];
        const rule = "must not match the messages of edge agents, because their acknowledgements would not come back";
        const path = formatPath(["clusters", index, "brokers", at, "forward", position]);
        return [{ path, message: `${rule}, got ${formatValue(filter)}` }];
      }),
    );
    return [
      ...brokers.flatMap(({ clients }, at) => clientsOf(clients, "brokers", at)),
      ...clientsOf(cloudBroker?.clients ?? [], "cloudBroker"),
      ...forwards,
    ];
  });
}

export const edgeAcknowledgementsReturn: FleetRule = {
  subject: "fleet",
  id: "edge-acknowledgements-return",
  title: "Every publisher of edge messages receives their acknowledgements",
  why: "An outbox deletes a message when the cloud has acknowledged it. Without acknowledgements it sends the same messages again and again, until it is full.",
  severity: "error",
  remedy:
    "State the node in edgeAgents, which bridges both directions, or let the client subscribe to its acknowledgements.",
  check: checkFleet,
};
