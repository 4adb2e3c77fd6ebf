import fc from "fast-check";

import { covers, isTopicFilter, overlaps } from "../../fleet/topic-filters";

const level = fc.constantFrom("a", "b", "+");
const filter = fc
  .tuple(fc.array(level, { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([levels, rest]) => [...levels, ...(rest ? ["#"] : [])].join("/"));
/** Every topic of up to four levels. */
const topics = [1, 2, 3, 4].flatMap((length) =>
  Array.from({ length: 2 ** length }, (_, bits) =>
    Array.from({ length }, (__, at) => ((bits >> at) & 1 ? "a" : "b")).join("/"),
  ),
);

/** MQTT 5.0, section 4.7, without topics that begin with `$`. */
const matches = (pattern: string, topic: string): boolean =>
  new RegExp(`^${pattern.replace(/\/#$/, "(/.*)?").replace(/^#$/, ".*").replaceAll("+", "[^/]*")}$`).test(topic);

it("finds filters that share a topic", () => {
  fc.assert(
    fc.property(filter, filter, (a, b) => {
      expect(isTopicFilter(a)).toBe(true);
      expect(overlaps(a, b)).toBe(topics.some((topic) => matches(a, topic) && matches(b, topic)));
    }),
  );
});

it("finds filters that contain another one", () => {
  fc.assert(
    fc.property(filter, filter, (a, b) => {
      expect(covers(a, b)).toBe(topics.every((topic) => !matches(b, topic) || matches(a, topic)));
    }),
  );
});

it("keeps the broker's own topics out of wildcards", () => {
  expect(overlaps("#", "$SYS/broker")).toBe(false);
  expect(overlaps("$SYS/#", "$SYS/broker")).toBe(true);
  expect(covers("+/broker", "$SYS/broker")).toBe(false);
});
