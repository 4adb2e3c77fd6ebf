import { edgeAgentNodes } from "../../fleet/edge-data/agent-nodes";
import { HUB, siteSyncName } from "../../fleet/edge-data/sites";
import { configTopic, nodeTopics, syncTopics, TO_ALL_NODES } from "../../fleet/edge-data/topics";
import type { ClusterSpec } from "../../fleet/model";
import { formatPath, formatValue } from "../../fleet/problem";
import { overlaps } from "../../fleet/topic-filters";
import type { FleetRule, Violation } from "../engine/rule";

/** Topics of which each has one publisher, with the name of it. */
function ownedTopics(cluster: ClusterSpec): { readonly topic: string; readonly owner: string }[] {
  return [
    ...edgeAgentNodes(cluster).flatMap(({ node }) =>
      nodeTopics(node).publish.map((topic) => ({ topic, owner: `the agent of node ${node}` })),
    ),
    ...siteTopics(cluster),
    ...(cluster.edgeIngest ? TO_ALL_NODES.map((topic) => ({ topic, owner: "the ingest" })) : []),
  ];
}

/** The topics of site-sync, with its objects' names. */
function siteTopics(cluster: ClusterSpec): { readonly topic: string; readonly owner: string }[] {
  if (!cluster.siteSync) return [];
  const sites = cluster.brokers.map(({ name }) => name);
  return [
    { topic: syncTopics.down("+"), owner: siteSyncName(HUB) },
    ...sites.map((site) => ({ topic: syncTopics.up(site), owner: siteSyncName(site) })),
    ...edgeAgentNodes(cluster)
      .filter(({ broker }) => sites.includes(broker))
      .map(({ node, broker }) => ({ topic: configTopic(node), owner: siteSyncName(broker) })),
  ];
}

function checkCluster(cluster: ClusterSpec, path: readonly PropertyKey[]): Violation[] {
  const owned = ownedTopics(cluster);
  const check = (filters: readonly string[], at: readonly PropertyKey[], who: string): Violation[] =>
    filters.flatMap((filter, index) => {
      const taken = owned.find(({ topic }) => overlaps(filter, topic));
      if (!taken) return [];
      const message = `got ${formatValue(filter)}, must not match ${taken.topic}: ${who} could publish as ${taken.owner}`;
      return [{ path: formatPath([...at, index]), message }];
    });
  const brokers = [
    ...cluster.brokers.map((broker, index) => ({ broker, at: [...path, "brokers", index] })),
    ...(cluster.cloudBroker ? [{ broker: cluster.cloudBroker, at: [...path, "cloudBroker"] }] : []),
  ];
  return [
    ...brokers.flatMap(({ broker, at }) =>
      broker.clients.flatMap((client, index) =>
        check(client.publish, [...at, "clients", index, "publish"], `client ${client.name}`),
      ),
    ),
    ...cluster.brokers.flatMap(({ name, forward }, index) =>
      check(forward, [...path, "brokers", index, "forward"], `broker ${name}`),
    ),
  ];
}

export const edgeTopicsExclusive: FleetRule = {
  subject: "fleet",
  id: "edge-topics-exclusive",
  title:
    "Only the agent of a node publishes its messages, only the ingest acknowledges them, and only site-sync writes state",
  why: "A forged message is stored under the name of another node. A forged acknowledgement deletes messages that the cloud never stored. A forged state configures agents.",
  severity: "error",
  remedy:
    "Name the topics that the client or the broker uses, outside skerry/v1. Edge agents and site-sync have their topics without being listed.",
  check: ({ clusters }) => clusters.flatMap((cluster, index) => checkCluster(cluster, ["clusters", index])),
};
