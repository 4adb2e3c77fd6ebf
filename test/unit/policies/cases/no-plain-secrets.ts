import { configMap, container, initContainer, type ObjectCases, podSpec, workload } from "./case";

/** Fictitious secrets, assembled at run time so that scanners do not report this file. */
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
const main = (fields: Readonly<Record<string, unknown>>) => podSpec({ containers: [container(fields)] });
const at = "spec.template.spec.containers[0]";

export const noPlainSecrets: ObjectCases = {
  valid: [
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
    // Names of Secrets, amounts, folders, masks, encrypted values and references.
    workload(
      "Deployment",
      env(
        { name: "TLS_SECRET", value: "tls-web" },
        { name: "IMAGE_PULL_SECRET", value: "registry" },
        { name: "MAX_TOKEN", value: "4096" },
        { name: "REFRESH_TOKEN", value: "30m" },
        { name: "PWD", value: "srv" },
        { name: "BYPASS", value: "cache" },
        { name: "DB_PASS", value: "***" },
        { name: "SMTP_PASSWORD", value: "vault:secret/data/smtp#password" },
        { name: "API_TOKEN", value: "ENC[AES256_GCM,data:abc]" },
        { name: "SECRETS_DIR", value: "/mnt/secrets" },
        { name: "MARIADB_ROOT_PASSWORD_FILE", value: "/run/secrets/root" },
      ),
    ),
    workload(
      "Job",
      args(
        "--secret-name=tls-web",
        "--tls-secret",
        "tls-web",
        "--max-token",
        "4096",
        "--password-stdin",
        "--no-password",
        "serve",
      ),
    ),
    workload("Job", args("--password", "--verbose", "--password", "$(PASSWORD)", "--token=", "--pass", "/run/pass")),
    workload(
      "Pod",
      main({ command: ["sh", "-c", 'psql --password "$PGPASSWORD" && redis-cli --pass `cat /run/pass`'] }),
    ),
    workload("Pod", main({ livenessProbe: { exec: { command: ["redis-cli", "--pass", "${PASSWORD}", "ping"] } } })),
    workload(
      "Pod",
      main({
        command: ["mosquitto_sub", "-p", "8883", "-t", "a/b"],
        livenessProbe: { exec: { command: ["sh", "-c", 'redis-cli -h /run/redis -a "$REDIS" ping'] } },
        readinessProbe: { exec: { command: ["mysqladmin", "-P3306", "-p$(MYSQL)", "ping"] } },
        startupProbe: { exec: { command: ["curl", "-u", "edge:${TOKEN}", "http://localhost:8080/a"] } },
      }),
    ),
    workload(
      "Pod",
      main({
        readinessProbe: { httpGet: { port: 8080, httpHeaders: [{ name: "Authorization", value: "Bearer ${TOKEN}" }] } },
      }),
    ),
  ],
  invalid: [
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
    {
      object: workload(
        "Deployment",
        env(
          { name: "DB_PASS", value: "hunter2" },
          { name: "PASS", value: "hunter2" },
          { name: "MYSQL_PWD", value: "hunter2" },
          { name: "DB_PASSWORD", value: "123456" },
          { name: "AUTH_TOKEN", value: "hunter2" },
          { name: "SIGNING_KEY", value: "hunter2" },
        ),
      ),
      paths: [0, 1, 2, 3, 4, 5].map((index) => `${at}.env[${index}].value`),
    },
    {
      object: workload("Deployment", args("--password", "hunter2", "--verbose", "--db-pass", "hunter3")),
      paths: [`${at}.args[1]`, `${at}.args[4]`],
    },
    {
      object: workload(
        "Job",
        args("--from-literal=password=hunter2", "user=edge,password=hunter2", "--token", "abc123"),
      ),
      paths: [`${at}.args[0]`, `${at}.args[1]`, `${at}.args[3]`],
    },
    {
      object: workload(
        "Pod",
        podSpec({
          ephemeralContainers: [
            {
              name: "look",
              image: "busybox:1.37",
              command: ["sh", "--token=hunter2"],
              args: ["--password", "hunter2"],
              env: [{ name: "PASSWORD", value: "hunter2" }],
            },
          ],
        }),
      ),
      paths: ["command[1]", "args[1]", "env[0].value"].map((path) => `spec.ephemeralContainers[0].${path}`),
    },
    {
      object: workload(
        "Pod",
        main({
          command: ["/usr/bin/mosquitto_sub", "-p", "8883", "-u", "edge", "-P", "hunter2"],
          livenessProbe: { exec: { command: ["sh", "-c", "redis-cli -h /run/redis -a hunter2 ping"] } },
          readinessProbe: { exec: { command: ["mysqladmin", "-uroot", "-phunter2", "ping"] } },
          startupProbe: { exec: { command: ["curl", "-s", "-u", "edge:hunter2", "http://localhost:8080"] } },
        }),
      ),
      paths: [
        "command[6]",
        "livenessProbe.exec.command[2]",
        "readinessProbe.exec.command[2]",
        "startupProbe.exec.command[3]",
      ].map((path) => `spec.containers[0].${path}`),
    },
    // A flag in command with its value in args.
    {
      object: workload("Job", main({ command: ["serve", "--secret"], args: ["hunter2"] })),
      paths: [`${at}.args[0]`],
    },
    {
      object: workload("Pod", main({ command: ["sh", "-c", "PGPASSWORD='hunter2' psql --token=\"abc123\""] })),
      paths: ["spec.containers[0].command[2]"],
    },
    {
      object: workload(
        "DaemonSet",
        main({
          livenessProbe: { exec: { command: ["redis-cli", "--pass", "hunter2", "ping"] } },
          lifecycle: { preStop: { exec: { command: ["sh", "-c", "curl https://x/?token=hunter2"] } } },
        }),
      ),
      paths: [`${at}.livenessProbe.exec.command[2]`, `${at}.lifecycle.preStop.exec.command[2]`],
    },
    {
      object: workload(
        "Pod",
        main({
          startupProbe: {
            httpGet: {
              port: 8080,
              httpHeaders: [
                { name: "Accept", value: "text/plain" },
                { name: "Authorization", value: "Basic aHVudGVyMg==" },
                { name: "X-Api-Key", value: "hunter2" },
              ],
            },
          },
        }),
      ),
      paths: [1, 2].map((index) => `spec.containers[0].startupProbe.httpGet.httpHeaders[${index}].value`),
    },
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

/** Secrets that must not appear in messages. */
export const MADE_UP_SECRETS: readonly string[] = [
  ...Object.values(made),
  encoded,
  "hunter2",
  "hunter3",
  "s3cr3t",
  "abc123",
  "123456",
  "aHVudGVyMg==",
];
