import { certificateExpiries, daysUntil, MIN_VALID_DAYS } from "../../fleet/certificate-expiry";
import { BOOTSTRAP_TYPE } from "../../fleet/k3s/bootstrap-secret";
import type { KubeObject } from "../../fleet/kubernetes/object";
import { formatPath } from "../../fleet/problem";
import type { ObjectRule, Violation } from "../engine/rule";

/** A text of an object that may contain certificates. */
interface Text {
  readonly path: readonly PropertyKey[];
  readonly text: string;
}

const decode = (value: string): string => Buffer.from(value, "base64").toString("utf8");
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function entriesOf(object: KubeObject, field: string, read = (value: string): string => value): Text[] {
  const map = (object as unknown as Record<string, unknown>)[field];
  if (!isRecord(map)) return [];
  return Object.entries(map).flatMap(([key, value]) =>
    typeof value === "string" ? [{ path: [field, key], text: read(value) }] : [],
  );
}

/** Returns the `caBundle` of webhooks, API services and conversions, wherever a kind has it. */
function caBundles(value: unknown, path: readonly PropertyKey[], depth = 0): Text[] {
  if (depth > 6 || typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]: [string, unknown]) => {
    const step = [...path, Array.isArray(value) ? Number(key) : key];
    if (key === "caBundle" && typeof each === "string") return [{ path: step, text: decode(each) }];
    return caBundles(each, step, depth + 1);
  });
}

function textsOf(object: KubeObject): Text[] {
  switch (object.kind) {
    case "ConfigMap":
      return entriesOf(object, "data");
    case "Secret":
      return [...entriesOf(object, "data", decode), ...entriesOf(object, "stringData")];
    case "ValidatingWebhookConfiguration":
    case "MutatingWebhookConfiguration":
    case "APIService":
    case "CustomResourceDefinition": {
      const { webhooks, spec } = object;
      const { caBundle, conversion } = isRecord(spec) ? spec : {};
      return [...caBundles({ webhooks }, []), ...caBundles({ caBundle, conversion }, ["spec"])];
    }
    default:
      return [];
  }
}

function checkCertificates({ path, text }: Text, now: Date): Violation[] {
  return certificateExpiries(text)
    .map(({ subject, expires }) => ({ subject, expires, days: daysUntil(expires, now) }))
    .filter(({ days }) => days < MIN_VALID_DAYS)
    .map(({ subject, expires, days }) => {
      const when = `${expires.toISOString().slice(0, 10)}${days < 0 ? "" : `, in ${days} days`}`;
      const state = days < 0 ? `expired on ${when}` : `expires on ${when}`;
      return {
        path: formatPath(path),
        message: `certificate "${subject}" ${state}: must be valid for at least ${MIN_VALID_DAYS} days`,
      };
    });
}

/** A bootstrap token is meant to expire, but an expired one admits no machine. */
function checkBootstrapToken(object: KubeObject, now: Date): Violation[] {
  if (object.kind !== "Secret" || object.type !== BOOTSTRAP_TYPE) return [];
  return [...entriesOf(object, "data", decode), ...entriesOf(object, "stringData")]
    .filter(({ path }) => path[1] === "expiration")
    .flatMap(({ path, text }) => {
      const expires = new Date(text);
      if (Number.isNaN(expires.getTime())) {
        return [{ path: formatPath(path), message: "must be a time in RFC 3339, such as 2026-11-28T10:00:00Z" }];
      }
      return expires < now
        ? [{ path: formatPath(path), message: `the token expired on ${expires.toISOString().slice(0, 10)}` }]
        : [];
    });
}

export const certificatesCurrent: ObjectRule = {
  subject: "object",
  id: "certificates-current",
  title: "Certificates and bootstrap tokens have not expired, and do not expire soon",
  why: "An expired certificate stops every connection that it secures, all at the same time. An expired bootstrap token admits no machine.",
  severity: "error",
  remedy:
    "Renew the certificate. `pulumi up` renews those that Skerry issues in the last quarter of their lifetime; K3s renews its own when it starts within 120 days of their expiry. Raise joinToken.issue for a new bootstrap token.",
  check(object, { today }) {
    const now = new Date(today);
    return [...textsOf(object).flatMap((text) => checkCertificates(text, now)), ...checkBootstrapToken(object, now)];
  },
  noAdmission: "CEL has no functions for certificates.",
};
