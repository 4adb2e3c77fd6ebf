import { readFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";

import { classBytes, longestOutage, outboxBytes, type OutboxLoad } from "../../fleet/edge-data/outbox-size";

const cases = JSON.parse(
  readFileSync(join(__dirname, "..", "fixtures", "outbox-sizes.json"), "utf8"),
) as (OutboxLoad & {
  readonly name: string;
  readonly messages: number;
  readonly restarts: number;
  readonly maxBytes: number;
})[];

const load: fc.Arbitrary<OutboxLoad> = fc
  .record({
    messagesPerSecond: fc.double({ min: 0.001, max: 1000, noNaN: true }),
    maxMessageBytes: fc.integer({ min: 1, max: 2 ** 20 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    outageDays: fc.double({ min: 0.01, max: 90, noNaN: true }),
  })
  .map(({ share, ...rest }) => ({ ...rest, messageBytes: Math.max(1, Math.floor(share * rest.maxMessageBytes)) }));

// runtime/pkg/outbox/size_test.go fills outboxes with the same cases.
it.each(cases)("the size of the case: $name", ({ messages, restarts, maxBytes, ...each }) => {
  expect(classBytes(each)).toBe(maxBytes);
  expect(Math.ceil(each.messagesPerSecond * 86_400 * each.outageDays)).toBe(messages);
  expect(restarts).toBeLessThanOrEqual(24 * each.outageDays + 1);
});

it("is larger than the messages, and accepted by the outbox, for any class", () => {
  fc.assert(
    fc.property(load, (each) => {
      const { messagesPerSecond, messageBytes, maxMessageBytes, outageDays } = each;
      const bytes = classBytes(each);
      expect(bytes).toBeGreaterThan(messagesPerSecond * 86_400 * outageDays * (16 + messageBytes));
      // The defaults and the minimum of runtime/pkg/outbox/options.go.
      const segment = Math.min(Math.max(bytes / 64, 64 * 1024), 4 * 2 ** 20);
      expect(bytes).toBeGreaterThanOrEqual(4 * (segment + maxMessageBytes + 4096));
    }),
  );
});

it("grows with the outage, so that the longest one that fits is found", () => {
  fc.assert(
    fc.property(fc.array(load, { minLength: 1, maxLength: 3 }), fc.integer({ min: 20, max: 40 }), (loads, exponent) => {
      const bytes = 2 ** exponent;
      const longest = longestOutage(loads, bytes);
      const withOutage = (days: number) => outboxBytes(loads.map((each) => ({ ...each, outageDays: days })));
      const most = Math.ceil(Math.max(...loads.map(({ outageDays }) => outageDays)) * 24) / 24;
      if (longest > 0) expect(withOutage(longest)).toBeLessThanOrEqual(bytes);
      if (longest < most) expect(withOutage(longest + 1 / 24)).toBeGreaterThan(bytes);
    }),
  );
});
