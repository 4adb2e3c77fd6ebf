import { stringify } from "yaml";

import type { KubeObject } from "../../fleet/kubernetes/object";
import { packageVersion } from "../../fleet/package-folder";

/** A value of a Helm chart. */
export interface Value {
  /** What it means, as a comment in values.yaml and as description in the schema. */
  readonly description: string;
  readonly default: unknown;
  /** JSON Schema of the value. */
  readonly schema: Readonly<Record<string, unknown>>;
}

/** A Helm chart of one of Skerry's programs. */
export interface HelmChart {
  readonly name: string;
  readonly description: string;
  readonly values: Readonly<Record<string, Value>>;
  /** Templates by file. */
  readonly templates: Readonly<Record<string, string>>;
  /** Custom resource definitions by file, which Helm installs first. @default - none */
  readonly crds?: Readonly<Record<string, string>>;
  /** Text that Helm prints after an installation. */
  readonly notes: string;
  /** The objects that the construct renders with the default values, in the namespace of the release. */
  objects(namespace: string): KubeObject[];
}

/** Schema of a DNS label, such as the name of a broker. */
export const DNS_LABEL = { type: "string", pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$" };

/** Schema of an image with a tag or a digest. */
export const IMAGE = {
  type: "string",
  pattern: "^\\S+(:[\\w][\\w.-]*|@sha256:[0-9a-f]{64})$",
  not: { pattern: ":latest$" },
};

/** Schema of tolerations. */
export const TOLERATIONS: Readonly<Record<string, unknown>> = {
  type: "array",
  items: {
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(["key", "operator", "value", "effect"].map((field) => [field, { type: "string" }])),
  },
};

function renderValues(values: HelmChart["values"]): string {
  return Object.entries(values)
    .map(
      ([name, { description, default: value }]) =>
        `# ${description}\n${stringify({ [name]: value }, { lineWidth: 0 })}`,
    )
    .join("\n");
}

function renderSchema({ name, values }: HelmChart): string {
  const properties = Object.entries(values).map(([key, { description, schema }]) => [key, { description, ...schema }]);
  const schema = {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: `Values of ${name}`,
    type: "object",
    additionalProperties: false,
    properties: {
      ...(Object.fromEntries(properties) as Record<string, object>),
      // Helm adds these values of its own.
      global: { type: "object" },
    },
    required: Object.keys(values),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** Returns the files of a Helm chart, by their path. */
export function helmFiles(chart: HelmChart): Readonly<Record<string, string>> {
  const { name, description, values, templates, crds = {}, notes } = chart;
  const metadata = {
    apiVersion: "v2",
    name,
    description,
    type: "application",
    version: packageVersion,
    appVersion: packageVersion,
  };
  return {
    "Chart.yaml": stringify({ ...metadata, kubeVersion: ">=1.30.0-0" }),
    "values.yaml": renderValues(values),
    "values.schema.json": renderSchema(chart),
    ...Object.fromEntries(Object.entries(crds).map(([file, text]) => [`crds/${file}`, text])),
    "templates/NOTES.txt": notes,
    ...Object.fromEntries(Object.entries(templates).map(([file, text]) => [`templates/${file}`, text])),
  };
}
