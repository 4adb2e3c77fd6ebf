import { configMap, container, initContainer, type ObjectCases, podSpec, workload } from "./case";

/** Made up, and put together here so that nobody takes this file for a leak. */
const made = {
  key: ["-----BEGIN EC", "PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----\n"].join(" "),
  aws: `AKIA${"ABCDEFGH".repeat(2)}`,
  jwt: ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiJlZGdlIn0", "c2lnbmF0dXJl"].join("."),
  k3s: `K10${"0a".repeat(32)}::${"server:"}abcdef`,
  github: `ghp_${"aB3".repeat(12)}`,
  address: `postgres://telemetry:${"correct-horse"}@db:5432/edge`,
};
const encoded = Buffer.from(made.key).toString("base64");
const certificate = "-----BEGIN CERTIFICATE-----\nMIIBdzCCAR2gAwIBAgIB\n-----END CERTIFICATE-----\n";

const env = (...variables: readonly object[]) => podSpec({ containers: [container({ env: variables })] });
const args = (...list: readonly string[]) => podSpec({ containers: [container({ args: list })] });
const at = "spec.template.spec.containers[0]";

export const noPlainSecrets: ObjectCases = {
  kept: [
    configMap({
      "ca.crt": certificate,
      "ca.b64": Buffer.from(certificate).toString("base64"),
      "config.yaml": "port: 8883\n",
    }),
    configMap({ DB_PASSWORD: "", TOKEN_FILE: "/run/secrets/token", "api-key": "${API_KEY}", tokens: "3" }),
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "example", namespace: "telemetry" } },
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "example", namespace: "telemetry" },
      stringData: { key: made.key },
    },
    workload("Deployment", env({ name: "PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "password" } } })),
    workload(
      "StatefulSet",
      env(
        { name: "DB_PASSWORD", value: "$(PASSWORD)" },
        { name: "ALLOW_EMPTY_PASSWORD", value: "yes" },
        { name: "MAX_TOKENS", value: "400" },
      ),
    ),
    workload(
      "Job",
      args("--token-file=/run/secrets/token", "--password=$(PASSWORD)", "--url=https://hub.example.com/"),
    ),
    workload("Pod", env({ name: "DB", value: "postgres://telemetry:$(PASSWORD)@db/edge" }, { name: "EMPTY" })),
  ],
  broken: [
    { object: configMap({ "tls.crt": certificate, "tls.key": made.key }), paths: ['data["tls.key"]'] },
    { object: configMap({ kubeconfig: `client-key-data: ${encoded}` }), paths: ["data.kubeconfig"] },
    { object: configMap({}, { binaryData: { key: encoded } }), paths: ["binaryData.key"] },
    {
      object: configMap({ DB_PASSWORD: "hunter2", "smtp.password": "hunter3", user: "edge" }),
      paths: ["data.DB_PASSWORD", 'data["smtp.password"]'],
    },
    { object: configMap({ "config.yaml": `token: ${made.k3s}\n` }), paths: ['data["config.yaml"]'] },
    {
      object: workload(
        "Deployment",
        env({ name: "ACCESS", value: made.aws }, { name: "BEARER", value: `Bearer ${made.jwt}` }),
      ),
      paths: [`${at}.env[0].value`, `${at}.env[1].value`],
    },
    {
      object: workload(
        "DaemonSet",
        env({ name: "PGPASSWORD", value: "hunter2" }, { name: "client_secret", value: "s3cr3t" }),
      ),
      paths: [`${at}.env[0].value`, `${at}.env[1].value`],
    },
    { object: workload("Pod", args("--url", made.address)), paths: ["spec.containers[0].args[1]"] },
    { object: workload("Job", args("--verbose", "--api-key=abc123")), paths: [`${at}.args[1]`] },
    {
      object: workload(
        "CronJob",
        podSpec({
          initContainers: [
            initContainer({ command: ["sh", "-c", `git clone https://${made.github}@example.com/edge`] }),
          ],
        }),
      ),
      paths: ["spec.jobTemplate.spec.template.spec.initContainers[0].command[2]"],
    },
  ],
};

/** What must never be told. */
export const MADE_UP_SECRETS: readonly string[] = [
  ...Object.values(made),
  encoded,
  "hunter2",
  "hunter3",
  "s3cr3t",
  "abc123",
];
