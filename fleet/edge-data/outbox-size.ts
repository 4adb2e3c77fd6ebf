/**
 * How much of a disk an outbox takes. The format is that of `runtime/pkg/outbox`; its `size_test.go` fills outboxes with the
 * cases of `test/fixtures/outbox-sizes.json` and compares.
 */

/** Header of a message's record. */
const RECORD_HEADER = 16;
/** Header of a segment, the file that holds a part of a class's messages. */
const SEGMENT_HEADER = 48;
/** Unit in which file systems allocate space. */
const BLOCK = 4096;
/** Largest group of messages that is written at once. */
const MAX_BATCH = 256 * 1024;
/** Smallest and largest size at which a segment ends, and the share of the class that it is in between. */
const MIN_SEGMENT = 64 * 1024;
const MAX_SEGMENT = 4 * 1024 * 1024;
const SEGMENTS = 64;
/** State file of a class, and the folder that contains it. */
const STATE = 128 * 1024 + BLOCK;
/** A class has at least room for this many segments with their largest messages. */
const MIN_SEGMENTS = 4;

/** Restarts of the agent in a day that a size allows for. Each begins a segment. */
const RESTARTS_PER_DAY = 24;
/** Segments that end because of their age while the messages of one outage are written. */
const SEGMENTS_BY_AGE = 9;

export const SECONDS_PER_DAY = 86_400;

/** Messages that one class must keep during an outage. */
export interface OutboxLoad {
  /** Messages per second, on average. */
  readonly messagesPerSecond: number;
  /** Size of a message with its envelope in bytes, on average. */
  readonly messageBytes: number;
  /** Largest message in bytes. */
  readonly maxMessageBytes: number;
  /** Length of the outage in days. */
  readonly outageDays: number;
}

const roundUp = (bytes: number): number => Math.ceil(bytes / BLOCK) * BLOCK;

/** Returns the most segments that a number of bytes of records, written in batches of any size, is divided into. */
function countSegments(records: number, maxMessageBytes: number): number {
  const segment = Math.min(Math.max(records / SEGMENTS, MIN_SEGMENT), MAX_SEGMENT);
  const batch = Math.max(Math.min(MAX_BATCH, segment), RECORD_HEADER + maxMessageBytes);
  // A segment ends when the next batch would exceed its size. So it is full except for one batch, and two consecutive
  // segments are together larger than one.
  const full = segment - batch - SEGMENT_HEADER;
  const pairs = (2 * records) / (segment - SEGMENT_HEADER);
  return 1 + Math.ceil(full > 0 ? Math.min(records / full, pairs) : pairs);
}

/**
 * Returns the limit in bytes (`maxBytes` of a class) within which an outbox keeps every message of an outage: an upper bound
 * for any grouping of the messages, with 24 restarts of the agent per day.
 */
export function classBytes({ messagesPerSecond, messageBytes, maxMessageBytes, outageDays }: OutboxLoad): number {
  const messages = Math.ceil(messagesPerSecond * SECONDS_PER_DAY * outageDays);
  const records = messages * (RECORD_HEADER + messageBytes);
  const segments = countSegments(records, maxMessageBytes) + SEGMENTS_BY_AGE + Math.ceil(RESTARTS_PER_DAY * outageDays);
  // The outbox takes a message only if two blocks are free.
  const needed = records + segments * (SEGMENT_HEADER + BLOCK) + 2 * BLOCK;
  const largest = maxMessageBytes + BLOCK;
  // A segment is 1/64 of the class, so four of them leave 15/16 of it for four of the largest messages.
  const least = Math.max(MIN_SEGMENTS * (MIN_SEGMENT + largest), (MIN_SEGMENTS * largest * 16) / 15);
  return roundUp(Math.max(needed, least));
}

/** Returns the bytes that an outbox with some classes takes on disk when all of them are full. */
export function outboxBytes(loads: readonly OutboxLoad[]): number {
  return loads.reduce((sum, load) => sum + classBytes(load) + STATE, BLOCK);
}

/** Returns the longest outage in whole hours, in days, that fits in some bytes, if all classes have the same. */
export function longestOutage(loads: readonly OutboxLoad[], bytes: number): number {
  const fits = (hours: number): boolean =>
    outboxBytes(loads.map((load) => ({ ...load, outageDays: hours / 24 }))) <= bytes;
  let [low, high] = [0, Math.ceil(Math.max(...loads.map(({ outageDays }) => outageDays)) * 24)];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low / 24;
}
