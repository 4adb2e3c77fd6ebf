import type { OutboxClass } from "./model";
import { longestOutage, outboxBytes, type OutboxLoad } from "./outbox-size";

const GIB = 2 ** 30;

/** Rounds for messages: what is needed up, what is available down. */
const roundUp = (value: number): string => String(Math.ceil(value * 10) / 10);
const roundDown = (value: number): string => String(Math.floor(value * 10) / 10);

type Load = OutboxLoad & Pick<OutboxClass, "name">;

const describe = ({ name, outageDays, messagesPerSecond, messageBytes }: Load): string =>
  `${name}: ${outageDays} days at ${messagesPerSecond} messages/s of ${messageBytes} bytes`;

/** Returns the size in GiB of the volume that an outbox with some classes needs. */
export const neededGiB = (classes: readonly OutboxLoad[]): number => Math.ceil(outboxBytes(classes) / GIB);

/**
 * Returns why an outbox does not fit, or undefined:
 * `need 13.1 GiB (telemetry: 30 days at 10 messages/s of 524 bytes), more than 8 GiB; at most 18.3 days fit`.
 *
 * @param classes the classes of the outbox
 * @param availableGiB size of the disk or the volume
 */
export function describeMisfit(classes: readonly Load[], availableGiB: number): string | undefined {
  const needed = outboxBytes(classes);
  if (needed <= availableGiB * GIB) return undefined;
  const list = classes.map(describe).join(", ");
  return `need ${roundUp(needed / GIB)} GiB (${list}), more than ${availableGiB} GiB; at most ${roundDown(longestOutage(classes, availableGiB * GIB))} days fit`;
}
