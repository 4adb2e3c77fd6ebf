import { z } from "zod";

import { addressBlock } from "./address-block";
import { cpuCores, memoryMiB } from "./quantities";
import { topicFilterRule } from "./topic-filters";

/**
 * Forms that Kubernetes, K3s, MQTT and image registries prescribe for single values. Each stands in the schema, so that
 * a value of the wrong form is a problem of its own and hides no other.
 */

const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** RFC 1123 label: names of most things. */
export const DNS_LABEL_RULE = "allowed are 1 to 63 of a-z, 0-9 and -, not at the ends (a DNS label)";
export const isDnsLabel = (text: string): boolean => DNS_LABEL.test(text);
export const dnsLabel = z.string().regex(DNS_LABEL, DNS_LABEL_RULE);

/** RFC 1035 label: names of Services. */
export const serviceName = z
  .string()
  .regex(
    /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/,
    "allowed are 1 to 63 of a-z, 0-9 and -, beginning with a letter and not ending with - (the name of a Service)",
  );

const QUALIFIED = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
export const KEY_RULE =
  "allowed is a name of at most 63 letters, digits, -, _ and ., after an optional DNS prefix and a /";

/** Kubernetes' form of a label's or taint's key. */
export function isQualifiedName(key: string): boolean {
  const [first = "", second, ...more] = key.split("/");
  if (second === undefined) return QUALIFIED.test(first);
  return more.length === 0 && first.length <= 253 && PREFIX.test(first) && QUALIFIED.test(second);
}

export const qualifiedName = z.string().refine(isQualifiedName, KEY_RULE);

/** Kubernetes' form of a label's or taint's value, which may be empty. */
export const labelValue = z
  .string()
  .refine(
    (value) => value === "" || QUALIFIED.test(value),
    "allowed are at most 63 letters, digits, -, _ and ., beginning and ending with a letter or digit",
  );

const IMAGE_PATH = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
/** A name, or an IPv6 address in brackets. */
const IMAGE_HOST = "(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:]+\\])(?::\\d{1,5})?";
const IMAGE_NAME = `^(?:${IMAGE_HOST}/)?${IMAGE_PATH}(?:/${IMAGE_PATH})*`;
const IMAGE_TAG = ":\\w[\\w.-]{0,127}";

/** Image references (grammar: distribution/reference) by what they name; RE2, as the API server has it, reads them too. */
export const IMAGE_WITH_TAG = `${IMAGE_NAME}${IMAGE_TAG}$`;
export const IMAGE_WITH_DIGEST = `${IMAGE_NAME}(?:${IMAGE_TAG})?@sha256:[0-9a-f]{64}$`;
export const UNPINNED_TAG = ":latest";

const withTag = new RegExp(IMAGE_WITH_TAG);
const withDigest = new RegExp(IMAGE_WITH_DIGEST);

export const PINNED_IMAGE_RULE = "allowed is an image with a tag that is not latest, or with a sha256 digest";

/** Whether an image reference means tomorrow what it means today. */
export function isPinnedImage(image: string): boolean {
  return withDigest.test(image) || (withTag.test(image) && !image.endsWith(UNPINNED_TAG));
}

export const pinnedImage = z.string().refine(isPinnedImage, PINNED_IMAGE_RULE);

export const cpuQuantity = z
  .string()
  .refine((text) => cpuCores(text) !== undefined, "allowed is a quantity above 0, as 250m or 2");

export const memoryQuantity = z
  .string()
  .refine((text) => memoryMiB(text) !== undefined, "allowed is a quantity above 0, as 64Mi or 2Gi");

export const addressRange = z
  .string()
  .refine(
    (text) => addressBlock(text) !== undefined,
    "allowed is an IPv4 range from its first address on, /8 to /28, as 10.42.0.0/16",
  );

export const ENV_NAME_RULE = "allowed are letters, digits and _, not beginning with a digit";
export const isEnvName = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);

export const topicFilter = z.string().superRefine((filter, context) => {
  const message = topicFilterRule(filter);
  if (message) context.addIssue({ code: "custom", message });
});
