import { readFileSync } from "node:fs";
import { join } from "node:path";

import { configMap, type ObjectCases } from "./case";

interface Vector {
  readonly name: string;
  readonly bundle: string;
}

const vectors = JSON.parse(
  readFileSync(join(__dirname, "..", "..", "..", "fixtures", "authority-hashes.json"), "utf8"),
) as Vector[];
const find = (name: string): string => vectors.find((vector) => vector.name === name)!.bundle;

/** Valid until 2126. */
const valid = find("a chain");
/** The first certificate expired in 2021; the others of its chain are valid. */
const expired = find("a chain whose first certificate has expired");

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const object = (apiVersion: string, kind: string, fields: object) => ({
  apiVersion,
  kind,
  metadata: { name: "example", ...(kind === "Secret" && { namespace: "telemetry" }) },
  ...fields,
});
const token = (expiration: string) =>
  object("v1", "Secret", { type: "bootstrap.kubernetes.io/token", stringData: { expiration } });
const webhooks = (caBundle: string) => [{ name: "a.example.com", clientConfig: { caBundle: base64(caBundle) } }];

export const certificatesCurrent: ObjectCases = {
  valid: [
    configMap({ "ca.crt": valid, note: "-----BEGIN CERTIFICATE-----" }),
    configMap({ "ca.crt": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----" }),
    object("v1", "Secret", { data: { "tls.crt": base64(valid) } }),
    token("2026-11-24T10:00:00Z"),
    object("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", { webhooks: webhooks(valid) }),
  ],
  invalid: [
    { object: configMap({ "ca.crt": expired, other: valid }), paths: ['data["ca.crt"]'] },
    { object: object("v1", "Secret", { data: { "tls.crt": base64(expired) } }), paths: ['data["tls.crt"]'] },
    { object: object("v1", "Secret", { stringData: { "tls.crt": expired } }), paths: ['stringData["tls.crt"]'] },
    { object: token("2026-11-23T10:00:00Z"), paths: ["stringData.expiration"] },
    { object: token("tomorrow"), paths: ["stringData.expiration"] },
    {
      object: object("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", {
        webhooks: webhooks(expired),
      }),
      paths: ["webhooks[0].clientConfig.caBundle"],
    },
    {
      object: object("apiregistration.k8s.io/v1", "APIService", { spec: { caBundle: base64(expired) } }),
      paths: ["spec.caBundle"],
    },
    {
      object: object("apiextensions.k8s.io/v1", "CustomResourceDefinition", {
        spec: { conversion: { webhook: { clientConfig: { caBundle: base64(expired) } } } },
      }),
      paths: ["spec.conversion.webhook.clientConfig.caBundle"],
    },
  ],
};
