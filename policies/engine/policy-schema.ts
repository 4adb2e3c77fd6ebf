import { z } from "zod";

import type { Rule } from "./rule";

const text = z.string().regex(/\S/, "must not be empty");

const metadata = {
  id: z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "must be lowercase letters, digits and single hyphens"),
  title: text,
  why: text,
  severity: z.enum(["error", "warning", "info"]),
  remedy: text,
  check: z.custom((value) => typeof value === "function", "must be a function"),
};
const ruleOn = <Name extends Rule["subject"]>(subject: Name) => ({ subject: z.literal(subject), ...metadata });
const rule = z.discriminatedUnion("subject", [
  z.looseObject(ruleOn("object")),
  z.looseObject(ruleOn("cluster")),
  z.looseObject(ruleOn("fleet")),
  z.looseObject({ ...ruleOn("resource"), types: z.array(text).min(1, "must have at least 1 type token") }),
]);

const waiver = z.strictObject({
  rule: z.string(),
  object: z
    .string()
    .regex(/^[^/\s]+(\/[^/\s]+){1,2}$/, "must be Kind/name or Kind/namespace/name; * matches any text within a part")
    .optional(),
  cluster: text.optional(),
  reason: text,
  expires: z.iso.date("must be a date such as 2027-03-31"),
});

/** The schema of `Policy`. Load it on demand: the schema library is slow to load. */
export const policySchema = z.strictObject({
  rules: z.array(rule).optional(),
  severities: z.record(z.string(), z.record(z.string(), z.enum(["error", "warning", "info", "off"]))).optional(),
  waivers: z.array(waiver).optional(),
});
