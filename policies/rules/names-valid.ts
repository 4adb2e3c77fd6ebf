import { isDnsLabel, isLabelValue, isQualifiedName, KEY_RULE, LABEL_VALUE_RULE } from "../../fleet/reading/forms";
import type { KubeObject } from "../../fleet/kubernetes/object";
import { templateOf, templatePath } from "../../fleet/kubernetes/pod-template";
import { pathText, shown } from "../../fleet/problem";
import { nameRuleOf } from "../kubernetes/name-forms";
import { containersOf, podOf } from "../kubernetes/pods";
import type { ClusterRule, Violation } from "../engine/rule";

/** Limit for the keys and values of all annotations of an object (apimachinery's TotalAnnotationSizeLimitB). */
const MAX_ANNOTATION_BYTES = 256 * 1024;

const LABEL_RULE = "must be 1 to 63 of a-z, 0-9 and -, starting and ending with a letter or digit";

interface Metadata {
  readonly labels?: Readonly<Record<string, unknown>>;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

/** Checks the keys and values of labels or of a node selector. */
function checkLabels(
  labels: Readonly<Record<string, unknown>> | null | undefined,
  steps: readonly string[],
): Violation[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => {
    const keyValid = isQualifiedName(key);
    const valueValid = typeof value === "string" && isLabelValue(value);
    if (keyValid && valueValid) return [];
    const path = pathText([...steps, key]);
    return [
      ...(keyValid ? [] : [{ path, message: `key: got ${shown(key)}, ${KEY_RULE}` }]),
      ...(valueValid ? [] : [{ path, message: `got ${shown(value)}, ${LABEL_VALUE_RULE}` }]),
    ];
  });
}

function checkAnnotations(annotations: Metadata["annotations"], steps: readonly string[]): Violation[] {
  const entries = Object.entries(annotations ?? {});
  const bytes = entries.reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(String(value)),
    0,
  );
  return [
    ...entries.flatMap(([key, value]) => {
      const path = pathText([...steps, key]);
      return [
        // Kubernetes accepts upper case in annotation keys.
        ...(isQualifiedName(key.toLowerCase()) ? [] : [{ path, message: `key: got ${shown(key)}, ${KEY_RULE}` }]),
        ...(typeof value === "string" ? [] : [{ path, message: `got ${shown(value)}, must be a string` }]),
      ];
    }),
    ...(bytes > MAX_ANNOTATION_BYTES
      ? [{ path: pathText(steps), message: `got ${bytes} bytes in total, must be at most ${MAX_ANNOTATION_BYTES}` }]
      : []),
  ];
}

const checkMetadata = ({ labels, annotations }: Metadata, steps: readonly string[]): Violation[] => [
  ...checkLabels(labels, [...steps, "labels"]),
  ...checkAnnotations(annotations, [...steps, "annotations"]),
];

/** Returns an example of a generated name: up to 58 characters of the prefix and five that the API server appends. */
const generateName = (prefix: string): string => `${prefix.slice(0, 58)}aaaaa`;

function checkNames(object: KubeObject, kubernetesVersion: string): Violation[] {
  const { name, generateName: prefix, namespace } = object.metadata;
  const { form, rule } = nameRuleOf(object, kubernetesVersion);
  const [path, value, fullName] =
    !name && prefix ? ["metadata.generateName", prefix, generateName(prefix)] : ["metadata.name", name, name ?? ""];
  return [
    ...(form(fullName) ? [] : [{ path, message: `got ${shown(value)}, ${rule}` }]),
    ...((namespace ?? null) === null || isDnsLabel(namespace!)
      ? []
      : [{ path: "metadata.namespace", message: `got ${shown(namespace)}, ${LABEL_RULE}` }]),
  ];
}

function checkPod(object: KubeObject): Violation[] {
  const pod = podOf(object);
  if (!pod) return [];
  const steps = templatePath(object)!;
  return [
    // In a Pod, this is the object's own metadata, which has been checked.
    ...(steps.length === 0 ? [] : checkMetadata(templateOf(object)?.metadata ?? {}, [...steps, "metadata"])),
    ...checkLabels(pod.value.nodeSelector, [...steps, "spec", "nodeSelector"]),
    ...containersOf(object).flatMap(({ value: { name }, path }) =>
      isDnsLabel(name ?? "") ? [] : [{ path: path("name"), message: `got ${shown(name)}, ${LABEL_RULE}` }],
    ),
    ...(pod.value.volumes ?? []).flatMap(({ name }, index) =>
      isDnsLabel(name ?? "")
        ? []
        : [{ path: pod.path("volumes", index, "name"), message: `got ${shown(name)}, ${LABEL_RULE}` }],
    ),
  ];
}

export const namesValid: ClusterRule = {
  subject: "cluster",
  id: "names-valid",
  title: "Names, namespaces, labels and annotations are valid",
  why: "The API server rejects the object in the middle of a rollout. It accepts a CronJob whose name is too long, but then rejects its Jobs.",
  severity: "error",
  remedy: "Shorten or rewrite the name, key or value.",
  check: ({ objects, kubernetesVersion }) =>
    objects.flatMap((object) =>
      [
        ...checkNames(object, kubernetesVersion),
        ...checkMetadata(object.metadata, ["metadata"]),
        ...checkPod(object),
      ].map((violation) => ({ object, ...violation })),
    ),
  noAdmission: "The API server enforces these limits before it evaluates policies.",
};
