/** Longest topic in bytes: MQTT 5.0, section 1.5.4. */
const LONGEST_BYTES = 65_535;
/** Most levels that Mosquitto takes (TOPIC_HIERARCHY_LIMIT in its source). */
const MOST_LEVELS = 200;

/**
 * Whether a topic filter is well formed. MQTT 5.0, section 4.7: `+` stands alone in its level, `#` stands alone in the
 * last one. White space is refused too: in Mosquitto's files a space ends a filter, and a line break begins a new rule.
 */
export function isTopicFilter(filter: string): boolean {
  const levels = filter.split("/");
  const misplaced = levels.some(
    (level, index) =>
      (level.includes("+") && level !== "+") || (level.includes("#") && (level !== "#" || index !== levels.length - 1)),
  );
  return filter !== "" && !misplaced && !/[\s\p{Cc}]/u.test(filter);
}

/** What is wrong with a topic filter that a fleet states; undefined when nothing is. */
export function topicFilterRule(filter: string): string | undefined {
  if (!isTopicFilter(filter)) {
    return "must be topic levels without white space; + may stand for one level, and # for all remaining levels at the end";
  }
  if (filter.startsWith("$")) return "must not start with $, which is reserved for the broker";
  if (Buffer.byteLength(filter) > LONGEST_BYTES) return `must be at most ${LONGEST_BYTES} bytes`;
  if (filter.split("/").length > MOST_LEVELS) return `must have at most ${MOST_LEVELS} levels`;
  return undefined;
}
