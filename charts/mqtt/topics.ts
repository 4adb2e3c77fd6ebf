import { isTopicFilter } from "../../fleet/topic-filters";

/**
 * Refuses topic filters that would read as something else in Mosquitto's line-based files: a line break would add a
 * rule or a setting, and a space would end a bridge's topic.
 *
 * @throws Error naming every such filter
 */
export function checkTopics(owner: string, filters: readonly string[]): void {
  const bad = filters.filter((filter) => !isTopicFilter(filter));
  if (bad.length === 0) return;
  const told = bad.map((filter) => JSON.stringify(filter)).join(", ");
  throw new Error(
    `${owner}: got ${told}, allowed are topic filters without spaces and line breaks, with "+" as a whole level and "#" ` +
      "as the whole last level, e.g. sensors/+/temperature",
  );
}
