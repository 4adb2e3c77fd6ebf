import { edgeAgentNodes } from "../../fleet/edge-data/agent-nodes";
import { neededGiB } from "../../fleet/edge-data/outbox-fit";
import { formatPath } from "../../fleet/problem";
import type { FleetRule } from "../engine/rule";

/** The kubelet deletes images when less than 15 % of the disk is free, and evicts pods below 10 %. */
const MAX_SHARE = 0.85;

export const edgeOutboxesLeaveRoom: FleetRule = {
  subject: "fleet",
  id: "edge-outboxes-leave-room",
  title: "Full outboxes leave 15 % of the disk free",
  why: "Outboxes fill during an outage. On a full disk, the kubelet deletes images and evicts pods, which the node cannot fetch again without a link.",
  severity: "warning",
  remedy: "Shorten outageDays, lower the rate or the size of the messages, or use a larger disk.",
  check: ({ clusters }) =>
    clusters.flatMap((cluster, index) => {
      const pools = new Map(edgeAgentNodes(cluster).map((agent) => [agent.pool.name, agent]));
      return [...pools.values()].flatMap(({ agents, pool }) => {
        const size = agents.storageGiB ?? neededGiB(agents.classes);
        const { diskGiB } = pool.capacity;
        if (size <= MAX_SHARE * diskGiB) return [];
        const at = ["clusters", index, "edgeAgents", cluster.edgeAgents.indexOf(agents)];
        const path = formatPath([...at, agents.storageGiB === undefined ? "classes" : "storageGiB"]);
        const message = `got ${size} GiB, must be at most ${Math.floor(MAX_SHARE * diskGiB)} GiB, 85 % of the disk of the nodes of pool ${pool.name}`;
        return [{ path, message }];
      });
    }),
};
