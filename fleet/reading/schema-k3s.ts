import { z } from "zod";

import { defaults } from "../defaults";
import { isK3sRelease, K3S_VERSION_RULE } from "../k3s/version";

/** A folder: the names of files are appended after a slash. */
const releaseSource = z
  .string()
  .regex(
    /^(https:\/\/[^\s?#]+|s3:\/\/[a-z0-9][a-z0-9-]{1,61}[a-z0-9](\/[\w.+-]+)*)$/,
    "must be an https URL, or an s3 URL such as s3://bucket/folder whose bucket name has no dots",
  )
  .regex(/[^/]$/, "must not end with /");

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hex digits in lower case");

/** The schema of `k3s` of a cluster. */
export const k3sRelease = z.strictObject({
  version: z.string().refine(isK3sRelease, K3S_VERSION_RULE).optional(),
  source: releaseSource.optional(),
  sha256: z.strictObject({ amd64: sha256.optional(), arm64: sha256.optional(), arm: sha256.optional() }).optional(),
});

/** Every field of a schedule of minutes must divide an hour, or an hour must divide it: cron has no other intervals. */
const isCronInterval = (minutes: number): boolean =>
  (minutes > 0 && 60 % minutes === 0) || (minutes % 60 === 0 && 24 % (minutes / 60) === 0);

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const FOLDER = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;

/** The schema of `backup` of a cluster. */
export const backup = z.strictObject({
  everyMinutes: z
    .int("must be an integer")
    .refine(isCronInterval, "must divide 60, or be 60, 120, 180, 240, 360, 480, 720 or 1440 minutes")
    .default(defaults.backup.everyMinutes),
  keep: z
    .int("must be an integer")
    .min(2, "must be at least 2")
    .max(10_000, "must be at most 10000")
    .default(defaults.backup.keep),
  s3: z.strictObject({
    bucket: z
      .string()
      .regex(BUCKET, "must be the name of an S3 bucket (3 to 63 of a-z, 0-9, . and -, without s3:// and folder)"),
    region: z.string().regex(/^[a-z0-9-]{1,32}$/, "must be the region of the bucket, such as eu-central-1"),
    folder: z
      .string()
      .max(200, "must be at most 200 characters")
      .regex(FOLDER, "must be a path of letters, digits, ., _ and -, without / at its start and end")
      .optional(),
    endpoint: z
      .string()
      .regex(
        /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:\d{1,5})?$/,
        "must be a host name without https://, such as s3.example.com",
      )
      .optional(),
  }),
});
