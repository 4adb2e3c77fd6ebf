import { App, Chart } from "cdk8s";

import { chartObjects } from "../chart-objects";
import { CONFIG_FILE } from "../edge-data/agent-config";
import { EdgeAgent } from "../edge-data/edge-agent";
import { Outbox } from "../edge-data/outbox";
import { images } from "../images";
import { BROKER_PRIORITY } from "../mqtt/mqtt-broker";
import type { KubeObject } from "../../fleet/kubernetes/object";
import type { EdgeRelay, EdgeRoute, Taint } from "../../fleet/model";
import { DNS_LABEL, type HelmChart, IMAGE, TOLERATIONS } from "./chart";
import { toTemplate } from "./template";

/** What the default outbox is sized for. */
const DEFAULT_CLASS = {
  name: "telemetry",
  messagesPerSecond: 1,
  messageBytes: 400,
  outageDays: 7,
  whenFull: "DropOldest",
} as const;
const DEFAULTS = { name: "edge-agent", node: "edge-01", broker: "broker" } as const;
const DISK_GIB = 32;

interface Settings {
  readonly name: string;
  readonly node: string;
  readonly broker: string;
  readonly namespace: string;
  readonly image: string;
  readonly relay: EdgeRelay;
  readonly routes: readonly EdgeRoute[];
  readonly taints: readonly Taint[];
}

function render({ name, node, ...settings }: Settings): { readonly outbox: Outbox; readonly objects: KubeObject[] } {
  const chart = new Chart(new App(), "edge-agent", { disableResourceNameHashes: true });
  const outbox = new Outbox(chart, "outbox", { diskGiB: DISK_GIB, classes: [DEFAULT_CLASS] });
  new EdgeAgent(chart, "agent", { ...settings, name: `${name}-${node}`, node, outbox });
  return { outbox, objects: chartObjects(chart) };
}

const objectsWithDefaults = (namespace: string): ReturnType<typeof render> =>
  render({ ...DEFAULTS, namespace, image: images.edgeAgent, relay: "broker", routes: [], taints: [] });

const NAMES = {
  name: "zzname",
  node: "zznode",
  broker: "zzbroker",
  namespace: "zznamespace",
  image: "zzimage",
} as const;
/** Stand in the objects for values that no prop of the construct sets. */
const MARKS = {
  taint: "zztaint",
  config: "zzconfig",
  egress: "zzegress",
  checksum: "zzchecksum",
  priority: "zzpriority",
  storage: "zzstorage",
} as const;
/** Stand in the configuration for a list of values. */
const LISTS = { classes: "zzclasses", sensors: "zzsensors", routes: "zzroutes" } as const;

const jsonList = (expression: string): string => `{{ ${expression} | toPrettyJson | indent 2 | trim }}`;

const configName = (relay: EdgeRelay): string => `edge-agent.config.${relay}`;

/** Returns the template of a configuration file, from the file that the construct writes for an agent with one route. */
function configTemplate(relay: EdgeRelay, file: string): string {
  const config = JSON.parse(file) as Record<string, unknown> & { readonly relay: object };
  const text = JSON.stringify({ ...config, ...LISTS, relay: "zzrelay" }, null, 2);
  const withRoutes = JSON.stringify(config.relay, null, 2).replaceAll("\n", "\n  ");
  return [
    `{{- define "${configName(relay)}" -}}`,
    text
      .replace(`"zzrelay"`, relay === "listener" ? withRoutes : `{{ if .routes }}${withRoutes}{{ else }}{}{{ end }}`)
      .replace(`"${LISTS.classes}"`, jsonList(".root.Values.classes"))
      .replace(`"${LISTS.sensors}"`, jsonList(".root.Values.sensors"))
      .replace(`"${LISTS.routes}"`, jsonList(".routes"))
      .replaceAll(NAMES.node, "{{ .node }}")
      .replaceAll(NAMES.broker, "{{ .root.Values.broker }}")
      .replaceAll(NAMES.namespace, "{{ .root.Release.Namespace }}"),
    `{{ end -}}`,
    "",
  ].join("\n");
}

