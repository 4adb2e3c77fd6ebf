/** Longest topic in bytes. Source: MQTT 5.0, section 1.5.4. */
const MAX_BYTES = 65_535;
/** Most levels that Mosquitto accepts (TOPIC_HIERARCHY_LIMIT in its source). */
const MAX_LEVELS = 200;

/**
 * Reports whether a topic filter is well formed: `+` is alone in its level, and `#` is alone in the last level (MQTT 5.0,
 * section 4.7). White space is rejected too: in Mosquitto's files, a space ends a filter and a line break starts a rule.
 */
export function isTopicFilter(filter: string): boolean {
  const levels = filter.split("/");
  const misplaced = levels.some(
    (level, index) =>
      (level.includes("+") && level !== "+") || (level.includes("#") && (level !== "#" || index !== levels.length - 1)),
  );
  return filter !== "" && !misplaced && !/[\s\p{Cc}]/u.test(filter);
}

/** Returns the rule that a topic filter of a fleet breaks, or undefined. */
export function checkTopicFilter(filter: string): string | undefined {
  if (!isTopicFilter(filter)) {
    return "must be topic levels without white space; + may stand for one level, and # for all remaining levels at the end";
  }
  if (filter.startsWith("$")) return "must not start with $, which is reserved for the broker";
  if (Buffer.byteLength(filter) > MAX_BYTES) return `must be at most ${MAX_BYTES} bytes`;
  if (filter.split("/").length > MAX_LEVELS) return `must have at most ${MAX_LEVELS} levels`;
  return undefined;
}

/** Reports whether some topic matches both filters. A topic that begins with `$` matches no wildcard (MQTT 5.0, section 4.7.2). */
export function overlaps(a: string, b: string): boolean {
  const [first, second] = [a.split("/"), b.split("/")];
  for (let level = 0; ; level++) {
    const [x, y] = [first[level], second[level]];
    if (level === 0 && [x, y].some((each) => each?.startsWith("$")) && x !== y) return false;
    // `#` also matches the level before it: sensors/# matches sensors.
    if (x === "#" || y === "#") return true;
    if (x === undefined || y === undefined) return x === y;
    if (x !== "+" && y !== "+" && x !== y) return false;
  }
}

/** Reports whether every topic that matches a filter matches another one, too. */
export function covers(filter: string, other: string): boolean {
  const [wide, narrow] = [filter.split("/"), other.split("/")];
  for (let level = 0; ; level++) {
    const [x, y] = [wide[level], narrow[level]];
    if (level === 0 && y?.startsWith("$") && x !== y) return false;
    if (x === "#") return true;
    if (x === undefined || y === undefined) return x === y;
    if (y === "#" || (x !== "+" && x !== y)) return false;
  }
}
