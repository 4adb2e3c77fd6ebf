import { z } from "zod";

import type { Rule } from "./rule";

const text = z.string().regex(/\S/, "must not be empty");

const stated = {
  id: z
    .string()
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "must consist of lower case letters, digits and single hyphens"),
  title: text,
  why: text,
  severity: z.enum(["error", "warning", "info"]),
  remedy: text,
  check: z.custom((value) => typeof value === "function", "must be a function"),
};
const subject = <Name extends Rule["subject"]>(name: Name) => ({ subject: z.literal(name), ...stated });
const rule = z.discriminatedUnion("subject", [
  z.looseObject(subject("object")),
  z.looseObject(subject("cluster")),
  z.looseObject(subject("fleet")),
  z.looseObject({ ...subject("resource"), types: z.array(text).min(1, "must not be empty") }),
]);

const waiver = z.strictObject({
  rule: z.string(),
  object: z
    .string()
    .regex(
      /^[^/\s]+(\/[^/\s]+){1,2}$/,
      "must be Kind/name or Kind/namespace/name, where * matches any text within a part",
    )
    .optional(),
  cluster: text.optional(),
  reason: text,
  expires: z.iso.date("must be a date such as 2027-03-31"),
});

/** What a team's policy looks like. */
export const policySchema = z.strictObject({
  rules: z.array(rule).optional(),
  severities: z.record(z.string(), z.record(z.string(), z.enum(["error", "warning", "info", "off"]))).optional(),
  waivers: z.array(waiver).optional(),
});
