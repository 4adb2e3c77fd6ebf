import type { KubernetesSchema } from "../schema/versions";

/** What a field can contain. */
export const TOPICS = ["image", "probe", "account", "secret", "volume", "security"] as const;
export type Topic = (typeof TOPICS)[number];

/** A field of a Kubernetes type that belongs to a topic. */
export interface Field {
  /** The type, without its group and version, and the field. For example `Container.image`. */
  readonly name: string;
  readonly topic: Topic;
}

interface Schema {
  readonly $ref?: string;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** Types whose fields all control the privileges of a container. */
const SECURITY_TYPES =
  /^(PodSecurityContext|SecurityContext|Capabilities|SELinuxOptions|SeccompProfile|AppArmorProfile|Sysctl|WindowsSecurityContextOptions)$/;
/** Types whose fields are all volume sources. */
const VOLUME_TYPES = /^(Volume|VolumeProjection)$/;

/** Match a topic by the type of the object, the name of the field and the type of its value. The first match applies. */
const TOPIC_MATCHERS: readonly (readonly [Topic, (type: string, field: string, of: string | undefined) => boolean])[] =
  [
    ["image", (_type, field, of) => /^(image|imageID)$/i.test(field) || of === "ImageVolumeSource"],
    ["image", (type, field) => type === "ImageVolumeSource" && field === "reference"],
    ["image", (_type, field) => field === "imagePullPolicy"],
    ["probe", (_type, _field, of) => of === "Probe" || of === "Lifecycle" || of === "LifecycleHandler"],
    ["probe", (type, field) => /^(HTTPGet|TCPSocket)Action$/.test(type) && field === "host"],
    ["probe", (_type, _field, of) => of === "ExecAction" || of === "HTTPGetAction" || of === "TCPSocketAction"],
    ["account", (_type, field) => /serviceAccount(Name|UID)?$/i.test(field) || /^automountServiceAccount/.test(field)],
    [
      "account",
      (_type, _field, of) =>
        of === "ServiceAccountTokenProjection" || of === "ServiceAccountSubject" || of === "Subject",
    ],
    ["secret", (_type, field) => /secret|password|credential/i.test(field) || /token/i.test(field)],
    ["secret", (_type, field) => /^(command|args|env|envFrom|httpHeaders|volumeAttributes)$/.test(field)],
    ["secret", (type, field) => /^(ConfigMap|Secret)$/.test(type) && /^(data|binaryData|stringData)$/.test(field)],
    ["secret", (type, field) => /^(StorageClass|VolumeAttributesClass)$/.test(type) && field === "parameters"],
    ["secret", (type, field) => /^Flex(Persistent)?VolumeSource$/.test(type) && field === "options"],
    ["security", (type) => SECURITY_TYPES.test(type)],
    [
      "security",
      (_type, field, of) => SECURITY_TYPES.test(of ?? "") || /^host(IPC|Network|PID|Port|Users)$/.test(field),
    ],
    ["security", (_type, field) => field === "shareProcessNamespace" || field === "runtimeClassName"],
    ["volume", (type, field, of) => (VOLUME_TYPES.test(type) && field !== "name") || /VolumeSource$/.test(of ?? "")],
    [
      "volume",
      (_type, field, of) => of === "Volume" || of === "VolumeMount" || of === "VolumeDevice" || field === "hostPath",
    ],
    ["volume", (type, field) => /^(HostPath|Local)VolumeSource$/.test(type) && field === "path"],
    ["volume", (type, field) => type === "VolumeMount" && /^(mountPropagation|subPath|subPathExpr)$/.test(field)],
  ];

const PREFIX = "#/definitions/";

/** Returns the definition of a field's value or of its items. */
function findReference({ $ref, items, additionalProperties }: Schema): string | undefined {
  if ($ref !== undefined) return $ref.slice(PREFIX.length);
  if (items !== undefined) return findReference(items);
  return typeof additionalProperties === "object" ? findReference(additionalProperties) : undefined;
}

const typeOf = (definition: string): string => definition.slice(definition.lastIndexOf(".") + 1);

/** Returns the definitions that a manifest can contain. The cluster writes `status`, so its definitions are omitted. */
function findManifestDefinitions({ kinds, definitions }: KubernetesSchema): Set<string> {
  const found = new Set<string>();
  const visit = (definition: string): void => {
    if (found.has(definition)) return;
    found.add(definition);
    for (const [field, schema] of Object.entries((definitions[definition] as Schema).properties ?? {})) {
      const next = findReference(schema);
      if (next !== undefined && field !== "status") visit(next);
    }
  };
  Object.values(kinds).forEach(visit);
  return found;
}

/** Returns the fields of a Kubernetes version that belong to a topic, sorted by name. */
export function findFields(schema: KubernetesSchema): Field[] {
  const fields = new Map<string, Field>();
  for (const definition of findManifestDefinitions(schema)) {
    const type = typeOf(definition);
    for (const [field, value] of Object.entries((schema.definitions[definition] as Schema).properties ?? {})) {
      const of = findReference(value);
      const topic = TOPIC_MATCHERS.find(([, matches]) => matches(type, field, of && typeOf(of)))?.[0];
      const name = `${type}.${field}`;
      if (topic !== undefined) fields.set(name, { name, topic });
    }
  }
  return [...fields.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Returns the paths of all pod specs in a Kubernetes version, for example `v1 Pod spec`. */
export function findPodSpecs({ kinds, definitions }: KubernetesSchema): string[] {
  const found: string[] = [];
  const visit = (kind: string, definition: string, steps: readonly string[], above: readonly string[]): void => {
    for (const [field, schema] of Object.entries((definitions[definition] as Schema).properties ?? {})) {
      const next = findReference(schema);
      if (next === undefined || above.includes(next)) continue;
      if (typeOf(next) === "PodSpec") found.push(`${kind} ${[...steps, field].join(".")}`);
      else visit(kind, next, [...steps, field], [...above, next]);
    }
  };
  for (const [kind, definition] of Object.entries(kinds)) visit(kind, definition, [], [definition]);
  return found.sort();
}