interface Marked extends KubeObject {
  readonly data: Record<string, string>;
  readonly spec: {
    readonly egress: object[];
    readonly template: {
      readonly metadata: { readonly annotations: Record<string, string> };
      readonly spec: { priorityClassName: string };
    };
    readonly volumeClaimTemplates: readonly [
      { readonly spec: { readonly resources: { readonly requests: { storage: string } } } },
    ];
  };
}

/** Renders an agent with a text in place of each value. */
function renderMarked(relay: EdgeRelay): { readonly objects: KubeObject[]; readonly config: string } {
  const route = { filter: "a", class: DEFAULT_CLASS.name };
  const { objects } = render({
    ...NAMES,
    relay,
    routes: [route],
    taints: [{ key: MARKS.taint, value: "", effect: "NoSchedule" }],
  });
  const [configMap, policy, set] = ["ConfigMap", "NetworkPolicy", "StatefulSet"].map((kind) =>
    objects.find((object) => object.kind === kind),
  ) as [Marked, Marked, Marked];
  const config = configMap.data[CONFIG_FILE]!;
  configMap.data[CONFIG_FILE] = MARKS.config;
  policy.spec.egress.push({ to: MARKS.egress });
  const { template, volumeClaimTemplates } = set.spec;
  template.metadata.annotations["checksum/config"] = MARKS.checksum;
  template.spec.priorityClassName = MARKS.priority;
  volumeClaimTemplates[0].spec.resources.requests.storage = MARKS.storage;
  return { objects, config };
}

/** Returns the templates of an agent's objects and of its configuration. */
function agentTemplate(relay: EdgeRelay): { readonly objects: string; readonly config: string } {
  const { objects, config } = renderMarked(relay);
  const template = toTemplate(
    objects,
    [
      { text: `${NAMES.name}-${NAMES.node}`, expression: "$name" },
      { text: NAMES.node, expression: "$node" },
      { text: NAMES.broker, expression: "$.Values.broker" },
      { text: NAMES.namespace, expression: "$.Release.Namespace" },
      { text: NAMES.image, expression: "$.Values.image" },
      { text: MARKS.checksum, expression: `list (list (list "${CONFIG_FILE}" $config)) | toJson | sha256sum` },
      { text: MARKS.storage, expression: "$.Values.storage" },
      { text: MARKS.priority, expression: "$.Values.priorityClassName" },
      { text: MARKS.config, expression: "$config" },
    ],
    [
      { text: MARKS.taint, expression: "$.Values.tolerations" },
      { text: MARKS.egress, expression: "$.Values.sensorEgress" },
    ],
  );
  return { objects: template, config: configTemplate(relay, config) };
}

function agentTemplates(): Record<string, string> {
  const [broker, listener] = [agentTemplate("broker"), agentTemplate("listener")];
  const header = [
    `{{- if and (eq .Values.relay "listener") (not .Values.routes) }}`,
    `{{- fail "routes: must not be empty with relay listener, which refuses messages without a route" }}`,
    "{{- end }}",
    "{{- range $index, $node := .Values.nodes }}",
    `{{- $name := printf "%s-%s" $.Values.name ($node | replace "." "-") }}`,
    `{{- $listens := eq $.Values.relay "listener" }}`,
    "{{- /* One agent takes devices' messages from the broker: otherwise each would keep a copy. */}}",
    "{{- $routes := ternary $.Values.routes list (or $listens (eq $index 0)) }}",
    `{{- $config := include (printf "${configName("%s" as EdgeRelay)}" $.Values.relay) (dict "root" $ "node" $node "routes" $routes) }}`,
    "---",
    "",
  ].join("\n");
  const objects = `{{- if $listens }}\n${listener.objects}{{- else }}\n${broker.objects}{{- end }}\n{{- end }}\n`;
  return { "_config.tpl": `${broker.config}${listener.config}`, "agents.yaml": `${header}${objects}` };
}

