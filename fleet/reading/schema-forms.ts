import { z } from "zod";

import { parseAddressBlock } from "../address-block";
import {
  DNS_LABEL,
  DNS_LABEL_RULE,
  isLabelValue,
  isPinnedImage,
  isQualifiedName,
  KEY_RULE,
  LABEL_VALUE_RULE,
  PINNED_IMAGE_RULE,
} from "./forms";
import { cpuCores, memoryMiB } from "../kubernetes/quantity";
import { checkTopicFilter } from "../topic-filters";

/**
 * Schemas of single values. Each reports an invalid value by itself, so that it hides no other problem.
 */

export const dnsLabel = z.string().regex(DNS_LABEL, DNS_LABEL_RULE);

/** RFC 1035 label: the name of a Service. */
export const serviceName = z
  .string()
  .regex(
    /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/,
    "must be a Service name (1 to 63 of a-z, 0-9 and -, starting with a letter and ending with a letter or digit)",
  );

/** RFC 1123 subdomain. */
const subdomain = (what: string) =>
  z
    .string()
    .max(253, "must be at most 253 characters")
    .regex(
      /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
      `must be ${what} (a-z, 0-9, - and ., starting and ending with a letter or digit)`,
    );

export const nodeName = subdomain("a node name");

export const secretName = subdomain("the name of a Secret");

export const hostName = subdomain("a host name or an IPv4 address");

export const qualifiedName = z.string().refine(isQualifiedName, KEY_RULE);

export const labelValue = z.string().refine(isLabelValue, LABEL_VALUE_RULE);

export const pinnedImage = z.string().refine(isPinnedImage, PINNED_IMAGE_RULE);

export const cpuQuantity = z
  .string()
  .refine((text) => cpuCores(text) !== undefined, "must be a quantity greater than 0, such as 250m or 2");

export const memoryQuantity = z
  .string()
  .refine((text) => memoryMiB(text) !== undefined, "must be a quantity greater than 0, such as 64Mi or 2Gi");

export const addressRange = z
  .string()
  .refine(
    (text) => parseAddressBlock(text) !== undefined,
    "must be an IPv4 range from /8 to /28 that starts at its first address, such as 10.42.0.0/16",
  );

export const topicFilter = z.string().superRefine((filter, context) => {
  const message = checkTopicFilter(filter);
  if (message) context.addIssue({ code: "custom", message });
});

interface ExactlyOne<Key extends string> {
  readonly check: (value: { readonly [K in Key]?: unknown }) => boolean;
  readonly rule: string;
}

/** Returns the rule that exactly one of two fields is set. */
export const hasOne = <Key extends string>(first: Key, second: Key): ExactlyOne<Key> => ({
  check: (value) => (value[first] === undefined) !== (value[second] === undefined),
  rule: `must have exactly one of ${first} and ${second}`,
});
