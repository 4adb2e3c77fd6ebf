import { App, Chart } from "cdk8s";

import { chartObjects } from "../chart-objects";
import { EdgeIngest } from "../edge-data/edge-ingest";
import { images } from "../images";
import type { KubeObject } from "../../fleet/kubernetes/object";
import { DNS_LABEL, type HelmChart, IMAGE } from "./chart";
import { toTemplate } from "./template";

const DEFAULTS = {
  image: images.edgeIngest,
  broker: "broker",
  host: "postgres.example.com",
  name: "edge",
  user: "ingest",
  secret: "edge-database",
} as const;

type Settings = { readonly [Key in keyof typeof DEFAULTS]: string } & { readonly namespace: string };

/** The port of the database. A placeholder for it would not be a number. */
const PORT = 5432;

function render({ namespace, image, broker, ...database }: Settings): KubeObject[] {
  const chart = new Chart(new App(), "edge-ingest", { disableResourceNameHashes: true });
  new EdgeIngest(chart, "ingest", { namespace, image, broker, database: { ...database, port: PORT } });
  return chartObjects(chart);
}

/** Returns the Helm chart of the ingest. Its database listens on port 5432. */
export function edgeIngestHelmChart(): HelmChart {
  const marks = {
    image: "zzimage",
    broker: "zzbroker",
    host: "zzhost",
    name: "zzdatabase",
    user: "zzuser",
    secret: "zzsecret",
  };
  const text = (description: string, value: string, pattern: string) => ({
    description,
    default: value,
    schema: { type: "string", pattern },
  });
  const name = "^[a-z_][a-z0-9_-]{0,62}$";
  const template = toTemplate(render({ ...marks, namespace: "zznamespace" }), [
    { text: "zznamespace", expression: ".Release.Namespace" },
    { text: marks.image, expression: ".Values.image" },
    { text: marks.broker, expression: ".Values.broker" },
    { text: marks.host, expression: ".Values.databaseHost" },
    { text: marks.name, expression: ".Values.databaseName" },
    { text: marks.user, expression: ".Values.databaseUser" },
    { text: marks.secret, expression: ".Values.databaseSecret" },
  ]);
  return {
    name: "skerry-edge-ingest",
    description: "Stores the messages of edge agents in PostgreSQL, and acknowledges them",
    values: {
      image: { description: "Image of the ingest.", default: DEFAULTS.image, schema: IMAGE },
      broker: {
        description: "Service of the MQTT broker, in the namespace of the release.",
        default: DEFAULTS.broker,
        schema: DNS_LABEL,
      },
      databaseHost: text(
        "Host of the database, which listens on port 5432.",
        DEFAULTS.host,
        "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$",
      ),
      databaseName: text("Name of the database.", DEFAULTS.name, name),
      databaseUser: text("User of the database.", DEFAULTS.user, name),
      databaseSecret: text(
        "Secret with password, and with ca.crt: the authority of the database's certificate.",
        DEFAULTS.secret,
        "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$",
      ),
    },
    templates: { "ingest.yaml": template },
    notes: [
      "The ingest stores messages in {{ .Values.databaseName }} at {{ .Values.databaseHost }}.",
      "",
      "It needs two Secrets in namespace {{ .Release.Namespace }}:",
      "",
      "  {{ .Values.databaseSecret }}: password and ca.crt of the database",
      "  {{ .Values.broker }}-client-edge-ingest: ca.crt, tls.crt and tls.key, a client certificate with which the broker lets it",
      "    subscribe to skerry/v1/up/+/+ and skerry/v1/losses/+/+, and publish to skerry/v1/ack/+/+",
      "",
    ].join("\n"),
    objects: (namespace) => render({ ...DEFAULTS, namespace }),
  };
}