/** Returns the Helm chart of the edge agent: an agent on each of the nodes of its values. */
export function edgeAgentHelmChart(): HelmChart {
  const { outbox } = objectsWithDefaults("default");
  const label = (description: string, value: string) => ({ description, default: value, schema: DNS_LABEL });
  const list = (description: string, items: object) => ({ description, default: [], schema: { type: "array", items } });
  const size = `${DEFAULT_CLASS.outageDays} days at ${DEFAULT_CLASS.messagesPerSecond} message/s of ${DEFAULT_CLASS.messageBytes} bytes`;
  return {
    name: "skerry-edge-agent",
    description: "Keeps readings and devices' messages on the disks of nodes until the cloud's database has them",
    values: {
      image: { description: "Image of the agent.", default: images.edgeAgent, schema: IMAGE },
      name: label("Prefix of the names of the objects.", DEFAULTS.name),
      nodes: {
        description: "Names of the nodes. Each gets an agent, which publishes under the name of its node.",
        default: [DEFAULTS.node],
        schema: {
          type: "array",
          minItems: 1,
          uniqueItems: true,
          items: { type: "string", pattern: "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$" },
        },
      },
      broker: label("Service of the MQTT broker, in the namespace of the release.", DEFAULTS.broker),
      tolerations: { description: "Tolerations of the nodes' taints.", default: [], schema: TOLERATIONS },
      priorityClassName: label("Priority class of the agents, which must exist.", BROKER_PRIORITY),
      classes: {
        description: `Classes of messages and their limits. The default keeps ${size}. docs/edge-data-fleet.md shows how to size others.`,
        default: outbox.limits,
        schema: {
          type: "array",
          minItems: 1,
          items: {
            type: "object",
            additionalProperties: false,
            required: ["name", "maxBytes", "whenFull"],
            properties: {
              name: DNS_LABEL,
              maxBytes: { type: "integer", minimum: 1 },
              maxMessageBytes: { type: "integer", minimum: 1, maximum: 1_048_576 },
              whenFull: { enum: ["Refuse", "DropOldest"] },
              maxAge: { type: "string" },
            },
          },
        },
      },
      storage: {
        description:
          "Size of the local volume of each outbox: at least the sum of maxBytes, and 132 KiB for each class.",
        default: `${outbox.storageGiB}Gi`,
        schema: { type: "string", pattern: "^[0-9]+(Mi|Gi|Ti)$" },
      },
      sensors: list("Sensors that every agent reads, as in its configuration file.", { type: "object" }),
      relay: {
        description:
          "Where devices publish: at the broker, from which the agent of the first node takes their messages, or at the listener of each agent.",
        default: "broker",
        schema: { enum: ["broker", "listener"] },
      },
      routes: list("Classes of devices' messages by topic. A listener needs at least one.", {
        type: "object",
        additionalProperties: false,
        required: ["filter", "class"],
        properties: { filter: { type: "string" }, class: DNS_LABEL },
      }),
      sensorEgress: list("Egress rules of the network policy, for sensors on the network.", { type: "object" }),
    },
    templates: agentTemplates(),
    notes: [
      "{{ len .Values.nodes }} edge agents send to broker {{ .Values.broker }} in namespace {{ .Release.Namespace }}.",
      "",
      "Each needs a Secret with ca.crt, tls.crt and tls.key: a client certificate with which the broker lets the node publish",
      "skerry/v1/up/<node>/+, skerry/v1/losses/<node>/+ and skerry/v1/reported/<node>, and subscribe to skerry/v1/ack/<node>/+ and skerry/v1/config/<node>:",
      "{{ range .Values.nodes }}",
      "  {{ $.Values.broker }}-client-{{ . }}",
      "{{- end }}",
      `{{- if eq .Values.relay "listener" }}`,
      "",
      "Devices publish to the agents, on port 8883 of these Services:",
      "{{ range .Values.nodes }}",
      `  {{ $.Values.name }}-{{ . | replace "." "-" }}.{{ $.Release.Namespace }}.svc`,
      "{{- end }}",
      "",
      "The listener of each needs a Secret with ca.crt, which issues the certificates of devices, and with tls.crt and tls.key, a",
      "server certificate for the host name that the devices use:",
      "{{ range .Values.nodes }}",
      `  {{ $.Values.name }}-{{ . | replace "." "-" }}-tls`,
      "{{- end }}",
      "{{- end }}",
      "",
      "Messages that the cloud does not acknowledge stay on the nodes:",
      "",
      "  kubectl -n {{ .Release.Namespace }} get pods -l app.kubernetes.io/name=edge-agent",
      "",
    ].join("\n"),
    objects: (namespace) => objectsWithDefaults(namespace).objects,
  };
}
