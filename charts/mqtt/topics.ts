import { isTopicFilter } from "../../fleet/topic-filters";

/**
 * Rejects topic filters that would change the meaning of Mosquitto's line-based files: a line break would add a rule or
 * a setting, and a space would end the topic of a bridge.
 *
 * @throws Error that names every such filter
 */
export function checkTopics(owner: string, filters: readonly string[]): void {
  const invalid = filters.filter((filter) => !isTopicFilter(filter));
  if (invalid.length === 0) return;
  const list = invalid.map((filter) => JSON.stringify(filter)).join(", ");
  throw new Error(
    `${owner}: got ${list}, must be topic filters without spaces and line breaks, with "+" as a whole level and "#" as ` +
      "the whole last level, such as sensors/+/temperature",
  );
}
