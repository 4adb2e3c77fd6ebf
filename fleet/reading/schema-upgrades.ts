import { z } from "zod";

import { defaults } from "../defaults";
import { DAYS } from "../model";
import { MUST_NOT_BE_EMPTY } from "./forms";
import { pinnedImage } from "./schema-forms";

const seconds = (min: number, max: number) =>
  z.int("must be an integer").min(min, `must be at least ${min}`).max(max, `must be at most ${max}`);
const concurrency = seconds(1, 1000);

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time of day such as 02:00");

const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    // The controller reads time zones from the database of its image, which has no offsets.
    return /^[A-Z]/.test(name);
  } catch {
    return false;
  }
};

const window = z.strictObject({
  days: z.array(z.enum(DAYS)).min(1, MUST_NOT_BE_EMPTY),
  start: clockTime,
  end: clockTime,
  timeZone: z
    .string()
    .refine(isTimeZone, "must be a time zone of the IANA database, such as Europe/Berlin")
    .default(defaults.window.timeZone),
});

const drain = z.strictObject({
  timeoutSeconds: seconds(1, 86_400).default(defaults.upgrades.drain.timeoutSeconds),
  gracePeriodSeconds: seconds(1, 86_400).optional(),
  force: z.boolean().default(defaults.upgrades.drain.force),
});

/** The schema of `upgrades` of a cluster. */
export const clusterUpgrades = z.strictObject({
  concurrency: concurrency.optional(),
  window: window.optional(),
  drain: drain.optional(),
  waves: z
    .array(
      z.strictObject({
        pools: z.array(z.string()).min(1, MUST_NOT_BE_EMPTY),
        concurrency: concurrency.optional(),
      }),
    )
    .optional(),
});

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, "must be sha256: and 64 hex digits");

/** The schema of `upgrades` of a fleet. */
export const upgradePolicy = z.strictObject({
  canary: z
    .strictObject({ clusters: z.array(z.string()).default([]), regions: z.array(z.string()).default([]) })
    .prefault({}),
  parallelClusters: concurrency.default(defaults.upgrades.parallelClusters),
  concurrency: concurrency.default(defaults.upgrades.concurrency),
  window: window.optional(),
  drain: drain.prefault({}),
  nodeTimeoutSeconds: seconds(60, 86_400).default(defaults.upgrades.nodeTimeoutSeconds),
  readyTimeoutSeconds: seconds(60, 86_400).default(defaults.upgrades.readyTimeoutSeconds),
  delaySeconds: seconds(0, 86_400).default(defaults.upgrades.delaySeconds),
  images: z
    .strictObject({
      controller: pinnedImage.default(defaults.upgrades.images.controller),
      kubectl: pinnedImage.default(defaults.upgrades.images.kubectl),
      k3sUpgradeDigests: z.record(z.string(), digest).default({}),
    })
    .prefault({}),
});
