import { App, Chart } from "cdk8s";

import { HUB } from "../../fleet/edge-data/sites";
import type { KubeObject } from "../../fleet/kubernetes/object";
import { chartObjects } from "../chart-objects";
import { SiteSync, type SiteSyncProps } from "../edge-data/site-sync";
import { images } from "../images";
import { DNS_LABEL, type HelmChart, IMAGE, TOLERATIONS } from "./chart";
import { toTemplate } from "./template";

const DEFAULTS = { image: images.siteSync, broker: "broker", storageGiB: 1 } as const;

const MARKS = {
  ...{ site: "zzsite", siteBroker: "zzsbroker", broker: "zzcloud", image: "zzimage", namespace: "zznamespace" },
  ...{ storage: "zzstorage", selector: "zzselector", toleration: "zztoleration" },
} as const;

function render(props: SiteSyncProps): KubeObject[] {
  const chart = new Chart(new App(), "site-sync", { disableResourceNameHashes: true });
  new SiteSync(chart, "sync", props);
  return chartObjects(chart);
}

interface Marked extends KubeObject {
  readonly spec: {
    readonly template: { readonly spec: { nodeSelector?: object; tolerations?: object[] } };
    readonly volumeClaimTemplates: readonly [
      { readonly spec: { readonly resources: { readonly requests: { storage: string } } } },
    ];
  };
}

/** Renders a site-sync with a text in place of each value. */
function renderMarked(site: string, siteBroker?: string): KubeObject[] {
  const { broker, image, namespace } = MARKS;
  const objects = render({ broker, image, namespace, site, siteBroker });
  const { spec } = objects.find(({ kind }) => kind === "StatefulSet") as Marked;
  spec.volumeClaimTemplates[0].spec.resources.requests.storage = MARKS.storage;
  spec.template.spec.nodeSelector = { [MARKS.selector]: "" };
  spec.template.spec.tolerations = [{ key: MARKS.toleration }];
  return objects;
}

const COMMON = [
  { text: MARKS.broker, expression: "$.Values.broker" },
  { text: MARKS.image, expression: "$.Values.image" },
  { text: MARKS.namespace, expression: "$.Release.Namespace" },
  { text: MARKS.storage, expression: "$.Values.storage" },
];

/**
 * Returns a template of objects, with the nodes that a value selects.
 *
 * @param value expression of the value, which has the fields nodeSelector and tolerations
 */
function placedTemplate(objects: readonly KubeObject[], texts: typeof COMMON, value: string): string {
  const lists = [{ text: MARKS.toleration, expression: `${value}.tolerations` }];
  const template = toTemplate(objects, texts, lists);
  // Without an item, the field must be absent.
  return template
    .replace(
      new RegExp(`^( *)nodeSelector:\\n *${MARKS.selector}: ""$`, "m"),
      (_, indent: string) =>
        `{{- with ${value}.nodeSelector }}\n${indent}nodeSelector:\n{{ toYaml . | indent ${indent.length + 2} }}\n{{- end }}`,
    )
    .replace(
      /^( *)tolerations:\n(\{\{- with [^\n]+\}\}\n)/m,
      (_, indent: string, begin: string) => `${begin}${indent}tolerations:\n`,
    );
}

const NODE_SELECTOR = { type: "object", additionalProperties: { type: "string" } };
const PLACEMENT = { nodeSelector: NODE_SELECTOR, tolerations: TOLERATIONS };

/** Returns the Helm chart of site-sync: the state of the cloud, and that of each site of its values. */
export function siteSyncHelmChart(): HelmChart {
  const cloud = placedTemplate(renderMarked(HUB), COMMON, "$.Values.cloud");
  const texts = [
    { text: MARKS.siteBroker, expression: ".broker" },
    { text: MARKS.site, expression: ".name" },
    ...COMMON,
  ];
  const site = placedTemplate(renderMarked(MARKS.site, MARKS.siteBroker), texts, "");
  return {
    name: "skerry-site-sync",
    description: "Holds the state of sites and of the cloud, and makes them the same",
    values: {
      image: { description: "Image of site-sync.", default: DEFAULTS.image, schema: IMAGE },
      broker: {
        description:
          "Service of the cloud broker, in the namespace of the release. Sites and cloud exchange state over it.",
        default: DEFAULTS.broker,
        schema: DNS_LABEL,
      },
      cloud: {
        description: "Whether the state of the cloud runs in this cluster, and on which nodes.",
        default: { enabled: true },
        schema: {
          type: "object",
          additionalProperties: false,
          required: ["enabled"],
          properties: { enabled: { type: "boolean" }, ...PLACEMENT },
        },
      },
      sites: {
        description:
          "Sites in this cluster: the name, the broker of the site's agents, and on which nodes its state is.",
        default: [],
        schema: {
          type: "array",
          items: {
            type: "object",
            additionalProperties: false,
            required: ["name", "broker"],
            properties: {
              name: { ...DNS_LABEL, maxLength: 42, not: { const: HUB } },
              broker: DNS_LABEL,
              ...PLACEMENT,
            },
          },
        },
      },
      storage: {
        description: "Size of the local volume of each database.",
        default: `${DEFAULTS.storageGiB}Gi`,
        schema: { type: "string", pattern: "^[0-9]+(Mi|Gi|Ti)$" },
      },
    },
    templates: {
      "cloud.yaml": `{{- if .Values.cloud.enabled }}\n${cloud}{{- end }}\n`,
      "sites.yaml": `{{- range .Values.sites }}\n---\n${site}{{- end }}\n`,
    },
    notes: [
      "Each needs a Secret in namespace {{ .Release.Namespace }} with ca.crt, tls.crt and tls.key: a client certificate with which",
      "the broker {{ .Values.broker }} lets it publish and subscribe as follows:",
      "{{ if .Values.cloud.enabled }}",
      "  {{ .Values.broker }}-client-site-sync-cloud: skerry/v1/sync/+/down and skerry/v1/sync/+/up",
      "{{- end }}",
      "{{- range .Values.sites }}",
      "  {{ $.Values.broker }}-client-site-sync-{{ .name }}: skerry/v1/sync/{{ .name }}/up and skerry/v1/sync/{{ .name }}/down",
      "{{- end }}",
      "{{ if .Values.sites }}",
      "At the broker of its agents, a site publishes skerry/v1/config/<node> and subscribes to skerry/v1/reported/<node>, for each node:",
      "{{ range .Values.sites }}",
      "  {{ .broker }}-client-site-sync",
      "{{- end }}",
      "{{ end }}",
      "Read and write state in a pod:",
      "",
      "  kubectl -n {{ .Release.Namespace }} exec site-sync-cloud-0 -- /site-sync list --database /state/state.db",
      "",
    ].join("\n"),
    objects: (namespace) => render({ ...DEFAULTS, namespace, site: HUB }),
  };
}
