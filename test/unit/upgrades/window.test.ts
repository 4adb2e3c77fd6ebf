import fc from "fast-check";

import { DAYS, type MaintenanceWindow } from "../../../fleet/model";
import { describeWindow, isOpen, nextOpening } from "../../../fleet/upgrades/window";

const weekend: MaintenanceWindow = {
  days: ["sunday", "saturday"],
  start: "02:00",
  end: "05:00",
  timeZone: "Europe/Berlin",
};
const at = (time: string) => Date.parse(time);

test("is open on its days, from its start to before its end, in its time zone", () => {
  expect(isOpen(weekend, at("2026-11-28T01:00:00Z"))).toBe(true);
  expect(isOpen(weekend, at("2026-11-28T00:59:59Z"))).toBe(false);
  expect(isOpen(weekend, at("2026-11-28T03:59:59Z"))).toBe(true);
  expect(isOpen(weekend, at("2026-11-28T04:00:00Z"))).toBe(false);
  expect(isOpen(weekend, at("2026-11-27T01:30:00Z"))).toBe(false);
  // In summer, Berlin is two hours ahead of UTC.
  expect(isOpen(weekend, at("2026-07-04T00:00:00Z"))).toBe(true);
});

test("without a window, upgrades may always start", () => expect(isOpen(undefined, 0)).toBe(true));

test("finds the next opening", () => {
  expect(nextOpening(weekend, at("2026-11-27T09:00:00Z"))).toBe(at("2026-11-28T01:00:00Z"));
  expect(nextOpening(weekend, at("2026-11-28T02:30:00Z"))).toBe(at("2026-11-28T02:30:00Z"));
});

test("describes its days in the order of the week", () => {
  expect(describeWindow(weekend)).toBe("saturday, sunday 02:00 to 05:00 Europe/Berlin");
  expect(describeWindow({ ...weekend, days: [...DAYS] })).toBe("daily 02:00 to 05:00 Europe/Berlin");
});

test("is open at the opening that it finds, and closed before", () => {
  const window = fc
    .record({
      days: fc.uniqueArray(fc.constantFrom(...DAYS), { minLength: 1 }),
      hours: fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 2, maxLength: 2 }),
      timeZone: fc.constantFrom("UTC", "Asia/Kolkata", "America/St_Johns", "Pacific/Auckland"),
    })
    .map(({ days, hours, timeZone }) => {
      const [start, end] = [...hours].sort((a, b) => a - b).map((hour) => `${String(hour).padStart(2, "0")}:00`);
      return { days, start: start!, end: end!, timeZone };
    });
  fc.assert(
    fc.property(window, fc.integer({ min: at("2026-01-05T00:00Z"), max: at("2026-02-20T00:00Z") }), (each, now) => {
      const opening = nextOpening(each, now)!;
      expect(isOpen(each, opening)).toBe(true);
      expect(opening).toBeGreaterThanOrEqual(now);
      if (opening - now > 120_000) expect(isOpen(each, opening - 60_000)).toBe(false);
    }),
    { numRuns: 30 },
  );
});
