/** Topics of edge data. Their payloads are described in docs/edge-data.md. */

const ROOT = "skerry/v1";

/** Filter of the messages of all nodes. */
export const ALL_MESSAGES = `${ROOT}/up/#`;

/** Returns the filter of the acknowledgements of what is published to a filter. Undefined if it names no messages of nodes. */
export function acknowledgementsOf(filter: string): string | undefined {
  const [, rest] = filter.split(`${ROOT}/up/`);
  return rest === undefined ? undefined : `${ROOT}/ack/${rest}`;
}

/** Filters of what all nodes send: their messages, and which of them they lost. */
export const FROM_ALL_NODES = [`${ROOT}/up/+/+`, `${ROOT}/losses/+/+`];

/** Filter of the acknowledgements to all nodes. */
export const TO_ALL_NODES = [`${ROOT}/ack/+/+`];

/** Topic filters over which site-sync exchanges state. */
export const syncTopics = {
  up: (site: string): string => `${ROOT}/sync/${site}/up`,
  down: (site: string): string => `${ROOT}/sync/${site}/down`,
} as const;

/** Topic filters of one node, by what its agent does with them. */
export interface NodeTopics {
  /** The node's messages, its losses, and the configuration that its agent reports. */
  readonly publish: readonly string[];
  /** The acknowledgements of the messages, and the configuration that the agent should have. */
  readonly subscribe: readonly string[];
}

/** Returns the topic of the configuration that a node's agent should have. */
export const configTopic = (node: string): string => `${ROOT}/config/${node}`;

/** Returns the topic of the configuration that a node's agent reports. */
export const reportedTopic = (node: string): string => `${ROOT}/reported/${node}`;

/** Returns the topics of a node's agent. No other client may publish to those that it publishes. */
export const nodeTopics = (node: string): NodeTopics => ({
  publish: [`${ROOT}/up/${node}/+`, `${ROOT}/losses/${node}/+`, reportedTopic(node)],
  subscribe: [`${ROOT}/ack/${node}/+`, configTopic(node)],
});
