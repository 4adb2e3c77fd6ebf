import { isDnsLabel, isLabelValue, isQualifiedName, KEY_RULE, LABEL_VALUE_RULE } from "../../fleet/reading/forms";
import type { KubeObject } from "../../fleet/kubernetes/object";
import { templateOf, templatePath } from "../../fleet/kubernetes/pod-template";
import { formatPath, formatValue } from "../../fleet/problem";
import { nameRuleOf } from "../kubernetes/name-forms";
import { containersOf, podOf } from "../kubernetes/pods";
import type { ClusterRule, Violation } from "../engine/rule";

/** Of an object's annotations together, keys and values (apimachinery's TotalAnnotationSizeLimitB). */
const ANNOTATION_BYTES = 256 * 1024;

const LABEL_RULE = "must be 1 to 63 of a-z, 0-9 and -, starting and ending with a letter or digit";

interface Metadata {
  readonly labels?: Readonly<Record<string, unknown>>;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

/** Keys and values as labels, selectors and node selectors have them. */
function labelProblems(
  labels: Readonly<Record<string, unknown>> | null | undefined,
  steps: readonly string[],
): Violation[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => {
    const keyKept = isQualifiedName(key);
    const valueKept = typeof value === "string" && isLabelValue(value);
    if (keyKept && valueKept) return [];
    const path = formatPath([...steps, key]);
    return [
      ...(keyKept ? [] : [{ path, message: `key ${KEY_RULE}, got ${formatValue(key)}` }]),
      ...(valueKept ? [] : [{ path, message: `${LABEL_VALUE_RULE}, got ${formatValue(value)}` }]),
    ];
  });
}

function annotationProblems(annotations: Metadata["annotations"], steps: readonly string[]): Violation[] {
  const entries = Object.entries(annotations ?? {});
  const bytes = entries.reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(String(value)),
    0,
  );
  return [
    ...entries.flatMap(([key, value]) => {
      const path = formatPath([...steps, key]);
      return [
        // Upstream takes annotations' keys in capitals too.
        ...(isQualifiedName(key.toLowerCase()) ? [] : [{ path, message: `key ${KEY_RULE}, got ${formatValue(key)}` }]),
        ...(typeof value === "string" ? [] : [{ path, message: `got ${formatValue(value)}, allowed is a text` }]),
      ];
    }),
    ...(bytes > ANNOTATION_BYTES
      ? [{ path: formatPath(steps), message: `got ${bytes} bytes, allowed are ${ANNOTATION_BYTES} together` }]
      : []),
  ];
}

const metadataProblems = ({ labels, annotations }: Metadata, steps: readonly string[]): Violation[] => [
  ...labelProblems(labels, [...steps, "labels"]),
  ...annotationProblems(annotations, [...steps, "annotations"]),
];

/** A generated name: at most 58 characters of what is stated, and five that the API server chooses. */
const completed = (generateName: string): string => `${generateName.slice(0, 58)}aaaaa`;

function identityProblems(object: KubeObject, kubernetesVersion: string): Violation[] {
  const { name, generateName, namespace } = object.metadata;
  const { form, rule } = nameRuleOf(object, kubernetesVersion);
  const [path, stated, whole] =
    !name && generateName
      ? ["metadata.generateName", generateName, completed(generateName)]
      : ["metadata.name", name, name ?? ""];
  return [
    ...(form(whole) ? [] : [{ path, message: `${rule}, got ${formatValue(stated)}` }]),
    ...((namespace ?? null) === null || isDnsLabel(namespace!)
      ? []
      : [{ path: "metadata.namespace", message: `${LABEL_RULE}, got ${formatValue(namespace)}` }]),
  ];
}

function podProblems(object: KubeObject): Violation[] {
  const pod = podOf(object);
  if (!pod) return [];
  const steps = templatePath(object)!;
  return [
    // A Pod's own were looked at already.
    ...(steps.length === 0 ? [] : metadataProblems(templateOf(object)?.metadata ?? {}, [...steps, "metadata"])),
    ...labelProblems(pod.value.nodeSelector, [...steps, "spec", "nodeSelector"]),
    ...containersOf(object).flatMap(({ value: { name }, path }) =>
      isDnsLabel(name ?? "") ? [] : [{ path: path("name"), message: `${LABEL_RULE}, got ${formatValue(name)}` }],
    ),
    ...(pod.value.volumes ?? []).flatMap(({ name }, index) =>
      isDnsLabel(name ?? "")
        ? []
        : [{ path: pod.path("volumes", index, "name"), message: `${LABEL_RULE}, got ${formatValue(name)}` }],
    ),
  ];
}

export const namesValid: ClusterRule = {
  subject: "cluster",
  id: "names-valid",
  title: "Names, namespaces, labels and annotations keep Kubernetes' limits",
  why: "The API server refuses the object, halfway through a rollout; or, as with a long name of a CronJob, whatever it makes later.",
  severity: "error",
  remedy: "Shorten or rewrite the name, the key or the value.",
  check: ({ objects, kubernetesVersion }) =>
    objects.flatMap((object) =>
      [
        ...identityProblems(object, kubernetesVersion),
        ...metadataProblems(object.metadata, ["metadata"]),
        ...podProblems(object),
      ].map((found) => ({ object, ...found })),
    ),
  noAdmission: "The API server holds objects to these limits by itself, before it asks any policy.",
};
