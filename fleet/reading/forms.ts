/** Formats of single values that Kubernetes, K3s and image registries require. Each `_RULE` is the start of a message. */

export const MUST_NOT_BE_EMPTY = "must not be empty";

export const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** RFC 1123 label: the name of most objects. */
export const DNS_LABEL_RULE =
  "must be a DNS label (1 to 63 of a-z, 0-9 and -, starting and ending with a letter or digit)";
export const isDnsLabel = (text: string): boolean => DNS_LABEL.test(text);

const QUALIFIED = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
export const KEY_RULE =
  "must be a name of 1 to 63 letters, digits, -, _ and ., starting and ending with a letter or digit, after an optional DNS prefix and /";

/** Reports whether a text is a qualified name: the key of a label or taint. */
export function isQualifiedName(key: string): boolean {
  const [first = "", second, ...more] = key.split("/");
  if (second === undefined) return QUALIFIED.test(first);
  return more.length === 0 && first.length <= 253 && PREFIX.test(first) && QUALIFIED.test(second);
}

export const LABEL_VALUE_RULE =
  "must be at most 63 letters, digits, -, _ and ., starting and ending with a letter or digit";

/** Reports whether a text is a valid value of a label or taint, which may be empty. */
export const isLabelValue = (value: string): boolean => value === "" || QUALIFIED.test(value);

const IMAGE_PATH = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
/** A name, or an IPv6 address in brackets. */
const IMAGE_HOST = "(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:]+\\])(?::\\d{1,5})?";
const IMAGE_NAME = `^(?:${IMAGE_HOST}/)?${IMAGE_PATH}(?:/${IMAGE_PATH})*`;
const IMAGE_TAG = ":\\w[\\w.-]{0,127}";

/** Image references, by the grammar of distribution/reference. Also valid for RE2, which the API server uses. */
export const IMAGE_WITH_TAG = `${IMAGE_NAME}${IMAGE_TAG}$`;
export const IMAGE_WITH_DIGEST = `${IMAGE_NAME}(?:${IMAGE_TAG})?@sha256:[0-9a-f]{64}$`;
export const UNPINNED_TAG = ":latest";

const withTag = new RegExp(IMAGE_WITH_TAG);
const withDigest = new RegExp(IMAGE_WITH_DIGEST);

export const PINNED_IMAGE_RULE = "must be an image with a tag other than latest or a sha256 digest";

/** Reports whether an image reference has a digest, or a tag other than `latest`. */
export function isPinnedImage(image: string): boolean {
  return withDigest.test(image) || (withTag.test(image) && !image.endsWith(UNPINNED_TAG));
}

export const ENV_NAME_RULE = "must consist of letters, digits and _, and must not start with a digit";
export const isEnvName = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
