import { describeMisfit } from "../edge-data/outbox-fit";
import type { EdgeAgents, OutboxClass } from "../model";
import { formatPath, type Problem } from "../problem";
import type { ClusterPart, DeepPartial, Part } from "./fleet-parts";

/** Room for what an agent adds to a message when it sends it: its source, its id and its sequence. */
const SENT_BYTES = 512;

const isReadable = (each: DeepPartial<OutboxClass> | undefined): each is OutboxClass =>
  each?.name !== undefined &&
  each.messagesPerSecond !== undefined &&
  each.messageBytes !== undefined &&
  each.maxMessageBytes !== undefined &&
  each.outageDays !== undefined;

function checkClass(path: readonly PropertyKey[], each: DeepPartial<OutboxClass>, maxBytes: number): Problem[] {
  const { messageBytes, maxMessageBytes, outageDays, maxAgeDays } = each;
  const problem = (field: string, message: string): Problem => ({ path: formatPath([...path, field]), message });
  return [
    ...(messageBytes !== undefined && maxMessageBytes !== undefined && messageBytes > maxMessageBytes
      ? [
          problem(
            "messageBytes",
            `must be at most ${maxMessageBytes}, the class's maxMessageBytes, got ${messageBytes}`,
          ),
        ]
      : []),
    ...(maxMessageBytes !== undefined && maxMessageBytes > maxBytes
      ? [
          problem(
            "maxMessageBytes",
            `must be at most ${maxBytes}, which the brokers let through, got ${maxMessageBytes}: lower it, or raise queue.messageKiB of the brokers`,
          ),
        ]
      : []),
    ...(outageDays !== undefined && maxAgeDays !== undefined && maxAgeDays < outageDays
      ? [problem("maxAgeDays", `must be at least ${outageDays}, the class's outageDays, got ${maxAgeDays}`)]
      : []),
  ];
}

/** Returns the largest message that all brokers of a cluster let through. */
function largestMessage({ cloudBroker, brokers }: ClusterPart): number {
  const limits = [...(cloudBroker ? [cloudBroker] : []), ...brokers].map(
    ({ value: { queue } }) => (queue?.messageKiB ?? Infinity) * 1024 - SENT_BYTES,
  );
  return Math.min(...limits);
}

/** Checks that the messages of an outage fit on the disk of every node, and in the volume. */
function checkSpace(cluster: ClusterPart, { path, value }: Part<EdgeAgents>): Problem[] {
  const { classes = [], storageGiB } = value;
  const readable = classes.filter(isReadable);
  if (readable.length === 0 || readable.length < classes.length) return [];
  const at = formatPath(classes.length === 1 ? [...path, "classes", 0, "outageDays"] : [...path, "classes"]);
  const remedy = "shorten outageDays, lower the rate or the size of the messages, or";
  const pools = cluster.nodePools.filter(
    ({ value: { name } }) => name !== undefined && value.nodePools?.includes(name),
  );
  const onDisk = pools.flatMap(({ value: { name, capacity } }): Problem[] => {
    if (capacity?.diskGiB === undefined) return [];
    if (storageGiB !== undefined && storageGiB > capacity.diskGiB) {
      const message = `must be at most ${capacity.diskGiB}, the disk of the nodes of pool ${name}, got ${storageGiB}`;
      return [{ path: formatPath([...path, "storageGiB"]), message }];
    }
    const misfit = describeMisfit(readable, capacity.diskGiB);
    if (!misfit) return [];
    return [
      {
        path: at,
        message: `must fit on the disk of the nodes of pool ${name}: the messages ${misfit}: ${remedy} use a larger disk`,
      },
    ];
  });
  const misfit = storageGiB === undefined ? undefined : describeMisfit(readable, storageGiB);
  const inVolume = misfit
    ? [{ path: at, message: `must fit in the volume: the messages ${misfit}: ${remedy} raise storageGiB` }]
    : [];
  return [...inVolume, ...onDisk];
}

/** Checks the classes of an outbox, and that a node has room for them. */
export function checkOutbox(cluster: ClusterPart, agents: Part<EdgeAgents>): Problem[] {
  const maxBytes = largestMessage(cluster);
  return [
    ...(agents.value.classes ?? []).flatMap((each, index) =>
      each ? checkClass([...agents.path, "classes", index], each, maxBytes) : [],
    ),
    ...checkSpace(cluster, agents),
  ];
}
